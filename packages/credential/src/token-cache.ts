/**
 * Tokens in memory: one cache an identity, shared by every credential of it; one request in flight a key, however many wait for it; a
 * token that is due is renewed behind the caller's back while the old one still serves.
 */
import { aborted } from "./http.ts";
import type { AbortSignalLike, AccessToken } from "./token-credential.ts";

/** After a failed renewal behind the caller's back, the next is not started for this long, in milliseconds. */
const RENEWAL_PAUSE_MS = 30_000;
/** Later than any date, in milliseconds; more than any number of callers. */
const NEVER = 9e15;

interface Entry {
  readonly token: AccessToken;
  readonly usableUntil: number;
  renewAt: number;
}

interface Flight {
  readonly promise: Promise<AccessToken>;
  readonly controller: AbortController;
  waiters: number;
}

type RequestToken = (signal: AbortSignal) => Promise<AccessToken>;

/** @returns the entry of a token that was asked for at `askedAt`; milliseconds. */
function keep(token: AccessToken, askedAt: number): Entry {
  /** A token is not given out in its last five minutes (as MSAL has it), or the last tenth of a short life. */
  const LAST_MOMENTS_MS = 300_000;
  /** A renewal starts up to this part of the life earlier, at random, so that a fleet does not ask all at once. */
  const JITTER = 0.1;
  /** Without `refresh_in`, tokens that live this long are renewed at half their life, as MSAL does for machines. */
  const LONG_LIFE_MS = 7_200_000;
  const life = token.expiresOnTimestamp - askedAt;
  const due = token.refreshAfterTimestamp ?? (life >= LONG_LIFE_MS ? askedAt + life / 2 : NEVER);
  return {
    token: Object.freeze(token),
    usableUntil: token.expiresOnTimestamp - Math.min(LAST_MOMENTS_MS, life / 10),
    renewAt: due - Math.random() * JITTER * (due - askedAt),
  };
}

function removeOldest(map: Map<string, unknown>): void {
  /** Bounds against a program that makes up tenants, scopes or identities. */
  const MAX_ENTRIES = 1_000;
  if (map.size >= MAX_ENTRIES) map.delete(map.keys().next().value!);
}

export class TokenCache {
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Flight>();

  /** @returns a token that can be used now, when there is one; starts its renewal when that is due. */
  peek(key: string, request: RequestToken): AccessToken | undefined {
    const entry = this.#entries.get(key);
    const now = Date.now();
    if (!entry || now >= entry.usableUntil) return undefined;
    if (now >= entry.renewAt) {
      entry.renewAt = now + RENEWAL_PAUSE_MS;
      this.#board(key, request).promise.catch(() => {});
    }
    return entry.token;
  }

  /**
   * Asks for a token, or waits for the request that is under way. The request ends when nobody waits for it any more.
   * @param challenge claims that the token must answer: only who has the same waits for the same request.
   */
  async obtain(
    key: string,
    request: RequestToken,
    credential: string,
    signal: AbortSignalLike | undefined,
    challenge = "",
  ): Promise<AccessToken> {
    if (signal?.aborted) throw aborted(credential);
    const flightKey = key + challenge;
    const flight = this.#board(key, request, flightKey);
    if (!signal) {
      flight.waiters += NEVER;
      return flight.promise;
    }
    flight.waiters++;
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (!--flight.waiters) {
          this.#land(flightKey, flight);
          flight.controller.abort();
        }
        reject(aborted(credential));
      };
      signal.addEventListener("abort", leave);
      flight.promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
    });
  }

  #board(key: string, request: RequestToken, flightKey = key): Flight {
    const under = this.#flights.get(flightKey);
    if (under) return under;
    const controller = new AbortController();
    const askedAt = Date.now();
    const promise = request(controller.signal)
      .then((token) => {
        removeOldest(this.#entries);
        this.#entries.set(key, keep(token, askedAt));
        return token;
      })
      .finally(() => this.#land(flightKey, flight));
    const flight: Flight = { promise, controller, waiters: 0 };
    this.#flights.set(flightKey, flight);
    return flight;
  }

  /** The next who asks starts a flight of its own. */
  #land(flightKey: string, flight: Flight): void {
    if (this.#flights.get(flightKey) === flight) this.#flights.delete(flightKey);
  }
}

const shared = /* @__PURE__ */ new Map<string, TokenCache>();

/**
 * The cache of one identity.
 * @param identity everything that makes it that identity, its secret included: who does not know the secret must not get the token.
 * Undefined: a cache of the credential's own.
 */
export function cacheOf(identity: string | undefined): TokenCache {
  const cache = shared.get(identity ?? "") ?? new TokenCache();
  if (identity && !shared.has(identity)) {
    removeOldest(shared);
    shared.set(identity, cache);
  }
  return cache;
}
