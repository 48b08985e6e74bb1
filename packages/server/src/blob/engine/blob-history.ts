/**
 * What is kept of a blob that is overwritten or deleted: a version where the account keeps versions, else what soft delete keeps, else nothing.
 * @see https://learn.microsoft.com/azure/storage/blobs/versioning-overview
 * @see https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview
 */
import type { BlobRow, StandingRow } from "./blob-rows.ts";
import type { BlobState, Retention } from "./model.ts";
import { decodeState, encodeState } from "./row-format.ts";
import { refuse, type WriterContext, withoutLease } from "./writer-context.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** When something that is deleted now is gone for good. */
export function endOf(timeMs: number, days: number): number {
  return timeMs + days * dayMs;
}

/** Whether a blob's state at hand may not be lost: a hold, or a policy that has not run out. */
export function isImmutable(row: BlobRow, timeMs: number): boolean {
  if (row.state === "") return false;
  const { hasLegalHold, immutability } = decodeState<BlobState>(row.state);
  return hasLegalHold === true || (immutability !== undefined && timeMs < immutability.untilMs);
}

/** Puts a blob's row into the history. */
export function keepPast(context: WriterContext, row: BlobRow, standing: StandingRow): void {
  const state = row.state === "" ? "" : encodeState(withoutLease(decodeState<BlobState>(row.state)));
  context.writePast(row.state === state ? row : { ...row, state }, standing);
}

function keepVersion(context: WriterContext, row: BlobRow): void {
  // A blob from before versions were kept becomes one by the number of its last change.
  const stamp = row.version_id ?? row.version;
  keepPast(context, { ...row, version_id: stamp }, { stamp, kind: "V", deleted_ms: null, ends_ms: null });
}

/**
 * Keeps what a write takes the place of. @returns the version of the new state; null where none are kept.
 */
export function keepOverwritten(
  context: WriterContext,
  before: BlobRow | undefined,
  retention: Retention,
  stamp: number,
  timeMs: number,
): number | null {
  if (before === undefined) return retention.isVersioned ? stamp : null;
  if (retention.isVersioned || before.version_id !== null) {
    keepVersion(context, before);
    return retention.isVersioned ? stamp : null;
  }
  if (isImmutable(before, timeMs)) refuse({ kind: "blob-immutable" });
  if (retention.deletedBlobDays !== null) {
    const kept = { deleted_ms: timeMs, ends_ms: endOf(timeMs, retention.deletedBlobDays) };
    keepPast(context, before, { stamp: context.nextStamp(timeMs), kind: "S", ...kept });
  }
  return null;
}

/** Keeps what a deletion takes away. @returns whether it is gone for good. */
export function keepDeleted(context: WriterContext, row: BlobRow, retention: Retention, timeMs: number): boolean {
  if (retention.isVersioned) {
    keepVersion(context, row);
    return false;
  }
  if (isImmutable(row, timeMs)) refuse({ kind: "blob-immutable" });
  if (retention.deletedBlobDays === null) return true;
  const kept = { deleted_ms: timeMs, ends_ms: endOf(timeMs, retention.deletedBlobDays) };
  keepPast(context, row, { stamp: context.nextStamp(timeMs), kind: "D", ...kept });
  return false;
}
