/**
 * Ids as small numbers: the directory's GUIDs are kept once, in lower case, and everything else speaks of them by number.
 */
import { GuidTable } from "./guid-table.ts";
import { NONE } from "./int-column.ts";

/** Numbers ids, without case: 0, 1, 2, … in the order they were first seen. Never forgets one. */
export class IdTable {
  readonly #numbers = new GuidTable();
  readonly #ids: string[] = [];

  /** Gives the id's number, or `NONE` if it was never seen. */
  find(id: string): number {
    return this.#numbers.find(id);
  }

  /** Gives the id's number, a new one if it was never seen. */
  intern(id: string): number {
    const known = this.find(id);
    if (known !== NONE) return known;
    const number = this.#ids.length;
    this.#numbers.add(id, number);
    this.#ids.push(id.toLowerCase());
    return number;
  }

  /** Gives the id, in lower case, that has the number. */
  id(number: number): string {
    return this.#ids[number]!;
  }
}
