/**
 * Where a blob's bytes are: an ordered list of spans in extents, and the committed blocks they came as, in one compact value that a metadata
 * row carries. Spans are shared, never copied: Put Block List takes the blocks' spans as they are. Entries have a fixed width, so that a range
 * in a blob of many thousand spans is found by bisection in the encoded form.
 *
 *     u8 version, 3 x 0, u32 span count, u32 block count
 *     versions 3 and 4: 32 bytes, the SHA-256 of the key that all of it is encrypted with
 *     per span:  f64 end of the span within the blob, u32 extent, u32 offset, u32 tag
 *                in versions 2 to 4: u32 bytes of the run that come before the span, u32 bytes that the run takes in its records
 *                in versions 3 and 4: 12 bytes nonce, u32 where the run begins in what was encrypted; in version 4 its highest bit says that the run is sealed
 *     per block: u32 size, u8 length of the id, the id in ASCII
 *
 * Numbers are big-endian. Version 2 is for page blobs, where a write may leave a piece of a run, and where what was never written is a hole: extent 0.
 * Version 3 is for whatever is encrypted with a key of the client's, version 4 for what may have sealed runs, too; see content-cipher.ts. Version 3 is read, and
 * written no more.
 */
import { nonceBytes, type RunCipher } from "./content-cipher.ts";

/** A run of records in one extent that holds `lengthBytes` of payload; see extent-format.ts. */
export type Span = {
  readonly extentId: number;
  /** Where the run's first record starts in the extent's file, in bytes. */
  readonly offset: number;
  readonly lengthBytes: number;
  /** Payload of the run's records, where that is not as long. */
  readonly runBytes?: number;
  /** Drawn for the run and repeated in each of its records: bytes of another run are never taken for this one's. */
  readonly tag: number;
  /** Of a run that is encrypted. */
  readonly cipher?: RunCipher | undefined;
};

export type CommittedBlock = { readonly blockId: string; readonly sizeBytes: number };

/** A piece of a run, or a hole. */
export type Piece = Span & {
  /** Bytes of the run before the piece; and payload of all its records, in bytes: of a sealed run with the tags in them. */
  readonly skipBytes: number;
  readonly runBytes: number;
};

/** A span with its place in the blob. */
export type PlacedSpan = Piece & { readonly start: number };

/** The extent of what was never written: its bytes are zeros. */
export const holeExtent = 0;

export function makeHole(lengthBytes: number): Piece {
  return { extentId: holeExtent, offset: 0, lengthBytes, tag: 0, skipBytes: 0, runBytes: 0 };
}

const version = 1;
const pieceVersion = 2;
const keyedVersion = 3;
const sealedVersion = 4;
/** In version 4, beside where a run begins; runs are far shorter. */
const sealedFlag = 0x80000000;
const headerBytes = 12;
const digestBytes = 32;
const spanBytes = 20;
const pieceBytes = 28;
const keyedBytes = pieceBytes + nonceBytes + 4;

function isKeyed(first: number | undefined): boolean {
  return first === keyedVersion || first === sealedVersion;
}

/** Bytes before the first span, and of each. */
function shapeOf(first: number | undefined): { readonly start: number; readonly entry: number } {
  if (isKeyed(first)) return { start: headerBytes + digestBytes, entry: keyedBytes };
  return { start: headerBytes, entry: first === version ? spanBytes : pieceBytes };
}

/** Encodes the pieces of a page blob; holes beside each other should be one. @param keySha256 of the key that they are encrypted with; base64. */
export function encodePieces(pieces: readonly Piece[], keySha256: string | null = null): Buffer {
  return encodePiecesFrom(pieces, 0, keySha256);
}

/** @param start where the first of them lies in the blob. */
function encodePiecesFrom(pieces: readonly Piece[], start: number, keySha256: string | null): Buffer {
  const form = keySha256 === null ? pieceVersion : sealedVersion;
  const shape = shapeOf(form);
  const bytes = Buffer.alloc(shape.start + pieces.length * shape.entry);
  bytes.writeUInt8(form, 0);
  bytes.writeUInt32BE(pieces.length, 4);
  if (keySha256 !== null) bytes.write(keySha256, headerBytes, digestBytes, "base64");
  let at = shape.start;
  let end = start;
  for (const piece of pieces) {
    end += piece.lengthBytes;
    bytes.writeDoubleBE(end, at);
    for (const [index, value] of [piece.extentId, piece.offset, piece.tag, piece.skipBytes, piece.runBytes].entries()) {
      bytes.writeUInt32BE(value, at + 8 + index * 4);
    }
    if (keySha256 !== null && piece.cipher !== undefined) {
      bytes.set(piece.cipher.nonce, at + pieceBytes);
      const { startBytes, isSealed } = piece.cipher;
      bytes.writeUInt32BE(startBytes + (isSealed ? sealedFlag : 0), at + pieceBytes + nonceBytes);
    }
    at += shape.entry;
  }
  return bytes;
}

