/**
 * Reads the metadata: point reads and pages, synchronous and bounded, on a connection of its own. What a change's promise has announced is seen here.
 */
import type { DatabaseSync } from "node:sqlite";
import {
  blobRecord,
  type ContainerRow,
  containerColumns,
  containerRecord,
  type DescribingRow,
  describingColumns,
  historyRecord,
  type StandingRow,
  standingColumns,
} from "./blob-rows.ts";
import { ContainerLister } from "./container-listing.ts";
import { Content } from "./content.ts";
import { decodePastPlace, encodePastPlace, HistoryLister, type PastShown } from "./history-listing.ts";
import type { BlobMoment, BlobRecord, ContainerName, ContainerRecord, DeletedContainer } from "./model.ts";

/** Items of one call at most, so that no call holds the event loop for long. Our choice: some milliseconds. */
export const maxSliceItems = 500;
/** Rows asked for first after a jump over a common prefix; grows fourfold while no prefix is met. */
const firstBatchRows = 1;

/** A row of the listing that also shows blobs with uncommitted blocks only: everything but the name is null. */
type ListedRow = DescribingRow | ({ name: string } & { [Key in Exclude<keyof DescribingRow, "name">]: null });

export type ListedItem =
  | { readonly kind: "blob"; readonly record: BlobRecord }
  /** Only uncommitted blocks so far. */
  | { readonly kind: "uncommitted"; readonly name: string }
  /** All names that begin so, up to and with the delimiter. */
  | { readonly kind: "prefix"; readonly name: string };

/** `next` is where the following slice starts (see `from`); undefined when there is no more. */
export type Slice<Item> = { readonly items: readonly Item[]; readonly next: string | undefined };

export type BlobListing = {
  readonly prefix: string;
  /** "" for none. */
  readonly delimiter: string;
  /** First name that may come, in code point order. */
  readonly from: string;
  /** Names from here on do not come; undefined for no such bound. */
  readonly before?: string | undefined;
  readonly limit: number;
  readonly hasUncommitted: boolean;
  /** What is shown besides the present; undefined for nothing. */
  readonly past?: PastShown;
  /** The time at which kept deletions are shown; needed with `past`. */
  readonly nowMs?: number;
};

/** An item with its place in the listing; `stamp` is 0 where a name has but one item. */
type PlacedItem = { readonly name: string; readonly stamp: number; readonly item: ListedItem };

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
  readonly #containers: ContainerLister;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepareAll(database);
    this.#history = new HistoryLister(database);
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
      return this.#listBlobs(container, listing);
    } finally {
      this.#database.exec("COMMIT");
    }
  }

  #listBlobs(container: ContainerKey, listing: BlobListing): Slice<ListedItem> {
    const { prefix, delimiter, limit } = listing;
    const end = earlierEnd(afterPrefix(prefix), listing.before);
    const items: ListedItem[] = [];
    let position = laterOf(listing.from, prefix);
    let batchRows = delimiter === "" ? limit + 1 : firstBatchRows;
    for (;;) {
      const wanted = Math.min(batchRows, limit - items.length + 1);
      const rows = this.#rows(container, listing, position, end, wanted);
      let jump: string | undefined;
      for (const { name, stamp, item } of rows) {
        const cut = delimiter === "" ? -1 : name.indexOf(delimiter, prefix.length);
        const group = cut < 0 ? undefined : name.slice(0, cut + delimiter.length);
        if (items.length === limit) return { items, next: group ?? encodePastPlace({ name, stamp }) };
        if (group === undefined) items.push(item);
        else {
          items.push({ kind: "prefix", name: group });
          jump = group;
          break;
        }
      }
      if (jump === undefined) {
        const last = rows.at(-1);
        if (last === undefined || rows.length < wanted) return { items, next: undefined };
        position =
          last.stamp === 0 ? `${last.name}\u0000` : encodePastPlace({ name: last.name, stamp: last.stamp + 1 });
        batchRows = Math.min(batchRows * 4, maxSliceItems);
      } else {
        const beyond = afterPrefix(jump);
        if (beyond === undefined) return { items, next: undefined };
        position = beyond;
        batchRows = firstBatchRows;
      }
    }
  }

  #rows(
    { id }: ContainerKey,
    { hasUncommitted, past, nowMs = 0 }: BlobListing,
    position: string,
    end: string | Uint8Array,
    wanted: number,
  ): PlacedItem[] {
    if (past !== undefined) {
      const rows = this.#history.rows(id, past, {
        hasUncommitted,
        from: decodePastPlace(position),
        end,
        nowMs,
        limit: wanted,
      });
      return rows.map(({ name, stamp, record }) => ({
        name,
        stamp,
        item: record === undefined ? { kind: "uncommitted", name } : { kind: "blob", record },
      }));
    }
    const statement = hasUncommitted ? this.#statements.blobsAndStaged : this.#statements.blobs;
    const bounds = [id, position, end] as const;
    const rows = hasUncommitted ? statement.all(...bounds, ...bounds, wanted) : statement.all(...bounds, wanted);
    return (rows as ListedRow[]).map((row) => ({ name: row.name, stamp: 0, item: listedItem(row) }));
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

