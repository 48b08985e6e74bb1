/**
 * Ids as small numbers: the directory's GUIDs are kept once, in lower case, and everything else speaks of them by number.
 */
import { GuidTable } from "./guid-table.ts";
import type { IntRecords } from "./int-column.ts";

/** Numbers ids, without case: 0, 1, 2, … in the order they were first seen. Never forgets one. */
export class IdTable {
  readonly #numbers: GuidTable;
  /** Kept as texts too: decisions show those of groups all the time. */
  readonly #ids: string[] = [];

  /** @param records see {@link GuidTable}. */
  constructor(records?: IntRecords) {
    this.#numbers = new GuidTable(records);
  }

  /** Gives the id's number, or `NONE` if it was never seen. */
  find(id: string): number {
    return this.#numbers.find(id);
  }

  /** Gives the id's number, a new one if it was never seen. */
  intern(id: string): number {
    const number = this.#numbers.intern(id, this.#ids.length);
    if (number === this.#ids.length) this.#ids.push(id.toLowerCase());
    return number;
  }

  /** Gives the id, in lower case, that has the number. */
  id(number: number): string {
    return this.#ids[number]!;
  }
}
