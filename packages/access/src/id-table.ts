/**
 * Ids as small numbers: the directory's GUIDs are kept once, in lower case, and everything else speaks of them by number.
 */
import { NONE } from "./int-column.ts";

/** Numbers ids, without case: 0, 1, 2, … in the order they were first seen. Never forgets one. */
export class IdTable {
  readonly #numbers = new Map<string, number>();
  readonly #ids: string[] = [];

  /** Gives the id's number, or `NONE` if it was never seen. */
  find(id: string): number {
    // Ids mostly come in lower case already: the second look is for those that do not.
    return this.#numbers.get(id) ?? this.#numbers.get(id.toLowerCase()) ?? NONE;
  }

  /** Gives the id's number, a new one if it was never seen. */
  intern(id: string): number {
    const known = this.find(id);
    if (known !== NONE) return known;
    const number = this.#ids.length;
    const lower = id.toLowerCase();
    this.#numbers.set(lower, number);
    this.#ids.push(lower);
    return number;
  }

  /** Gives the id, in lower case, that has the number. */
  id(number: number): string {
    return this.#ids[number]!;
  }
}
