/** Changes of page blobs: pages written and cleared, size and sequence number. @see https://learn.microsoft.com/rest/api/storageservices/put-page */
import { isImmutable } from "./blob-history.ts";
import type { BlobRow } from "./blob-rows.ts";
import { asPieces, Content, encodePieces, holeExtent, makeHole, type Piece, splicePieces } from "./content.ts";
import { type BlobState, pageBytes, type Written } from "./model.ts";
import type { MutationOf, SequenceChange, SequenceConditions } from "./mutations.ts";
import { encodeSettings, encodeState } from "./row-format.ts";
import { refuse, stateOf, type WriterContext, writtenOf } from "./writer-context.ts";

/** The pieces of a range of a content. */
function* cut(content: Content, start: number, end: number): Generator<Piece> {
  if (start >= end) return;
  for (let index = content.findSpan(start), at = start; at < end; index++) {
    const { start: spanStart, ...span } = content.spanAt(index);
    const to = Math.min(end, spanStart + span.lengthBytes);
    const skipped = span.extentId === holeExtent ? 0 : span.skipBytes + at - spanStart;
    yield { ...span, lengthBytes: to - at, skipBytes: skipped };
    at = to;
  }
}

/** Joins holes that lie beside each other, so that clearing twice leaves no more than clearing once. */
function joinHoles(pieces: Iterable<Piece>): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last !== undefined && last.extentId === holeExtent && piece.extentId === holeExtent) {
      joined[joined.length - 1] = makeHole(last.lengthBytes + piece.lengthBytes);
    } else joined.push(piece);
  }
  return joined;
}

function judgeSequence({ atMost, below, equal }: SequenceConditions, number: number): void {
  const isMet =
    (atMost === undefined || number <= atMost) &&
    (below === undefined || number < below) &&
    (equal === undefined || number === equal);
  if (!isMet) refuse({ kind: "sequence-number" });
}

function requirePages(
  context: WriterContext,
  containerId: number,
  mutation: MutationOf<"put-pages" | "set-pages-properties">,
  timeMs: number,
): BlobRow {
  const row = context.findBlob(containerId, mutation.blob);
  context.judgePresent(mutation.conditions, row, timeMs);
  if (row.type !== "PageBlob") refuse({ kind: "blob-type" });
  if (isImmutable(row, timeMs)) refuse({ kind: "blob-immutable" });
  return row;
}

export function putPages(context: WriterContext, mutation: MutationOf<"put-pages">, timeMs: number): Written {
  const { id } = context.container(mutation);
  const row = requirePages(context, id, mutation, timeMs);
  const state = stateOf(row, timeMs);
  judgeSequence(mutation.sequence, state.sequenceNumber ?? 0);
  const { start, lengthBytes, content } = mutation;
  const end = start + lengthBytes;
  if (start % pageBytes !== 0 || lengthBytes % pageBytes !== 0 || end > row.size_bytes) refuse({ kind: "page-range" });
  if (content !== null && new Content(content).keySha256 !== new Content(row.content).keySha256) {
    refuse({ kind: "key-mismatch" });
  }
  const written = content === null ? [makeHole(lengthBytes)] : [...new Content(content).spans()];
  const spliced = overlay(asPieces(row.content), start, end, written);
  const next: BlobRow = {
    ...row,
    version: context.nextStamp(timeMs),
    modified_ms: timeMs,
    state: encodeState(state),
    content: spliced.content,
  };
  context.changeBlob(next, spliced.added, spliced.removed);
  return { ...writtenOf(next), sequenceNumber: state.sequenceNumber ?? 0 };
}

type Overlaid = { readonly content: Uint8Array; readonly added: Uint8Array; readonly removed: Uint8Array };

/** Lays pieces over a range of a content: what lies outside of the pieces that the range touches is copied and not looked at. */
function overlay(content: Uint8Array, start: number, end: number, written: readonly Piece[]): Overlaid {
  const before = new Content(content);
  const isHole = (index: number): boolean => before.spanAt(index).extentId === holeExtent;
  let first = before.findSpan(start);
  let last = before.findSpan(end - 1);
  // Holes on either side join with one that is laid beside them.
  if (first > 0 && isHole(first - 1)) first -= 1;
  if (last < before.spanCount - 1 && isHole(last + 1)) last += 1;
  const { start: from } = before.spanAt(first);
  const { start: lastStart, lengthBytes } = before.spanAt(last);
  const to = lastStart + lengthBytes;
  const pieces = joinHoles([...cut(before, from, start), ...written, ...cut(before, end, to)]);
  return {
    content: splicePieces(content, first, last, pieces),
    added: encodePieces(pieces, before.keySha256),
    removed: encodePieces([...cut(before, from, to)]),
  };
}

function nextNumber(number: number, change: SequenceChange): number {
  switch (change.action) {
    case "max":
      return Math.max(number, change.number);
    case "update":
      return change.number;
    case "increment":
      return number === Number.MAX_SAFE_INTEGER ? refuse({ kind: "sequence-number-low" }) : number + 1;
  }
}

/** Content for a size: what is beyond it goes, what is new is a hole. */
function resize(content: Content, sizeBytes: number): Uint8Array {
  const kept = [...cut(content, 0, Math.min(sizeBytes, content.sizeBytes))];
  const grown = sizeBytes - content.sizeBytes;
  return encodePieces(joinHoles(grown > 0 ? [...kept, makeHole(grown)] : kept), content.keySha256);
}

export function setPagesProperties(
  context: WriterContext,
  mutation: MutationOf<"set-pages-properties">,
  timeMs: number,
): Written {
  const { id } = context.container(mutation);
  const row = requirePages(context, id, mutation, timeMs);
  const before: BlobState = stateOf(row, timeMs);
  const { sizeBytes, sequence, settings } = mutation;
  const sequenceNumber =
    sequence === null ? (before.sequenceNumber ?? 0) : nextNumber(before.sequenceNumber ?? 0, sequence);
  const isResized = sizeBytes !== null && sizeBytes !== row.size_bytes;
  const next: BlobRow = {
    ...row,
    version: context.nextStamp(timeMs),
    modified_ms: timeMs,
    settings: encodeSettings(settings),
    state: encodeState({ ...before, sequenceNumber }),
    size_bytes: sizeBytes ?? row.size_bytes,
    content: isResized ? resize(new Content(row.content), sizeBytes) : row.content,
  };
  context.writeBlob(next, row);
  return { ...writtenOf(next), sequenceNumber };
}
