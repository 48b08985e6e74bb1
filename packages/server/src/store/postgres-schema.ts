/**
 * The schema's history in PostgreSQL: each migration runs once, in order, in a transaction of its own that begins with the insertion of its number:
 * whoever inserts it second waits, and then finds it done. Never edit one that was released. Only SQL that the distributed engines have too.
 */
import { StoreUnavailable } from "./backend.ts";
import { type PostgresConnection, sqlStates, stateOf } from "./postgres-connection.ts";

/**
 * Blobs that every replica serves; what the tables are is said in blob/engine/metadata-schema.ts, whose columns they have. Names are kept as their UTF-8
 * bytes: so their order is that of code points in every engine, whatever a database's collation is, and no byte of a name is refused.
 */
const blobColumns = `
       container_id BIGINT NOT NULL,
       name         BYTEA NOT NULL,
       version      BIGINT NOT NULL,
       created_ms   BIGINT NOT NULL,
       modified_ms  BIGINT NOT NULL,
       size_bytes   BIGINT NOT NULL,
       type         TEXT NOT NULL,
       version_id   BIGINT,
       settings     TEXT NOT NULL,
       tier         TEXT,
       metadata     TEXT NOT NULL,
       tags         TEXT NOT NULL,
       state        TEXT NOT NULL,
       content      BYTEA NOT NULL`;
const containerColumns = `
       account      BYTEA NOT NULL,
       name         BYTEA NOT NULL,
       version      BIGINT NOT NULL,
       modified_ms  BIGINT NOT NULL,
       metadata     TEXT NOT NULL,
       state        TEXT NOT NULL,
       access       TEXT NOT NULL`;
const blobTables: readonly string[] = [
  "CREATE TABLE postern_blob_counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
  "INSERT INTO postern_blob_counters (name, value) VALUES ('container', 0), ('extent', 0), ('holder', 0)",
  // Who writes: one row for each replica that may at once. Every group of changes moves its replica's row.
  `CREATE TABLE postern_blob_seats (
       seat           INTEGER PRIMARY KEY,
       holder         BIGINT,
       expires_at     TIMESTAMPTZ,
       renewed_ms     BIGINT NOT NULL,
       oldest_read_ms BIGINT,
       commit_id      TEXT,
       last_stamp     BIGINT NOT NULL
     )`,
  `INSERT INTO postern_blob_seats (seat, renewed_ms, last_stamp) VALUES
     ${Array.from({ length: 16 }, (_, seat) => `(${seat}, 0, 0)`).join(", ")}`,
  "CREATE TABLE postern_blob_extents (id BIGINT PRIMARY KEY, lane TEXT NOT NULL, holder BIGINT NOT NULL)",
  // How much of an extent rows refer to: the sum over those who wrote them, so that nobody waits for another's count.
  `CREATE TABLE postern_blob_ledger (
       extent_id  BIGINT NOT NULL,
       seat       INTEGER NOT NULL,
       live_bytes BIGINT NOT NULL,
       end_bytes  BIGINT NOT NULL,
       PRIMARY KEY (extent_id, seat)
     )`,
  `CREATE TABLE postern_blob_containers (
       id           BIGINT PRIMARY KEY,${containerColumns},
       UNIQUE (account, name)
     )`,
  `CREATE TABLE postern_blobs (${blobColumns},
       PRIMARY KEY (container_id, name)
     )`,
  `CREATE TABLE postern_blob_history (
       stamp        BIGINT NOT NULL,
       kind         TEXT NOT NULL,
       deleted_ms   BIGINT,
       ends_ms      BIGINT,${blobColumns},
       PRIMARY KEY (container_id, name, stamp)
     )`,
  "CREATE INDEX postern_blob_history_ends ON postern_blob_history (ends_ms)",
  `CREATE TABLE postern_blob_tags (
       container_id BIGINT NOT NULL,
       key          BYTEA NOT NULL,
       value        BYTEA NOT NULL,
       name         BYTEA NOT NULL,
       PRIMARY KEY (container_id, key, value, name)
     )`,
  `CREATE TABLE postern_blob_staged (
       container_id BIGINT NOT NULL,
       name         BYTEA NOT NULL,
       id_length    BIGINT NOT NULL,
       block_count  BIGINT NOT NULL,
       modified_ms  BIGINT NOT NULL,
       PRIMARY KEY (container_id, name)
     )`,
  "CREATE INDEX postern_blob_staged_age ON postern_blob_staged (modified_ms)",
  `CREATE TABLE postern_blob_blocks (
       container_id BIGINT NOT NULL,
       name         BYTEA NOT NULL,
       block_id     BYTEA NOT NULL,
       size_bytes   BIGINT NOT NULL,
       content      BYTEA NOT NULL,
       PRIMARY KEY (container_id, name, block_id)
     )`,
  `CREATE TABLE postern_blob_endings (
       ends_ms      BIGINT NOT NULL,
       container_id BIGINT NOT NULL,
       name         BYTEA NOT NULL,
       PRIMARY KEY (ends_ms, container_id, name)
     )`,
  "CREATE TABLE postern_blob_purges (container_id BIGINT PRIMARY KEY)",
  `CREATE TABLE postern_blob_deleted_containers (
       id           BIGINT PRIMARY KEY,${containerColumns},
       deleted      BIGINT NOT NULL,
       deleted_ms   BIGINT NOT NULL,
       ends_ms      BIGINT NOT NULL,
       UNIQUE (account, name, deleted)
     )`,
];

