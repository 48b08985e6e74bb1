/**
 * Reads a range of a blob out of its extents, record by record, each checked before a byte of it is handed on.
 */
import { read, readSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Content, holeExtent, type PlacedSpan } from "./content.ts";
import { type ContentKey, openCipher } from "./content-cipher.ts";
import { isRecord, recordHeaderBytes, recordOffset, recordPayloadBytes } from "./extent-format.ts";
import type { ExtentStore } from "./extent-store.ts";
import { BlobRefusal } from "./model.ts";

/** Records read at once; with the one batch read ahead this is a reader's whole memory. Our choice: 256 KiB. */
const batchRecords = 4;

/** Neighbouring records of one span, and which of their payload is wanted. */
type Batch = {
  readonly span: PlacedSpan;
  readonly firstRecord: number;
  readonly lastRecord: number;
  /** Within the span's run: from the first wanted byte to after the last. */
  readonly from: number;
  readonly to: number;
};

function* planBatches(content: Content, start: number, lengthBytes: number): Generator<Batch> {
  const end = start + lengthBytes;
  for (let index = content.findSpan(start), at = start; at < end; index++) {
    const span = content.spanAt(index);
    const inSpan = Math.min(end - span.start, span.lengthBytes);
    const spanTo = inSpan + span.skipBytes;
    let from = at - span.start + span.skipBytes;
    while (from < spanTo) {
      const firstRecord = Math.floor(from / recordPayloadBytes);
      const to = Math.min(spanTo, (firstRecord + batchRecords) * recordPayloadBytes);
      yield { span, firstRecord, lastRecord: Math.floor((to - 1) / recordPayloadBytes), from, to };
      from = to;
    }
    at = span.start + inSpan;
  }
}

/** What holes are read from. */
const zeros = Buffer.alloc(batchRecords * recordPayloadBytes);

function sizeOf({ span, firstRecord, lastRecord }: Batch): number {
  const payloadEnd = Math.min(span.runBytes, (lastRecord + 1) * recordPayloadBytes);
  return payloadEnd - firstRecord * recordPayloadBytes + (lastRecord - firstRecord + 1) * recordHeaderBytes;
}

/** What encrypted content is read with: its key, or none to have it as it lies there, which only serves to move it. */
export type ReadingKey = ContentKey | "as it lies" | undefined;

/** Nobody is given encrypted bytes for the blob's. */
function requireKey(content: Content, key: ReadingKey): void {
  const { keySha256 } = content;
  if (keySha256 === null || key === "as it lies") return;
  if (key?.sha256 !== keySha256) throw new Error("encrypted content was asked for without its key");
}

/** Undoes the encryption of what was taken out of a batch. */
function decrypt({ span, from }: Batch, pieces: readonly Buffer[], key: ReadingKey): Buffer[] {
  if (span.cipher === undefined || span.extentId === holeExtent || key === undefined || key === "as it lies")
    return [...pieces];
  const cipher = openCipher(key, span.cipher, from);
  return pieces.map((piece) => cipher.update(piece));
}

/** Checks each record of a batch and takes the wanted payload out. */
function unpack(batch: Batch, bytes: Buffer): Buffer[] {
  const { span, firstRecord, lastRecord, from, to } = batch;
  const pieces: Buffer[] = [];
  let at = 0;
  for (let index = firstRecord; index <= lastRecord; index++) {
    const payloadStart = index * recordPayloadBytes;
    const payloadBytes = Math.min(recordPayloadBytes, span.runBytes - payloadStart);
    const record = bytes.subarray(at, at + recordHeaderBytes + payloadBytes);
    const offset = span.offset + recordOffset(index);
    if (!isRecord(record, { tag: span.tag, extentId: span.extentId, offset })) {
      throw new BlobRefusal({ kind: "content-damaged", where: `extent ${span.extentId}, record at ${offset}` });
    }
    const payload = record.subarray(recordHeaderBytes);
    pieces.push(payload.subarray(Math.max(0, from - payloadStart), Math.min(payloadBytes, to - payloadStart)));
    at += record.length;
  }
  return pieces;
}

