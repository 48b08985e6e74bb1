/**
 * The blob engine: containers, blobs and uncommitted blocks of every account, durable and independent of HTTP.
 *
 * Owns `<stateDir>/blobs/`: `metadata.db` (SQLite, rows in key order), `extents/` (append-only files of checksummed records), `journal` (what was acknowledged
 * last), `lock`. May use: node:fs, node:sqlite, worker threads, this folder. Knows nothing of requests, tokens or roles.
 *
 * A write takes two steps. {@link BlobEngine.store} streams the body into an extent, where nothing refers to it, and the change syncs the extent; a small
 * body that is there whole is only framed, and goes along with the change. The change goes to the writer thread, which has it in the journal, on disk,
 * together with whatever else is waiting; then it judges its conditions on the row as it stands and changes it. The promise resolves after that. So a crash at
 * any moment leaves whole blobs or none, an acknowledged one always, and at most some unused space. A read looks the row up on a connection of its own, on the
 * calling thread, and streams records out of the extent, each checked against its sum; an extent's bytes never change, so a reader needs no lock.
 *
 * @see https://sqlite.org/wal.html
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Awaitable } from "./blob-store.ts";
import { readRange, readSmallRange } from "./body-reader.ts";
import { type BodySource, type Digests, type StoredBody, writeBody } from "./body-writer.ts";
import { type Compaction, Compactor } from "./compactor.ts";
import { ContentWalk } from "./content-walk.ts";
import { type BlobView, EngineWrites } from "./engine-writes.ts";
import type { ExtentIo } from "./extent-file.ts";
import { defaultExtentLimitBytes, ExtentStore, type StoreProblem } from "./extent-store.ts";
import type { BlockRecord } from "./metadata-reader.ts";
import { type BlobListing, type ContainerKey, type ListedItem, MetadataReader, type Slice } from "./metadata-reader.ts";
import { openForReading } from "./metadata-schema.ts";
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
} from "./model.ts";
import type { Mutation } from "./mutations.ts";
import { RememberedViews } from "./remembered-views.ts";
import { frameSmallBody } from "./small-body.ts";
import type { TagComparison } from "./tag-expression.ts";
import { type FoundBlobs, TagFinder, type TagPosition } from "./tag-finder.ts";
import { WriterClient } from "./writer-client.ts";

export type { BlobAttributes, BlobView, ChangeOptions, PageWrite } from "./engine-writes.ts";

export type BlobEngineOptions = {
  readonly stateDir: string;
  /** Hears what is wrong with the store (torn extents and the like), for the log. */
  readonly report?: (problem: string) => void;
  readonly now?: () => Date;
  /** Bounds and ports that tests make small or faulty. */
  readonly extentLimitBytes?: number;
  readonly io?: ExtentIo;
  readonly maxMetadataPages?: number;
};

/** Containers remembered between requests. Our choice: some hundred KiB. */
const maxRememberedContainers = 1000;
/** Longest blob that is remembered with its bytes, in bytes. Our choice: together 4 MiB at most. */
const maxRememberedBlobBytes = 4096;

