/** Changes of a present blob as a whole: put, put of a block list, properties, metadata, tags, deletion. */

import { isImmutable, keepOverwritten } from "./blob-history.ts";
import type { BlobRow } from "./blob-rows.ts";
import { assembleBlocks } from "./block-assembly.ts";
import { Content, encodeContent } from "./content.ts";
import { judgeLease } from "./leases.ts";
import { type BlobState, type BlobType, maxUncommittedBlocks, type Written } from "./model.ts";
import type { BlobWrite, MutationOf } from "./mutations.ts";
import { decodeState, encodeMetadata, encodeSettings, encodeState, encodeTags } from "./row-format.ts";
import { refuseArchived } from "./state-changes.ts";
import { refuse, stateOf, type WriterContext, writtenOf } from "./writer-context.ts";

type StagedRow = { id_length: number; block_count: number };
type BlockRow = { block_id: string; size_bytes: number; content: Uint8Array };

export function putBlob(context: WriterContext, mutation: MutationOf<"put-blob">, timeMs: number): Written {
  const { id } = context.container(mutation);
  const before = judgeWhole(context, id, mutation, timeMs);
  // What the source of a copy was made of may be gone since it was looked at.
  if (mutation.isShared && !context.ledger.holds(mutation.content)) refuse({ kind: "blob-not-found" });
  discardStaged(context, id, mutation.blob);
  return writeWhole(context, { id, mutation, before, type: mutation.type, content: mutation.content, timeMs });
}

/** Judges a write of a whole blob. @returns the blob that it takes the place of. */
export function judgeWhole(
  context: WriterContext,
  containerId: number,
  mutation: BlobWrite,
  timeMs: number,
): BlobRow | undefined {
  const before = context.findBlob(containerId, mutation.blob);
  if (mutation.mustBeNew && before !== undefined) refuse({ kind: "replace-not-permitted" });
  context.judgeCreate(mutation.conditions, before, timeMs);
  if (before !== undefined && before.state !== "") {
    if (decodeState<BlobState>(before.state).copy?.status === "pending") refuse({ kind: "copy-pending" });
  }
  return before;
}

export type WholeWrite = {
  readonly id: number;
  readonly mutation: BlobWrite;
  readonly before: BlobRow | undefined;
  readonly type: BlobType;
  readonly content: Uint8Array;
  readonly timeMs: number;
};

/** Writes a whole blob in the place of what was there. */
export function writeWhole(context: WriterContext, write: WholeWrite): Written {
  const { id, mutation, before, type, content, timeMs } = write;
  const stamp = context.nextStamp(timeMs);
  const lease = before === undefined || before.state === "" ? undefined : stateOf(before, timeMs).lease;
  const state = lease === undefined ? mutation.state : { ...mutation.state, lease };
  const row: BlobRow = {
    container_id: id,
    name: mutation.blob,
    version: stamp,
    created_ms: before?.created_ms ?? timeMs,
    modified_ms: timeMs,
    size_bytes: new Content(content).sizeBytes,
    type,
    version_id: keepOverwritten(context, before, mutation.retention, stamp, timeMs),
    settings: encodeSettings(mutation.settings),
    tier: mutation.accessTier,
    metadata: encodeMetadata(mutation.metadata),
    tags: encodeTags(mutation.tags),
    state: encodeState(state),
    content,
  };
  context.writeBlob(row, before);
  return writtenOf(row);
}

export function putBlock(context: WriterContext, mutation: MutationOf<"put-block">, timeMs: number): Written {
  const { id } = context.container(mutation);
  const { blob, blockId, content, leaseId } = mutation;
  const { statements, ledger } = context;
  judgeBlobOfBlock(context, id, blob, leaseId, timeMs);
  const staged = statements.findStaged.get(id, blob) as StagedRow | undefined;
  if (staged !== undefined && staged.id_length !== blockId.length) refuse({ kind: "block-id-length" });
  const before = statements.findBlock.get(id, blob, blockId) as BlockRow | undefined;
  const count = (staged?.block_count ?? 0) + (before === undefined ? 1 : 0);
  if (count > maxUncommittedBlocks) refuse({ kind: "uncommitted-blocks-exceeded" });
  if (before !== undefined) ledger.remove(before.content);
  ledger.add(content);
  statements.writeBlock.run(id, blob, blockId, new Content(content).sizeBytes, content);
  statements.writeStaged.run(id, blob, blockId.length, count, timeMs);
  return { etag: "", modifiedMs: timeMs };
}

