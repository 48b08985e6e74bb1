/**
 * The schema's history in PostgreSQL: each migration runs once, in order, in a transaction of its own that begins with the insertion of its number:
 * whoever inserts it second waits, and then finds it done. Never edit one that was released. Only SQL that the distributed engines have too.
 */
import { StoreUnavailable } from "./backend.ts";
import { type PostgresConnection, sqlStates, stateOf } from "./postgres-connection.ts";

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
];

/** The schema that this version works on. */
export const knownPostgresSchema = migrations.length;

/** @returns the schema that a database has, without changing anything; undefined where there is none. */
export async function readPostgresSchema(connection: PostgresConnection): Promise<number | undefined> {
  const tables = await connection.query("SELECT 1 FROM information_schema.tables WHERE table_name = $1", ["postern_schema"]);
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