function shortRead({ span }: Batch): BlobRefusal {
  return new BlobRefusal({ kind: "content-damaged", where: `extent ${span.extentId} ends before ${span.offset}` });
}

async function readBatch(store: ExtentStore, batch: Batch): Promise<Buffer[]> {
  for (const delayMs of store.rereadDelaysMs) {
    try {
      return await readOnce(store, batch);
    } catch (cause) {
      if (!(cause instanceof BlobRefusal)) throw cause;
      await delay(delayMs);
      store.refresh(batch.span.extentId);
    }
  }
  return readOnce(store, batch);
}

async function readOnce(store: ExtentStore, batch: Batch): Promise<Buffer[]> {
  if (batch.span.extentId === holeExtent) return [zeros.subarray(0, batch.to - batch.from)];
  const extent = store.acquire(batch.span.extentId);
  try {
    const bytes = Buffer.allocUnsafeSlow(sizeOf(batch));
    const position = batch.span.offset + recordOffset(batch.firstRecord);
    let filled = 0;
    while (filled < bytes.length) {
      const count = await new Promise<number>((resolve, reject) => {
        read(extent.fd, bytes, filled, bytes.length - filled, position + filled, (cause, bytesRead) =>
          cause === null ? resolve(bytesRead) : reject(cause),
        );
      });
      if (count === 0) throw shortRead(batch);
      filled += count;
    }
    return unpack(batch, bytes);
  } finally {
    store.release(extent);
  }
}

/**
 * Streams a range; it must lie within the blob.
 * @throws BlobRefusal `content-damaged` at the first record that is not as it was written; nothing of that batch was handed out.
 */
export async function* readRange(
  store: ExtentStore,
  content: Content,
  start: number,
  lengthBytes: number,
  key?: ReadingKey,
): AsyncGenerator<Buffer> {
  requireKey(content, key);
  if (lengthBytes === 0) return;
  const batches = planBatches(content, start, lengthBytes);
  let ahead = startNext(store, batches, key);
  while (ahead !== undefined) {
    const pieces = await ahead;
    ahead = startNext(store, batches, key);
    yield* pieces;
  }
}

function startNext(store: ExtentStore, batches: Generator<Batch>, key: ReadingKey): Promise<Buffer[]> | undefined {
  const next = batches.next();
  if (next.done) return undefined;
  const reading = readBatch(store, next.value).then((pieces) => decrypt(next.value, pieces, key));
  // A reader that stops early never asks for this one: its failure is nobody's.
  reading.catch(() => undefined);
  return reading;
}

/**
 * Reads a range that lies in one record, without leaving the thread: for small blobs the way through the thread pool costs more than the read.
 * @returns undefined when the range is larger than that; use {@link readRange}.
 */
export function readSmallRange(
  store: ExtentStore,
  content: Content,
  start: number,
  lengthBytes: number,
  key?: ReadingKey,
): Buffer | undefined {
  requireKey(content, key);
  if (lengthBytes === 0) return Buffer.alloc(0);
  if (lengthBytes > recordPayloadBytes) return undefined;
  const span = content.spanAt(content.spanCount === 1 ? 0 : content.findSpan(start));
  const from = start - span.start + span.skipBytes;
  const to = from + lengthBytes;
  const firstRecord = Math.floor(from / recordPayloadBytes);
  const lastRecord = Math.floor((to - 1) / recordPayloadBytes);
  if (to > span.lengthBytes + span.skipBytes || firstRecord !== lastRecord) return undefined;
  if (span.extentId === holeExtent) return Buffer.alloc(lengthBytes);
  const batch: Batch = { span, firstRecord, lastRecord, from, to };
  const extent = store.acquire(batch.span.extentId);
  try {
    const bytes = Buffer.allocUnsafe(sizeOf(batch));
    const position = batch.span.offset + recordOffset(batch.firstRecord);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(extent.fd, bytes, filled, bytes.length - filled, position + filled);
      if (count === 0) throw shortRead(batch);
      filled += count;
    }
    return decrypt(batch, unpack(batch, bytes), key)[0]!;
  } finally {
    store.release(extent);
  }
}
