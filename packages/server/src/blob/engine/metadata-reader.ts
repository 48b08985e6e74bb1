/**
 * Reads the metadata: point reads and pages, synchronous and bounded, on a connection of its own. What a change's promise has announced is seen here.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  blobRecord,
  type ContainerRow,
  containerColumns,
  containerRecord,
  type DescribingRow,
  describingColumns,
  historyRecord,
  type ListedValues,
  listedColumns,
  listedRow,
  rowBound,
  type StandingRow,
  stagedColumns,
  standingColumns,
} from "./blob-rows.ts";
import { ContainerLister } from "./container-listing.ts";
import { Content } from "./content.ts";
import { canJumpFolders, FolderLister } from "./folder-listing.ts";
import { HistoryLister } from "./history-listing.ts";
import {
  afterPrefix,
  type BlobListing,
  type ListedItem,
  laterOf,
  type PlacedRow,
  pastPlaceOf,
  type RowsAsked,
  type Slice,
  walkListing,
} from "./listing-walk.ts";
import type { BlobMoment, BlobRecord, ContainerName, ContainerRecord, DeletedContainer } from "./model.ts";

/** Rows asked for first after a jump over a common prefix: a look at one costs next to nothing here. */
const firstBatchRows = 1;

export { type BlobListing, type ListedItem, maxSliceItems, type Slice } from "./listing-walk.ts";

export type BlockRecord = { readonly blockId: string; readonly sizeBytes: number };

/** The engine's answer to "which container": opaque outside. */
export type ContainerKey = { readonly id: number; readonly record: ContainerRecord };

/** SQLite orders every BLOB after every TEXT. */
const aboveAllText = new Uint8Array([0]);

const range = "container_id = ? AND name >= ? AND name < ?";

export class MetadataReader {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareAll>;
  readonly #history: HistoryLister;
  readonly #folders: FolderLister;
  readonly #containers: ContainerLister;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepareAll(database);
    this.#history = new HistoryLister(database);
    this.#folders = new FolderLister(database);
    this.#containers = new ContainerLister(database);
  }

  container({ account, container }: ContainerName): ContainerKey | undefined {
    const row = this.#statements.container.get(account, container) as ContainerRow | undefined;
    return row && { id: row.id, record: containerRecord(row) };
  }

  /** @param from first name that may come. */
  listContainers(account: string, prefix: string, from: string, limit: number): Slice<ContainerRecord> {
    const start = laterOf(from, prefix);
    const end = afterPrefix(prefix) ?? aboveAllText;
    const rows = this.#statements.containers.all(account, start, end, limit + 1) as ContainerRow[];
    return { items: rows.slice(0, limit).map(containerRecord), next: rows[limit]?.name };
  }

  /** The same with those that are deleted and kept. */
  listAllContainers(
    account: string,
    prefix: string,
    from: string,
    nowMs: number,
    limit: number,
  ): Slice<ContainerRecord | DeletedContainer> {
    const end = afterPrefix(prefix) ?? aboveAllText;
    return this.#containers.list(account, laterOf(from, prefix), end, nowMs, limit);
  }

  /** What a name is, or was at a moment. What is deleted and only kept is not found. */
  blob(container: ContainerKey, blob: string, moment: BlobMoment): BlobRecord | undefined {
    return this.#find(container, blob, moment, "")?.record;
  }

  /** A blob's record and where its bytes are, of one moment. */
  blobWithContent(
    container: ContainerKey,
    blob: string,
    moment: BlobMoment,
  ): { record: BlobRecord; content: Content } | undefined {
    if (moment.kind === "present") {
      // The way of most reads.
      const row = this.#statements.blobWithContent.get(container.id, blob) as
        | (DescribingRow & { content: Uint8Array })
        | undefined;
      return row && { record: blobRecord(row), content: new Content(row.content) };
    }
    const found = this.#find(container, blob, moment, "WithContent");
    return found && { record: found.record, content: new Content(found.row.content) };
  }

  #find({ id }: ContainerKey, blob: string, moment: BlobMoment, columns: "" | "WithContent") {
    if (moment.kind !== "snapshot") {
      const row = this.#statements[`blob${columns}`].get(id, blob) as
        | (DescribingRow & { content: Uint8Array })
        | undefined;
      const isMeant = moment.kind === "present" || row?.version_id === moment.stamp;
      if (isMeant) return row && { row, record: blobRecord(row) };
    }
    const row = this.#statements[`past${columns}`].get(id, blob, moment.stamp) as
      | (DescribingRow & StandingRow & { content: Uint8Array })
      | undefined;
    const wanted = moment.kind === "snapshot" ? "S" : "V";
    return row === undefined || row.kind !== wanted || row.ends_ms !== null
      ? undefined
      : { row, record: historyRecord(row) };
  }

  /** Uncommitted blocks in order of their ids. @param after the last id of the slice before, or "". */
  uncommittedBlocks(container: ContainerKey, blob: string, after: string, limit: number): BlockRecord[] {
    const rows = this.#statements.blocks.all(container.id, blob, after, limit) as {
      block_id: string;
      size_bytes: number;
    }[];
    return rows.map((row) => ({ blockId: row.block_id, sizeBytes: row.size_bytes }));
  }

  hasUncommittedBlocks(container: ContainerKey, blob: string): boolean {
    return this.#statements.staged.get(container.id, blob) !== undefined;
  }

  /** One slice of a listing, of one moment; costs what it returns: names under a common prefix are jumped over, not walked. */
  listBlobs(container: ContainerKey, listing: BlobListing): Slice<ListedItem> {
    // One transaction, or every jump would take and release the locks of its own.
    this.#database.exec("BEGIN");
    try {
      const walk = walkListing(listing, { firstBatchRows, canJump: canJumpFolders(listing) });
      let step = walk.next();
      while (step.done !== true) step = walk.next(this.#rows(container, listing, step.value));
      return step.value;
    } finally {
      this.#database.exec("COMMIT");
    }
  }

  #rows({ id }: ContainerKey, listing: BlobListing, asked: RowsAsked): PlacedRow[] {
    const { hasUncommitted, past, nowMs = 0 } = listing;
    const end = asked.end ?? aboveAllText;
    const { limit } = asked;
    if (asked.isJumping) return this.#folders.rows(id, listing, { ...asked, end });
    if (past !== undefined)
      return this.#history.rows(id, past, { hasUncommitted, from: pastPlaceOf(asked), end, nowMs, limit });
    const statement = hasUncommitted ? this.#statements.blobsAndStaged : this.#statements.blobs;
    const bounds = [id, asked.position, end] as const;
    const rows = hasUncommitted ? statement.all(...bounds, ...bounds, limit) : statement.all(...bounds, limit);
    return (rows as unknown as ListedValues[]).map(listedRow);
  }

  /** Per extent, the end of the last byte that rows refer to. */
  watermarks(): Map<number, number> {
    const rows = this.#database.prepare("SELECT id, end_bytes FROM extents").all() as {
      id: number;
      end_bytes: number;
    }[];
    return new Map(rows.map((row) => [row.id, row.end_bytes]));
  }

  close(): void {
    this.#database.close();
  }
}

