/**
 * The blob engine: containers, blobs and uncommitted blocks of every account, durable and independent of HTTP.
 *
 * Owns `<stateDir>/blobs/`: `metadata.db` (SQLite, rows in key order), `extents/` (append-only files of checksummed records), `lock`.
 * May use: node:fs, node:sqlite, worker threads, this folder. Knows nothing of requests, tokens or roles.
 *
 * A write takes two steps. {@link BlobEngine.store} streams the body into an extent, where nothing refers to it; then the change syncs the
 * extent and hands the writer thread a mutation, which judges its conditions on the row as it stands and changes it, in a transaction shared with
 * whatever else is waiting. The promise resolves after that commit is on disk. So a crash at any moment leaves whole blobs or none, an
 * acknowledged one always, and at most some unused space. A read looks the row up on a connection of its own, on the calling thread, and
 * streams records out of the extent, each checked against its sum; an extent's bytes never change, so a reader needs no lock.
 *
 * @see https://sqlite.org/wal.html
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readRange, readSmallRange } from "./body-reader.ts";
import { type BodySource, type Digests, type StoredBody, syncBody, writeBody } from "./body-writer.ts";
import { type Conditions, noConditions } from "./conditions.ts";
import { type Content, encodeContent, encodePieces, makeHole } from "./content.ts";
import type { ExtentIo } from "./extent-file.ts";
import { defaultExtentLimitBytes, ExtentStore, type StoreProblem } from "./extent-store.ts";
import type { LeaseRequest } from "./leases.ts";
import type { BlockRecord } from "./metadata-reader.ts";
import { type BlobListing, type ContainerKey, type ListedItem, MetadataReader, type Slice } from "./metadata-reader.ts";
import { openForReading } from "./metadata-schema.ts";
import {
  type AccessTier,
  type BlobMoment,
  type BlobName,
  type BlobRecord,
  BlobRefusal,
  type BlobSettings,
  type BlobState,
  type BlobType,
  type BlockListEntry,
  type ContainerAccess,
  type ContainerName,
  type ContainerRecord,
  type DeletedContainer,
  type Metadata,
  noAccess,
  noRetention,
  present,
  type Retention,
  type Tags,
  type Written,
} from "./model.ts";
import type {
  AppendConditions,
  Mutation,
  SequenceChange,
  SequenceConditions,
  SnapshotDeletion,
  StateChange,
} from "./mutations.ts";
import type { TagComparison } from "./tag-expression.ts";
import { type FoundBlobs, TagFinder, type TagPosition } from "./tag-finder.ts";
import { WriterClient } from "./writer-client.ts";

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

/** How often what has had its time is looked for, in milliseconds. Our choice. */
const sweepIntervalMs = 60_000;

/** What a blob gets besides its bytes. */
export type BlobAttributes = {
  readonly settings: BlobSettings;
  readonly metadata: Metadata;
  readonly accessTier: AccessTier | null;
  readonly tags?: Tags;
  readonly state?: BlobState;
  readonly retention?: Retention;
  readonly conditions?: Conditions;
  /** Refuses with `replace-not-permitted` when the blob is there at the moment of the write. */
  readonly mustBeNew?: boolean;
};

/** What a change is judged by, and what is kept of what it takes the place of. */
export type ChangeOptions = { readonly conditions?: Conditions; readonly retention?: Retention };

/** A write of pages; without a body they are cleared. */
export type PageWrite = {
  readonly start: number;
  readonly lengthBytes: number;
  readonly body: StoredBody | null;
  readonly sequence: SequenceConditions;
};

/** A blob as it was at one moment; stays readable whatever happens to the name afterwards. */
export type BlobView = { readonly record: BlobRecord; readonly content: Content };

/**
 * Opens (or makes) the store under a state folder; the time it takes does not grow with what is stored.
 * @throws Error when another process has it open, or it is damaged or of a newer Postern.
 */