/**
 * Puts pieces in the place of some of an encoded content's, of the same length together, by a copy of the others' bytes.
 * @param content of pieces, as {@link encodePieces} makes it.
 * @param first index of the first that is replaced; the last is `last`.
 */
export function splicePieces(content: Uint8Array, first: number, last: number, pieces: readonly Piece[]): Buffer {
  const view = new Content(content);
  const { start, entry } = shapeOf(content[0]);
  const encoded = encodePiecesFrom(pieces, view.spanAt(first).start, view.keySha256);
  const bytes = Buffer.concat([
    content.subarray(0, start + first * entry),
    encoded.subarray(start),
    content.subarray(start + (last + 1) * entry),
  ]);
  bytes.writeUInt8(encoded[0]!, 0);
  bytes.writeUInt32BE(view.spanCount - (last + 1 - first) + pieces.length, 4);
  return bytes;
}

/** The content as pieces, which a page blob needs; one that is written so already stays as it is. */
export function asPieces(content: Uint8Array): Uint8Array {
  return content[0] === version ? encodePieces([...new Content(content).spans()]) : content;
}

/** Adds spans to the end of an encoded content without committed blocks, by a copy of its bytes and no look at its spans. */
export function appendSpans(content: Uint8Array, spans: readonly Span[]): Buffer {
  const before = new Content(content);
  const { start, entry } = shapeOf(content[0]);
  const added = encodeContent(spans, [], before.keySha256);
  const bytes = Buffer.concat([content, added.subarray(start)]);
  bytes.writeUInt8(Math.max(content[0]!, added[0]!), 0);
  for (let at = content.length; at < bytes.length; at += entry) {
    bytes.writeDoubleBE(bytes.readDoubleBE(at) + before.sizeBytes, at);
  }
  bytes.writeUInt32BE(before.spanCount + spans.length, 4);
  return bytes;
}

/** @param keySha256 of the key that all of them are encrypted with; null for none. */
export function encodeContent(
  spans: readonly (Span | Piece)[],
  blocks: readonly CommittedBlock[],
  keySha256: string | null = null,
): Buffer {
  if (keySha256 !== null) {
    const pieces = spans.map((span) => ({ skipBytes: 0, runBytes: span.lengthBytes, ...span }));
    return appendBlocks(encodePieces(pieces, keySha256), blocks);
  }
  return appendBlocks(encodeSpansFrom(spans, 0), blocks);
}

/** @param start where the first of them lies in the blob. */
function encodeSpansFrom(spans: readonly Span[], start: number): Buffer {
  const bytes = Buffer.alloc(headerBytes + spans.length * spanBytes);
  bytes.writeUInt8(version, 0);
  bytes.writeUInt32BE(spans.length, 4);
  let at = headerBytes;
  let end = start;
  for (const span of spans) {
    end += span.lengthBytes;
    bytes.writeDoubleBE(end, at);
    bytes.writeUInt32BE(span.extentId, at + 8);
    bytes.writeUInt32BE(span.offset, at + 12);
    bytes.writeUInt32BE(span.tag, at + 16);
    at += spanBytes;
  }
  return bytes;
}

/**
 * Encodes the same bytes in other places: the spans anew, the committed blocks as they are. A blob may have many thousand spans: it stops after each slice
 * of them, so that others have their turn before it goes on.
 */
export function* relocateContent(
  before: Content,
  pieces: readonly Piece[],
  slicePieces: number,
): Generator<undefined, Buffer> {
  const { keySha256 } = before;
  const isPlain =
    keySha256 === null &&
    pieces.every((piece) => piece.extentId !== holeExtent && piece.runBytes === piece.lengthBytes);
  const encode = (some: readonly Piece[], start: number): Buffer =>
    isPlain ? encodeSpansFrom(some, start) : encodePiecesFrom(some, start, keySha256);
  const head = encode([], 0);
  const parts: Buffer[] = [head];
  let start = 0;
  for (let from = 0; from < pieces.length; from += slicePieces) {
    const some = pieces.slice(from, from + slicePieces);
    parts.push(encode(some, start).subarray(head.length));
    for (const { lengthBytes } of some) start += lengthBytes;
    yield undefined;
  }
  head.writeUInt32BE(pieces.length, 4);
  head.writeUInt32BE(before.blockCount, 8);
  return Buffer.concat([...parts, before.blockBytes]);
}

