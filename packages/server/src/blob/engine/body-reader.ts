/**
 * Reads a range of a blob out of its extents, record by record, each checked before a byte of it is handed on.
 */
import { readSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Content, holeExtent, type PlacedSpan } from "./content.ts";
import { type ContentKey, openCipher, RunSeal, unitBytes } from "./content-cipher.ts";
import { fillBuffers } from "./extent-file.ts";
import { isRecord, recordHeaderBytes, recordOffset, recordPayloadBytes } from "./extent-format.ts";
import type { ExtentStore } from "./extent-store.ts";
import { BlobRefusal } from "./model.ts";
import { giveBackPiece, type Slab, slabRecords, takeSlab } from "./read-slab.ts";

/** Neighbouring records of one span, and which of their payload is wanted. */
type Batch = {
  readonly span: PlacedSpan;
  readonly firstRecord: number;
  readonly lastRecord: number;
  /** Within the span's run: from the first wanted byte to after the last. */
  readonly from: number;
  readonly to: number;
};

/** Bytes of a span's run in each of its records: what is sealed has a tag beside them. */
function bytesPerRecord({ cipher }: PlacedSpan): number {
  return cipher?.isSealed === true ? unitBytes : recordPayloadBytes;
}

function* planBatches(content: Content, start: number, lengthBytes: number): Generator<Batch> {
  const end = start + lengthBytes;
  for (let index = content.findSpan(start), at = start; at < end; index++) {
    const span = content.spanAt(index);
    const inSpan = Math.min(end - span.start, span.lengthBytes);
    const spanTo = inSpan + span.skipBytes;
    const perRecord = bytesPerRecord(span);
    let from = at - span.start + span.skipBytes;
    while (from < spanTo) {
      const firstRecord = Math.floor(from / perRecord);
      const to = Math.min(spanTo, (firstRecord + slabRecords) * perRecord);
      yield { span, firstRecord, lastRecord: Math.floor((to - 1) / perRecord), from, to };
      from = to;
    }
    at = span.start + inSpan;
  }
}

/** What holes are read from. */
const zeros = Buffer.alloc(slabRecords * recordPayloadBytes);

/** What encrypted content is read with: its key, or none to have it as it lies there, which only serves to move what is in counter mode. */
export type ReadingKey = ContentKey | "as it lies" | undefined;

/** Nobody is given encrypted bytes for the blob's. */
function requireKey(content: Content, key: ReadingKey): void {
  const { keySha256 } = content;
  if (keySha256 === null || key === "as it lies") return;
  if (key?.sha256 !== keySha256) throw new Error("encrypted content was asked for without its key");
}

/**
 * Takes what is wanted out of a batch's payloads, which stand side by side, and undoes their encryption.
 * @throws BlobRefusal `content-damaged` for a unit that is not what was sealed there with the key.
 */
function takeOut(batch: Batch, payloads: Buffer, key: ReadingKey): Buffer {
  const { span, firstRecord, from, to } = batch;
  const { cipher } = span;
  if (cipher?.isSealed === true) return openUnits(batch, payloads, key);
  const start = firstRecord * recordPayloadBytes;
  const piece = payloads.subarray(from - start, to - start);
  if (cipher === undefined || key === undefined || key === "as it lies") return piece;
  const clear = openCipher(key, cipher, from).update(piece);
  giveBackPiece(piece);
  return clear;
}

function openUnits({ span, firstRecord, lastRecord, from, to }: Batch, payloads: Buffer, key: ReadingKey): Buffer {
  if (key === undefined || key === "as it lies") throw new Error("sealed content was asked for without its key");
  const seal = new RunSeal(key, span.cipher!);
  const clear = Buffer.allocUnsafe(to - from);
  for (let index = firstRecord; index <= lastRecord; index++) {
    const at = (index - firstRecord) * recordPayloadBytes;
    const unit = seal.open(index, payloads.subarray(at, at + payloadBytesOf(span, index)));
    if (unit === undefined) throw damagedAt(span, index, "is not what was sealed with its key");
    const start = index * unitBytes;
    const skipped = Math.max(0, from - start);
    unit.subarray(skipped, Math.min(unit.length, to - start)).copy(clear, start + skipped - from);
  }
  giveBackPiece(payloads);
  return clear;
}