export async function openBlobEngine(options: BlobEngineOptions): Promise<BlobEngine> {
  const directory = join(options.stateDir, "blobs");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const report = options.report ?? ((problem: string) => console.error(`blob store: ${problem}`));
  const { maxMetadataPages } = options;
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
      ...(options.io === undefined ? {} : { io: options.io }),
    });
    const finder = new TagFinder(database);
    return new BlobEngine({ reader, finder, extents, writer, report, now: options.now ?? (() => new Date()) });
  } catch (cause) {
    await writer.close();
    throw cause;
  }
}

type EngineParts = {
  readonly reader: MetadataReader;
  readonly finder: TagFinder;
  readonly extents: ExtentStore;
  readonly writer: WriterClient;
  readonly report: (problem: string) => void;
  readonly now: () => Date;
};

export class BlobEngine {
  readonly #reader: MetadataReader;
  readonly #finder: TagFinder;
  readonly #extents: ExtentStore;
  readonly #writer: WriterClient;
  readonly #report: (problem: string) => void;
  readonly #now: () => Date;
  readonly #sweeper: NodeJS.Timeout;
  /** Every request asks for its container, and this process alone changes them. */
  readonly #containers = new Map<string, ContainerKey>();

  constructor({ reader, finder, extents, writer, report, now }: EngineParts) {
    this.#reader = reader;
    this.#finder = finder;
    this.#extents = extents;
    this.#writer = writer;
    this.#report = report;
    this.#now = now;
    this.#sweeper = setInterval(() => void this.sweep(), sweepIntervalMs).unref();
  }

  /** The engine's clock, by which leases run out. */
  get nowMs(): number {
    return this.#now().getTime();
  }

  /** Ends what has had its time: kept deletions, blobs with an end, blocks a week old. It does so by itself now and then. */
  async sweep(): Promise<void> {
    await this.#writer.sweep(this.nowMs);
    this.#containers.clear();
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

  /** Has a change of containers made, after which what was remembered of them is not so any more; not even when it failed half way. */
  async #submitForgetting(mutation: Mutation): Promise<Written> {
    try {
      return await this.#submit(mutation);
    } finally {
      this.#containers.clear();
    }
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
    const view = this.#reader.blobWithContent(container, blob, moment);
    const record = this.#settled(view?.record);
    return record === undefined || view === undefined ? undefined : { record, content: view.content };
  }

  /** A record as of now: a blob past its end is gone, and one that has left the archive is out. */
  #settled(record: BlobRecord | undefined): BlobRecord | undefined {
    if (record === undefined) return undefined;
    const { expiresMs, rehydration, ...state } = record.state;
    if (expiresMs !== undefined && expiresMs <= this.nowMs) return undefined;
    if (rehydration === undefined || rehydration.doneMs > this.nowMs) return record;
    return { ...record, accessTier: rehydration.tier, state };
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
    try {
      yield* readRange(this.#extents, view.content, start, lengthBytes);
    } catch (cause) {
      this.#reportDamage(cause);
      throw cause;
    }
  }

