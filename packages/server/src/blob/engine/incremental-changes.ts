/**
 * Incremental copies of page blobs: each takes in one snapshot of the source, sharing its bytes, and keeps it as a snapshot of the copy.
 * @see https://learn.microsoft.com/rest/api/storageservices/incremental-copy-blob
 */
import { keepPast } from "./blob-history.ts";
import type { BlobRow } from "./blob-rows.ts";
import { Content } from "./content.ts";
import type { BlobState, Written } from "./model.ts";
import type { MutationOf } from "./mutations.ts";
import { decodeState, encodeMetadata, encodeSettings, encodeState, encodeTags } from "./row-format.ts";
import { stampTimeOf } from "./stamps.ts";
import { refuse, type WriterContext, writtenOf } from "./writer-context.ts";

/** A copy belongs to one source for good, and takes in its snapshots in their order. */
function judgeCopy(
  context: WriterContext,
  containerId: number,
  mutation: MutationOf<"incremental-copy">,
  timeMs: number,
): BlobRow | undefined {
  const before = context.findBlob(containerId, mutation.blob);
  if (mutation.mustBeNew && before !== undefined) refuse({ kind: "replace-not-permitted" });
  context.judgeCreate(mutation.conditions, before, timeMs, true);
  if (before !== undefined) {
    const { incremental } = decodeState<BlobState>(before.state);
    if (incremental === undefined || incremental.source !== mutation.source.source) {
      refuse({ kind: "incremental-mismatch" });
    }
    // Both are of one form, in which the order of times is that of texts.
    if (mutation.source.snapshot <= incremental.snapshot) refuse({ kind: "incremental-earlier" });
  }
  if (!context.ledger.holds(mutation.content)) refuse({ kind: "blob-not-found" });
  return before;
}

export function copyIncrementally(
  context: WriterContext,
  mutation: MutationOf<"incremental-copy">,
  timeMs: number,
): Written {
  const { id } = context.container(mutation);
  const before = judgeCopy(context, id, mutation, timeMs);
  const snapshot = context.nextStamp(timeMs);
  const version = context.nextStamp(timeMs);
  const kept: BlobRow = {
    container_id: id,
    name: mutation.blob,
    version,
    created_ms: before?.created_ms ?? timeMs,
    modified_ms: timeMs,
    size_bytes: new Content(mutation.content).sizeBytes,
    type: "PageBlob",
    version_id: null,
    settings: encodeSettings(mutation.settings),
    tier: null,
    metadata: encodeMetadata(mutation.metadata),
    tags: encodeTags(mutation.tags),
    state: encodeState(mutation.state),
    content: mutation.content,
  };
  keepPast(context, kept, { stamp: snapshot, kind: "S", deleted_ms: null, ends_ms: null });
  const { copy } = mutation.state;
  const state: BlobState = {
    ...mutation.state,
    ...(copy === undefined ? {} : { copy: { ...copy, destinationSnapshot: stampTimeOf(snapshot) } }),
    incremental: mutation.source,
  };
  const row: BlobRow = { ...kept, state: encodeState(state) };
  context.writeBlob(row, before);
  return writtenOf(row);
}