/** A block of a name that others hold, or that is no block blob, is refused. */
function judgeBlobOfBlock(
  context: WriterContext,
  containerId: number,
  blob: string,
  leaseId: string | null,
  timeMs: number,
): void {
  const present = context.statements.findBlobState.get(containerId, blob) as
    | { type: BlobType; state: string }
    | undefined;
  if (present !== undefined && present.type !== "BlockBlob") refuse({ kind: "blob-type" });
  if (leaseId === null && (present === undefined || present.state === "")) return;
  const { lease } = present === undefined ? {} : decodeState<BlobState>(present.state);
  const fault = judgeLease(lease, leaseId ?? undefined, timeMs, true);
  if (fault !== undefined) refuse({ kind: "lease", of: "blob", fault });
}

export function putBlockList(context: WriterContext, mutation: MutationOf<"put-block-list">, timeMs: number): Written {
  const { id } = context.container(mutation);
  const { blob, entries } = mutation;
  const before = judgeWhole(context, id, mutation, timeMs);
  if (before !== undefined && before.type !== "BlockBlob") refuse({ kind: "blob-type" });
  const { keySha256 = null } = mutation.state;
  const assembled = assembleBlocks(
    entries,
    (blockId) => (context.statements.findBlock.get(id, blob, blockId) as BlockRow | undefined)?.content,
    before === undefined ? undefined : new Content(before.content),
    keySha256,
  );
  if ("fault" in assembled) refuse(assembled.fault);
  const content = encodeContent(assembled.spans, assembled.blocks, keySha256);
  // The new content refers to the blocks before they are let go of.
  const written = writeWhole(context, { id, mutation, before, type: "BlockBlob", content, timeMs });
  discardStaged(context, id, blob);
  return written;
}

export function discardStaged(context: WriterContext, containerId: number, blob: string): void {
  const { statements, ledger } = context;
  if (statements.findStaged.get(containerId, blob) === undefined) return;
  for (const { content } of statements.blocksOf.iterate(containerId, blob) as Iterable<BlockRow>) {
    ledger.remove(content);
  }
  statements.deleteBlocks.run(containerId, blob);
  statements.deleteStaged.run(containerId, blob);
}

export function setProperties(
  context: WriterContext,
  mutation: MutationOf<"set-blob-properties">,
  timeMs: number,
): Written {
  const { id } = context.container(mutation);
  const before = context.findBlob(id, mutation.blob);
  context.judgePresent(mutation.conditions, before, timeMs);
  if (isImmutable(before, timeMs)) refuse({ kind: "blob-immutable" });
  const row: BlobRow = {
    ...before,
    version: context.nextStamp(timeMs),
    modified_ms: timeMs,
    settings: encodeSettings(mutation.settings),
    state: encodeState(stateOf(before, timeMs)),
  };
  context.writeBlob(row, before);
  return writtenOf(row);
}

export function setMetadata(
  context: WriterContext,
  mutation: MutationOf<"set-blob-metadata">,
  timeMs: number,
): Written {
  const { id } = context.container(mutation);
  const before = context.findBlob(id, mutation.blob);
  context.judgePresent(mutation.conditions, before, timeMs);
  const isKept = mutation.retention.isVersioned || before.version_id !== null;
  if (!isKept && isImmutable(before, timeMs)) refuse({ kind: "blob-immutable" });
  refuseArchived(before, timeMs);
  const stamp = context.nextStamp(timeMs);
  const row: BlobRow = {
    ...before,
    version: stamp,
    modified_ms: timeMs,
    version_id: isKept ? keepOverwritten(context, before, mutation.retention, stamp, timeMs) : null,
    metadata: encodeMetadata(mutation.metadata),
    state: encodeState(stateOf(before, timeMs)),
  };
  context.writeBlob(row, before);
  return writtenOf(row);
}

/** Tags change neither ETag nor time, and make no version. */
export function setTags(context: WriterContext, mutation: MutationOf<"set-blob-tags">, timeMs: number): Written {
  const { id } = context.container(mutation);
  const { blob, moment } = mutation;
  const before = context.findBlob(id, blob);
  const tags = encodeTags(mutation.tags);
  if (moment.kind === "present" || before?.version_id === moment.stamp) {
    context.judgePresent(mutation.conditions, before, timeMs);
    context.writeBlob({ ...before, tags }, before);
    return writtenOf(before);
  }
  const past = context.findPast(id, blob, moment.stamp);
  if (past === undefined || past.ends_ms !== null) refuse({ kind: "blob-not-found" });
  context.judgePresent(mutation.conditions, { ...past, state: "" }, timeMs);
  context.replacePast({ ...past, tags }, past);
  return writtenOf(past);
}