  /** Reads a small range at once; undefined when it is not small, see {@link read}. */
  readSmall(view: BlobView, start: number, lengthBytes: number): Buffer | undefined {
    try {
      return readSmallRange(this.#extents, view.content, start, lengthBytes);
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

  /** @throws BlobRefusal `container-exists`. */
  createContainer(name: ContainerName, metadata: Metadata, access: ContainerAccess = noAccess): Promise<Written> {
    return this.#submitForgetting({ kind: "create-container", ...name, metadata, access });
  }

  /** @throws BlobRefusal `container-not-found`, `condition-not-met`. */
  setContainerMetadata(name: ContainerName, metadata: Metadata, conditions = noConditions): Promise<Written> {
    return this.#submitForgetting({ kind: "set-container-metadata", ...name, metadata, conditions });
  }

  /** Sets who may read without signing in, and the stored policies. @throws BlobRefusal as above. */
  setContainerAccess(name: ContainerName, access: ContainerAccess, conditions = noConditions): Promise<Written> {
    return this.#submitForgetting({ kind: "set-container-access", ...name, access, conditions });
  }

  /** @throws BlobRefusal `lease`. */
  leaseContainer(name: ContainerName, lease: LeaseRequest, conditions = noConditions): Promise<Written> {
    return this.#submitForgetting({ kind: "lease-container", ...name, lease, conditions });
  }

  /**
   * Its blobs are gone at once; their rows are cleared away in the background, after the days that it is kept.
   * @throws BlobRefusal as above.
   */
  deleteContainer(name: ContainerName, conditions = noConditions, keptDays: number | null = null): Promise<Written> {
    return this.#submitForgetting({ kind: "delete-container", ...name, conditions, keptDays });
  }

  /** Has a deleted container back. @throws BlobRefusal `container-not-found` when it is not kept, `container-exists`. */
  restoreContainer(name: ContainerName, deletedName: string, deletedVersion: string): Promise<Written> {
    return this.#submitForgetting({ kind: "restore-container", ...name, deletedName, deletedVersion });
  }

  /** Forgets everything of an account. */
  async deleteAccount(account: string): Promise<void> {
    await this.#submitForgetting({ kind: "delete-account", account });
  }

  /** Creates or replaces a blob; its uncommitted blocks are dropped. @throws BlobRefusal. */
  async putBlob(
    name: BlobName,
    body: StoredBody,
    attributes: BlobAttributes,
    type: BlobType = "BlockBlob",
  ): Promise<Written> {
    await syncBody(body);
    const content = encodeContent(body.spans, []);
    return this.#submit({ kind: "put-blob", ...nameOf(name), ...complete(attributes), type, content });
  }

  /** Keeps an uncommitted block. @param blockId base64, as listings show it. @throws BlobRefusal. */
  async putBlock(name: BlobName, blockId: string, body: StoredBody, leaseId: string | null = null): Promise<void> {
    await syncBody(body);
    const content = encodeContent(body.spans, []);
    await this.#submit({ kind: "put-block", ...nameOf(name), blockId, content, leaseId });
  }

  /** Makes the blob of the named blocks; other uncommitted ones are dropped. @throws BlobRefusal. */
  putBlockList(name: BlobName, entries: readonly BlockListEntry[], attributes: BlobAttributes): Promise<Written> {
    return this.#submit({ kind: "put-block-list", ...nameOf(name), ...complete(attributes), entries });
  }

  setBlobProperties(name: BlobName, settings: BlobSettings, change: ChangeOptions = {}): Promise<Written> {
    return this.#submit({ kind: "set-blob-properties", ...nameOf(name), ...judged(change), settings });
  }

  setBlobMetadata(name: BlobName, metadata: Metadata, change: ChangeOptions = {}): Promise<Written> {
    return this.#submit({ kind: "set-blob-metadata", ...nameOf(name), ...judged(change), metadata });
  }

  /** Replaces a blob's index tags, or a version's. */
  setBlobTags(name: BlobName, tags: Tags, moment: BlobMoment, change: ChangeOptions = {}): Promise<Written> {
    return this.#submit({ kind: "set-blob-tags", ...nameOf(name), ...judged(change), tags, moment });
  }

  leaseBlob(name: BlobName, lease: LeaseRequest, change: ChangeOptions = {}): Promise<Written> {
    return this.#submit({ kind: "lease-blob", ...nameOf(name), ...judged(change), lease });
  }

  /** Makes a blob of another's bytes, which both then share. @param view of the source. @throws BlobRefusal. */
  copyBlob(name: BlobName, view: BlobView, attributes: BlobAttributes): Promise<Written> {
    const { type } = view.record;
    const content = view.content.bytes;
    return this.#submit({ kind: "put-blob", ...nameOf(name), ...complete(attributes), type, content });
  }

  /** Makes a page blob without a written page. @throws BlobRefusal. */
  createPages(name: BlobName, sizeBytes: number, attributes: BlobAttributes): Promise<Written> {
    const content = encodePieces(sizeBytes === 0 ? [] : [makeHole(sizeBytes)]);
    return this.#submit({ kind: "put-blob", ...nameOf(name), ...complete(attributes), type: "PageBlob", content });
  }

  /** @throws BlobRefusal `blob-type`, `blob-sealed`, `append-position`, `append-size`, `blocks-exceeded`. */
  async appendBlock(
    name: BlobName,
    body: StoredBody,
    append: AppendConditions,
    change: ChangeOptions = {},
  ): Promise<Written> {
    await syncBody(body);
    const content = encodeContent(body.spans, []);
    return this.#submit({ kind: "append-block", ...nameOf(name), ...judged(change), content, append });
  }

  /** Writes pages, or clears them. @throws BlobRefusal `blob-type`, `page-range`, `sequence-number`. */
  async putPages(name: BlobName, write: PageWrite, change: ChangeOptions = {}): Promise<Written> {
    const { start, lengthBytes, body, sequence } = write;
    if (body !== null) await syncBody(body);
    const content = body === null ? null : encodeContent(body.spans, []);
    const pages = { start, lengthBytes, content, sequence };
    return this.#submit({ kind: "put-pages", ...nameOf(name), ...judged(change), ...pages });
  }

  /** Properties of a page blob with its size and sequence number; null leaves either. */
  setPagesProperties(
    name: BlobName,
    settings: BlobSettings,
    pages: { readonly sizeBytes: number | null; readonly sequence: SequenceChange | null },
    change: ChangeOptions = {},
  ): Promise<Written> {
    return this.#submit({ kind: "set-pages-properties", ...nameOf(name), ...judged(change), settings, ...pages });
  }

  /** Changes what few blobs have. @throws BlobRefusal. */
  changeState(name: BlobName, state: StateChange, moment: BlobMoment, change: ChangeOptions = {}): Promise<Written> {
    return this.#submit({ kind: "change-state", ...nameOf(name), ...judged(change), change: state, moment });
  }

  /** Keeps the present state under a number of its own. @param metadata in the place of the blob's; null keeps that. */
  snapshotBlob(name: BlobName, metadata: Metadata | null, change: ChangeOptions = {}): Promise<Written> {
    return this.#submit({ kind: "snapshot-blob", ...nameOf(name), ...judged(change), metadata });
  }

  /** @throws BlobRefusal `snapshots-present` when nothing is said of the snapshots that are there. */
  deleteBlob(name: BlobName, change: ChangeOptions = {}, snapshots: SnapshotDeletion = null): Promise<Written> {
    return this.#submit({ kind: "delete-blob", ...nameOf(name), ...judged(change), snapshots });
  }

  /** Deletes a snapshot or a version. @param isPermanent takes what was deleted before and is only kept. */
  deletePast(name: BlobName, moment: BlobMoment, isPermanent: boolean, change: ChangeOptions = {}): Promise<Written> {
    return this.#submit({ kind: "delete-past", ...nameOf(name), ...judged(change), moment, isPermanent });
  }

  /** Has what was deleted and is kept back: the blob, its snapshots and versions. */
  undeleteBlob(name: BlobName): Promise<Written> {
    return this.#submit({ kind: "undelete-blob", ...nameOf(name), ...judged({}) });
  }

  #submit(mutation: Mutation): Promise<Written> {
    return this.#writer.submit(mutation, this.#now().getTime());
  }

  /** Commits what was submitted and closes every file. No read may be under way. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#writer.close();
    this.#reader.close();
    this.#extents.close();
  }
}

/** Only the name: what is sent to the writer is cloned, so it carries nothing else along. */
function nameOf({ account, container, blob }: BlobName): BlobName {
  return { account, container, blob };
}

function judged({ conditions = noConditions, retention = noRetention }: ChangeOptions) {
  return { conditions, retention };
}

function complete(attributes: BlobAttributes) {
  const { settings, metadata, accessTier, tags = [], state = {}, mustBeNew = false } = attributes;
  return { settings, metadata, accessTier, tags, state, mustBeNew, ...judged(attributes) };
}
