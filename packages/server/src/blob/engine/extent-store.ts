/**
 * The folder of extent files: hands out space to append to, and descriptors to read from.
 *
 * Owns: file names, reservation, roll-over, the cache of descriptors. Two lanes keep small bodies out of the way of large ones: a sync flushes the
 * whole file, and a 1 KiB upload must not wait for somebody's gigabytes.
 */

import { randomInt } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { BodySums } from "./body-sums.ts";
import { asFault, diskIo, ExtentFile, type ExtentIo } from "./extent-file.ts";
import {
  encodeFileHeader,
  fileHeaderBytes,
  framedBytes,
  pageBytes,
  payloadCapacityBytes,
  recordPayloadBytes,
} from "./extent-format.ts";
import { BlobRefusal } from "./model.ts";

export type Lane = "small" | "large";

/** Bodies up to here go to the small lane. Our choice: synced in some milliseconds by any disk. */
export const smallBodyLimitBytes = 1024 * 1024;
/** Size at which an extent is full. Our choice: offsets stay in 32 bits, and compaction moves at most so much. */
export const defaultExtentLimitBytes = 1024 * 1024 * 1024;
/** Space reserved at once for a large body; what an aborted upload leaves unused at most. Our choice. */
const reservationLimitBytes = 64 * 1024 * 1024;
/** A large body goes on in the rest of an extent only when so much fits; else it starts the next. Our choice. */
const leastPieceBytes = 1024 * 1024;
/** Descriptors kept open for reading. Our choice, well under the usual limit of 1,024. */
const maxOpenFiles = 256;

/** What was found wrong with the store; for the operator, never for a client. */
export type StoreProblem = {
  readonly kind: "extent-missing" | "extent-torn" | "extent-foreign" | "sums-failed";
  readonly detail: string;
};

/** Space for one run of records. */
export type Reservation = {
  readonly extent: ExtentFile;
  readonly offset: number;
  readonly payloadBytes: number;
  readonly tag: number;
};

/** How a folder is used that other processes append to as well: each to extents of its own, and all read all. */
export type SharedFolder = {
  /** Draws the number of an extent that this process is about to make; nobody else gets it. */
  readonly drawId: (lane: Lane) => Promise<number>;
  /** Pauses before what does not read as it was written is read again with a file opened anew, in milliseconds. */
  readonly rereadDelaysMs: readonly number[];
};

export type ExtentStoreOptions = {
  readonly directory: string;
  /** Absent where this process alone uses the folder. */
  readonly shared?: SharedFolder | undefined;
  readonly extentLimitBytes: number;
  /** Per extent, the end of the last byte that metadata refers to. */
  readonly watermarks: ReadonlyMap<number, number>;
  readonly report: (problem: StoreProblem) => void;
  readonly now: () => number;
  readonly io?: ExtentIo;
  readonly sums?: BodySums;
};

const noDelays: readonly number[] = [];

export function extentPath(directory: string, id: number, lane: Lane): string {
  return join(directory, `${String(id).padStart(8, "0")}-${lane}.extent`);
}

function alignUp(bytes: number, alignmentBytes: number): number {
  return Math.ceil(bytes / alignmentBytes) * alignmentBytes;
}

function take(extent: ExtentFile, payloadBytes: number, alignmentBytes: number): Reservation {
  const offset = alignUp(extent.nextOffset, alignmentBytes);
  extent.nextOffset = alignUp(offset + framedBytes(payloadBytes), alignmentBytes);
  extent.users += 1;
  return { extent, offset, payloadBytes, tag: randomInt(2 ** 32) };
}

const filePattern = /^(\d{8,10})-(small|large)\.extent$/;

