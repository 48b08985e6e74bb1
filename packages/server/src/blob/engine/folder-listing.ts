/**
 * Listings by folders: one row of each common prefix, and every row without one. The walk from one to the next goes on inside SQLite, 3 us each by
 * measurement, where a statement for each takes 15 to 20; to begin such a walk takes 60.
 * @see https://sqlite.org/lang_with.html#recursive_common_table_expressions
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type ListedValues, listedColumns, listedRow } from "./blob-rows.ts";
import { afterPrefix, type BlobListing, type PlacedRow, type RowsAsked } from "./listing-walk.ts";

type Asked = Pick<RowsAsked, "position" | "limit"> & { readonly end: string | Uint8Array };

export class FolderLister {
  readonly #statement: StatementSync;

  constructor(database: DatabaseSync) {
    const next = (from: string) =>
      `(SELECT name FROM blobs WHERE container_id = ?1 AND name >= ${from} AND name < ?3 ORDER BY name LIMIT 1)`;
    // Where the delimiter stands behind the prefix; all that begins up to there is jumped over.
    const cut = "instr(substr(heads.name, ?4), ?5)";
    const beyond = `CASE ${cut} WHEN 0 THEN heads.name || char(0) ELSE substr(heads.name, 1, ?4 + ${cut} - 2) || ?6 END`;
    this.#statement = database.prepare(
      `WITH RECURSIVE heads (name) AS (
         SELECT ${next("?2")} UNION ALL SELECT ${next(beyond)} FROM heads WHERE name IS NOT NULL LIMIT ?7 + 0
       )
       SELECT ${listedColumns} FROM (SELECT name AS head FROM heads) CROSS JOIN blobs ON container_id = ?1 AND name = head ORDER BY name`,
    );
    this.#statement.setReturnArrays(true);
  }

  rows(containerId: number, { prefix, delimiter }: BlobListing, { position, end, limit }: Asked): PlacedRow[] {
    const beyond = afterPrefix(delimiter)!;
    const behindPrefix = Array.from(prefix).length + 1;
    const rows = this.#statement.all(containerId, position, end, behindPrefix, delimiter, beyond, limit);
    return (rows as unknown as ListedValues[]).map(listedRow);
  }
}

/** Whether a listing can be walked so: of the present alone, and with a delimiter whose last character is followed by another. */
export function canJumpFolders({ delimiter, hasUncommitted, past }: BlobListing): boolean {
  const last = Array.from(delimiter).at(-1);
  return !hasUncommitted && past === undefined && last !== undefined && last !== "\u{10ffff}";
}