/** A small Buffer is a part of 64 KiB that others were parts of, and holds all of it as long as it is held itself. */
function copyApart(bytes: Buffer | undefined): Buffer | undefined {
  if (bytes === undefined) return undefined;
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** How often what has had its time is looked for, in milliseconds. Our choice. */
const sweepIntervalMs = 60_000;

/**
 * Opens (or makes) the store under a state folder; the time it takes does not grow with what is stored.
 * @throws Error when another process has it open, or it is damaged or of a newer Postern.
 */
export async function openBlobEngine(options: BlobEngineOptions): Promise<BlobEngine> {
  const directory = join(options.stateDir, "blobs");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const report = options.report ?? ((problem: string) => console.error(`blob store: ${problem}`));
  const { maxMetadataPages, now } = options;
  const nowMs = now === undefined ? Date.now : () => now().getTime();
  const data = maxMetadataPages === undefined ? { directory } : { directory, maxPageCount: maxMetadataPages };
  const writer = await WriterClient.start(data, report);
  try {
    const database = openForReading(join(directory, "metadata.db"));
    const reader = new MetadataReader(database);
    const extents = new ExtentStore({
      directory: join(directory, "extents"),
      extentLimitBytes: options.extentLimitBytes ?? defaultExtentLimitBytes,
      watermarks: reader.watermarks(),
      report: (problem: StoreProblem) => report(problem.detail),
      now: nowMs,
      ...(options.io === undefined ? {} : { io: options.io }),
    });
    const parts = { reader, finder: new TagFinder(database), walk: new ContentWalk(database), extents, writer, report };
    return new BlobEngine({ ...parts, nowMs, areBodiesJournaled: options.io === undefined });
  } catch (cause) {
    await writer.close();
    throw cause;
  }
}

type EngineParts = {
  readonly reader: MetadataReader;
  readonly finder: TagFinder;
  readonly walk: ContentWalk;
  readonly extents: ExtentStore;
  readonly writer: WriterClient;
  readonly report: (problem: string) => void;
  readonly nowMs: () => number;
  /** Small bodies go by the writer's way; not where every write is to be seen by a port. */
  readonly areBodiesJournaled: boolean;
};

export class BlobEngine extends EngineWrites {
  readonly #reader: MetadataReader;
  readonly #finder: TagFinder;
  readonly #extents: ExtentStore;
  readonly #writer: WriterClient;
  readonly #report: (problem: string) => void;
  readonly #nowMs: () => number;
  readonly #sweeper: NodeJS.Timeout;
  readonly #compactor: Compactor;
  readonly #areBodiesJournaled: boolean;
  /** When the reads that are under way began. */
  readonly #reads = new Set<{ readonly sinceMs: number }>();
  /** Every request asks for its container, and this process alone changes them. */
  readonly #containers = new Map<string, ContainerKey>();
  /** Empty whenever a change is under way, whatever it changes. */
  readonly #views = new RememberedViews();
  #changes = 0;

  constructor({ reader, finder, walk, extents, writer, report, nowMs, areBodiesJournaled }: EngineParts) {
    super();
    this.#areBodiesJournaled = areBodiesJournaled;
    this.#reader = reader;
    this.#finder = finder;
    this.#extents = extents;
    this.#writer = writer;
    this.#report = report;
    this.#nowMs = nowMs;
    this.#sweeper = setInterval(() => void this.sweep(), sweepIntervalMs).unref();
    this.#compactor = new Compactor({
      walk,
      extents,
      submit: (mutation) => this.submit(mutation),
      nowMs: () => this.nowMs,
      oldestReadMs: () => Math.min(...Array.from(this.#reads, ({ sinceMs }) => sinceMs)),
      report,
    });
  }

  /** The engine's clock, by which leases run out. */
  get nowMs(): number {
    return this.#nowMs();
  }

  /** One and the same number as long as all rows are what they are; undefined while a change is under way. */
  get changeMark(): number | undefined {
    return this.#writer.isQuiet ? this.#changes : undefined;
  }

  /** Ends what has had its time: kept deletions, blobs with an end, blocks a week old. It does so by itself now and then. */
  async sweep(): Promise<void> {
    this.#noteChange();
    await this.#writer.sweep(this.nowMs);
    this.#containers.clear();
  }

  /** Gives back the space of what is gone, and moves together what is left; it does so by itself now and then. One at a time. */
  compact(): Promise<Compaction> {
    return this.#compactor.run();
  }

  /** Does some work while which every extent stays: a copy of rows, and then of all they refer to, is whole. */
  holdExtents<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#compactor.hold(work);
  }

  /** Finds a container; the key is good for reading from it until the next turn of the event loop or longer. */
  findContainer(name: ContainerName): ContainerKey | undefined {
    const key = `${name.account}/${name.container}`;
    let found = this.#containers.get(key);
    if (found === undefined) {
      found = this.#reader.container(name);
      if (this.#containers.size >= maxRememberedContainers) this.#containers.clear();
      if (found !== undefined) this.#containers.set(key, found);
    }
    return found;
  }

  /** One slice of an account's containers in order of their names. @param from the slice before's `next`, or "". */
  listContainers(account: string, prefix: string, from: string, limit: number): Slice<ContainerRecord> {
    return this.#reader.listContainers(account, prefix, from, limit);
  }

  /** The same with those that are deleted and kept. */
  listAllContainers(
    account: string,
    prefix: string,
    from: string,
    limit: number,
  ): Slice<ContainerRecord | DeletedContainer> {
    return this.#reader.listAllContainers(account, prefix, from, this.nowMs, limit);
  }

  /** @param moment which state of the name: the present one, a snapshot, a version. */
  findBlob(container: ContainerKey, blob: string, moment: BlobMoment = present): BlobRecord | undefined {
    return this.#settled(this.#reader.blob(container, blob, moment));
  }

  /** Finds a blob to read from. */
  openBlob(container: ContainerKey, blob: string, moment: BlobMoment = present): BlobView | undefined {
    const view =
      moment === present ? this.#presentView(container, blob) : this.#reader.blobWithContent(container, blob, moment);
    const record = this.#settled(view?.record);
    if (record === undefined || view === undefined) return undefined;
    return record === view.record ? view : { record, content: view.content };
  }

  /** While nothing is being changed, what was read once is so still: a blob that many read costs one look at the rows. */
  #presentView(container: ContainerKey, blob: string): BlobView | undefined {
    if (!this.#writer.isQuiet) return this.#reader.blobWithContent(container, blob, present);
    const known = this.#views.find(container.id, blob);
    if (known !== undefined) return known;
    const view = this.#reader.blobWithContent(container, blob, present);
    if (view !== undefined) this.#views.keep(container.id, view);
    return view;
  }

  #settled(record: BlobRecord | undefined): BlobRecord | undefined {
    return record && settledAt(record, this.nowMs);
  }

  /** One slice of the blobs of a container that meet all comparisons; it may be empty and yet not the last. @param from the slice before's `next`. */
  findByTags(
    container: ContainerKey,
    comparisons: readonly TagComparison[],
    from: TagPosition | undefined,
    limit: number,
  ): FoundBlobs {
    return this.#finder.find(container, comparisons, from, limit);
  }

  /** One slice of a listing, at most maxSliceItems long; names in code point order. */
  listBlobs(container: ContainerKey, listing: BlobListing): Slice<ListedItem> {
    return this.#reader.listBlobs(container, listing);
  }

  hasUncommittedBlocks(container: ContainerKey, blob: string): boolean {
    return this.#reader.hasUncommittedBlocks(container, blob);
  }

  /** Uncommitted blocks in order of their ids. @param after the last id of the slice before, or "". */
  uncommittedBlocks(container: ContainerKey, blob: string, after: string, limit: number): BlockRecord[] {
    return this.#reader.uncommittedBlocks(container, blob, after, limit);
  }

  /**
   * Streams a range of a blob's bytes; it must lie within the blob.
   * @throws BlobRefusal `content-damaged`, which is reported too; what was handed out until then was right.
   */
  async *read(view: BlobView, start: number, lengthBytes: number): AsyncGenerator<Buffer> {
    const underWay = { sinceMs: this.nowMs };
    this.#reads.add(underWay);
    try {
      yield* readRange(this.#extents, view.content, start, lengthBytes, view.key);
    } catch (cause) {
      this.#reportDamage(cause);
      throw cause;
    } finally {
      this.#reads.delete(underWay);
    }
  }

  /** Reads a small range at once; undefined when it is not small, see {@link read}. */
  readSmall(view: BlobView, start: number, lengthBytes: number): Buffer | undefined {
    try {
      if (lengthBytes > maxRememberedBlobBytes || lengthBytes !== view.record.sizeBytes || view.key !== undefined)
        return readSmallRange(this.#extents, view.content, start, lengthBytes, view.key);
      if (view.bytes !== undefined) return view.bytes;
      const bytes = readSmallRange(this.#extents, view.content, start, lengthBytes);
      if (view.wasRead === true) view.bytes = copyApart(bytes);
      view.wasRead = true;
      return view.bytes ?? bytes;
    } catch (cause) {
      this.#reportDamage(cause);
      throw cause;
    }
  }

  #reportDamage(cause: unknown): void {
    if (cause instanceof BlobRefusal && cause.fault.kind === "content-damaged") {
      this.#report(`damaged content: ${cause.fault.where}`);
    }
  }

  /**
   * Takes in a body of known size, holding little of it in memory; nobody sees it until a change refers to it.
   * @throws BlobRefusal `body-incomplete` when the source fails or is of another size; `storage-full`.
   */
  store(source: BodySource, sizeBytes: number, digests: Digests): Promise<StoredBody> {
    return writeBody(this.#extents, source, sizeBytes, digests);
  }

  /** The same for a body that is there whole; a small one is written with the change that refers to it. */
  storeWhole(bytes: Buffer, digests: Digests): Awaitable<StoredBody> {
    const framed = this.#areBodiesJournaled ? frameSmallBody(this.#extents, bytes, digests) : undefined;
    return framed ?? this.store([bytes], bytes.length, digests);
  }

  #noteChange(): void {
    this.#views.clear();
    this.#changes += 1;
  }

  protected override submit(mutation: Mutation, body?: StoredBody): Promise<Written> {
    this.#noteChange();
    return this.#writer.submit(mutation, this.nowMs, body?.unwritten);
  }

  protected override async submitForgetting(mutation: Mutation): Promise<Written> {
    try {
      return await this.submit(mutation);
    } finally {
      this.#containers.clear();
    }
  }

  /** Commits what was submitted and closes every file. No read may be under way. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#compactor.stop();
    await this.#writer.close();
    this.#reader.close();
    this.#extents.close();
  }
}
