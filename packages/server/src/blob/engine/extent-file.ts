/** One open extent: its descriptor, where its free space starts, and its grouped sync. */
import { fdatasync, writev } from "node:fs";
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

const noRoomCodes: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** A disk without room is a refusal, which the client may try again; anything else is a defect or a dying disk and stays an Error. */
export function asFault(cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return noRoomCodes.has(code) ? new BlobRefusal({ kind: "storage-full" }, cause) : cause;
}

export class ExtentFile {
  readonly id: number;
  readonly fd: number;
  /** Where the next reservation starts, in bytes; of no meaning for an extent opened for reading. */
  nextOffset: number;
  /** Who holds the descriptor open: readers, writers under way, and the lane while it appends here. */
  users = 0;
  /** A sync failed: what is on disk is unknown from there on, so nothing more is written or acknowledged here. */
  isBroken = false;
  readonly #io: ExtentIo;
  #running: Promise<void> | undefined;
  #following: Promise<void> | undefined;

  constructor(id: number, fd: number, nextOffset: number, io: ExtentIo) {
    this.id = id;
    this.fd = fd;
    this.nextOffset = nextOffset;
    this.#io = io;
  }

  async write(buffers: readonly Buffer[], position: number): Promise<void> {
    try {
      await this.#io.write(this.fd, buffers, position);
    } catch (cause) {
      throw asFault(cause);
    }
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
