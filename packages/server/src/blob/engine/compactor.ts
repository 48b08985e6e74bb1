/**
 * Gives the space of deleted data back, in the background: extents that nothing refers to are removed; those of which most is rubbish have the rest moved out of
 * them first.
 *
 * An extent is left alone while it is appended to, and for a while after anybody used it: an upload's bytes lie there before a row refers to them. What is
 * moved is read as a client would read it, each record checked, so damage is found and never copied. The writer puts the moved content in a row's place
 * only where the row still is what was moved. A file goes after its last row, and after every read that began before it had none.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Awaitable } from "./blob-store.ts";
import { readRange } from "./body-reader.ts";
import { type StoredBody, syncBody, writeBody } from "./body-writer.ts";
import { Content, type Piece, relocateContent, type Span } from "./content.ts";
import { placeMoved, planMoves, SealedRuns, slicePieces } from "./content-moves.ts";
import type { ContentWalk, WalkedContent, WalkPlace } from "./content-walk.ts";
import type { ExtentStore } from "./extent-store.ts";
import { BlobRefusal } from "./model.ts";
import type { Mutation } from "./mutations.ts";

/** How long an extent is left alone after its last use, in milliseconds. Our choice: longer than from an upload's last byte to its commit. */
export const restMs = 10 * 60 * 1000;
/** How often space is looked for, in milliseconds. Our choice. */
const intervalMs = 15 * 60 * 1000;
/** An extent of which less than this share is in use is emptied. Our choice: at most as much is moved as is won. */
const leastLiveShare = 0.5;
/** Smaller files are not worth the work, in bytes. Our choice. */
const leastExtentBytes = 64 * 1024;

/** The walk over contents, wherever the rows are; see content-walk.ts. */
export type CompactorWalk = {
  readonly start: WalkPlace;
  liveBytes(): Awaitable<ReadonlyMap<number, number>>;
  slice(place: WalkPlace): Awaitable<ReturnType<ContentWalk["slice"]>>;
};

export type CompactorPorts = {
  readonly walk: CompactorWalk;
  readonly extents: ExtentStore;
  readonly submit: (mutation: Mutation) => Promise<unknown>;
  readonly nowMs: () => number;
  /** When the oldest read that is under way anywhere began, as far as is known since a time; infinity for none. */
  readonly oldestReadMs: (sinceMs: number) => Awaitable<number>;
  readonly report: (problem: string) => void;
};

/** What a run has done. */
export type Compaction = {
  readonly movedBytes: number;
  readonly removedExtents: number;
  readonly removedBytes: number;
};

const nothingDone: Compaction = { movedBytes: 0, removedExtents: 0, removedBytes: 0 };

export class Compactor {
  readonly #ports: CompactorPorts;
  readonly #timer: NodeJS.Timeout;
  /** Since when an extent was seen to be empty. */
  readonly #emptySinceMs = new Map<number, number>();
  #running: Promise<Compaction> | undefined;
  /** How many want every extent to stay where it is. */
  #holds = 0;
  #isStopped = false;

  constructor(ports: CompactorPorts) {
    this.#ports = ports;
    this.#timer = setInterval(() => void this.run().catch(() => undefined), intervalMs).unref();
  }

