/**
 * The only writer of the metadata: looks at the row, judges, and changes it, all in one transaction; many changes share a commit.
 *
 * Runs in the writer thread (blob-writer-worker.ts); knows SQL and nothing of threads. What each kind of change does is in the *-changes.ts files.
 */
import type { DatabaseSync } from "node:sqlite";
import { appendBlock } from "./append-changes.ts";
import { putBlob, putBlock, putBlockList, setMetadata, setProperties, setTags } from "./blob-changes.ts";
import {
  createContainer,
  deleteAccount,
  deleteContainer,
  leaseContainer,
  restoreContainer,
  setContainerAccess,
  setContainerMetadata,
} from "./container-changes.ts";
import { forgetExtent, moveContent } from "./extent-changes.ts";
import { deleteBlob, deletePast, snapshotBlob, undeleteBlob } from "./history-changes.ts";
import { copyIncrementally } from "./incremental-changes.ts";
import { leaseBlob } from "./lease-changes.ts";
import type { Written } from "./model.ts";
import type { Mutation, MutationOf, MutationResult, TimedMutation } from "./mutations.ts";
import { putPages, setPagesProperties } from "./page-changes.ts";
import { changeState } from "./state-changes.ts";
import { purgeSlice, sweepSlice } from "./upkeep.ts";
import { Refused, WriterContext } from "./writer-context.ts";

type Changes = {
  readonly [Kind in Mutation["kind"]]: (context: WriterContext, mutation: MutationOf<Kind>, timeMs: number) => Written;
};

const changes: Changes = {
  "create-container": createContainer,
  "set-container-metadata": setContainerMetadata,
  "set-container-access": setContainerAccess,
  "lease-container": leaseContainer,
  "delete-container": deleteContainer,
  "restore-container": restoreContainer,
  "delete-account": deleteAccount,
  "move-content": moveContent,
  "forget-extent": forgetExtent,
  "put-blob": putBlob,
  "incremental-copy": copyIncrementally,
  "put-block": putBlock,
  "put-block-list": putBlockList,
  "set-blob-properties": setProperties,
  "set-blob-metadata": setMetadata,
  "set-blob-tags": setTags,
  "lease-blob": leaseBlob,
  "append-block": appendBlock,
  "put-pages": putPages,
  "set-pages-properties": setPagesProperties,
  "change-state": changeState,
  "snapshot-blob": snapshotBlob,
  "delete-blob": deleteBlob,
  "delete-past": deletePast,
  "undelete-blob": undeleteBlob,
};

export class MetadataWriter {
  readonly #database: DatabaseSync;
  readonly #context: WriterContext;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#context = new WriterContext(database);
  }

  /** Up to which number of the journal's batches rows know of them. */
  get journaledNumber(): number {
    return (this.#context.statements.readJournaled.get() as { value: number }).value;
  }

  /**
   * Carries out a group of changes in one transaction, each seeing the ones before it; it is not on disk before {@link sync}.
   * @param number of the journal's batch with which the group ends.
   * @throws the database's error (no room, a dying disk); then none of the group was done.
   */
  commitGroup(group: readonly TimedMutation[], number: number): MutationResult[] {
    return this.#inTransaction(() => {
      this.#context.statements.writeJournaled.run(number);
      return group.map((item) => carryOut(this.#context, item));
    });
  }

  /** Has all that was committed on disk when it returns. */
  sync(): void {
    const { statements } = this.#context;
    // A transaction that changes nothing would write nothing, and so not sync either.
    this.#synced(() => statements.writeJournaled.run(this.journaledNumber));
  }

  /** Clears away some rows of deleted containers. @returns whether there is more to do. */
  purgeSlice(): boolean {
    return this.#synced(() => purgeSlice(this.#context));
  }

  /** Ends some of what has had its time: kept deletions, blobs with an end, blocks that nobody committed. @returns whether there is more to do. */
  sweepSlice(nowMs: number): boolean {
    return this.#synced(() => sweepSlice(this.#context, nowMs));
  }

  /** A transaction that is on disk when it is done, with all before it. */
  #synced<Result>(work: () => Result): Result {
    this.#database.exec("PRAGMA synchronous = FULL");
    try {
      return this.#inTransaction(work);
    } finally {
      this.#database.exec("PRAGMA synchronous = NORMAL");
    }
  }

  #inTransaction<Result>(work: () => Result): Result {
    const { statements } = this.#context;
    const stampBefore = this.#context.lastStamp;
    statements.begin.run();
    try {
      const result = work();
      if (this.#context.lastStamp !== stampBefore) {
        statements.writeVersion.run(this.#context.lastStamp);
      }
      this.#context.ledger.flush();
      statements.commit.run();
      return result;
    } catch (cause) {
      this.#context.forget(stampBefore);
      // After some failures (disk full, I/O error) SQLite has rolled back by itself and ROLLBACK would fail too.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw cause;
    }
  }
}

/** Carries out one change within the transaction of its group. @throws the database's error. */
export function carryOut(context: WriterContext, { mutation, timeMs }: TimedMutation): MutationResult {
  try {
    // A refusal is thrown before the first row is touched, so the group's transaction stays good.
    const change = changes[mutation.kind] as Changes["delete-blob"];
    return { isOk: true, written: change(context, mutation as never, timeMs) };
  } catch (cause) {
    if (cause instanceof Refused) return { isOk: false, fault: cause.fault };
    throw cause;
  }
}
