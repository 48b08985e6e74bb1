/**
 * The metadata file: its schema's history and how it is opened.
 *
 * Rows stand in key order (WITHOUT ROWID), so a listing page is one walk of neighbours. SQLite compares text by its UTF-8 bytes, which is code point
 * order. A blob belongs to a container's id, not its name: a deleted container's blobs vanish with its row and are cleared away later.
 * The content comes last in its row, so that long ones spill into pages which listings never touch.
 *
 *     containers  by account and name; `state`: lease and the like, `access`: public access and stored policies, both JSON, "" for none
 *     blobs       the present state of each name
 *     history     what names were: snapshots (S), versions (V) and deleted ones (D), each with the number it is asked for by; those that were deleted say
 *                 until when they are kept. `content` is shared with the present: spans are counted once for each row that refers to them
 *     tags        the index of blob tags of present blobs
 *     staged      names with uncommitted blocks; their blocks in `blocks`
 *     endings     present blobs that are to go at a time
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Each migration runs once, in order, in a transaction of its own; `user_version` counts them. Never edit one that was released. */
export const migrations: readonly string[] = [
  `CREATE TABLE containers (
     id          INTEGER PRIMARY KEY AUTOINCREMENT,
     account     TEXT NOT NULL,
     name        TEXT NOT NULL,
     version     INTEGER NOT NULL,
     modified_ms INTEGER NOT NULL,
     metadata    TEXT NOT NULL,
     UNIQUE (account, name)
   ) STRICT;
   CREATE TABLE blobs (
     container_id INTEGER NOT NULL,
     name         TEXT NOT NULL,
     version      INTEGER NOT NULL,
     created_ms   INTEGER NOT NULL,
     modified_ms  INTEGER NOT NULL,
     size_bytes   INTEGER NOT NULL,
     settings     TEXT NOT NULL,
     tier         TEXT,
     metadata     TEXT NOT NULL,
     content      BLOB NOT NULL,
     PRIMARY KEY (container_id, name)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE staged (
     container_id INTEGER NOT NULL,
     name         TEXT NOT NULL,
     id_length    INTEGER NOT NULL,
     block_count  INTEGER NOT NULL,
     modified_ms  INTEGER NOT NULL,
     PRIMARY KEY (container_id, name)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE blocks (
     container_id INTEGER NOT NULL,
     name         TEXT NOT NULL,
     block_id     TEXT NOT NULL,
     size_bytes   INTEGER NOT NULL,
     content      BLOB NOT NULL,
     PRIMARY KEY (container_id, name, block_id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE extents (
     id         INTEGER PRIMARY KEY,
     end_bytes  INTEGER NOT NULL,
     live_bytes INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE purges (container_id INTEGER PRIMARY KEY) STRICT;
   CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   INSERT INTO counters VALUES ('version', 0);`,
  // A table made anew, for the content stays last. What a name was before lies in `history`, so that the present is read and listed as quickly as without.
  `CREATE TABLE present (
     container_id INTEGER NOT NULL,
     name         TEXT NOT NULL,
     version      INTEGER NOT NULL,
     created_ms   INTEGER NOT NULL,
     modified_ms  INTEGER NOT NULL,
     size_bytes   INTEGER NOT NULL,
     type         TEXT NOT NULL,
     version_id   INTEGER,
     settings     TEXT NOT NULL,
     tier         TEXT,
     metadata     TEXT NOT NULL,
     tags         TEXT NOT NULL,
     state        TEXT NOT NULL,
     content      BLOB NOT NULL,
     PRIMARY KEY (container_id, name)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO present SELECT container_id, name, version, created_ms, modified_ms, size_bytes, 'BlockBlob', NULL, settings, tier, metadata, '', '',
     content FROM blobs;
   DROP TABLE blobs;
   ALTER TABLE present RENAME TO blobs;
   CREATE TABLE history (
     container_id INTEGER NOT NULL,
     name         TEXT NOT NULL,
     stamp        INTEGER NOT NULL,
     kind         TEXT NOT NULL,
     deleted_ms   INTEGER,
     ends_ms      INTEGER,
     version      INTEGER NOT NULL,
     created_ms   INTEGER NOT NULL,
     modified_ms  INTEGER NOT NULL,
     size_bytes   INTEGER NOT NULL,
     type         TEXT NOT NULL,
     version_id   INTEGER,
     settings     TEXT NOT NULL,
     tier         TEXT,
     metadata     TEXT NOT NULL,
     tags         TEXT NOT NULL,
     state        TEXT NOT NULL,
     content      BLOB NOT NULL,
     PRIMARY KEY (container_id, name, stamp)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX history_ends ON history (ends_ms) WHERE ends_ms IS NOT NULL;
   CREATE TABLE tags (
     container_id INTEGER NOT NULL,
     key          TEXT NOT NULL,
     value        TEXT NOT NULL,
     name         TEXT NOT NULL,
     PRIMARY KEY (container_id, key, value, name)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE endings (
     ends_ms      INTEGER NOT NULL,
     container_id INTEGER NOT NULL,
     name         TEXT NOT NULL,
     PRIMARY KEY (ends_ms, container_id, name)
   ) STRICT, WITHOUT ROWID;
   ALTER TABLE containers ADD COLUMN state TEXT NOT NULL DEFAULT '';
   ALTER TABLE containers ADD COLUMN access TEXT NOT NULL DEFAULT '';
   CREATE TABLE deleted_containers (
     id          INTEGER PRIMARY KEY,
     account     TEXT NOT NULL,
     name        TEXT NOT NULL,
     version     INTEGER NOT NULL,
     modified_ms INTEGER NOT NULL,
     metadata    TEXT NOT NULL,
     state       TEXT NOT NULL,
     access      TEXT NOT NULL,
     deleted     INTEGER NOT NULL,
     deleted_ms  INTEGER NOT NULL,
     ends_ms     INTEGER NOT NULL,
     UNIQUE (account, name, deleted)
   ) STRICT;`,
  // Up to which of the journal's batches rows know of them.
  "INSERT INTO counters VALUES ('journaled', 0)",
];

/** Pages of the log before a commit moves them into the file. Our choice: 16 MiB, so that the moving is seldom and not long. */
const checkpointPages = 4096;
/** The writer's page cache, in KiB. Our choice: the inner pages of a million rows stay in it. */
const cacheKib = 4096;
/** How long another connection's lock is waited for, in milliseconds. Our choice. */
const busyTimeoutMs = 5000;

/**
 * Opens (or makes) the file for writing, 0600, and brings its schema up to date. What is committed is whole after a crash and may be missing then: that it is
 * not is the journal's part, see durable-writer.ts.
 * @param maxPageCount bound of the file's size in pages, for tests of a full disk.
 * @throws when the file is of a newer Postern or damaged.
 */
export function openForWriting(file: string, maxPageCount?: number): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) closeSync(openSync(file, "wx", 0o600));
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file);
  database.exec(
    `PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
     PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -${cacheKib}`,
  );
  if (maxPageCount !== undefined) database.exec(`PRAGMA max_page_count = ${maxPageCount}`);
  migrate(database);
  return database;
}

/** Opens the file for reading; the writer must have opened it before. */
export function openForReading(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true });
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA query_only = ON`);
  return database;
}

function migrate(database: DatabaseSync): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version > migrations.length) {
    database.close();
    throw new Error(`the blob metadata is of a newer Postern (schema ${version}, this one knows ${migrations.length})`);
  }
  for (let next = version; next < migrations.length; next++) {
    database.exec(`BEGIN IMMEDIATE; ${migrations[next]}; PRAGMA user_version = ${next + 1}; COMMIT`);
  }
}