function appendBlocks(content: Buffer, blocks: readonly CommittedBlock[]): Buffer {
  if (blocks.length === 0) return content;
  const idBytes = blocks.reduce((sum, { blockId }) => sum + 5 + blockId.length, 0);
  const bytes = Buffer.alloc(content.length + idBytes);
  content.copy(bytes);
  bytes.writeUInt32BE(blocks.length, 8);
  let at = content.length;
  for (const { blockId, sizeBytes } of blocks) {
    bytes.writeUInt32BE(sizeBytes, at);
    bytes.writeUInt8(blockId.length, at + 4);
    bytes.write(blockId, at + 5, "latin1");
    at += 5 + blockId.length;
  }
  return bytes;
}

/** Reads an encoded content in place. */
export class Content {
  readonly spanCount: number;
  readonly blockCount: number;
  readonly sizeBytes: number;
  readonly #bytes: Buffer;
  readonly #startBytes: number;
  readonly #entryBytes: number;

  /** @throws Error when the value is of another version or cut short: the metadata is damaged or newer. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < headerBytes || bytes[0] === 0 || bytes[0]! > sealedVersion)
      throw new Error("a blob's content list cannot be read");
    const shape = shapeOf(bytes[0]);
    this.#startBytes = shape.start;
    this.#entryBytes = shape.entry;
    this.spanCount = this.#bytes.readUInt32BE(4);
    this.blockCount = this.#bytes.readUInt32BE(8);
    if (bytes.length < this.#startBytes + this.spanCount * this.#entryBytes)
      throw new Error("a blob's content list is cut short");
    this.sizeBytes = this.#endOf(this.spanCount - 1);
  }

  /** As it was given. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The committed blocks as they are encoded. */
  get blockBytes(): Uint8Array {
    return this.#bytes.subarray(this.#startBytes + this.spanCount * this.#entryBytes);
  }

  /** Of the key that it is encrypted with, in base64; null for none. */
  get keySha256(): string | null {
    if (!isKeyed(this.#bytes[0])) return null;
    return this.#bytes.toString("base64", headerBytes, headerBytes + digestBytes);
  }

  #endOf(index: number): number {
    return index < 0 ? 0 : this.#bytes.readDoubleBE(this.#startBytes + index * this.#entryBytes);
  }

  spanAt(index: number): PlacedSpan {
    const at = this.#startBytes + index * this.#entryBytes;
    const start = this.#endOf(index - 1);
    const lengthBytes = this.#endOf(index) - start;
    const isWhole = this.#entryBytes === spanBytes;
    return {
      start,
      lengthBytes,
      skipBytes: isWhole ? 0 : this.#bytes.readUInt32BE(at + 20),
      runBytes: isWhole ? lengthBytes : this.#bytes.readUInt32BE(at + 24),
      extentId: this.#bytes.readUInt32BE(at + 8),
      offset: this.#bytes.readUInt32BE(at + 12),
      tag: this.#bytes.readUInt32BE(at + 16),
      ...(isKeyed(this.#bytes[0]) ? { cipher: this.#cipherAt(at + pieceBytes) } : {}),
    };
  }

  #cipherAt(at: number): RunCipher {
    const nonce = Buffer.from(this.#bytes.subarray(at, at + nonceBytes));
    const start = this.#bytes.readUInt32BE(at + nonceBytes);
    const isSealed = this.#bytes[0] === sealedVersion && start >= sealedFlag;
    return { nonce, startBytes: isSealed ? start - sealedFlag : start, isSealed };
  }

  /** Index of the span that holds a byte of the blob; the byte must be within the blob. */
  findSpan(byte: number): number {
    let low = 0;
    let high = this.spanCount - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#endOf(middle) > byte) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  *spans(): Generator<PlacedSpan> {
    for (let index = 0; index < this.spanCount; index++) yield this.spanAt(index);
  }

  /** The committed blocks in order; none for a blob written in one piece. */
  *blocks(): Generator<CommittedBlock> {
    let at = this.#startBytes + this.spanCount * this.#entryBytes;
    for (let index = 0; index < this.blockCount; index++) {
      const length = this.#bytes.readUInt8(at + 4);
      yield {
        sizeBytes: this.#bytes.readUInt32BE(at),
        blockId: this.#bytes.toString("latin1", at + 5, at + 5 + length),
      };
      at += 5 + length;
    }
  }
}
