/**
 * The thread that sums large bodies while the main one receives and writes them: MD5 and CRC-64 of a MiB take two milliseconds, most of what an upload
 * costs. It sees each body in the memory of a lane, which both threads share, slot by slot; body-sums.ts owns the lanes.
 */
import { createHash, type Hash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { Crc64 } from "./crc64.ts";
import { recordHeaderBytes, recordPayloadBytes } from "./extent-format.ts";

const slotBytes = recordHeaderBytes + recordPayloadBytes;

export type SumRequest = {
  readonly lane: number;
  /** Counts the bodies of a lane. */
  readonly body: number;
  /** The body begins, in the lane's first slot, and these sums are wanted. */
  readonly begin?: { readonly memory: SharedArrayBuffer; readonly md5: boolean; readonly crc64: boolean };
  /** Payload in the next slots, one after the other, in bytes. */
  readonly lengths: readonly number[];
  readonly isLast: boolean;
};

export type Sums = { readonly md5: Uint8Array | null; readonly crc64: Uint8Array | null };

/** The answer to each request. */
export type SumReport = {
  readonly lane: number;
  readonly body: number;
  readonly summedSlots: number;
  /** Once the last of the body was summed. */
  readonly sums?: Sums;
};

type Lane = { readonly memory: Uint8Array; nextSlot: number; readonly md5: Hash | null; readonly crc64: Crc64 | null };

const lanes: Lane[] = [];

function openLane({ memory, md5, crc64 }: NonNullable<SumRequest["begin"]>): Lane {
  return {
    memory: new Uint8Array(memory),
    nextSlot: 0,
    md5: md5 ? createHash("md5") : null,
    crc64: crc64 ? new Crc64() : null,
  };
}

function addSlot(lane: Lane, lengthBytes: number): void {
  const start = lane.nextSlot * slotBytes + recordHeaderBytes;
  const payload = lane.memory.subarray(start, start + lengthBytes);
  lane.md5?.update(payload);
  lane.crc64?.update(payload);
  lane.nextSlot = (lane.nextSlot + 1) % Math.floor(lane.memory.length / slotBytes);
}

function answer({ lane: index, body, begin, lengths, isLast }: SumRequest): SumReport {
  if (begin !== undefined) lanes[index] = openLane(begin);
  const lane = lanes[index]!;
  for (const lengthBytes of lengths) addSlot(lane, lengthBytes);
  const told = { lane: index, body, summedSlots: lengths.length };
  if (!isLast) return told;
  return { ...told, sums: { md5: lane.md5?.digest() ?? null, crc64: lane.crc64?.digest() ?? null } };
}

parentPort!.on("message", (request: SumRequest) => parentPort!.postMessage(answer(request)));
