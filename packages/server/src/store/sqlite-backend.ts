/**
 * The embedded store: one SQLite file by Node's own `node:sqlite`, write-ahead log, every commit synced.
 *
 * Commits run on the calling thread: they are rare (directory and access change seldom), grouped by the store above, and one sync long.
 * Spec: https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous
 */
import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Actor, Change, LogEntry } from "../state/change.ts";
import { type EntityKind, keyOf } from "../state/entities.ts";
import type { StateBackend } from "./backend.ts";
import { copyDatabase } from "./sqlite-copy.ts";
import { migrations } from "./sqlite-schema.ts";

/** How long another process's lock is waited for before the start fails, in milliseconds; a server that was just killed gives it back at once. Our choice. */
const busyTimeoutMs = 500;
/** Rows read by one statement; our choice: some 256 KiB of text. */
const rowsPerRead = 500;

/**
 * Opens (or makes) the store's file, 0600, and brings its schema up to date.
 * @throws when the file is from a newer Postern, is damaged, or another process holds it.
 */
export function openSqliteBackend(file: string): StateBackend {
  if (!existsSync(file)) closeSync(openSync(file, "wx", 0o600));
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file);
  // Exclusive locking is what keeps two servers off one state folder: the operating system gives the lock back however the process ends.
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL`);
  database.exec("PRAGMA synchronous = FULL; BEGIN EXCLUSIVE; COMMIT");
  migrate(database);
  return new SqliteBackend(database);
}

function migrate(database: DatabaseSync): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version > migrations.length) {
    database.close();
    throw new Error(`the state folder is of a newer Postern (schema ${version}, this one knows ${migrations.length})`);
  }
  for (let next = version; next < migrations.length; next++) {
    database.exec(`BEGIN IMMEDIATE; ${migrations[next]}; PRAGMA user_version = ${next + 1}; COMMIT`);
  }
}

type LogRow = { revision: number; time: string; actor: string; operation: string; changes: string };

/** Rows of one kind that follow each other. */
type Page = { kind: EntityKind; last: string; rows: string };

class SqliteBackend implements StateBackend {
  readonly #database: DatabaseSync;
  readonly #insertEntry;
  readonly #putRow;
  readonly #deleteRow;
  readonly #lastRevision;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insertEntry = database.prepare(
      "INSERT INTO log (revision, time, actor, operation, changes) VALUES (?, ?, ?, ?, ?)",
    );
    this.#putRow = database.prepare(
      "INSERT INTO rows (kind, key, value) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value",
    );
    this.#deleteRow = database.prepare("DELETE FROM rows WHERE kind = ? AND key = ?");
    this.#lastRevision = database.prepare("SELECT coalesce(max(revision), 0) AS revision FROM log");
  }

  async load(apply: (change: Change) => void): Promise<number> {
    // SQLite joins the texts of many rows: each handed over, and each read as JSON, by itself costs more than its share of a list.
    const statement = this.#database.prepare(
      `SELECT kind, max(key) AS last, '[' || group_concat(value) || ']' AS rows
       FROM (SELECT kind, key, value FROM rows WHERE (kind, key) > (?, ?) ORDER BY kind, key LIMIT ${rowsPerRead})
       GROUP BY kind`,
    );
    for (let after: [kind: string, key: string] | undefined = ["", ""]; after !== undefined; ) {
      const pages = statement.all(...after) as Page[];
      after = undefined;
      for (const { kind, last, rows } of pages) {
        for (const row of JSON.parse(rows) as unknown[]) apply({ kind, op: "put", row } as Change);
        after = [kind, last];
      }
    }
    return this.#revision();
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      let expected = this.#revision() + 1;
      for (const entry of entries) {
        if (entry.revision !== expected++) throw new Error(`log entry ${entry.revision} does not follow the log`);
        this.#insertEntry.run(
          entry.revision,
          entry.time,
          JSON.stringify(entry.actor),
          entry.operation,
          JSON.stringify(entry.changes),
        );
        for (const change of entry.changes) this.#write(change);
      }
      this.#database.exec("COMMIT");
    } catch (cause) {
      // After some failures (disk full, I/O error) SQLite has rolled back by itself and ROLLBACK would fail too.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw cause;
    }
  }

  #write(change: Change): void {
    if (change.op === "delete") this.#deleteRow.run(change.kind, change.key);
    else
      this.#putRow.run(
        change.kind,
        (keyOf[change.kind] as (row: unknown) => string)(change.row),
        JSON.stringify(change.row),
      );
  }

  #revision(): number {
    return (this.#lastRevision.get() as { revision: number }).revision;
  }

  async readLog(afterRevision: number, limit: number): Promise<LogEntry[]> {
    const rows = this.#database
      .prepare("SELECT * FROM log WHERE revision > ? ORDER BY revision LIMIT ?")
      .all(afterRevision, limit) as LogRow[];
    return rows.map((row) => ({
      revision: row.revision,
      time: row.time,
      actor: JSON.parse(row.actor) as Actor,
      operation: row.operation,
      changes: JSON.parse(row.changes) as Change[],
    }));
  }

  copyTo(file: string): Promise<void> {
    return copyDatabase(this.#database, file);
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}
