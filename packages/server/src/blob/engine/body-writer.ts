/**
 * Streams a body into extents: frames it into records, sums it on the way, and holds no more of it than a few records, whatever its size.
 * What is written here is invisible until the metadata refers to it; an upload that stops leaves nothing but unused space.
 */
import { createHash, type Hash } from "node:crypto";
import type { Span } from "./content.ts";
import { Crc64 } from "./crc64.ts";
import type { ExtentFile } from "./extent-file.ts";
import { recordHeaderBytes, recordPayloadBytes, sealRecord } from "./extent-format.ts";
import { type ExtentStore, type Reservation, smallBodyLimitBytes } from "./extent-store.ts";
import { BlobRefusal } from "./model.ts";

/** Bytes of one upload waiting for the disk before its sender has to wait. Our choice. */
const maxQueuedBytes = 256 * 1024;
/**
 * Bytes of one upload after which the disk is set to work on them without being waited for: else all of a large body would be flushed at its end.
 * Our choice.
 */
const earlySyncBytes = 16 * 1024 * 1024;
/** Full-sized record buffers kept for the next upload. Our choice: 4 MiB. */
const maxSpareBuffers = 64;

const spareBuffers: Buffer[] = [];

function takeBuffer(payloadBytes: number): Buffer {
  const full = recordHeaderBytes + recordPayloadBytes;
  if (payloadBytes === recordPayloadBytes) return spareBuffers.pop() ?? Buffer.allocUnsafeSlow(full);
  return Buffer.allocUnsafe(recordHeaderBytes + payloadBytes);
}

function giveBack(buffers: readonly Buffer[]): void {
  for (const buffer of buffers) {
    if (buffer.length === recordHeaderBytes + recordPayloadBytes && spareBuffers.length < maxSpareBuffers) {
      spareBuffers.push(buffer);
    }
  }
}

/** Which sums to make of the body as a whole. */
export type Digests = { readonly md5: boolean; readonly crc64: boolean };

/** A body that lies in extents, perhaps not yet on disk; see {@link syncBody}. */
export type StoredBody = {
  readonly sizeBytes: number;
  readonly spans: readonly Span[];
  /** 16 bytes; null unless asked for. */
  readonly md5: Buffer | null;
  /** 8 bytes as they go over the wire; null unless asked for. */
  readonly crc64: Buffer | null;
  readonly extents: ReadonlySet<ExtentFile>;
};

export type BodySource = AsyncIterable<Buffer> | Iterable<Buffer>;

/**
 * Writes a body of known size.
 * @throws BlobRefusal `body-incomplete` when the source fails or is not of that size, `storage-full`; else the disk's error.
 */
export async function writeBody(
  store: ExtentStore,
  source: BodySource,
  sizeBytes: number,
  digests: Digests,
): Promise<StoredBody> {
  const writer = new BodyWriter(store, sizeBytes, digests);
  try {
    await feed(writer, source);
    return await writer.finish();
  } finally {
    await writer.release();
  }
}

async function feed(writer: BodyWriter, source: BodySource): Promise<void> {
  const chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  try {
    for (;;) {
      let next: IteratorResult<Buffer>;
      try {
        next = await chunks.next();
      } catch (cause) {
        throw new BlobRefusal({ kind: "body-incomplete" }, cause);
      }
      if (next.done) return;
      await writer.add(next.value);
    }
  } finally {
    await chunks.return?.();
  }
}

/** Resolves when the body is on disk. */
export async function syncBody(body: StoredBody): Promise<void> {
  await Promise.all(Array.from(body.extents, (extent) => extent.sync()));
}

class BodyWriter {
  readonly #store: ExtentStore;
  readonly #sizeBytes: number;
  readonly #md5: Hash | null;
  readonly #crc64: Crc64 | null;
  readonly #spans: Span[] = [];
  readonly #extents = new Set<ExtentFile>();
  #receivedBytes = 0;
  #placedBytes = 0;
  #run: { readonly reservation: Reservation; usedBytes: number; nextOffset: number } | undefined;
  #record: Buffer | undefined;
  #recordFill = 0;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #queueOffset = 0;
  #unsyncedBytes = 0;
  #writing: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;

