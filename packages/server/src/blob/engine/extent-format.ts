/**
 * The bytes of an extent file. An extent is a header and then runs; a run is what one reservation holds: records back to back, each full but
 * the last, so that any byte's record is found by arithmetic and checked by itself. Space is never written twice: what no row refers to is
 * rubbish and stays unseen. A torn or rotten record fails its sum; a record that is not the one asked for fails its name (extent, offset, tag).
 *
 *     file:   "POSTERN EXTENT 1", u32 extent, u8 lane, padding to 64 bytes
 *     record: u32 magic, u32 tag, u32 extent, u32 offset of this record, u32 payload length, u32 CRC-32 of all that and the payload; payload
 *
 * Numbers are big-endian.
 */
import { crc32 } from "node:zlib";

/** Payload of a full record. Our choice: the unit of checking, so the least a random read costs; headers are 0.04 % of it. */
export const recordPayloadBytes = 64 * 1024;
export const recordHeaderBytes = 24;
export const fileHeaderBytes = 64;
/** What a disk is written by past the system's cache, and what a crash tears at most. Our choice: a page of memory; disks ask for that or less. */
export const pageBytes = 4096;

const recordMagic = 0x50585231;
const fileMagic = "POSTERN EXTENT 1";
const fullRecordBytes = recordHeaderBytes + recordPayloadBytes;

/** Bytes in the file that a run with so much payload takes. */
export function framedBytes(payloadBytes: number): number {
  return payloadBytes + Math.ceil(payloadBytes / recordPayloadBytes) * recordHeaderBytes;
}

/** Payload that fits into so many bytes of the file. */
export function payloadCapacityBytes(fileBytes: number): number {
  const fullRecords = Math.floor(fileBytes / fullRecordBytes);
  const rest = fileBytes - fullRecords * fullRecordBytes - recordHeaderBytes;
  return fullRecords * recordPayloadBytes + Math.max(0, rest);
}

/** Where, from the start of a run, the record with the run's nth full payload before it starts. */
export function recordOffset(recordIndex: number): number {
  return recordIndex * fullRecordBytes;
}

export function encodeFileHeader(extentId: number, lane: string): Buffer {
  const header = Buffer.alloc(fileHeaderBytes);
  header.write(fileMagic, 0, "latin1");
  header.writeUInt32BE(extentId, 16);
  header.write(lane, 20, 1, "latin1");
  return header;
}

export type RecordName = { readonly tag: number; readonly extentId: number; readonly offset: number };

/**
 * Completes a record whose payload stands after the room for its header.
 * @param record header and payload; its length says the payload's.
 */
export function sealRecord(record: Buffer, name: RecordName): void {
  record.writeUInt32BE(recordMagic, 0);
  record.writeUInt32BE(name.tag, 4);
  record.writeUInt32BE(name.extentId, 8);
  record.writeUInt32BE(name.offset, 12);
  record.writeUInt32BE(record.length - recordHeaderBytes, 16);
  record.writeUInt32BE(sumOf(record, record.subarray(recordHeaderBytes)), 20);
}

/** @returns true when header and payload are that record's, whole and as written. */
export function isRecord(header: Buffer, payload: Buffer, name: RecordName): boolean {
  return (
    payload.length > 0 &&
    header.readUInt32BE(0) === recordMagic &&
    header.readUInt32BE(4) === name.tag &&
    header.readUInt32BE(8) === name.extentId &&
    header.readUInt32BE(12) === name.offset &&
    header.readUInt32BE(16) === payload.length &&
    header.readUInt32BE(20) === sumOf(header, payload)
  );
}

function sumOf(header: Buffer, payload: Buffer): number {
  return crc32(payload, crc32(header.subarray(0, 20)));
}
