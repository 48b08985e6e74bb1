/**
 * A small body that came whole: framed as one record at a place of its own, and not written. It goes to the writer thread with the change that refers to it,
 * and both are on disk by one sync, see durable-writer.ts.
 */
import { hash } from "node:crypto";
import type { Digests, StoredBody } from "./body-writer.ts";
import { Crc64 } from "./crc64.ts";
import type { ExtentFile } from "./extent-file.ts";
import { recordHeaderBytes, sealRecord } from "./extent-format.ts";
import type { ExtentStore } from "./extent-store.ts";

/** Longest body that goes this way, in bytes. Our choice: it is written twice, which costs more than a sync of its own when it is long. */
export const maxFramedBytes = 16 * 1024;

const noExtents: ReadonlySet<ExtentFile> = new Set();

/** @returns undefined where it has to be written the long way: it is long or empty, to be encrypted, or there is no extent with room for it. */
export function frameSmallBody(store: ExtentStore, bytes: Buffer, digests: Digests): StoredBody | undefined {
  if (bytes.length > maxFramedBytes || bytes.length === 0 || digests.key !== undefined) return undefined;
  const reservation = store.reserveAtOnce(bytes.length);
  if (reservation === undefined) return undefined;
  const { extent, offset, tag } = reservation;
  const record = Buffer.allocUnsafe(recordHeaderBytes + bytes.length);
  record.set(bytes, recordHeaderBytes);
  sealRecord(record, { tag, extentId: extent.id, offset });
  store.release(extent);
  return {
    sizeBytes: bytes.length,
    spans: [{ extentId: extent.id, offset, lengthBytes: bytes.length, tag }],
    md5: digests.md5 ? hash("md5", bytes, "buffer") : null,
    crc64: digests.crc64 ? new Crc64().update(bytes).digest() : null,
    keySha256: null,
    extents: noExtents,
    unwritten: { extentId: extent.id, offset, bytes: record },
  };
}
