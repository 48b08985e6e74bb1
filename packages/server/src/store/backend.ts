/** What a place to keep the change log and the rows must do; one conformance suite runs over every one there is. */
import type { Change, LogEntry } from "../state/change.ts";

export type StateBackend = {
  /**
   * Reads every row, as puts, in no order that matters.
   * @returns the revision the rows stand at.
   */
  load(apply: (change: Change) => void): Promise<number>;
  /**
   * Appends entries and writes their rows in one transaction that is on disk when the promise resolves; all or nothing.
   * Fails when the log's last revision is not the one before the first entry's: with `LogMoved` where others may write.
   */
  append(entries: readonly LogEntry[]): Promise<void>;
  /** Reads the log, oldest first, from the entry after `revision`, at most `limit` entries. */
  readLog(afterRevision: number, limit: number): Promise<LogEntry[]>;
  /** Copies it all, as it is at one moment, into a new file; absent where there is nothing to copy. */
  copyTo?(file: string): Promise<void>;
  close(): Promise<void>;
  /** Only where other processes write to the same log. */
  readonly shared?: SharedLog;
};

/** How a log that others write to as well is followed. */
export type SharedLog = {
  /**
   * As `readLog`, and makes sure that what is there is the continuation of what this process has seen.
   * @param afterRevision where the model stands.
   * @throws HistoryDiverged when the log no longer holds what the model was built from.
   */
  follow(afterRevision: number, limit: number): Promise<LogEntry[]>;
  /** Has `listener` called when another process says that the log has grown. A hint: it may never come. */
  onHint(listener: () => void): void;
};

/** Someone else wrote the revision that was to be written; nothing was. */
export class LogMoved extends Error {
  constructor() {
    super("another process wrote to the log first");
    this.name = "LogMoved";
  }
}

/** How soon a client may ask again after `StoreUnavailable`, in seconds; our choice: a database that is started again takes some. */
export const retryAfterSeconds = 2;

/**
 * The store cannot be reached or does not answer in time. A change that was under way is not in the model; when its outcome is not known it may
 * still come to be: then the log has it, and the model will.
 */
export class StoreUnavailable extends Error {
  /** False: nothing was written, for certain. */
  readonly isOutcomeUnknown: boolean;

  /** @param why for the log and for clients: no address, no secret. */
  constructor(why: string, isOutcomeUnknown = false) {
    super(why);
    this.name = "StoreUnavailable";
    this.isOutcomeUnknown = isOutcomeUnknown;
  }
}

/** The log lost entries that the model was built from (a fail-over to a replica that lagged, a backup put back): the model is of no use any more. */
export class HistoryDiverged extends Error {
  constructor(revision: number) {
    super(`the database does not hold revision ${revision} as this process read it: it lost changes`);
    this.name = "HistoryDiverged";
  }
}