/** How often the table of migrations is asked for; our choice: the second time the other's is there. */
const maxHistoryTries = 3;

const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE postern_log (
       revision  BIGINT PRIMARY KEY,
       commit_id TEXT NOT NULL,
       time      TEXT NOT NULL,
       actor     TEXT NOT NULL,
       operation TEXT NOT NULL,
       changes   TEXT NOT NULL
     )`,
    // The one row that every commit changes: its lock is what puts commits in order.
    "CREATE TABLE postern_head (id INTEGER PRIMARY KEY, revision BIGINT NOT NULL)",
    "INSERT INTO postern_head (id, revision) VALUES (1, 0)",
    `CREATE TABLE postern_rows (
       kind  TEXT NOT NULL,
       key   TEXT NOT NULL,
       value TEXT NOT NULL,
       PRIMARY KEY (kind, key)
     )`,
    "CREATE TABLE postern_secrets (name TEXT PRIMARY KEY, version BIGINT NOT NULL, sealed TEXT NOT NULL)",
    `CREATE TABLE postern_blob_home (
       id         INTEGER PRIMARY KEY,
       home       TEXT NOT NULL,
       holder     TEXT,
       expires_at TIMESTAMPTZ
     )`,
  ],
  blobTables,
];

/** The schema that this version works on. */
export const knownPostgresSchema = migrations.length;

/** @returns the schema that a database has, without changing anything; undefined where there is none. */
export async function readPostgresSchema(connection: PostgresConnection): Promise<number | undefined> {
  const tables = await connection.query("SELECT 1 FROM information_schema.tables WHERE table_name = $1", [
    "postern_schema",
  ]);
  if (tables.length === 0) return undefined;
  const [row] = await connection.query<{ version: number }>("SELECT max(version) AS version FROM postern_schema");
  return row?.version == null ? undefined : Number(row.version);
}

/**
 * Brings the schema up to date, whoever else is at it.
 * @throws when the schema is of a newer Postern.
 */
export async function migrate(connection: PostgresConnection): Promise<void> {
  await createHistory(connection);
  for (;;) {
    const [row] = await connection.query<{ version: number }>(
      "SELECT coalesce(max(version), 0) AS version FROM postern_schema",
    );
    const version = Number(row!.version);
    if (version > migrations.length)
      throw new Error(`the database is of a newer Postern (schema ${version}, this one knows ${migrations.length})`);
    if (version === migrations.length) return;
    await runMigration(connection, version + 1);
  }
}

async function createHistory(connection: PostgresConnection): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await connection.query("CREATE TABLE IF NOT EXISTS postern_schema (version INTEGER PRIMARY KEY)");
      return;
    } catch (cause) {
      // Two at once: IF NOT EXISTS looks before the other's table is there, and the catalogue then refuses the second, in one of several ways.
      if (cause instanceof StoreUnavailable || attempt === maxHistoryTries) throw cause;
    }
  }
}

async function runMigration(connection: PostgresConnection, version: number): Promise<void> {
  try {
    await connection.transaction(async (client) => {
      await client.query("INSERT INTO postern_schema (version) VALUES ($1)", [version]);
      for (const statement of migrations[version - 1]!) await client.query(statement);
    });
  } catch (cause) {
    // Another process ran it while this one waited.
    if (stateOf(cause) !== sqlStates.uniqueViolation && !isSerialization(cause)) throw cause;
  }
}

function isSerialization(cause: unknown): boolean {
  return stateOf(cause) === sqlStates.serializationFailure || stateOf(cause) === sqlStates.deadlock;
}
