/**
 * The writer's journal: what was acknowledged since the rows and the extents were last made to be on disk. A group of changes is on disk when it is in here,
 * by one sync, whatever files its rows and bytes belong in; those are written without one, and again from here at a start after a crash.
 *
 *     per batch: u32 magic, u32 CRC-32 of all that follows, f64 number of the batch, u32 length of the batch, u32 0; the batch
 *
 * Numbers are big-endian. It is written from its beginning again and again, so that its space on disk stays what it is: to flush what overwrites something
 * costs the disk less than to flush what makes a file longer. Numbers grow and none comes twice: what an earlier pass left behind a batch has a lower one.
 */
import { closeSync, fdatasyncSync, fstatSync, fsyncSync, openSync, readSync, writeSync, writevSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";

/** Size at which the journal starts anew. Our choice: a start after a crash writes at most about so much again. */
const defaultLimitBytes = 16 * 1024 * 1024;

const magic = 0x504a4c31;
const headerBytes = 24;
/** What the sum does not cover: the magic and itself. */
const unsummedBytes = 8;

/** The two calls that can fail for want of room or a bad disk; a port, so that tests can make them fail. */
export type JournalIo = {
  /** Writes all the bytes, in order, from that place on. */
  write(fd: number, buffers: readonly Buffer[], position: number): void;
  /** Returns when all that was written is on disk. */
  sync(fd: number): void;
};

export const diskJournalIo: JournalIo = {
  write(fd, buffers, position) {
    const whole = buffers.reduce((sum, { length }) => sum + length, 0);
    let written = writevSync(fd, buffers, position);
    if (written === whole) return;
    // A write may take less than it was given, when the disk is nearly full for one.
    const rest = Buffer.concat(buffers);
    while (written < whole) written += writeSync(fd, rest, written, whole - written, position + written);
  },
  sync: fdatasyncSync,
};

export type JournaledBatch = { readonly number: number; readonly batch: Buffer };

export class Journal {
  readonly #fd: number;
  readonly #io: JournalIo;
  readonly #limitBytes: number;
  #endBytes = 0;
  #lastNumber: number;
  /** Where the last group begins. */
  #groupBytes = 0;

  /** @param lastNumber after which numbers go on. */
  constructor(file: string, lastNumber: number, io = diskJournalIo, limitBytes = defaultLimitBytes) {
    this.#fd = openSync(file, "r+");
    this.#lastNumber = lastNumber;
    this.#io = io;
    this.#limitBytes = limitBytes;
  }

  /** Of the last batch that it took. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  get isFull(): boolean {
    return this.#endBytes >= this.#limitBytes;
  }

  /**
   * Has a group on disk when it returns.
   * @throws the disk's error; then it is as if the group had never come. @throws JournalBroken when even that is not sure.
   */
  append(batches: readonly Buffer[]): void {
    this.#groupBytes = this.#endBytes;
    const buffers: Buffer[] = [];
    for (const batch of batches) {
      this.#lastNumber += 1;
      buffers.push(encodeHeader(this.#lastNumber, batch), batch);
      this.#endBytes += headerBytes + batch.length;
    }
    try {
      this.#io.write(this.#fd, buffers, this.#groupBytes);
      this.#io.sync(this.#fd);
    } catch (cause) {
      this.takeBack();
      throw cause;
    }
  }

  /** Takes the last group back: it was not carried out. The next takes its place, under other numbers. @throws JournalBroken. */
  takeBack(): void {
    try {
      this.#eraseAt(this.#groupBytes);
    } catch (cause) {
      throw new JournalBroken(cause);
    }
    this.#endBytes = this.#groupBytes;
  }

  #eraseAt(position: number): void {
    // Nothing to take back where nothing was ever written: a full disk has no room for zeros either.
    if (fstatSync(this.#fd).size <= position) return;
    this.#io.write(this.#fd, [Buffer.alloc(headerBytes)], position);
    this.#io.sync(this.#fd);
  }

  /** Begins anew: all that it has is on disk elsewhere. */
  restart(): void {
    this.#endBytes = 0;
  }

  /** Leaves nothing to be carried out at the next start. */
  empty(): void {
    this.#eraseAt(0);
    this.#endBytes = 0;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** The disk failed such that it is not known what a start would find: nothing may be written or answered any more. */
export class JournalBroken extends Error {
  constructor(cause: unknown) {
    super("the journal of changes cannot be written", { cause });
  }
}

function encodeHeader(number: number, batch: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(magic, 0);
  header.writeDoubleBE(number, 8);
  header.writeUInt32BE(batch.length, 16);
  header.writeUInt32BE(crc32(batch, crc32(header.subarray(unsummedBytes))), 4);
  return header;
}

/** Makes the file where there is none, and reads the batches that it holds, oldest first, up to where it was torn. */
export function readJournal(file: string): JournaledBatch[] {
  const fd = openOrMake(file);
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.allocUnsafeSlow(size);
    const read = readSync(fd, bytes, 0, size, 0);
    return parseJournal(bytes.subarray(0, read));
  } finally {
    closeSync(fd);
  }
}

function openOrMake(file: string): number {
  const fd = openSync(file, "a+", 0o600);
  if (fstatSync(fd).size > 0) return fd;
  // Its name must outlive a crash, too.
  const folder = openSync(dirname(file), "r");
  fsyncSync(folder);
  closeSync(folder);
  return fd;
}

function parseJournal(bytes: Buffer): JournaledBatch[] {
  const batches: JournaledBatch[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const end = at + headerBytes + bytes.readUInt32BE(at + 16);
    const number = bytes.readDoubleBE(at + 8);
    const before = batches.at(-1)?.number ?? 0;
    if (bytes.readUInt32BE(at) !== magic || end > bytes.length || number <= before) break;
    if (bytes.readUInt32BE(at + 4) !== crc32(bytes.subarray(at + unsummedBytes, end))) break;
    batches.push({ number, batch: bytes.subarray(at + headerBytes, end) });
    at = end;
  }
  return batches;
}
