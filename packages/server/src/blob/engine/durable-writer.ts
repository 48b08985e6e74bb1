/**
 * Makes changes durable: a group goes into the journal by one sync, its bytes and rows are then written where they belong without one, and those are synced
 * when the journal is full. The order is what makes a crash harmless: a row is written after its change is in the journal, so rows never know of more than
 * the journal and the last sync together; and the journal is begun anew only after what it has is on disk elsewhere.
 *
 * Carrying a change out follows from the rows, the change and its time alone, so that a change carried out again comes to the same. What changes rows by
 * itself (purges, sweeps) is not in the journal and therefore synced, with all rows before it, before the next change is looked at.
 */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { decodeBatch, encodeBatch, type SentChange, type UnwrittenRecord } from "./change-batch.ts";
import { Journal, JournalBroken, type JournaledBatch, type JournalIo, readJournal } from "./journal.ts";
import { openForWriting } from "./metadata-schema.ts";
import { MetadataWriter } from "./metadata-writer.ts";
import type { MutationResult } from "./mutations.ts";
import { RecordWriter } from "./record-writer.ts";

export type DurableWriterOptions = {
  /** `blobs` of a state folder; the caller holds its lock. */
  readonly directory: string;
  readonly maxPageCount?: number;
  readonly io?: JournalIo;
  readonly journalLimitBytes?: number;
};

/** What became of one change; `error` is the database's or the disk's own, for the log. */
export type Outcome =
  | MutationResult
  | { readonly isOk: false; readonly error: string; readonly isStorageFull: boolean };

export type TicketOutcome = { readonly ticket: number; readonly outcome: Outcome };

/** SQLite's code for no room. @see https://sqlite.org/rescode.html#full */
const sqliteFull = 13;

export class DurableWriter {
  readonly #database: DatabaseSync;
  readonly #writer: MetadataWriter;
  readonly #records: RecordWriter;
  readonly #journal: Journal;

  /** Opens the folder, and carries out again what a crash may have lost of what was acknowledged. @throws when it is damaged or of a newer Postern. */
  constructor({ directory, maxPageCount, io, journalLimitBytes }: DurableWriterOptions) {
    this.#database = openForWriting(join(directory, "metadata.db"), maxPageCount);
    try {
      this.#writer = new MetadataWriter(this.#database);
      this.#records = new RecordWriter(join(directory, "extents"));
      const file = join(directory, "journal");
      const batches = readJournal(file);
      const lastNumber = Math.max(this.#writer.journaledNumber, batches.at(-1)?.number ?? 0);
      this.#journal = new Journal(file, lastNumber, io, journalLimitBytes);
      if (batches.length > 0) this.#replay(batches);
    } catch (cause) {
      this.#database.close();
      throw cause;
    }
  }

  #replay(batches: readonly JournaledBatch[]): void {
    const done = this.#writer.journaledNumber;
    for (const { number, batch } of batches) {
      const changes = decodeBatch(batch);
      this.#records.rewrite(recordsOf(changes));
      if (number > done) this.#writer.commitGroup(changes, number);
    }
    this.#settle();
  }

  /** Carries out changes that came in batches, as one group where that can be. @throws JournalBroken. */
  commit(batches: readonly Buffer[]): TicketOutcome[] {
    const changes = batches.length === 1 ? decodeBatch(batches[0]!) : batches.flatMap(decodeBatch);
    const outcomes = this.#commitOrSay(changes, batches);
    return changes.map(({ ticket }, index) => ({ ticket, outcome: outcomes[index]! }));
  }

  #commitOrSay(changes: readonly SentChange[], batches: readonly Buffer[]): Outcome[] {
    try {
      return this.#commitTogether(changes, batches);
    } catch (cause) {
      if (cause instanceof JournalBroken) throw cause;
      // One by one, so that what fails by itself does not take its neighbours with it.
      if (changes.length > 1) return changes.flatMap((change) => this.#commitOrSay([change], [encodeBatch([change])]));
      const { message, errcode, code } = cause as Error & { errcode?: number; code?: string };
      return [{ isOk: false, error: message, isStorageFull: errcode === sqliteFull || code === "ENOSPC" }];
    }
  }

  #commitTogether(changes: readonly SentChange[], batches: readonly Buffer[]): MutationResult[] {
    this.#records.write(recordsOf(changes));
    this.#journal.append(batches);
    try {
      return this.#writer.commitGroup(changes, this.#journal.lastNumber);
    } catch (cause) {
      this.#journal.takeBack();
      throw cause;
    }
  }

  /** Begins the journal anew where it is full; for a moment when nobody waits. @throws the disk's error: what is on disk is unknown then. */
  settleWhenFull(): void {
    if (!this.#journal.isFull) return;
    try {
      this.#settle();
    } catch (cause) {
      // No room for a row: the journal goes on growing, until there is none for it either or this succeeds.
      if ((cause as { errcode?: number }).errcode !== sqliteFull) throw cause;
    }
  }

  /** Has all that is in the journal on disk elsewhere, so that it begins anew. */
  #settle(): void {
    this.#records.sync();
    this.#writer.sync();
    this.#journal.restart();
  }

  /** Clears away some rows of deleted containers. @returns whether there is more to do. */
  purgeSlice(): boolean {
    return this.#writer.purgeSlice();
  }

  /** Ends some of what has had its time. @returns whether there is more to do. */
  sweepSlice(nowMs: number): boolean {
    return this.#writer.sweepSlice(nowMs);
  }

  /** @throws the disk's error: what is in the journal stays there for the next start then. */
  close(): void {
    try {
      this.#settle();
      this.#journal.empty();
    } finally {
      this.#journal.close();
      this.#records.close();
      this.#database.close();
    }
  }
}

function* recordsOf(changes: readonly SentChange[]): Generator<UnwrittenRecord> {
  for (const { record } of changes) if (record !== undefined) yield record;
}
