/**
 * The rows of all replicas as the file that one process would have, and back: what a check and a backup read, and how the blobs of one folder become everyone's.
 *
 * May use: node:sqlite, the store's connection.
 */
import { DatabaseSync } from "node:sqlite";
import type { Client, PostgresConnection } from "../../store/postgres-connection.ts";
import { openForWriting } from "../engine/metadata-schema.ts";
import { flushGroup } from "./group-flush.ts";
import { prepared } from "./prepared.ts";
import { allTables, decodeRow, encodeColumn, type Row, type Table, type Value } from "./tables.ts";

/** Rows of one statement. Our choice: with long contents some MiB. */
const rowsAtOnce = 500;

function keyType({ columns }: Table, column: string): string {
  return columns[column] === "number" ? "bigint" : "bytea";
}

/** All rows of a table in the order of its key. */
async function* readTable(client: Client, table: Table): AsyncGenerator<Row[]> {
  const columns = Object.keys(table.columns).join(", ");
  const key = table.key.join(", ");
  const marks = table.key.map((column, index) => `$${index + 1}::${keyType(table, column)}`).join(", ");
  const order = `ORDER BY ${key} LIMIT ${rowsAtOnce}`;
  let after: Row | undefined;
  for (;;) {
    const text = `SELECT ${columns} FROM ${table.shared} ${after === undefined ? "" : `WHERE (${key}) > (${marks})`} ${order}`;
    const values =
      after === undefined ? [] : table.key.map((name) => encodeColumn(table.columns[name]!, [after![name]!])[0]);
    const rows: Row[] = (await client.query<Row>(prepared(text, values))).rows.map((row) => decodeRow(table, row));
    if (rows.length > 0) yield rows;
    if (rows.length < rowsAtOnce) return;
    after = rows.at(-1);
  }
}

/**
 * Copies all rows, as they are at one moment, into a new file that has the form of one process's metadata.
 * @param file is not there yet.
 */
export async function exportRows(connection: PostgresConnection, file: string): Promise<void> {
  const database = openForWriting(file);
  try {
    database.exec("PRAGMA synchronous = OFF; BEGIN");
    await connection.transaction(async (client) => {
      for (const table of allTables) {
        const columns = Object.keys(table.columns);
        const insert = database.prepare(
          `INSERT INTO ${table.name} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
        );
        for await (const rows of readTable(client, table)) {
          for (const row of rows) insert.run(...columns.map((column) => row[column] as Value));
        }
      }
      await exportCounts(client, database);
    }, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    database.exec("COMMIT; PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    database.close();
  }
}

async function exportCounts(client: Client, database: DatabaseSync): Promise<void> {
  const extents = await client.query<{ id: number; live: number; ends: number }>(
    `SELECT extent_id AS id, CAST(sum(live_bytes) AS BIGINT) AS live, max(end_bytes) AS ends
     FROM postern_blob_ledger GROUP BY extent_id`,
  );
  const insert = database.prepare("INSERT INTO extents (id, live_bytes, end_bytes) VALUES (?, ?, ?)");
  for (const { id, live, ends } of extents.rows) insert.run(id, live, ends);
  const last = await client.query<{ stamp: number }>("SELECT max(last_stamp) AS stamp FROM postern_blob_seats");
  database.prepare("UPDATE counters SET value = ? WHERE name = 'version'").run(last.rows[0]!.stamp);
}

/**
 * Copies all rows of a file into the database, which has none yet, within a transaction of the caller's.
 * @param seat whose count the references become, and whose numbers go on after the file's.
 */
export async function importRows(client: Client, file: string, seat: number): Promise<void> {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    for (const table of allTables) {
      const columns = Object.keys(table.columns);
      let rows: Row[] = [];
      const write = async () => {
        if (rows.length === 0) return;
        const change = { table, added: rows, changed: [], removed: [] };
        if (!(await flushGroup(client, [change], [], seat))) throw new Error("the database has blobs already");
        rows = [];
      };
      for (const row of database
        .prepare(`SELECT ${columns.join(", ")} FROM ${table.name}`)
        .iterate() as Iterable<Row>) {
        rows.push(row);
        if (rows.length === rowsAtOnce) await write();
      }
      await write();
    }
    await importCounts(client, database, seat);
  } finally {
    database.close();
  }
}

async function importCounts(client: Client, database: DatabaseSync, seat: number): Promise<void> {
  const extents = database.prepare("SELECT id, live_bytes, end_bytes FROM extents").all() as {
    id: number;
    live_bytes: number;
    end_bytes: number;
  }[];
  const ledger = extents.map((row) => ({ extentId: row.id, liveBytes: row.live_bytes, endBytes: row.end_bytes }));
  await flushGroup(client, [], ledger, seat);
  const { value } = database.prepare("SELECT value FROM counters WHERE name = 'version'").get() as { value: number };
  await client.query("UPDATE postern_blob_seats SET last_stamp = greatest(last_stamp, $1)", [value]);
  const { last } = database.prepare("SELECT coalesce(max(seq), 0) AS last FROM sqlite_sequence").get() as {
    last: number;
  };
  await client.query("UPDATE postern_blob_counters SET value = greatest(value, $1) WHERE name = 'container'", [last]);
}
