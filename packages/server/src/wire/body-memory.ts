/**
 * What was read out of the last body under a remembered head, for a next one that is the same from the first byte to the last.
 *
 * Only what reading says is kept, never what was decided on it. The bytes may hold a secret: they are compared in constant time, stand in memory of their own, and
 * are wiped when another body comes, or with the head. Owns: that copy. May use: node:crypto.
 * Decision: docs/decisions/0040-bodies-that-repeat.md
 */
import { timingSafeEqual } from "node:crypto";

/** Largest body that is kept, in bytes; our choice: forms of programs with a secret have some hundreds. */
export const maxKeptBytes = 2048;

export class BodyMemory<Value> {
  #bytes: Buffer | undefined;
  #value: Value | undefined;
  #isOver = false;

  /** @returns what was read out of these bytes before; undefined for others, and then what was kept is kept no longer. */
  recall(body: Buffer): Value | undefined {
    const bytes = this.#bytes;
    if (bytes === undefined) return undefined;
    if (bytes.length === body.length && timingSafeEqual(bytes, body)) return this.#value;
    this.#forget();
    return undefined;
  }

  remember(body: Buffer, value: Value): void {
    this.#forget();
    if (this.#isOver || body.length > maxKeptBytes) return;
    // Not a part of Buffer's pool, which others are given parts of.
    this.#bytes = Buffer.allocUnsafeSlow(body.length);
    body.copy(this.#bytes);
    this.#value = value;
  }

  /** Nothing is left behind, and nothing is kept from now on. */
  wipe(): void {
    this.#isOver = true;
    this.#forget();
  }

  #forget(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
    this.#value = undefined;
  }
}