/** The later of two texts in code point order, which for UTF-16 is not JavaScript's own. */
function laterOf(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0 ? a : b;
}

/** The end of a listing: of its prefix, or the bound before that. */
function earlierEnd(end: string | undefined, before: string | undefined): string | Uint8Array {
  if (end === undefined || before === undefined) return end ?? before ?? aboveAllText;
  return laterOf(end, before) === end ? before : end;
}

/** The least text, in code point order, that is above everything that begins with the prefix; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    // Surrogates are no characters of their own and have no place in UTF-8.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return points.map((point) => String.fromCodePoint(point)).join("") + String.fromCodePoint(next);
  }
  return undefined;
}

function listedItem(row: ListedRow): ListedItem {
  return row.version === null ? { kind: "uncommitted", name: row.name } : { kind: "blob", record: blobRecord(row) };
}

function prepareAll(database: DatabaseSync) {
  const past = "FROM history WHERE container_id = ? AND name = ? AND stamp = ?";
  return {
    container: database.prepare(`SELECT ${containerColumns} FROM containers WHERE account = ? AND name = ?`),
    containers: database.prepare(
      `SELECT ${containerColumns} FROM containers WHERE account = ? AND name >= ? AND name < ? ORDER BY name LIMIT ?`,
    ),
    blob: database.prepare(`SELECT ${describingColumns} FROM blobs WHERE container_id = ? AND name = ?`),
    blobWithContent: database.prepare(
      `SELECT ${describingColumns}, content FROM blobs WHERE container_id = ? AND name = ?`,
    ),
    past: database.prepare(`SELECT ${standingColumns}, ${describingColumns} ${past}`),
    pastWithContent: database.prepare(`SELECT ${standingColumns}, ${describingColumns}, content ${past}`),
    blobs: database.prepare(`SELECT ${describingColumns} FROM blobs WHERE ${range} ORDER BY name LIMIT ?`),
    blobsAndStaged: database.prepare(
      `SELECT ${describingColumns} FROM blobs WHERE ${range}
       UNION ALL
       SELECT name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM staged WHERE ${range}
         AND NOT EXISTS (SELECT 1 FROM blobs WHERE blobs.container_id = staged.container_id AND blobs.name = staged.name)
       ORDER BY name LIMIT ?`,
    ),
    staged: database.prepare("SELECT 1 FROM staged WHERE container_id = ? AND name = ?"),
    blocks: database.prepare(
      "SELECT block_id, size_bytes FROM blocks WHERE container_id = ? AND name = ? AND block_id > ? ORDER BY block_id LIMIT ?",
    ),
  };
}
