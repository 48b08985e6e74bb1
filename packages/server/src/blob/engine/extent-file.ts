/** One open extent: its descriptor, where its free space starts, and its grouped sync. */
import { closeSync, constants, fdatasync, openSync, readv, writev } from "node:fs";
import { BlobRefusal } from "./model.ts";

/** The two calls that can fail for want of room or a bad disk; a port, so that tests can make them fail. */
export type ExtentIo = {
  /** Writes all the bytes, in order, from that place on. */
  write(fd: number, buffers: readonly Buffer[], position: number): Promise<void>;
  /** Resolves when all bytes written before the call are on disk. */
  sync(fd: number): Promise<void>;
};

export const diskIo: ExtentIo = {
  async write(fd, buffers, position) {
    let rest: Buffer[] = [...buffers];
    let at = position;
    // A write may take less than it was given, when the disk is nearly full for one.
    while (rest.length > 0) {
      const taken = await new Promise<number>((resolve, reject) => {
        writev(fd, rest, at, (cause, bytesWritten) => (cause === null ? resolve(bytesWritten) : reject(cause)));
      });
      at += taken;
      rest = dropBytes(rest, taken);
    }
  },
  sync(fd) {
    return new Promise((resolve, reject) => {
      fdatasync(fd, (cause) => (cause === null ? resolve() : reject(cause)));
    });
  },
};

function dropBytes(buffers: readonly Buffer[], count: number): Buffer[] {
  let left = count;
  const rest: Buffer[] = [];
  for (const buffer of buffers) {
    if (left >= buffer.length) left -= buffer.length;
    else {
      rest.push(left === 0 ? buffer : buffer.subarray(left));
      left = 0;
    }
  }
  return rest;
}

/**
 * Fills buffers, one after the other, from a place on.
 * @returns false when the file ends before.
 */
export async function fillBuffers(fd: number, buffers: readonly Buffer[], position: number): Promise<boolean> {
  let rest: Buffer[] = [...buffers];
  let at = position;
  while (rest.length > 0) {
    const taken = await new Promise<number>((resolve, reject) => {
      readv(fd, rest, at, (cause, bytesRead) => (cause === null ? resolve(bytesRead) : reject(cause)));
    });
    if (taken === 0) return false;
    at += taken;
    rest = dropBytes(rest, taken);
  }
  return true;
}

const noRoomCodes: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** A disk without room is a refusal, which the client may try again; anything else is a defect or a dying disk and stays an Error. */
export function asFault(cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return noRoomCodes.has(code) ? new BlobRefusal({ kind: "storage-full" }, cause) : cause;
}

type WaitingWrite = {
  readonly buffers: readonly Buffer[];
  readonly position: number;
  readonly isPages: boolean;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
};

/** Writes to one extent under way before others wait to be put together. Our choice: one being carried out, one ready. */
const maxWritesAtOnce = 2;

/** The writes from one on that follow each other in the file without a gap, all of one kind. */
function takeNeighbours(writes: readonly WaitingWrite[], from: number): WaitingWrite[] {
  const neighbours: WaitingWrite[] = [];
  let end = writes[from]!.position;
  for (let index = from; index < writes.length; index++) {
    const write = writes[index]!;
    if (write.position !== end || write.isPages !== writes[from]!.isPages) break;
    neighbours.push(write);
    for (const buffer of write.buffers) end += buffer.length;
  }
  return neighbours;
}

export class ExtentFile {
  readonly id: number;
  readonly fd: number;
  /** Where the next reservation starts, in bytes; of no meaning for an extent opened for reading. */
  nextOffset: number;
  /** Who holds the descriptor open: readers, writers under way, and the lane while it appends here. */
  users = 0;
  /** Its file has been opened anew: this one is closed by its last user. */
  isStale = false;
  /** A sync failed: what is on disk is unknown from there on, so nothing more is written or acknowledged here. */
  isBroken = false;
  readonly #io: ExtentIo;
  /** Where it is opened again to write pages past the system's cache; undefined where that is not done. */
  #path: string | undefined;
  #pagesFd: number | undefined;
  #waiting: WaitingWrite[] = [];
  #writesUnderWay = 0;
  #running: Promise<void> | undefined;
  #following: Promise<void> | undefined;