function prepareAll(database: DatabaseSync) {
  const past = "FROM history WHERE container_id = ? AND name = ? AND stamp = ?";
  return {
    container: database.prepare(`SELECT ${containerColumns} FROM containers WHERE account = ? AND name = ?`),
    containers: database.prepare(
      `SELECT ${containerColumns} FROM containers WHERE account = ? AND name >= ? AND name < ? ORDER BY name ${rowBound}`,
    ),
    blob: database.prepare(`SELECT ${describingColumns} FROM blobs WHERE container_id = ? AND name = ?`),
    blobWithContent: database.prepare(
      `SELECT ${describingColumns}, content FROM blobs WHERE container_id = ? AND name = ?`,
    ),
    past: database.prepare(`SELECT ${standingColumns}, ${describingColumns} ${past}`),
    pastWithContent: database.prepare(`SELECT ${standingColumns}, ${describingColumns}, content ${past}`),
    blobs: asArrays(database.prepare(`SELECT ${listedColumns} FROM blobs WHERE ${range} ORDER BY name ${rowBound}`)),
    blobsAndStaged: asArrays(
      database.prepare(
        `SELECT ${listedColumns} FROM blobs WHERE ${range}
         UNION ALL
         SELECT ${stagedColumns} FROM staged WHERE ${range}
           AND NOT EXISTS (SELECT 1 FROM blobs WHERE blobs.container_id = staged.container_id AND blobs.name = staged.name)
         ORDER BY name ${rowBound}`,
      ),
    ),
    staged: database.prepare("SELECT 1 FROM staged WHERE container_id = ? AND name = ?"),
    blocks: database.prepare(
      `SELECT block_id, size_bytes FROM blocks WHERE container_id = ? AND name = ? AND block_id > ? ORDER BY block_id ${rowBound}`,
    ),
  };
}

function asArrays(statement: StatementSync): StatementSync {
  statement.setReturnArrays(true);
  return statement;
}
