/**
 * Streams a body into extents: frames it into records, sums it on the way, and holds no more of it than a few records, whatever its size.
 * What is written here is invisible until the metadata refers to it; an upload that stops leaves nothing but unused space.
 */
import { type CipherGCM, createHash, type Hash } from "node:crypto";
import type { Sums } from "./blob-sums-worker.ts";
import type { UnwrittenRecord } from "./change-batch.ts";
import type { Span } from "./content.ts";
import {
  type ContentKey,
  closeUnit,
  drawCipher,
  endOfPlain,
  plainBytesOf,
  RunSeal,
  sealedBytes,
} from "./content-cipher.ts";
import { Crc64 } from "./crc64.ts";
import type { ExtentFile } from "./extent-file.ts";
import { pageBytes, recordHeaderBytes, recordPayloadBytes, sealRecord } from "./extent-format.ts";
import { type ExtentStore, type Reservation, smallBodyLimitBytes } from "./extent-store.ts";
import { BlobRefusal } from "./model.ts";
import { giveBackPiece } from "./read-slab.ts";
import type { SumLane } from "./sum-lane.ts";

/** Bytes of one upload waiting for the disk before its sender has to wait. Our choice. */
const maxQueuedBytes = 256 * 1024;
/**
 * Bytes of one upload after which the disk is set to work on them without being waited for: else all of a large body that goes through the system's
 * cache would be flushed at its end. Our choice.
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
export type Digests = {
  readonly md5: boolean;
  readonly crc64: boolean;
  /** The body is encrypted with it on its way; sums are of what came. */
  readonly key?: ContentKey | undefined;
};

/** A body that lies in extents, perhaps not yet on disk, see {@link syncBody}; or that has its place in one, see small-body.ts. */
export type StoredBody = {
  readonly sizeBytes: number;
  readonly spans: readonly Span[];
  /** 16 bytes; null unless asked for. */
  readonly md5: Buffer | null;
  /** 8 bytes as they go over the wire; null unless asked for. */
  readonly crc64: Buffer | null;
  /** Of the key that it was encrypted with, in base64; null for none. */
  readonly keySha256: string | null;
  readonly extents: ReadonlySet<ExtentFile>;
  /** Written with the change that refers to it. */
  readonly unwritten?: UnwrittenRecord;
  /** Being brought to disk already. */
  readonly syncing?: Promise<void> | undefined;
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
      giveBackPiece(next.value);
    }
  } finally {
    await chunks.return?.();
  }
}

/** Resolves when the body is on disk. */
export async function syncBody({ syncing, extents }: StoredBody): Promise<void> {
  await (syncing ?? syncExtents(extents));
}

async function syncExtents(extents: ReadonlySet<ExtentFile>): Promise<void> {
  await Promise.all(Array.from(extents, (extent) => extent.sync()));
}

class BodyWriter {
  readonly #store: ExtentStore;
  readonly #sizeBytes: number;
  readonly #md5: Hash | null;
  readonly #crc64: Crc64 | null;
  /** Where another thread makes the sums; then not made here. */
  readonly #lane: SumLane | undefined;
  readonly #spans: Span[] = [];
  readonly #extents = new Set<ExtentFile>();
  #receivedBytes = 0;
  #placedBytes = 0;
  #run:
    | { readonly reservation: Reservation; readonly seal: RunSeal | undefined; usedBytes: number; nextOffset: number }
    | undefined;
  #record: Buffer | undefined;
  #recordFill = 0;
  readonly #key: ContentKey | undefined;
  /** Of the unit that the record at hand holds. */
  #sealing: CipherGCM | undefined;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #queueOffset = 0;
  #unsyncedBytes = 0;
  #writing: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;