  /** @param path its file's, where pages may be written past the system's cache. */
  constructor(id: number, fd: number, nextOffset: number, io: ExtentIo, path?: string) {
    this.id = id;
    this.fd = fd;
    this.nextOffset = nextOffset;
    this.#io = io;
    // Of the systems that Node runs on only Linux has it.
    this.#path = constants.O_DIRECT === undefined ? undefined : path;
  }

  /**
   * Writes at a place. What comes while writes are under way is put together, neighbours into one call: small uploads lie side by side.
   * @param isPages the place, the buffers and where they lie in memory are whole pages: then they go past the system's cache where that can be.
   * @throws BlobRefusal `storage-full`, or the disk's error.
   */
  write(buffers: readonly Buffer[], position: number, isPages = false): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ buffers, position, isPages, resolve, reject });
      if (this.#writesUnderWay < maxWritesAtOnce) this.#writeWaiting();
    });
  }

  #writeWaiting(): void {
    const waiting = this.#waiting.sort((a, b) => a.position - b.position);
    this.#waiting = [];
    for (let from = 0; from < waiting.length; ) {
      const neighbours = takeNeighbours(waiting, from);
      from += neighbours.length;
      this.#writesUnderWay += 1;
      void this.#writeTogether(neighbours);
    }
  }

  async #writeTogether(writes: readonly WaitingWrite[]): Promise<void> {
    try {
      const { position, isPages } = writes[0]!;
      const all = writes.flatMap(({ buffers }) => buffers);
      await (isPages ? this.#writePages(all, position) : this.#io.write(this.fd, all, position));
      for (const { resolve } of writes) resolve();
    } catch (cause) {
      for (const { reject } of writes) reject(asFault(cause));
    }
    this.#writesUnderWay -= 1;
    if (this.#waiting.length > 0 && this.#writesUnderWay < maxWritesAtOnce) this.#writeWaiting();
  }

  async #writePages(pages: readonly Buffer[], position: number): Promise<void> {
    const fd = this.#openPastCache();
    if (fd === undefined) return this.#io.write(this.fd, pages, position);
    try {
      await this.#io.write(fd, pages, position);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EINVAL") throw cause;
      // This disk wants larger blocks, or its file system does not do it.
      this.#path = undefined;
      await this.#io.write(this.fd, pages, position);
    }
  }

  #openPastCache(): number | undefined {
    if (this.#path === undefined) return undefined;
    try {
      this.#pagesFd ??= openSync(this.#path, constants.O_WRONLY | constants.O_DIRECT);
      return this.#pagesFd;
    } catch {
      // Not every file system can. Whatever else is wrong with the file shows when it is written the usual way.
      this.#path = undefined;
      return undefined;
    }
  }

  /** Whether pages that are written leave the system nothing to write: they are on the disk, if perhaps in a cache of its own. */
  get isPastCache(): boolean {
    return this.#path !== undefined;
  }

  /** Nobody writes here any more. */
  endWriting(): void {
    if (this.#pagesFd !== undefined) closeSync(this.#pagesFd);
    this.#pagesFd = undefined;
  }

  /** Closes the file; nothing of it may be under way. */
  close(): void {
    this.endWriting();
    closeSync(this.fd);
  }

  /**
   * Resolves when everything written before the call is on disk. Callers that come while a sync runs share the next one: that is the group commit.
   * @throws BlobRefusal `storage-full`, or the disk's error; the extent is broken then.
   */
  sync(): Promise<void> {
    if (this.#following !== undefined) return this.#following;
    if (this.#running === undefined) return this.#begin();
    this.#following = this.#running
      .catch(() => undefined)
      .then(() => {
        this.#following = undefined;
        return this.#begin();
      });
    return this.#following;
  }

  #begin(): Promise<void> {
    const running = this.#syncOnce().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #syncOnce(): Promise<void> {
    if (this.isBroken) throw new Error(`extent ${this.id} failed to sync before`);
    try {
      await this.#io.sync(this.fd);
    } catch (cause) {
      // After a failed sync the kernel may call the lost pages clean: a second sync would succeed and mean nothing.
      this.isBroken = true;
      throw asFault(cause);
    }
  }
}