export class ExtentStore {
  readonly #directory: string;
  readonly #limitBytes: number;
  readonly #io: ExtentIo;
  readonly #lanes = new Map<number, Lane>();
  readonly #open = new Map<number, ExtentFile>();
  readonly #active = new Map<Lane, ExtentFile>();
  readonly #rolling = new Map<Lane, Promise<void>>();
  readonly #now: () => number;
  readonly #shared: SharedFolder | undefined;
  /** When an extent was last let go of by whoever wrote to it or read from it. */
  readonly #lastUseMs = new Map<number, number>();
  #nextId = 1;
  /** Sums of the large bodies that are written here. */
  readonly sums: BodySums;

  /** Looks at names and sizes only: opening takes the same time whatever the extents hold. */
  constructor(options: ExtentStoreOptions) {
    this.#directory = options.directory;
    this.#limitBytes = options.extentLimitBytes;
    this.#io = options.io ?? diskIo;
    this.#now = options.now;
    this.#shared = options.shared;
    this.sums = options.sums ?? new BodySums({ report: (detail) => options.report({ kind: "sums-failed", detail }) });
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    // Of a shared folder nothing is gone on with: whoever was before may be appending still.
    if (this.#shared !== undefined) return;
    for (const name of readdirSync(this.#directory)) {
      const match = filePattern.exec(name);
      if (match) this.#lanes.set(Number(match[1]), match[2] as Lane);
    }
    this.#nextId = Math.max(0, ...this.#lanes.keys(), ...options.watermarks.keys()) + 1;
    this.#inspect(options);
    for (const lane of ["small", "large"] as const) this.#resume(lane, options);
  }

  #path(id: number, lane: Lane): string {
    return extentPath(this.#directory, id, lane);
  }

  #inspect({ watermarks, report }: ExtentStoreOptions): void {
    for (const [id, watermark] of watermarks) {
      const lane = this.#lanes.get(id);
      if (lane === undefined) {
        report({ kind: "extent-missing", detail: `extent ${id} is gone; blobs in it cannot be read` });
        continue;
      }
      const { size } = statSync(this.#path(id, lane));
      if (size < watermark) {
        const detail = `extent ${id} ends at ${size} and held ${watermark} bytes; blobs in the rest cannot be read`;
        report({ kind: "extent-torn", detail });
      }
    }
  }

  /** Goes on in the lane's newest extent, if it has room and is one of ours. */
  #resume(lane: Lane, { watermarks, report }: ExtentStoreOptions): void {
    const ids = [...this.#lanes].filter(([, other]) => other === lane).map(([id]) => id);
    if (ids.length === 0) return;
    const id = Math.max(...ids);
    const fd = openSync(this.#path(id, lane), "r+");
    const header = Buffer.alloc(fileHeaderBytes);
    const readBytes = readSync(fd, header, 0, fileHeaderBytes, 0);
    if (readBytes !== fileHeaderBytes || !header.equals(encodeFileHeader(id, lane))) {
      closeSync(fd);
      if (readBytes > 0)
        report({ kind: "extent-foreign", detail: `extent ${id} has no header of ours; not written to` });
      return;
    }
    // Never below the watermark, even when the file is shorter: a place is written once, ever.
    const end = Math.max(fstatSync(fd).size, watermarks.get(id) ?? 0);
    // A page that a crash has torn is not gone on with.
    const start = alignUp(end, pageBytes);
    if (start >= this.#limitBytes) closeSync(fd);
    else this.#activate(lane, new ExtentFile(id, fd, start, this.#io, this.#path(id, lane)));
  }

  #activate(lane: Lane, extent: ExtentFile): void {
    extent.users += 1;
    this.#open.set(extent.id, extent);
    this.#active.set(lane, extent);
  }

  /**
   * Reserves space for the next run of a body; the caller holds the extent until it calls {@link release}.
   * @param wantedBytes payload still to be written; the reservation may be for less, and then ends with a full record.
   * @param alignmentBytes the space is whole blocks of this.
   */
  async reserve(lane: Lane, wantedBytes: number, alignmentBytes = 1): Promise<Reservation> {
    const wanted = Math.min(wantedBytes, reservationLimitBytes);
    for (;;) {
      const extent = this.#active.get(lane);
      const payloadBytes =
        extent === undefined || extent.isBroken ? 0 : this.#fit(lane, extent, wanted, alignmentBytes);
      if (extent === undefined || payloadBytes === 0) {
        await this.#roll(lane);
        continue;
      }
      return take(extent, payloadBytes, alignmentBytes);
    }
  }

  /** Reserves space in the small lane for all of a body, where there is some at once; the caller holds the extent as above. */
  reserveAtOnce(wantedBytes: number): Reservation | undefined {
    const extent = this.#active.get("small");
    if (extent === undefined || extent.isBroken) return undefined;
    return this.#fit("small", extent, wantedBytes, 1) === wantedBytes ? take(extent, wantedBytes, 1) : undefined;
  }

  /** How much of what is wanted goes into the extent; 0 to start the next one. */
  #fit(lane: Lane, extent: ExtentFile, wanted: number, alignmentBytes: number): number {
    const rest = this.#limitBytes - alignUp(extent.nextOffset, alignmentBytes);
    const room = rest - (rest % alignmentBytes);
    if (framedBytes(wanted) <= room) return wanted;
    const isFresh = extent.nextOffset === fileHeaderBytes;
    const capacity = payloadCapacityBytes(Math.max(0, room));
    const fullRecords = capacity - (capacity % recordPayloadBytes);
    if (isFresh) return fullRecords > 0 ? fullRecords : capacity;
    return lane === "large" && fullRecords >= leastPieceBytes ? fullRecords : 0;
  }

  #roll(lane: Lane): Promise<void> {
    let rolling = this.#rolling.get(lane);
    if (rolling === undefined) {
      rolling = this.#startExtent(lane).finally(() => this.#rolling.delete(lane));
      this.#rolling.set(lane, rolling);
    }
    return rolling;
  }

  /** Makes the next extent and its name durable before anything is written to it. */
  async #startExtent(lane: Lane): Promise<void> {
    const id = this.#shared === undefined ? this.#nextId++ : await this.#shared.drawId(lane);
    const path = this.#path(id, lane);
    let fd: number | undefined;
    try {
      fd = openSync(path, "wx+", 0o600);
      this.#lanes.set(id, lane);
      writeSync(fd, encodeFileHeader(id, lane), 0, fileHeaderBytes, 0);
      await this.#io.sync(fd);
      this.#syncDirectory();
    } catch (cause) {
      if (fd !== undefined) closeSync(fd);
      // A full disk is tried again and again: it must not fill with empty files besides.
      this.#lanes.delete(id);
      rmSync(path, { force: true });
      throw asFault(cause);
    }
    const before = this.#active.get(lane);
    // On a network's file system others read what its own cache knows of.
    const pagesPath = this.#shared === undefined ? path : undefined;
    this.#activate(lane, new ExtentFile(id, fd, fileHeaderBytes, this.#io, pagesPath));
    if (before !== undefined) this.release(before);
  }

