/**
 * The blob engine of replicas that share their blobs: rows in PostgreSQL, extents in a folder that every replica reaches. Any replica serves and writes any blob.
 *
 * Owns: the order in which bytes and rows are written and given back. May use: the store's connection, the engine's rules and extents. The rules of what a change
 * does are the engine's own; they run on the rows of each group in memory (working-set.ts).
 *
 * A write takes the same two steps as with one process: the body goes into an extent that this process alone appends to and is synced, then its row is committed.
 * So a row that can be read refers to bytes that whoever opens the file then sees, on a network's file system too. Nothing of the rows is remembered between requests.
 *
 * Decision: docs/decisions/0031-blobs-on-every-replica.md
 */
import { join } from "node:path";
import type { PostgresConnection } from "../../store/postgres-connection.ts";
import type { BlobStore } from "../engine/blob-store.ts";
import { readRange } from "../engine/body-reader.ts";
import { type BodySource, type Digests, type StoredBody, writeBody } from "../engine/body-writer.ts";
import { type Compaction, Compactor } from "../engine/compactor.ts";
import { type BlobView, EngineWrites } from "../engine/engine-writes.ts";
import type { ExtentIo } from "../engine/extent-file.ts";
import { defaultExtentLimitBytes, ExtentStore, type Lane } from "../engine/extent-store.ts";
import type { BlobListing, ListedItem, Slice } from "../engine/listing-walk.ts";
import type { BlockRecord, ContainerKey } from "../engine/metadata-reader.ts";
import {
  type BlobMoment,
  type BlobRecord,
  BlobRefusal,
  type ContainerName,
  type ContainerRecord,
  type DeletedContainer,
  present,
  settledAt,
  type Written,
} from "../engine/model.ts";
import type { Mutation } from "../engine/mutations.ts";
import type { TagComparison } from "../engine/tag-expression.ts";
import type { FoundBlobs, TagPosition } from "../engine/tag-finder.ts";
import { findByTags, listBlobs } from "./shared-listing.ts";
import { SharedReader } from "./shared-reader.ts";
import { forgetExtent, purge, SharedWalk, sweep } from "./shared-upkeep.ts";
import { SharedWriter } from "./shared-writer.ts";
import { WriterSeat } from "./writer-seat.ts";

export type SharedEngineOptions = {
  readonly connection: PostgresConnection;
  /** Where all replicas keep extents. */
  readonly folder: string;
  readonly report: (problem: string) => void;
  /** In place of the database's clock, for tests. */
  readonly now?: (() => Date) | undefined;
  readonly extentLimitBytes?: number | undefined;
  readonly io?: ExtentIo | undefined;
};

/** How often what has had its time is looked for, in milliseconds. Our choice. */
const sweepIntervalMs = 60_000;
/**
 * Pauses before what does not read as it was written is read again, in milliseconds: a file opened after it was synced shows all of it; where a client of NFS has
 * remembered less, for as long as it takes files' attributes to be looked at again (acregmin, 3 s).
 * @see https://man7.org/linux/man-pages/man5/nfs.5.html
 */
const rereadDelaysMs = [0, 100, 500, 3_000];
/** Bytes of a name at most: a row of PostgreSQL's indexes holds some 2,700. Azure's 1,024 characters are within it unless most of them take three bytes or more. */
const maxNameBytes = 2_200;

/** Opens the blobs that replicas share. @throws NoSeat when as many as can be write already. */
export async function openSharedEngine(options: SharedEngineOptions): Promise<SharedBlobEngine> {
  const { connection, folder, report, now } = options;
  const reads = new Set<{ readonly sinceMs: number }>();
  let onLost = (): void => undefined;
  const seat = await WriterSeat.take(connection, {
    oldestReadMs: () => Math.min(...Array.from(reads, ({ sinceMs }) => sinceMs)),
    onLost: () => onLost(),
    nowMs: now && (() => now().getTime()),
  });
  const nowMs = () => seat.nowMs;
  const extents = new ExtentStore({
    directory: join(folder, "extents"),
    extentLimitBytes: options.extentLimitBytes ?? defaultExtentLimitBytes,
    watermarks: new Map(),
    report: ({ detail }) => report(detail),
    now: nowMs,
    shared: { drawId: (lane: Lane) => seat.drawExtent(lane), rereadDelaysMs },
    ...(options.io === undefined ? {} : { io: options.io }),
  });
  onLost = () => {
    report("this replica was out of touch for so long that others may take its extents over: it goes on with new ones");
    extents.disown();
  };
  const writer = new SharedWriter({ connection, seat, ownsExtent: (id) => extents.owns(id), nowMs });
  return new SharedBlobEngine({ connection, seat, extents, writer, reads, nowMs, report });
}

type EngineParts = {
  readonly connection: PostgresConnection;
  readonly seat: WriterSeat;
  readonly extents: ExtentStore;
  readonly writer: SharedWriter;
  readonly reads: Set<{ readonly sinceMs: number }>;
  readonly nowMs: () => number;
  readonly report: (problem: string) => void;
};

export class SharedBlobEngine extends EngineWrites implements BlobStore {
  /** Others change rows, too. */
  readonly changeMark = undefined;
  readonly #parts: EngineParts;
  readonly #reader: SharedReader;
  readonly #compactor: Compactor;
  readonly #sweeper: NodeJS.Timeout;
  #upkeep: Promise<void> | undefined;
  #isClosing = false;

