/**
 * The thread that sums large bodies while the main one receives and writes them: MD5 and CRC-64 of a MiB take two milliseconds, most of what an upload
 * costs. It sees each body in the memory of a lane, which both threads share, segment by segment; body-sums.ts owns the lanes.
 */
import { createHash, type Hash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { Crc64 } from "./crc64.ts";
import { recordHeaderBytes } from "./extent-format.ts";

export type SumRequest = {
  readonly lane: number;
  /** Counts the bodies of a lane. */
  readonly body: number;
  /** The body begins, and these sums are wanted. */
  readonly begin?: { readonly memory: SharedArrayBuffer; readonly md5: boolean; readonly crc64: boolean };
  /** Where in the memory the next records begin, one behind the other, in bytes. */
  readonly at: number;
  /** Payload of each, in bytes. */
  readonly lengths: readonly number[];
  readonly isLast: boolean;
};

export type Sums = { readonly md5: Uint8Array | null; readonly crc64: Uint8Array | null };

/** The answer to each request. */
export type SumReport = {
  readonly lane: number;
  readonly body: number;
  /** Whether a segment was summed by it. */
  readonly isSegment: boolean;
  /** Once the last of the body was summed. */
  readonly sums?: Sums;
};

type Lane = { readonly memory: Uint8Array; readonly md5: Hash | null; readonly crc64: Crc64 | null };

const lanes: Lane[] = [];

function openLane({ memory, md5, crc64 }: NonNullable<SumRequest["begin"]>): Lane {
  return {
    memory: new Uint8Array(memory),
    md5: md5 ? createHash("md5") : null,
    crc64: crc64 ? new Crc64() : null,
  };
}

function addRecords({ memory, md5, crc64 }: Lane, at: number, lengths: readonly number[]): void {
  let start = at;
  for (const lengthBytes of lengths) {
    start += recordHeaderBytes;
    const payload = memory.subarray(start, start + lengthBytes);
    md5?.update(payload);
    crc64?.update(payload);
    start += lengthBytes;
  }
}

function answer({ lane: index, body, begin, at, lengths, isLast }: SumRequest): SumReport {
  if (begin !== undefined) lanes[index] = openLane(begin);
  const lane = lanes[index]!;
  addRecords(lane, at, lengths);
  const told = { lane: index, body, isSegment: lengths.length > 0 };
  if (!isLast) return told;
  return { ...told, sums: { md5: lane.md5?.digest() ?? null, crc64: lane.crc64?.digest() ?? null } };
}

parentPort!.on("message", (request: SumRequest) => parentPort!.postMessage(answer(request)));
