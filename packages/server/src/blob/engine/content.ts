/**
 * Where a blob's bytes are: an ordered list of spans in extents, and the committed blocks they came as, in one compact value that a metadata
 * row carries. Spans are shared, never copied: Put Block List takes the blocks' spans as they are. Entries have a fixed width, so that a range
 * in a blob of many thousand spans is found by bisection in the encoded form.
 *
 *     u8 version, 3 x 0, u32 span count, u32 block count
 *     per span:  f64 end of the span within the blob, u32 extent, u32 offset, u32 tag
 *     per block: u32 size, u8 length of the id, the id in ASCII
 *
 * Numbers are big-endian.
 */

/** A run of records in one extent that holds `lengthBytes` of payload; see extent-format.ts. */
export type Span = {
  readonly extentId: number;
  /** Where the run's first record starts in the extent's file, in bytes. */
  readonly offset: number;
  readonly lengthBytes: number;
  /** Drawn for the run and repeated in each of its records: bytes of another run are never taken for this one's. */
  readonly tag: number;
};

export type CommittedBlock = { readonly blockId: string; readonly sizeBytes: number };

/** A span with its place in the blob. */
export type PlacedSpan = Span & { readonly start: number };

const version = 1;
const headerBytes = 12;
const spanBytes = 20;

export function encodeContent(spans: readonly Span[], blocks: readonly CommittedBlock[]): Buffer {
  const idBytes = blocks.reduce((sum, { blockId }) => sum + 5 + blockId.length, 0);
  const bytes = Buffer.alloc(headerBytes + spans.length * spanBytes + idBytes);
  bytes.writeUInt8(version, 0);
  bytes.writeUInt32BE(spans.length, 4);
  bytes.writeUInt32BE(blocks.length, 8);
  let at = headerBytes;
  let end = 0;
  for (const span of spans) {
    end += span.lengthBytes;
    bytes.writeDoubleBE(end, at);
    bytes.writeUInt32BE(span.extentId, at + 8);
    bytes.writeUInt32BE(span.offset, at + 12);
    bytes.writeUInt32BE(span.tag, at + 16);
    at += spanBytes;
  }
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

  /** @throws Error when the value is of another version or cut short: the metadata is damaged or newer. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < headerBytes || bytes[0] !== version) throw new Error("a blob's content list cannot be read");
    this.spanCount = this.#bytes.readUInt32BE(4);
    this.blockCount = this.#bytes.readUInt32BE(8);
    if (bytes.length < headerBytes + this.spanCount * spanBytes) throw new Error("a blob's content list is cut short");
    this.sizeBytes = this.#endOf(this.spanCount - 1);
  }

  #endOf(index: number): number {
    return index < 0 ? 0 : this.#bytes.readDoubleBE(headerBytes + index * spanBytes);
  }

  spanAt(index: number): PlacedSpan {
    const at = headerBytes + index * spanBytes;
    const start = this.#endOf(index - 1);
    return {
      start,
      lengthBytes: this.#endOf(index) - start,
      extentId: this.#bytes.readUInt32BE(at + 8),
      offset: this.#bytes.readUInt32BE(at + 12),
      tag: this.#bytes.readUInt32BE(at + 16),
    };
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
    let at = headerBytes + this.spanCount * spanBytes;
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
