/**
 * The token reuse window: whoever asks again for what a token of the last minutes already says gets that token, which costs no signature.
 *
 * Owns: the memory of tokens issued lately. A token is remembered by everything it says but its own marks and times, and by what the client proved
 * itself with: so it is handed out again only in place of one that would read the same, and no change of the directory (a role, a group, a name,
 * a key) can be missed. It never stands in for a check: callers ask here after the client and the person were judged anew (decision 7).
 */

import type { Awaitable } from "../wire/when-there.ts";
import { RecentMap } from "./recent-map.ts";
import type { IssuedToken } from "./service.ts";

/** How long a token is handed out again, in seconds, unless the operator says otherwise: as long as tokens are back-dated, and no more than a twelfth of their life. */
export const defaultReuseSeconds = 300;
/** The longest window, in seconds: half a token's life, so that no client is given one that it has to renew at once. Our choice. */
export const maxReuseSeconds = 1800;
/** Tokens remembered, at about 3 KiB each; our choice. */
export const maxReusableTokens = 4096;

/** `issued` is a promise while the token is being signed. */
type Remembered = { readonly issuedAtMs: number; issued: Awaitable<IssuedToken> };

/** Where somebody who asks for the same again finds the token without making out what it would say. */
export type TokenPlace = { found: Remembered | undefined };

export class TokenReuse {
  readonly #windowMs: number;
  readonly #recent = new RecentMap<Remembered>(maxReusableTokens);

  /** @param windowSeconds 0 turns it off. */
  constructor(windowSeconds: number) {
    this.#windowMs = windowSeconds * 1000;
  }

  get isOn(): boolean {
    return this.#windowMs > 0;
  }

  /**
   * The same token by a shorter way, without making out what it would say.
   * @param place of everything that the key is made from, the revision of the directory among it; given to `take` before.
   */
  recall({ found }: TokenPlace, now: Date): Awaitable<IssuedToken> | undefined {
    return found !== undefined && this.#isInWindow(found, now.getTime()) ? found.issued : undefined;
  }

  /**
   * @param key everything the token says and stands on; undefined: not to be remembered.
   * @param isFreshNeeded the client was told that older tokens do not serve any more.
   * @param issue makes a new one; of several who ask at once, one has it made.
   */
  take(
    key: string | undefined,
    now: Date,
    isFreshNeeded: boolean,
    issue: () => Promise<IssuedToken>,
    place?: TokenPlace,
  ): Awaitable<IssuedToken> {
    if (key === undefined || !this.isOn) return issue();
    const nowMs = now.getTime();
    const known = isFreshNeeded ? undefined : this.#recent.get(key);
    const isKnown = known !== undefined && this.#isInWindow(known, nowMs);
    const found = isKnown ? known : this.#make(key, nowMs, issue);
    if (place !== undefined) {
      place.found = found;
      const forget = () => {
        if (place.found === found) place.found = undefined;
      };
      if (found.issued instanceof Promise) found.issued.catch(forget);
    }
    return found.issued;
  }

  #make(key: string, issuedAtMs: number, issue: () => Promise<IssuedToken>): Remembered {
    const issued = issue();
    const made: Remembered = { issuedAtMs, issued };
    this.#recent.set(key, made);
    issued.then(
      (token) => {
        made.issued = token;
      },
      () => {
        if (this.#recent.get(key) === made) this.#recent.delete(key);
      },
    );
    return made;
  }

  #isInWindow({ issuedAtMs }: Remembered, nowMs: number): boolean {
    // A clock that was set back must not keep a token in use for longer.
    return nowMs >= issuedAtMs && nowMs - issuedAtMs < this.#windowMs;
  }
}
