/** Appending to an append blob. @see https://learn.microsoft.com/rest/api/storageservices/append-block */
import { isImmutable } from "./blob-history.ts";
import type { BlobRow } from "./blob-rows.ts";
import { appendSpans, Content } from "./content.ts";
import { maxCommittedBlocks, type Written } from "./model.ts";
import type { MutationOf } from "./mutations.ts";
import { encodeState } from "./row-format.ts";
import { refuse, stateOf, type WriterContext, writtenOf } from "./writer-context.ts";

export function appendBlock(context: WriterContext, mutation: MutationOf<"append-block">, timeMs: number): Written {
  const { id } = context.container(mutation);
  const { blob, conditions, append, content } = mutation;
  const row = context.findBlob(id, blob);
  context.judgePresent(conditions, row, timeMs);
  if (row.type !== "AppendBlob") refuse({ kind: "blob-type" });
  const state = stateOf(row, timeMs);
  if (state.isSealed) refuse({ kind: "blob-sealed" });
  if (isImmutable(row, timeMs)) refuse({ kind: "blob-immutable" });
  const block = new Content(content);
  if (block.keySha256 !== new Content(row.content).keySha256) refuse({ kind: "key-mismatch" });
  const sizeBytes = row.size_bytes + block.sizeBytes;
  if (append.positionBytes !== undefined && append.positionBytes !== row.size_bytes)
    refuse({ kind: "append-position" });
  if (append.maxSizeBytes !== undefined && sizeBytes > append.maxSizeBytes) refuse({ kind: "append-size" });
  const blockCount = (state.blockCount ?? 0) + 1;
  if (blockCount > maxCommittedBlocks) refuse({ kind: "blocks-exceeded" });
  const next: BlobRow = {
    ...row,
    version: context.nextStamp(timeMs),
    modified_ms: timeMs,
    size_bytes: sizeBytes,
    state: encodeState({ ...state, blockCount }),
    content: appendSpans(row.content, [...block.spans()]),
  };
  context.changeBlob(next, content, null);
  return { ...writtenOf(next), appendOffset: row.size_bytes, blockCount };
}
