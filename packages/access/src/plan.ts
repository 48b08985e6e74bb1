/**
 * What is left of a question when everything but its attributes is known: the assignments whose role grants the operation here, in the order of
 * the walk. Only their conditions are asked then; the first that is true gives the answer that was prepared for its assignment.
 */

import type { AccessIndex } from "./access-index.ts";
import type { Inquiry } from "./conditions/inquiry.ts";
import type { Decision } from "./decision.ts";
import { freezeWhole } from "./decision-memory.ts";
import { judge } from "./judgement.ts";
import type { Rulings } from "./role-table.ts";

/** Most assignments of one plan. Ours: nearly all questions have fewer; those with more are walked each time. */
const MAX_PLANNED_ROWS = 16;

/** The assignments that could grant. */
export class Plan {
  readonly #rows: readonly number[];
  readonly #places: readonly number[];
  readonly #answers: (Decision | undefined)[] = [];

  private constructor(rows: readonly number[], places: readonly number[]) {
    this.#rows = rows;
    this.#places = places;
  }

  /**
   * Makes the plan of a question.
   * @param search calls back with each assignment at the scope or above it, and with the place of who holds it, in the order of the walk.
   * @returns undefined when there are too many.
   */
  static of(
    index: AccessIndex,
    rulings: Rulings,
    search: (found: (row: number, place: number) => void) => void,
  ): Plan | undefined {
    const [rows, places]: [number[], number[]] = [[], []];
    search((row, place) => {
      const verdict = rulings.of(index.assignments.role(row))?.verdict;
      if (verdict !== "granted" && verdict !== "conditional") return;
      rows.push(row);
      places.push(place);
    });
    return rows.length > MAX_PLANNED_ROWS ? undefined : new Plan(rows, places);
  }

  /**
   * Finds the assignment that grants.
   * @param conclude makes the answer, once for each assignment.
   * @returns undefined when none does.
   */
  answer(
    index: AccessIndex,
    rulings: Rulings,
    inquiry: Inquiry,
    conclude: (row: number, place: number) => Decision,
  ): Decision | undefined {
    for (let each = 0; each < this.#rows.length; each += 1) {
      const row = this.#rows[each]!;
      if (judge(index, row, rulings, inquiry) !== "granted") continue;
      const known = this.#answers[each];
      if (known !== undefined) return known;
      const made = freezeWhole(conclude(row, this.#places[each]!));
      while (this.#answers.length <= each) this.#answers.push(undefined);
      this.#answers[each] = made;
      return made;
    }
    return undefined;
  }
}
