/** A backend that keeps the log in memory only: for tests of what stands above the store. Run by the same conformance suite as the others. */
import type { Change, LogEntry } from "../state/change.ts";
import { keyOf } from "../state/entities.ts";
import type { StateBackend } from "./backend.ts";

export class MemoryBackend implements StateBackend {
  readonly #log: LogEntry[] = [];
  readonly #rows = new Map<string, Change>();

  async load(apply: (change: Change) => void): Promise<number> {
    for (const change of this.#rows.values()) apply(structuredClone(change));
    return this.#log.length;
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    entries.forEach((entry, index) => {
      if (entry.revision !== this.#log.length + index + 1)
        throw new Error(`log entry ${entry.revision} does not follow the log`);
    });
    for (const entry of structuredClone(entries) as LogEntry[]) {
      this.#log.push(entry);
      for (const change of entry.changes) {
        if (change.op === "delete") this.#rows.delete(`${change.kind} ${change.key}`);
        else this.#rows.set(`${change.kind} ${(keyOf[change.kind] as (row: unknown) => string)(change.row)}`, change);
      }
    }
  }

  async readLog(afterRevision: number, limit: number): Promise<LogEntry[]> {
    return structuredClone(this.#log.slice(afterRevision, afterRevision + limit));
  }

  async close(): Promise<void> {}
}
