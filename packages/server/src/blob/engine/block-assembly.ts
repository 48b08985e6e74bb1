/** Put Block List: from the named blocks to the new content, sharing their spans. */
import type { CommittedBlock, Content, Span } from "./content.ts";
import { Content as ContentView } from "./content.ts";
import { type BlobFault, type BlockListEntry, maxBlobSizeBytes } from "./model.ts";

export type Assembled = { readonly spans: readonly Span[]; readonly blocks: readonly CommittedBlock[] };

/**
 * Puts a blob together.
 * @param uncommitted finds an uncommitted block's encoded content by id.
 * @param committed the blob as it stands; undefined when there is none.
 * @param keySha256 of the key that all of it is to be encrypted with; null for none.
 * @see https://learn.microsoft.com/rest/api/storageservices/put-block-list#remarks
 */
export function assembleBlocks(
  entries: readonly BlockListEntry[],
  uncommitted: (blockId: string) => Uint8Array | undefined,
  committed: Content | undefined,
  keySha256: string | null,
): Assembled | { readonly fault: BlobFault } {
  const places = new Map<string, { readonly start: number; readonly sizeBytes: number }>();
  if (committed !== undefined && entries.some(({ source }) => source !== "uncommitted")) {
    let start = 0;
    for (const { blockId, sizeBytes } of committed.blocks()) {
      places.set(blockId, { start, sizeBytes });
      start += sizeBytes;
    }
  }
  const spans: Span[] = [];
  const blocks: CommittedBlock[] = [];
  let totalBytes = 0;
  for (const { source, blockId } of entries) {
    const staged = source === "committed" ? undefined : uncommitted(blockId);
    const place = source === "uncommitted" ? undefined : places.get(blockId);
    let sizeBytes: number;
    if (staged !== undefined) {
      const content = new ContentView(staged);
      if (content.keySha256 !== keySha256) return { fault: { kind: "key-mismatch" } };
      sizeBytes = content.sizeBytes;
      spans.push(...content.spans());
    } else if (place !== undefined && committed !== undefined) {
      if (committed.keySha256 !== keySha256) return { fault: { kind: "key-mismatch" } };
      sizeBytes = place.sizeBytes;
      spans.push(...spansOf(committed, place.start, place.sizeBytes));
    } else return { fault: { kind: "block-list-invalid" } };
    blocks.push({ blockId, sizeBytes });
    totalBytes += sizeBytes;
    if (totalBytes > maxBlobSizeBytes) return { fault: { kind: "blob-too-large" } };
  }
  return { spans, blocks };
}

/** A block's spans within its blob; a span never reaches over the end of a block. */
function* spansOf(content: Content, start: number, sizeBytes: number): Generator<Span> {
  const end = start + sizeBytes;
  for (let index = content.findSpan(start), at = start; at < end; index++) {
    const span = content.spanAt(index);
    yield span;
    at = span.start + span.lengthBytes;
  }
}
