/**
 * The only writer of the metadata: looks at the row, judges, and changes it, all in one transaction; many changes share a commit.
 *
 * Runs in the writer thread (blob-writer-worker.ts); knows SQL and nothing of threads.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { assembleBlocks } from "./block-assembly.ts";
import { type Conditions, judgeWrite, type Present } from "./conditions.ts";
import { Content, encodeContent } from "./content.ts";
import { ExtentLedger } from "./extent-ledger.ts";
import { etagOf } from "./metadata-schema.ts";
import { type BlobFault, type Mutation, type MutationResult, maxUncommittedBlocks } from "./model.ts";
import { encodeMetadata, encodeSettings } from "./row-format.ts";

/** Rows of a deleted container cleared away in one transaction. Our choice: some milliseconds. */
const purgeSliceRows = 500;
/** ETags to a millisecond; more changes than that borrow from the next. Our choice. */
const versionsPerMs = 256;

type ContainerRow = { id: number; version: number; modified_ms: number };
type BlobRow = { version: number; created_ms: number; modified_ms: number; content: Uint8Array };
type StagedRow = { id_length: number; block_count: number };
type BlockRow = { block_id: string; size_bytes: number; content: Uint8Array };

class Refused extends Error {
  readonly fault: BlobFault;
  constructor(fault: BlobFault) {
    super(fault.kind);
    this.fault = fault;
  }
}

function refuse(fault: BlobFault): never {
  throw new Refused(fault);
}

export type TimedMutation = { readonly mutation: Mutation; readonly timeMs: number };

