/**
 * Ids as small numbers: the directory's GUIDs are kept once, in lower case, and everything else speaks of them by number.
 */
import { GuidTable } from "./guid-table.ts";

/** Texts kept for showing decisions. Ours: as many as principals in use; at some 60 bytes 2 MB. */
const MAX_KEPT_TEXTS = 32_768;

/** Numbers ids, without case: 0, 1, 2, … in the order they were first seen. Never forgets one. */
export class IdTable {
  readonly #numbers = new GuidTable();
  #count = 0;
  readonly #texts = new Map<number, string>();

  /** Gives the id's number, or `NONE` if it was never seen. */
  find(id: string): number {
    return this.#numbers.find(id);
  }

  /** Gives the id's number, a new one if it was never seen. */
  intern(id: string): number {
    const number = this.#numbers.intern(id, this.#count);
    if (number === this.#count) this.#count += 1;
    return number;
  }

  /** Gives the id, in lower case, that has the number. */
  id(number: number): string {
    const known = this.#texts.get(number);
    if (known !== undefined) return known;
    if (this.#texts.size >= MAX_KEPT_TEXTS) this.#texts.clear();
    const text = this.#numbers.text(number);
    this.#texts.set(number, text);
    return text;
  }
}
