/** How often each address may fail: so many times at once, and then as fast as they come back. In memory, bounded; the time is passed in. */
import { RecentMap } from "../tokens/recent-map.ts";

/** Addresses remembered. Our choice. */
const maxAddresses = 10_000;

type Bucket = { left: number; atMs: number };

export class AttemptBuckets {
  readonly #buckets = new RecentMap<Bucket>(maxAddresses);
  readonly #burst: number;
  readonly #refillPerSecond: number;

  constructor(burst: number, refillPerSecond: number) {
    this.#burst = burst;
    this.#refillPerSecond = refillPerSecond;
  }

  /** Takes leave for one attempt. @returns false when there is none left. */
  take(address: string, now: Date): boolean {
    const nowMs = now.getTime();
    const bucket = this.#buckets.get(address) ?? { left: this.#burst, atMs: nowMs };
    const earned = (Math.max(0, nowMs - bucket.atMs) / 1000) * this.#refillPerSecond;
    bucket.left = Math.min(this.#burst, bucket.left + earned);
    // A clock that was set back must not earn the same time again.
    bucket.atMs = Math.max(bucket.atMs, nowMs);
    this.#buckets.set(address, bucket);
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  }

  /** The attempt did not fail. */
  giveBack(address: string): void {
    const bucket = this.#buckets.get(address);
    if (bucket !== undefined) bucket.left = Math.min(this.#burst, bucket.left + 1);
  }
}

/** The address a request came from, an IPv6 one by its network: one customer has 2^64 of them. */
export function addressOf(remoteAddress: string | undefined): string {
  const plain = (remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
  return plain.includes(":") ? plain.split(":").slice(0, 4).join(":") : plain;
}