export class MetadataWriter {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareAll>;
  readonly #ledger: ExtentLedger;
  #lastVersion: number;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepareAll(database);
    this.#ledger = new ExtentLedger(database);
    this.#lastVersion = (this.#statements.readVersion.get() as { value: number }).value;
  }

  /**
   * Carries out a group of changes in one transaction, each seeing the ones before it; they are on disk when this returns.
   * @throws the database's error (no room, a dying disk); then none of the group was done.
   */
  commitGroup(group: readonly TimedMutation[]): MutationResult[] {
    const versionBefore = this.#lastVersion;
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const results = group.map((item) => this.#attempt(item));
      if (this.#lastVersion !== versionBefore) this.#statements.writeVersion.run(this.#lastVersion);
      this.#ledger.flush();
      this.#database.exec("COMMIT");
      return results;
    } catch (cause) {
      this.#ledger.forget();
      this.#lastVersion = versionBefore;
      // After some failures (disk full, I/O error) SQLite has rolled back by itself and ROLLBACK would fail too.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw cause;
    }
  }

  /**
   * Clears away some rows of deleted containers.
   * @returns whether there is more to do.
   */
  purgeSlice(): boolean {
    const purge = this.#statements.nextPurge.get() as { container_id: number } | undefined;
    if (purge === undefined) return false;
    const { container_id: id } = purge;
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      let count = 0;
      for (const table of ["blobs", "blocks"] as const) {
        const [read, remove] = this.#statements.purge[table];
        const rows = read.all(id, purgeSliceRows - count) as { name: string; block_id: string; content: Uint8Array }[];
        for (const { name, block_id: blockId, content } of rows) {
          this.#ledger.remove(content);
          if (table === "blobs") remove.run(id, name);
          else remove.run(id, name, blockId);
        }
        count += rows.length;
      }
      if (count < purgeSliceRows) {
        this.#statements.purgeStaged.run(id);
        this.#statements.endPurge.run(id);
      }
      this.#ledger.flush();
      this.#database.exec("COMMIT");
      return true;
    } catch (cause) {
      this.#ledger.forget();
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw cause;
    }
  }

  #attempt({ mutation, timeMs }: TimedMutation): MutationResult {
    try {
      // A refusal is thrown before the first row is touched, so the group's transaction stays good.
      const version = this.#apply(mutation, timeMs);
      return { isOk: true, written: { etag: etagOf(version), modifiedMs: timeMs } };
    } catch (cause) {
      if (cause instanceof Refused) return { isOk: false, fault: cause.fault };
      throw cause;
    }
  }

  #apply(mutation: Mutation, timeMs: number): number {
    switch (mutation.kind) {
      case "create-container":
        return this.#createContainer(mutation, timeMs);
      case "set-container-metadata":
        return this.#setContainerMetadata(mutation, timeMs);
      case "delete-container":
        return this.#deleteContainer(mutation);
      case "delete-account":
        return this.#deleteAccount(mutation.account);
      case "put-blob":
        return this.#putBlob(mutation, timeMs);
      case "put-block":
        return this.#putBlock(mutation, timeMs);
      case "put-block-list":
        return this.#putBlockList(mutation, timeMs);
      case "set-blob-properties":
        return this.#updateBlob(mutation, timeMs, this.#statements.setSettings, encodeSettings(mutation.settings));
      case "set-blob-metadata":
        return this.#updateBlob(mutation, timeMs, this.#statements.setMetadata, encodeMetadata(mutation.metadata));
      case "delete-blob":
        return this.#deleteBlob(mutation);
    }
  }

  /** Grows with every change, also over restarts and when the clock goes back: no ETag comes twice. */
  #nextVersion(timeMs: number): number {
    this.#lastVersion = Math.max(this.#lastVersion + 1, timeMs * versionsPerMs);
    return this.#lastVersion;
  }

  #findContainer(account: string, container: string): ContainerRow | undefined {
    return this.#statements.findContainer.get(account, container) as ContainerRow | undefined;
  }

  #container({ account, container }: { account: string; container: string }): ContainerRow {
    return this.#findContainer(account, container) ?? refuse({ kind: "container-not-found" });
  }

  #judge(conditions: Conditions, row: { version: number; modified_ms: number } | undefined, isCreate = false): void {
    const present: Present = row && { etag: etagOf(row.version), modifiedMs: row.modified_ms };
    const fault = judgeWrite(conditions, present, isCreate);
    if (fault !== undefined) refuse(fault);
  }

  #createContainer(mutation: Extract<Mutation, { kind: "create-container" }>, timeMs: number): number {
    const { account, container, metadata } = mutation;
    if (this.#findContainer(account, container) !== undefined) refuse({ kind: "container-exists" });
    const version = this.#nextVersion(timeMs);
    this.#statements.insertContainer.run(account, container, version, timeMs, encodeMetadata(metadata));
    return version;
  }

  #setContainerMetadata(mutation: Extract<Mutation, { kind: "set-container-metadata" }>, timeMs: number): number {
    const row = this.#container(mutation);
    this.#judge(mutation.conditions, row);
    const version = this.#nextVersion(timeMs);
    this.#statements.updateContainer.run(version, timeMs, encodeMetadata(mutation.metadata), row.id);
    return version;
  }

  #deleteContainer(mutation: Extract<Mutation, { kind: "delete-container" }>): number {
    const row = this.#container(mutation);
    this.#judge(mutation.conditions, row);
    this.#statements.beginPurge.run(row.id);
    this.#statements.deleteContainer.run(row.id);
    return row.version;
  }

  #deleteAccount(account: string): number {
    this.#statements.beginPurgeOfAccount.run(account);
    this.#statements.deleteContainersOfAccount.run(account);
    return this.#lastVersion;
  }

  #findBlob(containerId: number, blob: string): BlobRow | undefined {
    return this.#statements.findBlob.get(containerId, blob) as BlobRow | undefined;
  }

  #putBlob(mutation: Extract<Mutation, { kind: "put-blob" }>, timeMs: number): number {
    const { id } = this.#container(mutation);
    const before = this.#findBlob(id, mutation.blob);
    if (mutation.mustBeNew && before !== undefined) refuse({ kind: "replace-not-permitted" });
    this.#judge(mutation.conditions, before, true);
    this.#discardStaged(id, mutation.blob);
    return this.#writeBlob(id, mutation, before, mutation.content, timeMs);
  }

  #writeBlob(
    containerId: number,
    { blob, settings, accessTier, metadata }: Extract<Mutation, { kind: "put-blob" | "put-block-list" }>,
    before: BlobRow | undefined,
    content: Uint8Array,
    timeMs: number,
  ): number {
    if (before !== undefined) this.#ledger.remove(before.content);
    this.#ledger.add(content);
    const version = this.#nextVersion(timeMs);
    this.#statements.writeBlob.run(
      containerId,
      blob,
      version,
      before?.created_ms ?? timeMs,
      timeMs,
      new Content(content).sizeBytes,
      encodeSettings(settings),
      accessTier,
      encodeMetadata(metadata),
      content,
    );
    return version;
  }

  #putBlock(mutation: Extract<Mutation, { kind: "put-block" }>, timeMs: number): number {
    const { id } = this.#container(mutation);
    const { blob, blockId, content } = mutation;
    const staged = this.#statements.findStaged.get(id, blob) as StagedRow | undefined;
    if (staged !== undefined && staged.id_length !== blockId.length) refuse({ kind: "block-id-length" });
    const before = this.#statements.findBlock.get(id, blob, blockId) as BlockRow | undefined;
    const count = (staged?.block_count ?? 0) + (before === undefined ? 1 : 0);
    if (count > maxUncommittedBlocks) refuse({ kind: "uncommitted-blocks-exceeded" });
    if (before !== undefined) this.#ledger.remove(before.content);
    this.#ledger.add(content);
    this.#statements.writeBlock.run(id, blob, blockId, new Content(content).sizeBytes, content);
    this.#statements.writeStaged.run(id, blob, blockId.length, count, timeMs);
    return this.#lastVersion;
  }

  #putBlockList(mutation: Extract<Mutation, { kind: "put-block-list" }>, timeMs: number): number {
    const { id } = this.#container(mutation);
    const { blob, entries } = mutation;
    const before = this.#findBlob(id, blob);
    if (mutation.mustBeNew && before !== undefined) refuse({ kind: "replace-not-permitted" });
    this.#judge(mutation.conditions, before, true);
    const assembled = assembleBlocks(
      entries,
      (blockId) => (this.#statements.findBlock.get(id, blob, blockId) as BlockRow | undefined)?.content,
      before === undefined ? undefined : new Content(before.content),
    );
    if ("fault" in assembled) refuse(assembled.fault);
    this.#discardStaged(id, blob);
    return this.#writeBlob(id, mutation, before, encodeContent(assembled.spans, assembled.blocks), timeMs);
  }

  #discardStaged(containerId: number, blob: string): void {
    if (this.#statements.findStaged.get(containerId, blob) === undefined) return;
    for (const { content } of this.#statements.blocksOf.iterate(containerId, blob) as Iterable<BlockRow>) {
      this.#ledger.remove(content);
    }
    this.#statements.deleteBlocks.run(containerId, blob);
    this.#statements.deleteStaged.run(containerId, blob);
  }

  #updateBlob(
    mutation: Extract<Mutation, { kind: "set-blob-properties" | "set-blob-metadata" }>,
    timeMs: number,
    update: StatementSync,
    value: string,
  ): number {
    const { id } = this.#container(mutation);
    const row = this.#statements.findBlobState.get(id, mutation.blob) as BlobRow | undefined;
    this.#judge(mutation.conditions, row);
    if (row === undefined) refuse({ kind: "blob-not-found" });
    const version = this.#nextVersion(timeMs);
    update.run(version, timeMs, value, id, mutation.blob);
    return version;
  }

  #deleteBlob(mutation: Extract<Mutation, { kind: "delete-blob" }>): number {
    const { id } = this.#container(mutation);
    const row = this.#findBlob(id, mutation.blob);
    this.#judge(mutation.conditions, row);
    if (row === undefined) refuse({ kind: "blob-not-found" });
    this.#ledger.remove(row.content);
    this.#statements.deleteBlob.run(id, mutation.blob);
    return row.version;
  }
}