  /**
   * Runs once; a call while it runs is answered by that run, and one while extents are held does nothing.
   * @throws the disk's or the database's error; nothing is lost by it.
   */
  run(): Promise<Compaction> {
    if (this.#holds > 0) return Promise.resolve(nothingDone);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Does some work while which no extent is removed; what is being removed already is waited for. */
  async hold<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#holds += 1;
    try {
      await this.#running?.catch(() => undefined);
      return await work();
    } finally {
      this.#holds -= 1;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  async #run(): Promise<Compaction> {
    try {
      const movedBytes = await this.#empty(await this.#findWasteful());
      return { movedBytes, ...(await this.#removeEmpty()) };
    } catch (cause) {
      if (!this.#isStopped) this.#ports.report(`compaction failed: ${(cause as Error).message}`);
      throw cause;
    }
  }

  #idle(): Map<number, number> {
    return this.#ports.extents.idleSince(this.#ports.nowMs() - restMs);
  }

  async #findWasteful(): Promise<ReadonlySet<number>> {
    const live = await this.#ports.walk.liveBytes();
    const found = new Set<number>();
    for (const [id, sizeBytes] of this.#idle()) {
      const liveBytes = live.get(id) ?? 0;
      if (liveBytes > 0 && sizeBytes >= leastExtentBytes && liveBytes < sizeBytes * leastLiveShare) found.add(id);
    }
    return found;
  }

  /** Moves everything that is in use out of some extents. */
  async #empty(wasteful: ReadonlySet<number>): Promise<number> {
    if (wasteful.size === 0) return 0;
    const { walk } = this.#ports;
    let movedBytes = 0;
    for (let place: WalkPlace | undefined = walk.start; place !== undefined && !this.#isStopped; ) {
      const slice: ReturnType<ContentWalk["slice"]> = await walk.slice(place);
      for (const found of slice.contents) movedBytes += await this.#move(found, wasteful);
      place = slice.next;
      await nextTurn();
    }
    return movedBytes;
  }

  async #move({ content: before, ...place }: WalkedContent, wasteful: ReadonlySet<number>): Promise<number> {
    const content = new Content(before);
    const pieces: Piece[] = [];
    const bodies: StoredBody[] = [];
    const sealedRuns = new SealedRuns(content, wasteful);
    const write = async (from: Content, start: number, lengthBytes: number): Promise<readonly Span[]> => {
      const { extents } = this.#ports;
      const source = readRange(extents, from, start, lengthBytes, "as it lies");
      const body = await writeBody(extents, source, lengthBytes, { md5: false, crc64: false });
      bodies.push(body);
      return body.spans;
    };
    let movedBytes = 0;
    try {
      for (const { isMoved, start, ...stretch } of planMoves(content, wasteful)) {
        if (pieces.length % slicePieces === slicePieces - 1) await nextTurn();
        if (!isMoved) {
          pieces.push(stretch);
          continue;
        }
        const moved =
          stretch.cipher?.isSealed === true
            ? await sealedRuns.place(stretch, (units) => write(units, 0, units.sizeBytes))
            : placeMoved(stretch, await write(content, start, stretch.lengthBytes));
        pieces.push(...moved);
        movedBytes += stretch.lengthBytes;
      }
    } catch (cause) {
      if (!(cause instanceof BlobRefusal) || !isDamage(cause)) throw cause;
      this.#ports.report(`damaged content found while space was given back: ${describe(cause)}`);
      return 0;
    }
    if (movedBytes === 0) return 0;
    for (const body of bodies) await syncBody(body);
    const relocating = relocateContent(content, pieces, slicePieces);
    let step = relocating.next();
    for (; !step.done; step = relocating.next()) await nextTurn();
    await this.#ports.submit({ kind: "move-content", ...place, before, after: step.value });
    return movedBytes;
  }

  /** Removes extents that were empty for a while, and of which no read that is under way may know. */
  async #removeEmpty(): Promise<{ removedExtents: number; removedBytes: number }> {
    const { walk, extents, submit, nowMs, oldestReadMs } = this.#ports;
    const live = await walk.liveBytes();
    let removedExtents = 0;
    let removedBytes = 0;
    for (const [id, sizeBytes] of this.#idle()) {
      if ((live.get(id) ?? 0) !== 0) {
        this.#emptySinceMs.delete(id);
        continue;
      }
      const sinceMs = this.#emptySinceMs.get(id) ?? nowMs();
      this.#emptySinceMs.set(id, sinceMs);
      if (nowMs() - sinceMs < restMs || (await oldestReadMs(sinceMs)) <= sinceMs || this.#isStopped) continue;
      try {
        await submit({ kind: "forget-extent", extentId: id });
      } catch (cause) {
        if (cause instanceof BlobRefusal && cause.fault.kind === "extent-in-use") continue;
        throw cause;
      }
      extents.remove(id);
      this.#emptySinceMs.delete(id);
      removedExtents += 1;
      removedBytes += sizeBytes;
    }
    return { removedExtents, removedBytes };
  }
}

function isDamage({ fault }: BlobRefusal): boolean {
  return fault.kind === "content-damaged" || fault.kind === "body-incomplete";
}

function describe(cause: BlobRefusal): string {
  const inner = cause.cause instanceof BlobRefusal ? cause.cause : cause;
  return inner.fault.kind === "content-damaged" ? inner.fault.where : inner.fault.kind;
}