  #syncDirectory(): void {
    const fd = openSync(this.#directory, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Opens an extent for reading; the caller calls {@link release} when done.
   * @throws BlobRefusal `content-damaged` when there is no such file.
   */
  acquire(id: number): ExtentFile {
    let extent = this.#open.get(id);
    if (extent === undefined) {
      extent = new ExtentFile(id, this.#openForReading(id), 0, this.#io);
      this.#closeIdle();
      this.#open.set(id, extent);
    }
    extent.users += 1;
    return extent;
  }

  #openForReading(id: number): number {
    const own = this.#lanes.get(id);
    const others: readonly Lane[] = this.#shared === undefined ? [] : ["small", "large"];
    for (const lane of own === undefined ? others : [own]) {
      try {
        return openSync(this.#path(id, lane), "r");
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
      }
    }
    throw new BlobRefusal({ kind: "content-damaged", where: `extent ${id} is missing` });
  }

  /** Makes room for one more: those longest unused go. */
  #closeIdle(): void {
    if (this.#open.size < maxOpenFiles) return;
    const idle = [...this.#open.values()].filter(({ users }) => users === 0);
    idle.sort((a, b) => (this.#lastUseMs.get(a.id) ?? 0) - (this.#lastUseMs.get(b.id) ?? 0));
    for (const extent of idle.slice(0, this.#open.size - maxOpenFiles + 1)) {
      this.#open.delete(extent.id);
      extent.close();
    }
  }

  release(extent: ExtentFile): void {
    extent.users -= 1;
    if (extent.users === 0) {
      // The lane itself holds what it appends to.
      extent.endWriting();
      if (extent.isStale) extent.close();
    }
    this.#lastUseMs.set(extent.id, this.#now());
  }

  /** See {@link SharedFolder}; none for a folder of this process alone, where what was synced is read as it is. */
  get rereadDelaysMs(): readonly number[] {
    return this.#shared?.rereadDelaysMs ?? noDelays;
  }

  /** Has an extent opened anew for the next read: a network's file system shows what others appended to whoever opens it after they synced it. */
  refresh(id: number): void {
    const extent = this.#open.get(id);
    if (extent === undefined || [...this.#active.values()].includes(extent)) return;
    this.#open.delete(id);
    extent.isStale = true;
    if (extent.users === 0) extent.close();
  }

  /** Closes what nobody has touched since a time: another process may have removed the file, whose space comes free with its last descriptor. */
  closeUnused(timeMs: number): void {
    for (const [id, extent] of this.#open) {
      if (extent.users > 0 || (this.#lastUseMs.get(id) ?? 0) > timeMs) continue;
      this.#open.delete(id);
      extent.close();
      if (!this.#lanes.has(id)) this.#lastUseMs.delete(id);
    }
  }

  /** Takes over an extent of a process that is gone; it is left alone for as long as one that was just used. */
  adopt(id: number, lane: Lane): void {
    this.#lanes.set(id, lane);
    this.#lastUseMs.set(id, this.#now());
  }

  /** Lets go of every extent that is its own: they are others' to give space back of. What is written next goes to a new one. */
  disown(): void {
    for (const extent of this.#active.values()) this.release(extent);
    this.#active.clear();
    this.#lanes.clear();
    this.#lastUseMs.clear();
  }

  /** Whether an extent is this process's own. */
  owns(id: number): boolean {
    return this.#lanes.has(id);
  }

  /** Extents that nothing is appended to and nobody has touched since a time, with the sizes of their files. */
  idleSince(timeMs: number): Map<number, number> {
    const active = new Set(Array.from(this.#active.values(), ({ id }) => id));
    const idle = new Map<number, number>();
    for (const [id, lane] of this.#lanes) {
      const isUsed = active.has(id) || (this.#open.get(id)?.users ?? 0) > 0;
      if (isUsed || (this.#lastUseMs.get(id) ?? 0) > timeMs) continue;
      idle.set(id, statSync(this.#path(id, lane), { throwIfNoEntry: false })?.size ?? 0);
    }
    return idle;
  }

  /** Removes an extent's file; nothing may refer to it. */
  remove(id: number): void {
    const lane = this.#lanes.get(id);
    const extent = this.#open.get(id);
    if (lane === undefined || (extent?.users ?? 0) > 0) return;
    this.#open.delete(id);
    if (extent !== undefined) extent.close();
    this.#lanes.delete(id);
    this.#lastUseMs.delete(id);
    rmSync(this.#path(id, lane), { force: true });
  }

  /** Closes every descriptor; nothing may be under way. */
  close(): void {
    this.sums.close();
    for (const extent of this.#open.values()) extent.close();
    this.#open.clear();
    this.#active.clear();
  }
}
