/**
 * Listings that also show what names were: snapshots and versions of a name come before its present state, the oldest first.
 * The statement is made for what is asked, so that nothing else is looked at.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type ListedValues,
  listedColumns,
  listedRow,
  rowBound,
  type StandingRow,
  stagedColumns,
  standingColumns,
} from "./blob-rows.ts";
import type { PlacedRow } from "./listing-walk.ts";

/** What a listing shows besides the present. */
export type PastShown = {
  readonly snapshots: boolean;
  readonly versions: boolean;
  readonly deleted: boolean;
  /** Names without a present blob that have versions, each by its last. */
  readonly gone: boolean;
};

/** A place in such a listing: a name, and the number of the state it goes on with. */
export type PastPlace = { readonly name: string; readonly stamp: number };

/** Above every number of a state: where the present one stands. */
export const presentStamp = Number.MAX_SAFE_INTEGER;

/** A place as a listing's `from` and `next`, which are names otherwise. No name has a NUL: a NUL alone behind one is the place after all of that name. */
export function encodePastPlace({ name, stamp }: PastPlace): string {
  return stamp === 0 ? name : `${name}\u0000${stamp}`;
}

export function decodePastPlace(text: string): PastPlace {
  const cut = text.lastIndexOf("\u0000");
  return cut < 0 || cut === text.length - 1
    ? { name: text, stamp: 0 }
    : { name: text.slice(0, cut), stamp: Number(text.slice(cut + 1)) || 0 };
}

export type PastRange = {
  readonly hasUncommitted: boolean;
  readonly from: PastPlace;
  /** Above the last name; an empty BLOB is above all names. */
  readonly end: string | Uint8Array;
  readonly nowMs: number;
  readonly limit: number;
};

type PastValues = readonly [
  ...ListedValues,
  stamp: number,
  kind: StandingRow["kind"] | null,
  deletedMs: number | null,
  endsMs: number | null,
];

function pastRow(values: PastValues): PlacedRow {
  const [, , , , , , , , stamp, kind, deletedMs, endsMs] = values;
  return Object.assign(listedRow(values), { stamp, kind, deleted_ms: deletedMs, ends_ms: endsMs });
}

export class HistoryLister {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Rows of a container from a place on, up to before the end of the names. Names with uncommitted blocks only are rows without a record. */
  rows(containerId: number, shown: PastShown, { hasUncommitted, from, end, nowMs, limit }: PastRange): PlacedRow[] {
    const statement = this.#statement(shown, hasUncommitted);
    const bounds = [containerId, from.name, end] as const;
    const more = [...(shown.gone ? bounds : []), ...(hasUncommitted ? bounds : [])];
    const rows = statement.all(...bounds, ...bounds, from.name, from.stamp, nowMs, ...more, limit);
    return (rows as unknown as PastValues[]).map(pastRow);
  }

  #statement(shown: PastShown, hasUncommitted: boolean): StatementSync {
    const key = `${shown.snapshots} ${shown.versions} ${shown.deleted} ${shown.gone} ${hasUncommitted}`;
    let statement = this.#statements.get(key);
    if (statement === undefined) {
      statement = this.#database.prepare(writeQuery(shown, hasUncommitted));
      statement.setReturnArrays(true);
      this.#statements.set(key, statement);
    }
    return statement;
  }
}

function writeQuery({ snapshots, versions, deleted, gone }: PastShown, hasUncommitted: boolean): string {
  const kinds = [...(snapshots ? ["'S'"] : []), ...(versions ? ["'V'"] : []), ...(deleted ? ["'D'"] : [])].join(", ");
  const range = "container_id = ? AND name >= ? AND name < ?";
  const kept = deleted ? "(ends_ms IS NULL OR ends_ms > ?)" : "(ends_ms IS NULL AND ? IS NOT NULL)";
  const staged = `UNION ALL
    SELECT ${stagedColumns}, ${presentStamp}, NULL, NULL, NULL FROM staged WHERE ${range}
      AND NOT EXISTS (SELECT 1 FROM blobs WHERE blobs.container_id = staged.container_id AND blobs.name = staged.name)`;
  const lastVersions = `UNION ALL
    SELECT ${listedColumns}, ${presentStamp}, 'G', NULL, NULL FROM history AS last WHERE ${range} AND kind = 'V' AND ends_ms IS NULL
      AND NOT EXISTS (SELECT 1 FROM blobs WHERE blobs.container_id = last.container_id AND blobs.name = last.name)
      AND stamp = (SELECT max(stamp) FROM history WHERE container_id = last.container_id AND name = last.name AND kind = 'V' AND ends_ms IS NULL)`;
  return `SELECT ${listedColumns}, ${presentStamp} AS stamp, NULL, NULL, NULL FROM blobs WHERE ${range}
    UNION ALL
    SELECT ${listedColumns}, ${standingColumns} FROM history
      WHERE ${range} AND (name > ? OR stamp >= ?) AND ${kept} AND kind IN (${kinds})
    ${gone ? lastVersions : ""}
    ${hasUncommitted ? staged : ""}
    ORDER BY name, stamp ${rowBound}`;
}
