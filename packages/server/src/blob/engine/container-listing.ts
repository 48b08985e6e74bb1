/** Listings of containers that also show those that were deleted and are kept: after the present one of the name, the oldest first. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type ContainerRow, containerColumns, containerRecord, rowBound } from "./blob-rows.ts";
import { decodePastPlace, encodePastPlace } from "./history-listing.ts";
import type { ContainerRecord, DeletedContainer } from "./model.ts";
import { stampTimeOf } from "./stamps.ts";

type Row = ContainerRow & { deleted: number; deleted_ms: number; ends_ms: number };

export class ContainerLister {
  readonly #statement: StatementSync;

  constructor(database: DatabaseSync) {
    const range = "account = ? AND name >= ? AND name < ?";
    this.#statement = database.prepare(
      `SELECT 0 AS deleted, 0 AS deleted_ms, 0 AS ends_ms, ${containerColumns} FROM containers WHERE ${range} AND (name > ? OR 0 >= ?)
       UNION ALL
       SELECT deleted, deleted_ms, ends_ms, ${containerColumns} FROM deleted_containers WHERE ${range} AND (name > ? OR deleted >= ?) AND ends_ms > ?
       ORDER BY name, deleted ${rowBound}`,
    );
  }

  /** @param from a slice's `next`, or the first name that may come. @param end above the last. */
  list(
    account: string,
    from: string,
    end: string | Uint8Array,
    nowMs: number,
    limit: number,
  ): { items: (ContainerRecord | DeletedContainer)[]; next: string | undefined } {
    const { name, stamp } = decodePastPlace(from);
    const bounds = [account, name, end, name, stamp] as const;
    const rows = this.#statement.all(...bounds, ...bounds, nowMs, limit + 1) as Row[];
    const following = rows[limit];
    return {
      items: rows.slice(0, limit).map(describe),
      next: following && encodePastPlace({ name: following.name, stamp: following.deleted }),
    };
  }
}

function describe(row: Row): ContainerRecord | DeletedContainer {
  const record = containerRecord(row);
  if (row.deleted === 0) return record;
  return { ...record, deletedVersion: stampTimeOf(row.deleted), deletedMs: row.deleted_ms, endsMs: row.ends_ms };
}
