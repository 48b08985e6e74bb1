/** Writes small bodies' records to their places in extents, in the writer thread. They are in the journal, too: here they are synced when that starts anew. */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import type { UnwrittenRecord } from "./change-batch.ts";
import { extentPath } from "./extent-store.ts";

export class RecordWriter {
  readonly #directory: string;
  /** Descriptors of extents that were written to since the last sync. */
  readonly #files = new Map<number, number>();

  /** @param directory of the extents. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Writes records, neighbours that lie beside each other in memory by one call. @throws the disk's error. */
  write(records: Iterable<UnwrittenRecord>): void {
    for (const run of joinNeighbours(records)) this.#writeRun(run);
  }

  /** Writes records again after a crash; an extent that is gone held nothing any more, or its loss is found and said elsewhere. */
  rewrite(records: Iterable<UnwrittenRecord>): void {
    for (const run of joinNeighbours(records)) {
      try {
        this.#writeRun(run);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
      }
    }
  }

  #writeRun({ extentId, offset, bytes }: UnwrittenRecord): void {
    let fd = this.#files.get(extentId);
    if (fd === undefined) {
      fd = openSync(extentPath(this.#directory, extentId, "small"), "r+");
      this.#files.set(extentId, fd);
    }
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, offset + at);
  }

  /** Returns when all that was written is on disk. @throws the disk's error: what is on disk is unknown then, and nothing may be forgotten that tells. */
  sync(): void {
    for (const [id, fd] of this.#files) {
      fdatasyncSync(fd);
      closeSync(fd);
      this.#files.delete(id);
    }
  }

  close(): void {
    for (const fd of this.#files.values()) closeSync(fd);
    this.#files.clear();
  }
}

function* joinNeighbours(records: Iterable<UnwrittenRecord>): Generator<UnwrittenRecord> {
  let run: UnwrittenRecord | undefined;
  for (const record of records) {
    const joined = run && join(run, record);
    if (run !== undefined && joined === undefined) yield run;
    run = joined ?? record;
  }
  if (run !== undefined) yield run;
}

function join(run: UnwrittenRecord, next: UnwrittenRecord): UnwrittenRecord | undefined {
  const { bytes } = run;
  const follows =
    run.extentId === next.extentId &&
    run.offset + bytes.length === next.offset &&
    bytes.buffer === next.bytes.buffer &&
    bytes.byteOffset + bytes.length === next.bytes.byteOffset;
  if (!follows) return undefined;
  const both = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length + next.bytes.length);
  return { extentId: run.extentId, offset: run.offset, bytes: both };
}