function damagedAt(span: PlacedSpan, index: number, why = ""): BlobRefusal {
  const place = `extent ${span.extentId}, record at ${span.offset + recordOffset(index)}`;
  return new BlobRefusal({ kind: "content-damaged", where: why === "" ? place : `${place} ${why}` });
}

/** @throws BlobRefusal `content-damaged` when a record is not as it was written. */
function checkRecord({ span }: Batch, index: number, header: Buffer, payload: Buffer): void {
  const offset = span.offset + recordOffset(index);
  if (!isRecord(header, payload, { tag: span.tag, extentId: span.extentId, offset })) throw damagedAt(span, index);
}

/** Payload of a span's record, in bytes. */
function payloadBytesOf(span: PlacedSpan, index: number): number {
  return Math.min(recordPayloadBytes, span.runBytes - index * recordPayloadBytes);
}

function shortRead({ span }: Batch): BlobRefusal {
  return new BlobRefusal({ kind: "content-damaged", where: `extent ${span.extentId} ends before ${span.offset}` });
}

async function readBatch(store: ExtentStore, batch: Batch, key: ReadingKey): Promise<Buffer> {
  for (const delayMs of store.rereadDelaysMs) {
    try {
      return await readOnce(store, batch, key);
    } catch (cause) {
      if (!(cause instanceof BlobRefusal)) throw cause;
      await delay(delayMs);
      store.refresh(batch.span.extentId);
    }
  }
  return readOnce(store, batch, key);
}

async function readOnce(store: ExtentStore, batch: Batch, key: ReadingKey): Promise<Buffer> {
  const { span, firstRecord, lastRecord, from, to } = batch;
  if (span.extentId === holeExtent) return zeros.subarray(0, to - from);
  const slab = takeSlab();
  const rooms: Buffer[] = [];
  for (let index = firstRecord; index <= lastRecord; index++) rooms.push(...roomOf(slab, batch, index));
  const extent = store.acquire(span.extentId);
  try {
    if (!(await fillBuffers(extent.fd, rooms, span.offset + recordOffset(firstRecord)))) throw shortRead(batch);
  } finally {
    store.release(extent);
  }
  for (let index = firstRecord; index <= lastRecord; index++) {
    const at = (index - firstRecord) * 2;
    checkRecord(batch, index, rooms[at]!, rooms[at + 1]!);
  }
  return takeOut(batch, slab.payloads, key);
}

/** Where in a slab a record's header and its payload go. */
function roomOf({ headers, payloads }: Slab, { span, firstRecord }: Batch, index: number): [Buffer, Buffer] {
  const place = index - firstRecord;
  const payloadAt = place * recordPayloadBytes;
  return [
    headers.subarray(place * recordHeaderBytes, (place + 1) * recordHeaderBytes),
    payloads.subarray(payloadAt, payloadAt + payloadBytesOf(span, index)),
  ];
}

/**
 * Streams a range; it must lie within the blob. A piece may be given back when it was used, see {@link giveBackPiece}.
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
  // Nothing is read ahead: while one piece is on its way, a socket has enough of it to go on with, and a slow client holds one piece and not two.
  for (const batch of planBatches(content, start, lengthBytes)) {
    yield await readBatch(store, batch, key);
  }
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
  const perRecord = bytesPerRecord(span);
  const firstRecord = Math.floor(from / perRecord);
  const lastRecord = Math.floor((to - 1) / perRecord);
  if (to > span.lengthBytes + span.skipBytes || firstRecord !== lastRecord) return undefined;
  if (span.extentId === holeExtent) return Buffer.alloc(lengthBytes);
  const batch: Batch = { span, firstRecord, lastRecord, from, to };
  const extent = store.acquire(span.extentId);
  try {
    const bytes = Buffer.allocUnsafe(recordHeaderBytes + payloadBytesOf(span, firstRecord));
    const position = span.offset + recordOffset(firstRecord);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(extent.fd, bytes, filled, bytes.length - filled, position + filled);
      if (count === 0) throw shortRead(batch);
      filled += count;
    }
    const payload = bytes.subarray(recordHeaderBytes);
    checkRecord(batch, firstRecord, bytes.subarray(0, recordHeaderBytes), payload);
    return takeOut(batch, payload, key);
  } finally {
    store.release(extent);
  }
}
