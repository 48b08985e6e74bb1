/** What the writer does when nobody waits, a slice at a time: clears away deleted containers, and ends what has had its time. */

import { discardStaged } from "./blob-changes.ts";
import type { BlobRow, HistoryRow } from "./blob-rows.ts";
import type { WriterContext } from "./writer-context.ts";

/** Rows cleared away in one transaction. Our choice: some milliseconds. */
const sliceRows = 500;
/** Uncommitted blocks are kept so long after the last of them came. @see https://learn.microsoft.com/rest/api/storageservices/put-block#remarks */
export const stagedKeptMs = 7 * 24 * 60 * 60 * 1000;

type PurgedRow = { name: string; content: Uint8Array; tags: string; stamp: number; block_id: string };

/** Clears away some rows of deleted containers. @returns whether there is more to do. */
export function purgeSlice(context: WriterContext): boolean {
  const { statements, ledger } = context;
  const purge = statements.nextPurge.get() as { container_id: number } | undefined;
  if (purge === undefined) return false;
  const { container_id: id } = purge;
  let count = 0;
  for (const table of ["blobs", "history", "blocks"] as const) {
    const rows = statements.purgeReads[table].all(id, sliceRows - count) as PurgedRow[];
    for (const row of rows) {
      if (table === "blobs") context.removeBlob({ ...row, container_id: id, state: "" } as unknown as BlobRow);
      else if (table === "history") context.removePast({ ...row, container_id: id } as unknown as HistoryRow);
      else {
        ledger.remove(row.content);
        statements.deleteBlock.run(id, row.name, row.block_id);
      }
    }
    count += rows.length;
  }
  if (count < sliceRows) {
    statements.purgeStaged.run(id);
    statements.endPurge.run(id);
  }
  return true;
}

type EndedRow = { ends_ms: number; container_id: number; name: string };
type StagedRow = { container_id: number; name: string; modified_ms: number };

/** Ends some of what has had its time. @returns whether there is more to do. */
export function sweepSlice(context: WriterContext, nowMs: number): boolean {
  const { statements } = context;
  const past = statements.endedPast.all(nowMs, sliceRows) as HistoryRow[];
  for (const row of past) context.removePast(row);
  const containers = statements.endedContainers.all(nowMs, sliceRows) as { id: number }[];
  for (const { id } of containers) {
    statements.forgetKeptContainer.run(id);
    statements.beginPurge.run(id);
  }
  const ended = statements.ended.all(nowMs, sliceRows) as EndedRow[];
  for (const { ends_ms: endsMs, container_id: id, name } of ended) {
    const row = context.findBlob(id, name);
    if (row === undefined) statements.removeEnding.run(endsMs, id, name);
    else context.removeBlob(row);
  }
  const staged = sweepStaged(context, nowMs);
  return [past, containers, ended].some((rows) => rows.length === sliceRows) || staged;
}

function sweepStaged(context: WriterContext, nowMs: number): boolean {
  // The walk over names with uncommitted blocks goes on where it was, and starts again when it came to the end.
  const { id, name } = context.stagedWalk;
  const rows = context.statements.stagedAfter.all(id, name, sliceRows) as StagedRow[];
  for (const row of rows) {
    if (row.modified_ms + stagedKeptMs <= nowMs) discardStaged(context, row.container_id, row.name);
  }
  const last = rows.length < sliceRows ? undefined : rows.at(-1);
  context.stagedWalk = { id: last?.container_id ?? -1, name: last?.name ?? "" };
  return last !== undefined;
}
