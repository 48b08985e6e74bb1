/**
 * Changes on their way to the writer thread, as one run of bytes: it changes hands without being copied, and goes into the journal as it is.
 *
 *     u32 length of the text; the text, JSON of Entry[]; all records back to back; all values of bytes back to back
 *
 * Numbers are big-endian.
 */
import type { Mutation, TimedMutation } from "./mutations.ts";

/** A record of an extent that has its place and is written there by the writer thread. */
export type UnwrittenRecord = { readonly extentId: number; readonly offset: number; readonly bytes: Buffer };

/** One change; the ticket is the sender's. */
export type SentChange = TimedMutation & {
  readonly ticket: number;
  /** What the change refers to and is not written yet. */
  readonly record?: UnwrittenRecord | undefined;
};

/** Members of mutations that are bytes: the text has their lengths. */
const byteMembers = ["content", "before", "after"] as const;
type ByteMember = (typeof byteMembers)[number];
type LooseMutation = Record<string, unknown> & { [Member in ByteMember]?: unknown };

type Entry = {
  readonly ticket: number;
  readonly timeMs: number;
  readonly mutation: Mutation;
  readonly bytes: readonly (readonly [member: ByteMember, lengthBytes: number])[];
  readonly record: readonly [extentId: number, offset: number, lengthBytes: number] | null;
};

const lengthBytes = 4;

/** @returns bytes of which nothing else holds a part. */
export function encodeBatch(changes: readonly SentChange[]): Buffer {
  const records: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  const text = JSON.stringify(changes.map((change) => makeEntry(change, records, values)));
  const textBytes = Buffer.byteLength(text);
  let sizeBytes = lengthBytes + textBytes;
  for (const part of records) sizeBytes += part.length;
  for (const part of values) sizeBytes += part.length;
  const batch = Buffer.allocUnsafeSlow(sizeBytes);
  batch.writeUInt32BE(textBytes, 0);
  batch.write(text, lengthBytes);
  let at = lengthBytes + textBytes;
  for (const parts of [records, values]) {
    for (const part of parts) {
      batch.set(part, at);
      at += part.length;
    }
  }
  return batch;
}

function makeEntry({ ticket, timeMs, mutation, record }: SentChange, records: Uint8Array[], values: Uint8Array[]) {
  const plain: LooseMutation = { ...mutation };
  const bytes: [ByteMember, number][] = [];
  for (const member of byteMembers) {
    const value = plain[member];
    if (!(value instanceof Uint8Array)) continue;
    bytes.push([member, value.length]);
    values.push(value);
    plain[member] = undefined;
  }
  if (record !== undefined) records.push(record.bytes);
  const place = record === undefined ? null : [record.extentId, record.offset, record.bytes.length];
  return { ticket, timeMs, mutation: plain, bytes, record: place };
}

/** Reads a batch in place: what is bytes in it are views of it. */
export function decodeBatch(batch: Buffer): SentChange[] {
  const textEnd = lengthBytes + batch.readUInt32BE(0);
  const entries = JSON.parse(batch.toString("utf8", lengthBytes, textEnd)) as Entry[];
  let at = textEnd;
  const take = (count: number): Buffer => {
    at += count;
    return batch.subarray(at - count, at);
  };
  const records = entries.map(({ record }) => {
    if (record === null) return undefined;
    const [extentId, offset, count] = record;
    return { extentId, offset, bytes: take(count) };
  });
  return entries.map(({ ticket, timeMs, mutation, bytes }, index) => {
    for (const [member, count] of bytes) (mutation as LooseMutation)[member] = take(count);
    return { ticket, timeMs, mutation, record: records[index] };
  });
}
