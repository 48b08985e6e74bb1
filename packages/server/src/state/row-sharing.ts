/**
 * Rows as they are read at a start share what they have in common: each was text of its own, and so are its parts. Of a service principal's memory that is a
 * third: four empty lists, its owner's id, the kind it is of.
 *
 * Owns: which parts are made one. Rows are not changed afterwards, by anybody. Pure.
 */
import type { Change } from "./change.ts";
import type { EntityKind } from "./entities.ts";

const emptyList: readonly never[] = Object.freeze([]);

export class RowSharing {
  /** The row before, of each kind: rows come in the order of their keys, and what follows each other is alike. */
  readonly #before = new Map<EntityKind, Readonly<Record<string, unknown>>>();

  /** Puts one object in the place of many that are alike. @param change fresh from the store, nobody else's yet. */
  share(change: Change): Change {
    // Role assignments lie in columns, which share more.
    if (change.op === "delete" || change.kind === "roleAssignment") return change;
    const row = change.row as unknown as Record<string, unknown>;
    const before = this.#before.get(change.kind);
    for (const name in row) {
      const value = row[name];
      if (typeof value === "string") {
        if (value === before?.[name]) row[name] = before[name];
      } else if (Array.isArray(value) && value.length === 0) row[name] = emptyList;
    }
    this.#before.set(change.kind, row);
    return change;
  }
}
