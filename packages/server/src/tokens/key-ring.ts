/**
 * The keys tokens are signed with, and which of them does what now.
 *
 * Owns: the life of a key. It is published first, so that everyone who keeps a copy of the key set has it in time; it signs until its successor
 * begins to; it verifies until the last token it signed has expired; then it is gone. All of this follows from when each key begins to sign and
 * from the clock: nothing has to happen at the right moment, so a restart in the middle changes nothing.
 * Worked example: rotated at Monday 12:00, the new key signs from Tuesday 12:00; the old one verifies until Wednesday 12:10.
 * May use: nothing but the clock. Spec: RFC 7517; https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
 */
import type { KeyObject } from "node:crypto";
import type { Ports } from "../state/ports.ts";

export type SigningKey = {
  /** base64url SHA-1 of the certificate: `kid` and `x5t` both. */
  readonly kid: string;
  readonly created: string;
  /** ISO 8601; later than `created` for a key that was published ahead. */
  readonly signsFrom: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** base64 DER, as `x5c` carries it. */
  readonly certificate: string;
  /** base64url. */
  readonly modulus: string;
  /** base64url. */
  readonly exponent: string;
};

export type KeyState = "next" | "current" | "retired";

export type KeyStanding = {
  readonly key: SigningKey;
  readonly state: KeyState;
  /** When tokens signed with it are refused; undefined while no other key follows it. */
  readonly verifiesUntil: Date | undefined;
};

/** The longest life of any token, in seconds: those of managed identities and of clients with continuous access evaluation. */
export const longestTokenLifetimeSeconds = 86_400;
/** What verifiers allow for clocks that differ, on either side, in seconds. */
const skewSeconds = 600;
/** How long a key verifies after its successor began to sign. */
export const overlapSeconds = longestTokenLifetimeSeconds + skewSeconds;

type Placed = { readonly key: SigningKey; readonly signsFromMs: number; readonly verifiesUntilMs: number };

export class KeyRing {
  /** In the order in which they begin to sign. */
  #placed: readonly Placed[] = [];
  #byId: ReadonlyMap<string, Placed> = new Map();
  readonly #ports: Pick<Ports, "now">;

  constructor(keys: readonly SigningKey[], ports: Pick<Ports, "now">) {
    this.#ports = ports;
    this.replace(keys);
  }

  /** Takes other keys into use, from the next look at the ring on. */
  replace(keys: readonly SigningKey[]): void {
    if (keys.length === 0) throw new RangeError("a key ring holds at least one key");
    const ordered = keys.toSorted((a, b) => Date.parse(a.signsFrom) - Date.parse(b.signsFrom));
    this.#placed = ordered.map((key, index) => {
      const successor = ordered[index + 1];
      const verifiesUntilMs =
        successor === undefined ? Number.POSITIVE_INFINITY : Date.parse(successor.signsFrom) + overlapSeconds * 1000;
      return { key, signsFromMs: Date.parse(key.signsFrom), verifiesUntilMs };
    });
    this.#byId = new Map(this.#placed.map((placed) => [placed.key.kid, placed]));
  }

  /** Keys held, those whose time is over too, until they are replaced. */
  get size(): number {
    return this.#placed.length;
  }

  /** The keys to publish: the current one first, then the next, then those that still verify. */
  get keys(): readonly SigningKey[] {
    const order: readonly KeyState[] = ["current", "next", "retired"];
    const standings = this.standings();
    return order.flatMap((state) => standings.filter((standing) => standing.state === state)).map(({ key }) => key);
  }

  /** The key new tokens are signed with. */
  get current(): SigningKey {
    return this.#currentAt(this.#nowMs()).key;
  }

  /** The key of this id, while its tokens are taken. */
  find(kid: string): SigningKey | undefined {
    const placed = this.#byId.get(kid);
    return placed !== undefined && this.#nowMs() < placed.verifiesUntilMs ? placed.key : undefined;
  }

  /** Every key that is not gone yet, in the order in which they begin to sign. */
  standings(): readonly KeyStanding[] {
    const nowMs = this.#nowMs();
    const current = this.#currentAt(nowMs);
    return this.#placed
      .filter(({ verifiesUntilMs }) => nowMs < verifiesUntilMs)
      .map((placed) => ({
        key: placed.key,
        state: placed === current ? "current" : placed.signsFromMs > current.signsFromMs ? "next" : "retired",
        verifiesUntil: Number.isFinite(placed.verifiesUntilMs) ? new Date(placed.verifiesUntilMs) : undefined,
      }));
  }

  /** The last that has begun; if the clock was set back before all of them, the first. */
  #currentAt(nowMs: number): Placed {
    return this.#placed.findLast(({ signsFromMs }) => signsFromMs <= nowMs) ?? this.#placed[0]!;
  }

  #nowMs(): number {
    return this.#ports.now().getTime();
  }
}
