/**
 * How much one caller may ask: token buckets, by client at the token endpoints and by principal on the planes.
 *
 * Owns: the buckets, their bound, and how long who is refused should wait. Knows no request: surfaces say who asks. May use: a clock.
 * Decision: docs/decisions/0030-operation.md
 */
import { Throttled } from "../wire/busy.ts";

/** `perSecond` 0: no limit. `burst`: what may be asked at once after a pause. */
export type Rate = { readonly perSecond: number; readonly burst: number };

export type RateOptions = {
  /** Of one client id from one address, at the token endpoints. */
  readonly tokens: Rate;
  /** Of one principal over all planes; of who shows none, by address. */
  readonly planes: Rate;
};

/** Callers remembered at once, of each kind; our choice: some MiB. The one longest away goes first, with whatever it had used up. */
export const maxCallers = 20_000;
/** Longest client id that a bucket is named by, in characters; longer ones are no ids. */
const maxNameChars = 64;

/** How often a caller that asks all the time is put last among those remembered, in milliseconds. */
const placeIntervalMs = 1_000;

type Bucket = { tokens: number; filledAtMs: number; placedAtMs: number };

class Buckets {
  readonly #rate: Rate;
  /** The one asked longest ago first, to the nearest second. */
  readonly #buckets = new Map<string, Bucket>();
  refusedCount = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Without a limit nobody need be named. */
  get isOn(): boolean {
    return this.#rate.perSecond > 0;
  }

  /** @throws Throttled when nothing is left. */
  take(name: string, nowMs: number): void {
    const { perSecond, burst } = this.#rate;
    if (perSecond === 0) return;
    const bucket = this.#buckets.get(name) ?? this.#add(name, nowMs);
    const passedMs = Math.max(0, nowMs - bucket.filledAtMs);
    bucket.tokens = Math.min(burst, bucket.tokens + (passedMs * perSecond) / 1000);
    bucket.filledAtMs = nowMs;
    this.#remember(name, bucket, nowMs);
    if (bucket.tokens < 1) {
      this.refusedCount += 1;
      throw new Throttled(Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond)));
    }
    bucket.tokens -= 1;
  }

  #remember(name: string, bucket: Bucket, nowMs: number): void {
    if (nowMs - bucket.placedAtMs < placeIntervalMs) return;
    bucket.placedAtMs = nowMs;
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
  }

  #add(name: string, nowMs: number): Bucket {
    const bucket = { tokens: this.#rate.burst, filledAtMs: nowMs, placedAtMs: nowMs };
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > maxCallers) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    return bucket;
  }
}

export class RateLimits {
  readonly #tokens: Buckets;
  readonly #planes: Buckets;
  readonly #nowMs: () => number;

  /** @param nowMs a clock that never goes back. */
  constructor({ tokens, planes }: RateOptions, nowMs: () => number = () => performance.now()) {
    this.#tokens = new Buckets(tokens);
    this.#planes = new Buckets(planes);
    this.#nowMs = nowMs;
  }

  /**
   * A token request, before the client's proof is looked at: guessing is what it should bound.
   * @param clientId as it was sent, not believed: with the address, so that nobody uses up another's share.
   * @throws Throttled
   */
  admitTokenRequest(clientId: string, address: string | undefined): void {
    if (!this.#tokens.isOn) return;
    this.#tokens.take(`${clientId.slice(0, maxNameChars).toLowerCase()} ${address ?? ""}`, this.#nowMs());
  }

  /** A request of a principal whose token was verified. @throws Throttled */
  admitPrincipal(principalId: string): void {
    this.#planes.take(principalId, this.#nowMs());
  }

  /** A request that names no principal: by key, by signature, or by nobody. @throws Throttled */
  admitAddress(address: string | undefined): void {
    this.#planes.take(`address ${address ?? ""}`, this.#nowMs());
  }

  /** Requests refused so far. */
  get refused(): { readonly tokens: number; readonly planes: number } {
    return { tokens: this.#tokens.refusedCount, planes: this.#planes.refusedCount };
  }
}
