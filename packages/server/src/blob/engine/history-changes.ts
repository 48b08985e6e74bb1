/** Changes of what names were: snapshots, deletions that are kept or not, and what is had back. */
import { endOf, isImmutable, keepDeleted, keepPast } from "./blob-history.ts";
import type { BlobRow, HistoryRow, StandingRow } from "./blob-rows.ts";
import { judgeWrite } from "./conditions.ts";
import { judgeLease } from "./leases.ts";
import type { BlobState, Retention, Written } from "./model.ts";
import type { MutationOf } from "./mutations.ts";
import { decodeState, decodeTags, encodeMetadata } from "./row-format.ts";
import { etagOf, stampTimeOf } from "./stamps.ts";
import { refuseArchived } from "./state-changes.ts";
import { refuse, refuseIncremental, type WriterContext, writtenOf } from "./writer-context.ts";

function pastOf(context: WriterContext, containerId: number, blob: string): StandingRow[] {
  return context.statements.pastOf.all(containerId, blob) as StandingRow[];
}

/** @see https://learn.microsoft.com/rest/api/storageservices/snapshot-blob */
export function snapshotBlob(context: WriterContext, mutation: MutationOf<"snapshot-blob">, timeMs: number): Written {
  const { id } = context.container(mutation);
  const row = context.findBlob(id, mutation.blob);
  const { conditions, metadata } = mutation;
  const found = row && { etag: etagOf(row.version), modifiedMs: row.modified_ms, tags: decodeTags(row.tags) };
  const fault = judgeWrite(conditions, found, false);
  if (fault !== undefined) refuse(fault);
  if (row === undefined) refuse({ kind: "blob-not-found" });
  refuseIncremental(row);
  // Nothing of the blob changes, so others may take snapshots of a leased one; a wrong id is refused all the same.
  const { lease } = decodeState<BlobState>(row.state);
  const leaseFault = judgeLease(lease, conditions.leaseId, timeMs, false);
  if (leaseFault !== undefined) refuse({ kind: "lease", of: "blob", fault: leaseFault });
  refuseArchived(row, timeMs);
  const stamp = context.nextStamp(timeMs);
  // With metadata of its own it is another state than the blob's, and has another ETag.
  const kept: BlobRow =
    metadata === null
      ? { ...row, version_id: null }
      : { ...row, version_id: null, metadata: encodeMetadata(metadata), version: stamp, modified_ms: timeMs };
  keepPast(context, kept, { stamp, kind: "S", deleted_ms: null, ends_ms: null });
  const { etag, modifiedMs } = writtenOf(kept);
  return { ...writtenOf(row), etag, modifiedMs, snapshot: stampTimeOf(stamp) };
}

/** Deletes a past state: for good, or for the days that deletions are kept. @returns whether it is gone for good. */
function dropPast(context: WriterContext, row: HistoryRow, { deletedBlobDays }: Retention, timeMs: number): boolean {
  if (isImmutable(row, timeMs)) refuse({ kind: "blob-immutable" });
  if (deletedBlobDays === null) {
    context.removePast(row);
    return true;
  }
  context.replacePast({ ...row, deleted_ms: timeMs, ends_ms: endOf(timeMs, deletedBlobDays) }, row);
  return false;
}

/** @see https://learn.microsoft.com/rest/api/storageservices/delete-blob */
export function deleteBlob(context: WriterContext, mutation: MutationOf<"delete-blob">, timeMs: number): Written {
  const { blob, conditions, retention, snapshots } = mutation;
  const { id } = context.container(mutation);
  const row = context.findBlob(id, blob);
  context.judgeDeletion(conditions, row, timeMs);
  const kept = pastOf(context, id, blob).filter(({ kind, ends_ms: endsMs }) => kind === "S" && endsMs === null);
  if (kept.length > 0 && snapshots === null) refuse({ kind: "snapshots-present" });
  const rows = kept.map(({ stamp }) => context.findPast(id, blob, stamp)!);
  // All is judged before the first of them goes.
  if (rows.some((one) => isImmutable(one, timeMs))) refuse({ kind: "blob-immutable" });
  const isPermanent =
    snapshots === "only" ? retention.deletedBlobDays === null : keepDeleted(context, row, retention, timeMs);
  if (snapshots !== "only") context.removeBlob(row);
  for (const one of rows) dropPast(context, one, retention, timeMs);
  return { ...writtenOf(row), isPermanent };
}

/** Deletes one snapshot or version; permanently, one that was deleted before and is only kept. */
export function deletePast(context: WriterContext, mutation: MutationOf<"delete-past">, timeMs: number): Written {
  const { blob, moment, conditions, retention, isPermanent } = mutation;
  const { id } = context.container(mutation);
  if (moment.kind === "present") refuse({ kind: "blob-not-found" });
  const current = context.findBlob(id, blob);
  if (moment.kind === "version" && current?.version_id === moment.stamp) {
    // The current version, by its number: afterwards there is no current one.
    if (isPermanent) refuse({ kind: "blob-not-found" });
    context.judgeDeletion(conditions, current, timeMs);
    if (isImmutable(current, timeMs)) refuse({ kind: "blob-immutable" });
    const { deletedBlobDays } = retention;
    const deletion = { deleted_ms: timeMs, ends_ms: deletedBlobDays === null ? null : endOf(timeMs, deletedBlobDays) };
    if (deletedBlobDays !== null) keepPast(context, current, { stamp: moment.stamp, kind: "V", ...deletion });
    context.removeBlob(current);
    return { ...writtenOf(current), isPermanent: deletedBlobDays === null };
  }
  const row = context.findPast(id, blob, moment.stamp);
  const isMeant = row !== undefined && row.kind === (moment.kind === "snapshot" ? "S" : "V");
  if (!isMeant || (row.ends_ms !== null) !== isPermanent) refuse({ kind: "blob-not-found" });
  context.judgeDeletion(conditions, row, timeMs);
  const isGone = dropPast(context, row, isPermanent ? { ...retention, deletedBlobDays: null } : retention, timeMs);
  return { ...writtenOf(row), isPermanent: isGone };
}

/**
 * Has back what was deleted and is kept. Of several deleted blobs of the name the last becomes the blob, when there is none; the others its snapshots.
 * @see https://learn.microsoft.com/rest/api/storageservices/undelete-blob
 */
export function undeleteBlob(context: WriterContext, mutation: MutationOf<"undelete-blob">, timeMs: number): Written {
  const { blob } = mutation;
  const { id } = context.container(mutation);
  const before = context.findBlob(id, blob);
  const past = pastOf(context, id, blob);
  const kept = past.filter(({ ends_ms: endsMs }) => endsMs !== null && endsMs > timeMs);
  if (before === undefined && past.length === 0) refuse({ kind: "blob-not-found" });
  const base = before === undefined ? kept.findLast(({ kind }) => kind === "D") : undefined;
  for (const { stamp, kind } of kept) {
    if (stamp === base?.stamp) continue;
    context.statements.setPast.run(kind === "D" ? "S" : kind, null, null, id, blob, stamp);
  }
  if (base !== undefined) {
    const { stamp, kind: _, deleted_ms: __, ends_ms: ___, ...row } = context.findPast(id, blob, base.stamp)!;
    context.writeBlob(row, undefined);
    context.removePast({ ...row, stamp });
  }
  return { etag: "", modifiedMs: timeMs };
}
