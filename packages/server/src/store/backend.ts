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
   * Fails when the log's last revision is not the one before the first entry's.
   */
  append(entries: readonly LogEntry[]): Promise<void>;
  /** Reads the log, oldest first, from the entry after `revision`, at most `limit` entries. */
  readLog(afterRevision: number, limit: number): Promise<LogEntry[]>;
  close(): Promise<void>;
};