  constructor(store: ExtentStore, sizeBytes: number, digests: Digests) {
    this.#store = store;
    this.#sizeBytes = sizeBytes;
    const { md5, crc64, key } = digests;
    // Of what is encrypted on its way another thread would see nothing else.
    this.#lane = key === undefined ? store.sums.lend(sizeBytes, md5, crc64) : undefined;
    const isOwn = this.#lane === undefined;
    this.#md5 = md5 && isOwn ? createHash("md5") : null;
    this.#crc64 = crc64 && isOwn ? new Crc64() : null;
    this.#key = key;
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
      const copied =
        this.#sealing === undefined
          ? chunk.copy(record, this.#recordFill, taken)
          : this.#encrypt(chunk.subarray(taken), record, this.#sealing);
      taken += copied;
      this.#recordFill += copied;
      if (this.#recordFill === this.#endOf(record)) this.#closeRecord();
    }
    // In a lane a sender waits for room in it.
    if (this.#lane === undefined)
      while (this.#queuedBytes > maxQueuedBytes && this.#failure === undefined) await this.#writing;
    this.#check();
  }

  /** Where what came ends in a record. */
  #endOf(record: Buffer): number {
    return this.#sealing === undefined ? record.length : endOfPlain(record);
  }

  #encrypt(bytes: Buffer, record: Buffer, sealing: CipherGCM): number {
    const room = bytes.subarray(0, this.#endOf(record) - this.#recordFill);
    return sealing.update(room).copy(record, this.#recordFill);
  }

  async finish(): Promise<StoredBody> {
    if (this.#receivedBytes !== this.#sizeBytes) throw new BlobRefusal({ kind: "body-incomplete" });
    const [sums, syncing] = await Promise.all([this.#finishSums(), this.#finishWriting()]);
    return {
      sizeBytes: this.#sizeBytes,
      spans: this.#spans,
      md5: sums.md5 && Buffer.from(sums.md5),
      crc64: sums.crc64 && Buffer.from(sums.crc64),
      keySha256: this.#key?.sha256 ?? null,
      extents: this.#extents,
      syncing: syncing?.done,
    };
  }

  async #finishSums(): Promise<Sums> {
    if (this.#lane !== undefined) return this.#lane.finish();
    return { md5: this.#md5?.digest() ?? null, crc64: this.#crc64?.digest() ?? null };
  }

  /** The disk has work to do while another thread still sums. */
  async #finishWriting(): Promise<{ readonly done: Promise<void> } | undefined> {
    await this.#drain();
    if (this.#lane === undefined) return undefined;
    const done = syncExtents(this.#extents);
    // Whoever waits for it is told of a failure; for a body whose sums are wrong nobody does.
    done.catch(() => undefined);
    return { done };
  }

  /** Lets go of the extents and the lane, once nothing is being written any more. */
  async release(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    for (const extent of this.#extents) this.#store.release(extent);
    if (this.#lane !== undefined) this.#store.sums.giveBack(this.#lane);
  }

  async #startRecord(): Promise<void> {
    if (this.#run === undefined) {
      // A run's records are written in one row; the next run may be in another extent.
      await this.#drain();
      await this.#startRun();
    }
    const run = this.#run!;
    const payloadBytes = Math.min(recordPayloadBytes, run.reservation.payloadBytes - run.usedBytes);
    this.#record = this.#lane === undefined ? takeBuffer(payloadBytes) : await this.#lane.take(payloadBytes);
    this.#recordFill = recordHeaderBytes;
    this.#sealing = run.seal?.seal(run.usedBytes / recordPayloadBytes);
  }

  async #startRun(): Promise<void> {
    const lane = this.#sizeBytes <= smallBodyLimitBytes ? "small" : "large";
    const wantedBytes = this.#sizeBytes - this.#placedBytes;
    const key = this.#key;
    const runBytes = key === undefined ? wantedBytes : sealedBytes(wantedBytes);
    const reservation = await this.#store.reserve(lane, runBytes, this.#lane === undefined ? 1 : pageBytes);
    const { extent, offset, payloadBytes, tag } = reservation;
    if (this.#extents.has(extent)) this.#store.release(extent);
    this.#extents.add(extent);
    let seal: RunSeal | undefined;
    let span: Span = { extentId: extent.id, offset, lengthBytes: payloadBytes, tag };
    if (key !== undefined) {
      const cipher = drawCipher();
      seal = new RunSeal(key, cipher);
      span = { ...span, lengthBytes: plainBytesOf(payloadBytes), runBytes: payloadBytes, cipher };
    }
    this.#spans.push(span);
    this.#placedBytes += span.lengthBytes;
    this.#run = { reservation, seal, usedBytes: 0, nextOffset: offset };
    this.#queueOffset = offset;
  }

  #closeRecord(): void {
    const run = this.#run!;
    const record = this.#record!;
    const { extent, tag, payloadBytes } = run.reservation;
    if (this.#sealing !== undefined) closeUnit(this.#sealing, record);
    sealRecord(record, { tag, extentId: extent.id, offset: run.nextOffset });
    run.nextOffset += record.length;
    run.usedBytes += record.length - recordHeaderBytes;
    this.#record = undefined;
    if (run.usedBytes === payloadBytes) this.#run = undefined;
    const ready =
      this.#lane === undefined ? record : this.#lane.close(record.length - recordHeaderBytes, this.#run === undefined);
    if (ready === undefined) return;
    this.#queue.push(ready);
    this.#queuedBytes += ready.length;
    this.#pump(extent);
  }

  /** Writes what waits when nothing is being written: at once, so that slow senders hold next to nothing and fast ones get large writes. */
  #pump(extent: ExtentFile): void {
    if (this.#writing !== undefined || this.#queue.length === 0 || this.#failure !== undefined) return;
    const buffers = this.#queue;
    const sizeBytes = this.#queuedBytes;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#writing = extent
      .write(buffers, this.#queueOffset, this.#lane !== undefined)
      .then(
        () => {
          if (this.#lane === undefined) giveBack(buffers);
          else this.#lane.setWritten(buffers.length);
          this.#syncEarly(extent, sizeBytes);
        },
        (cause: unknown) => {
          this.#failure = { cause };
          this.#lane?.fail(cause);
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
    if (this.#unsyncedBytes < earlySyncBytes || (this.#lane !== undefined && extent.isPastCache)) return;
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