  constructor(parts: EngineParts) {
    super();
    this.#parts = parts;
    this.#reader = new SharedReader(parts.connection);
    const { connection, seat, extents, nowMs, report } = parts;
    this.#compactor = new Compactor({
      walk: new SharedWalk(connection, this.#reader),
      extents,
      submit: (mutation) => this.submit(mutation),
      nowMs,
      oldestReadMs: (sinceMs) => seat.oldestReadSince(sinceMs),
      report,
    });
    this.#sweeper = setInterval(() => void this.sweep().catch(() => undefined), sweepIntervalMs).unref();
  }

  /** The database's clock, by which leases run out. */
  get nowMs(): number {
    return this.#parts.nowMs();
  }

  /** Ends what has had its time, clears away what was deleted, and takes over the extents of replicas that are gone; it does so by itself now and then. */
  sweep(): Promise<void> {
    this.#upkeep ??= this.#sweep().finally(() => {
      this.#upkeep = undefined;
    });
    return this.#upkeep;
  }

  async #sweep(): Promise<void> {
    const { writer, seat, extents } = this.#parts;
    while (!this.#isClosing && (await sweep(writer, this.nowMs))) {
      // a slice at a time
    }
    while (!this.#isClosing && (await purge(writer))) {
      // a slice at a time
    }
    if (this.#isClosing) return;
    for (const { id, lane } of await seat.adoptExtents()) extents.adopt(id, lane);
    extents.closeUnused(this.nowMs - sweepIntervalMs);
  }

  compact(): Promise<Compaction> {
    return this.#compactor.run();
  }

  holdExtents<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#compactor.hold(work);
  }

  findContainer(name: ContainerName): Promise<ContainerKey | undefined> {
    return this.#reader.container(name);
  }

  listContainers(account: string, prefix: string, from: string, limit: number): Promise<Slice<ContainerRecord>> {
    return this.#reader.listContainers(account, prefix, from, limit);
  }

  listAllContainers(
    account: string,
    prefix: string,
    from: string,
    limit: number,
  ): Promise<Slice<ContainerRecord | DeletedContainer>> {
    return this.#reader.listAllContainers(account, prefix, from, this.nowMs, limit);
  }

  async findBlob(container: ContainerKey, blob: string, moment: BlobMoment = present): Promise<BlobRecord | undefined> {
    return (await this.openBlob(container, blob, moment))?.record;
  }

  async openBlob(container: ContainerKey, blob: string, moment: BlobMoment = present): Promise<BlobView | undefined> {
    const view = await this.#reader.blob(container, blob, moment);
    const record = view && settledAt(view.record, this.nowMs);
    return record && { record, content: view.content };
  }

  findByTags(
    container: ContainerKey,
    comparisons: readonly TagComparison[],
    from: TagPosition | undefined,
    limit: number,
  ): Promise<FoundBlobs> {
    return findByTags(this.#reader, container, comparisons, from, limit);
  }

  listBlobs(container: ContainerKey, listing: BlobListing): Promise<Slice<ListedItem>> {
    return listBlobs(this.#reader, container, listing);
  }

  hasUncommittedBlocks(container: ContainerKey, blob: string): Promise<boolean> {
    return this.#reader.hasUncommittedBlocks(container, blob);
  }

  uncommittedBlocks(container: ContainerKey, blob: string, after: string, limit: number): Promise<BlockRecord[]> {
    return this.#reader.uncommittedBlocks(container, blob, after, limit);
  }

  async *read(view: BlobView, start: number, lengthBytes: number): AsyncGenerator<Buffer> {
    const { reads, extents, report } = this.#parts;
    const underWay = { sinceMs: this.nowMs };
    reads.add(underWay);
    try {
      yield* readRange(extents, view.content, start, lengthBytes, view.key);
    } catch (cause) {
      if (cause instanceof BlobRefusal && cause.fault.kind === "content-damaged")
        report(`damaged content: ${cause.fault.where}`);
      throw cause;
    } finally {
      reads.delete(underWay);
    }
  }

  /** Never at once: the folder may be a network away. */
  readSmall(): undefined {
    return undefined;
  }

  store(source: BodySource, sizeBytes: number, digests: Digests): Promise<StoredBody> {
    return writeBody(this.#parts.extents, source, sizeBytes, digests);
  }

  storeWhole(bytes: Buffer, digests: Digests): Promise<StoredBody> {
    return this.store([bytes], bytes.length, digests);
  }

  protected override async submit(mutation: Mutation): Promise<Written> {
    const { connection, writer } = this.#parts;
    if ("blob" in mutation && Buffer.byteLength(mutation.blob) > maxNameBytes)
      throw new BlobRefusal({ kind: "name-too-long" });
    if (mutation.kind !== "forget-extent") return writer.submit(mutation);
    if (!(await forgetExtent(connection, mutation.extentId))) throw new BlobRefusal({ kind: "extent-in-use" });
    return { etag: "", modifiedMs: 0 };
  }

  protected override async submitForgetting(mutation: Mutation): Promise<Written> {
    const written = await this.submit(mutation);
    // What was deleted is cleared away in the background.
    if (mutation.kind === "delete-container" || mutation.kind === "delete-account") this.sweep().catch(() => undefined);
    return written;
  }

  /** Commits what was submitted, gives the seat back and closes every file; the connection stays the caller's. No read may be under way. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#sweeper);
    await this.#compactor.stop();
    await this.#upkeep?.catch(() => undefined);
    const { writer, seat, extents } = this.#parts;
    await writer.close();
    await seat.close();
    extents.close();
  }
}
