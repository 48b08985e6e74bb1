/**
 * Ids as small numbers: the directory's GUIDs are kept once, in lower case, and everything else speaks of them by number.
 */
import { GuidTable } from "./guid-table.ts";
import type { IntRecords } from "./int-column.ts";
import { KeptTexts } from "./kept-texts.ts";

/** Numbers ids, without case: 0, 1, 2, … in the order they were first seen. Never forgets one. */
export class IdTable {
  readonly #numbers: GuidTable;
  #count = 0;
  readonly #texts: KeptTexts;

  /** @param records see {@link GuidTable}. */
  constructor(records?: IntRecords) {
    const numbers = new GuidTable(records);
    this.#numbers = numbers;
    this.#texts = new KeptTexts((number) => numbers.text(number));
  }

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
    return this.#texts.get(number);
  }
}