  constructor(store: ExtentStore, sizeBytes: number, digests: Digests) {
    this.#store = store;
    this.#sizeBytes = sizeBytes;
    this.#md5 = digests.md5 ? createHash("md5") : null;
    this.#crc64 = digests.crc64 ? new Crc64() : null;
  }

  async add(chunk: Buffer): Promise<void> {
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > this.#sizeBytes) throw new BlobRefusal({ kind: "body-incomplete" });
    this.#md5?.update(chunk);
    this.#crc64?.update(chunk);
    let taken = 0;
    while (taken < chunk.length) {
      if (this.#record === undefined) await this.#startRecord();
      const record = this.#record!;
      const copied = chunk.copy(record, this.#recordFill, taken);
      taken += copied;
      this.#recordFill += copied;
      if (this.#recordFill === record.length) this.#closeRecord();
    }
    while (this.#queuedBytes > maxQueuedBytes && this.#failure === undefined) await this.#writing;
    this.#check();
  }

  async finish(): Promise<StoredBody> {
    if (this.#receivedBytes !== this.#sizeBytes) throw new BlobRefusal({ kind: "body-incomplete" });
    await this.#drain();
    return {
      sizeBytes: this.#sizeBytes,
      spans: this.#spans,
      md5: this.#md5?.digest() ?? null,
      crc64: this.#crc64?.digest() ?? null,
      extents: this.#extents,
    };
  }

  /** Lets go of the extents, once nothing is being written any more. */
  async release(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    for (const extent of this.#extents) this.#store.release(extent);
  }

  async #startRecord(): Promise<void> {
    if (this.#run === undefined) {
      // A run's records are written in one row; the next run may be in another extent.
      await this.#drain();
      await this.#startRun();
    }
    const run = this.#run!;
    const payloadBytes = Math.min(recordPayloadBytes, run.reservation.payloadBytes - run.usedBytes);
    this.#record = takeBuffer(payloadBytes);
    this.#recordFill = recordHeaderBytes;
  }

  async #startRun(): Promise<void> {
    const lane = this.#sizeBytes <= smallBodyLimitBytes ? "small" : "large";
    const reservation = await this.#store.reserve(lane, this.#sizeBytes - this.#placedBytes);
    const { extent, offset, payloadBytes, tag } = reservation;
    if (this.#extents.has(extent)) this.#store.release(extent);
    this.#extents.add(extent);
    this.#spans.push({ extentId: extent.id, offset, lengthBytes: payloadBytes, tag });
    this.#placedBytes += payloadBytes;
    this.#run = { reservation, usedBytes: 0, nextOffset: offset };
    this.#queueOffset = offset;
  }

  #closeRecord(): void {
    const run = this.#run!;
    const record = this.#record!;
    const { extent, tag, payloadBytes } = run.reservation;
    sealRecord(record, { tag, extentId: extent.id, offset: run.nextOffset });
    run.nextOffset += record.length;
    run.usedBytes += record.length - recordHeaderBytes;
    this.#record = undefined;
    this.#queue.push(record);
    this.#queuedBytes += record.length;
    this.#pump(extent);
    if (run.usedBytes === payloadBytes) this.#run = undefined;
  }

  /** Writes what waits, at once when nothing is being written: slow senders hold next to nothing, fast ones get large writes. */
  #pump(extent: ExtentFile): void {
    if (this.#writing !== undefined || this.#queue.length === 0 || this.#failure !== undefined) return;
    const buffers = this.#queue;
    const sizeBytes = this.#queuedBytes;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#writing = extent
      .write(buffers, this.#queueOffset)
      .then(
        () => {
          giveBack(buffers);
          this.#syncEarly(extent, sizeBytes);
        },
        (cause: unknown) => {
          this.#failure = { cause };
        },
      )
      .then(() => {
        this.#writing = undefined;
        this.#pump(extent);
      });
    this.#queueOffset += sizeBytes;
  }

  #syncEarly(extent: ExtentFile, writtenBytes: number): void {
    this.#unsyncedBytes += writtenBytes;
    if (this.#unsyncedBytes < earlySyncBytes) return;
    this.#unsyncedBytes = 0;
    // A failure breaks the extent, and the sync that counts then fails too.
    extent.sync().catch(() => undefined);
  }

  async #drain(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.cause;
  }
}
