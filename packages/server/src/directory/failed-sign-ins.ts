/**
 * What stops the guessing of passwords: an account that was guessed at too often is locked for a while, and an address that fails with many
 * accounts is slowed down. One count for the whole cloud, whatever way a password is presented: who is locked out at the sign-in page finds no
 * other door to guess at.
 *
 * Owns: the counts. They are in memory only and bounded: a restart forgets them, and so do floods of names that nobody has (those have a room of
 * their own, so that they push out no real person's count). May use: node:crypto, the clock that is passed in.
 * Attempts under way count as failed until it is known: a thousand at once get no more guesses than one after another.
 * @see https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout
 */
import { createHash, createHmac } from "node:crypto";
import type { Ports } from "../state/ports.ts";
import { RecentMap } from "../tokens/recent-map.ts";
import { AttemptBuckets } from "./attempt-buckets.ts";

/** Failed sign-ins that lock an account: Entra's default. */
export const lockoutThreshold = 10;
/** How long the first lock-out lasts, in seconds: Entra's default. */
export const firstLockoutSeconds = 60;
/** Each further one lasts twice as long, up to this, in seconds. Entra's grow too, by a measure it does not publish; our choice. */
const longestLockoutSeconds = 24 * 60 * 60;
/** Wrong passwords remembered, so that one that is tried again (a program with an old one) is not counted again: Entra's figure. */
const rememberedPasswords = 3;
/** A count is forgotten when nothing failed for so long, in seconds. Our choice. */
const memorySeconds = 24 * 60 * 60;
/** Failed attempts an address has at once, and how fast they come back, a second. Our choice: a person never gets there. */
export const addressBurst = 100;
export const addressRefillPerSecond = 0.5;
/** Names that are nobody's whose failures are remembered. Our choice. */
const maxStrangers = 10_000;
/** People whose failures are remembered. Our choice: more than a third of the largest directory at once. */
const maxPeople = 100_000;

type Count = {
  failures: number;
  underWay: number;
  lockouts: number;
  lockedUntilMs: number;
  lastFailureMs: number;
  recentPasswords: readonly string[];
};

/** One attempt that may go on; exactly one of the two ends it. */
export type PasswordAttempt = { succeed(): void; fail(password: string): void };

export class FailedSignIns {
  readonly #people = new RecentMap<Count>(maxPeople);
  readonly #strangers = new RecentMap<Count>(maxStrangers);
  readonly #addresses = new AttemptBuckets(addressBurst, addressRefillPerSecond);
  readonly #key: Buffer;

  constructor(ports: Pick<Ports, "randomBytes">) {
    this.#key = ports.randomBytes(32);
  }

  /**
   * Asks leave for one attempt. A name that is nobody's is counted as a person's is: whether an account locks tells nothing.
   * @param name in lower case.
   * @returns undefined when the account is locked, or the address has failed too often.
   */
  begin(name: string, isPerson: boolean, address: string, now: Date): PasswordAttempt | undefined {
    const nowMs = now.getTime();
    const counts = isPerson ? this.#people : this.#strangers;
    // A stranger's name may be as long as a request: its hash is what is kept.
    const key = isPerson ? name : createHash("sha256").update(name).digest("base64");
    const count = liveCount(counts.get(key), nowMs);
    if (nowMs < count.lockedUntilMs || count.underWay >= attemptsLeft(count)) return undefined;
    if (!this.#addresses.take(address, now)) return undefined;
    count.underWay++;
    counts.set(key, count);
    return {
      succeed: () => {
        count.underWay--;
        this.#addresses.giveBack(address);
        counts.delete(key);
      },
      fail: (password) => {
        count.underWay--;
        this.#countFailure(
          count,
          createHmac("sha256", this.#key).update(`${name}\0${password}`).digest("base64"),
          nowMs,
        );
      },
    };
  }

  #countFailure(count: Count, passwordHash: string, nowMs: number): void {
    count.lastFailureMs = nowMs;
    if (count.recentPasswords.includes(passwordHash)) return;
    count.recentPasswords = [...count.recentPasswords, passwordHash].slice(-rememberedPasswords);
    count.failures++;
    if (count.failures < lockoutThreshold) return;
    const seconds = Math.min(firstLockoutSeconds * 2 ** count.lockouts, longestLockoutSeconds);
    count.lockouts++;
    count.lockedUntilMs = nowMs + seconds * 1000;
  }
}

/** After a lock-out there is one attempt; if it fails, too, the account locks again, for longer. */
function attemptsLeft({ failures }: Count): number {
  return Math.max(1, lockoutThreshold - failures);
}

function liveCount(count: Count | undefined, nowMs: number): Count {
  const isLive =
    count !== undefined &&
    (count.underWay > 0 || nowMs - Math.max(count.lastFailureMs, count.lockedUntilMs) < memorySeconds * 1000);
  if (isLive) return count;
  return { failures: 0, underWay: 0, lockouts: 0, lockedUntilMs: 0, lastFailureMs: nowMs, recentPasswords: [] };
}