function prepareAll(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    readVersion: prepare("SELECT value FROM counters WHERE name = 'version'"),
    writeVersion: prepare("UPDATE counters SET value = ? WHERE name = 'version'"),
    findContainer: prepare("SELECT id, version, modified_ms FROM containers WHERE account = ? AND name = ?"),
    insertContainer: prepare(
      "INSERT INTO containers (account, name, version, modified_ms, metadata) VALUES (?, ?, ?, ?, ?)",
    ),
    updateContainer: prepare("UPDATE containers SET version = ?, modified_ms = ?, metadata = ? WHERE id = ?"),
    deleteContainer: prepare("DELETE FROM containers WHERE id = ?"),
    deleteContainersOfAccount: prepare("DELETE FROM containers WHERE account = ?"),
    beginPurge: prepare("INSERT INTO purges (container_id) VALUES (?)"),
    beginPurgeOfAccount: prepare("INSERT INTO purges SELECT id FROM containers WHERE account = ?"),
    nextPurge: prepare("SELECT container_id FROM purges LIMIT 1"),
    endPurge: prepare("DELETE FROM purges WHERE container_id = ?"),
    purgeStaged: prepare("DELETE FROM staged WHERE container_id = ?"),
    purge: {
      blobs: [
        prepare("SELECT name, '' AS block_id, content FROM blobs WHERE container_id = ? LIMIT ?"),
        prepare("DELETE FROM blobs WHERE container_id = ? AND name = ?"),
      ],
      blocks: [
        prepare("SELECT name, block_id, content FROM blocks WHERE container_id = ? LIMIT ?"),
        prepare("DELETE FROM blocks WHERE container_id = ? AND name = ? AND block_id = ?"),
      ],
    } as const,
    findBlob: prepare(
      "SELECT version, created_ms, modified_ms, content FROM blobs WHERE container_id = ? AND name = ?",
    ),
    findBlobState: prepare("SELECT version, modified_ms FROM blobs WHERE container_id = ? AND name = ?"),
    writeBlob: prepare("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    setSettings: prepare(
      "UPDATE blobs SET version = ?, modified_ms = ?, settings = ? WHERE container_id = ? AND name = ?",
    ),
    setMetadata: prepare(
      "UPDATE blobs SET version = ?, modified_ms = ?, metadata = ? WHERE container_id = ? AND name = ?",
    ),
    deleteBlob: prepare("DELETE FROM blobs WHERE container_id = ? AND name = ?"),
    findStaged: prepare("SELECT id_length, block_count FROM staged WHERE container_id = ? AND name = ?"),
    writeStaged: prepare("INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?, ?)"),
    deleteStaged: prepare("DELETE FROM staged WHERE container_id = ? AND name = ?"),
    findBlock: prepare(
      "SELECT block_id, size_bytes, content FROM blocks WHERE container_id = ? AND name = ? AND block_id = ?",
    ),
    blocksOf: prepare("SELECT block_id, size_bytes, content FROM blocks WHERE container_id = ? AND name = ?"),
    writeBlock: prepare("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?)"),
    deleteBlocks: prepare("DELETE FROM blocks WHERE container_id = ? AND name = ?"),
  };
}
