/** Reads what is in use of an extent's file from its beginning to its end, and compares every record with its sum and its name. */
import { type FileHandle, open } from "node:fs/promises";
import {
  encodeFileHeader,
  fileHeaderBytes,
  framedBytes,
  isRecord,
  recordHeaderBytes,
  recordOffset,
  recordPayloadBytes,
} from "../engine/extent-format.ts";
import { type ExtentRuns, keyOf, type Run } from "./run-map.ts";

/** Read at once, in bytes. Our choice: some small bodies, or 16 records of a large one. */
const windowBytes = 1024 * 1024;

export type ExtentScan = {
  readonly sizeBytes: number;
  readonly isHeaderOurs: boolean;
  readonly checkedBytes: number;
  /** Runs that are not as they were written, by {@link keyOf}, with the place of their first record that is not. */
  readonly damaged: ReadonlyMap<string, string>;
};

/** A file read forwards, a window at a time. */
class Window {
  readonly #file: FileHandle;
  readonly #buffer = Buffer.alloc(windowBytes);
  #start = 0;
  #length = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Bytes of the file, fewer where it ends before. @param length at most a window. */
  async bytes(position: number, length: number): Promise<Buffer> {
    const isWithin = position >= this.#start && position + length <= this.#start + this.#length;
    if (!isWithin) {
      this.#start = position;
      this.#length = 0;
      while (this.#length < length) {
        const at = this.#start + this.#length;
        const { bytesRead } = await this.#file.read(this.#buffer, this.#length, windowBytes - this.#length, at);
        if (bytesRead === 0) break;
        this.#length += bytesRead;
      }
    }
    const from = position - this.#start;
    return this.#buffer.subarray(from, Math.min(from + length, this.#length));
  }
}

/** @returns where the first record that is not as written lies; undefined for none. */
async function findDamage(window: Window, extentId: number, run: Run): Promise<number | undefined> {
  const recordCount = Math.ceil(run.runBytes / recordPayloadBytes);
  for (let index = 0; index < recordCount; index++) {
    const payloadBytes = Math.min(recordPayloadBytes, run.runBytes - index * recordPayloadBytes);
    const offset = run.offset + recordOffset(index);
    const record = await window.bytes(offset, recordHeaderBytes + payloadBytes);
    const [header, payload] = [record.subarray(0, recordHeaderBytes), record.subarray(recordHeaderBytes)];
    const isWhole = payload.length === payloadBytes;
    if (!isWhole || !isRecord(header, payload, { tag: run.tag, extentId, offset })) return offset;
  }
  return undefined;
}

export async function scanExtent(path: string, extentId: number, lane: string, runs: ExtentRuns): Promise<ExtentScan> {
  const file = await open(path, "r");
  try {
    const { size: sizeBytes } = await file.stat();
    const window = new Window(file);
    const header = Buffer.from(await window.bytes(0, fileHeaderBytes));
    const damaged = new Map<string, string>();
    let checkedBytes = 0;
    for (const run of runs.inOrder()) {
      const at = await findDamage(window, extentId, run);
      if (at !== undefined) damaged.set(keyOf(run), `extent ${extentId}, record at ${at}`);
      checkedBytes += framedBytes(run.runBytes);
    }
    return { sizeBytes, isHeaderOurs: header.equals(encodeFileHeader(extentId, lane)), checkedBytes, damaged };
  } finally {
    await file.close();
  }
}
