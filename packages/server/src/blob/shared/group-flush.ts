/** Writes what a group has come to, in the order of the tables and of their keys. */
import type { Client } from "../../store/postgres-connection.ts";
import { prepared } from "./prepared.ts";
import { encodeColumn, type Row, type Table, tables, unnestOf } from "./tables.ts";
import type { LedgerChange, TableChange } from "./working-set.ts";

/** @returns false when another made a row first that was not there when it was looked for: nothing may be committed then. */
export async function flushGroup(
  client: Client,
  changes: readonly TableChange[],
  ledger: readonly LedgerChange[],
  seat: number,
): Promise<boolean> {
  for (const { table, added, changed, removed } of changes) {
    await removeRows(client, table, removed);
    await writeRows(client, table, changed, true);
    const count = await writeRows(client, table, added, false);
    if (!table.isDerived && count !== added.length) return false;
    // The last of a deleted container: names of it that only have uncommitted blocks.
    if (table === tables.purges && removed.length > 0) await removeStaged(client, removed);
  }
  await writeLedger(client, ledger, seat);
  return true;
}

function valuesOf(table: Table, columns: readonly string[], rows: readonly Row[]): unknown[] {
  return columns.map((column) =>
    encodeColumn(
      table.columns[column]!,
      rows.map((row) => row[column]!),
    ),
  );
}

async function writeRows(client: Client, table: Table, rows: readonly Row[], isThere: boolean): Promise<number> {
  if (rows.length === 0) return 0;
  const columns = Object.keys(table.columns);
  const others = columns.filter((column) => !table.key.includes(column));
  const replaced = others.map((column) => `${column} = excluded.${column}`).join(", ");
  const text = `INSERT INTO ${table.shared} (${columns.join(", ")}) SELECT * FROM ${unnestOf(table, columns)}
    ON CONFLICT ${isThere && others.length > 0 ? `(${table.key.join(", ")}) DO UPDATE SET ${replaced}` : "DO NOTHING"}`;
  const { rowCount } = await client.query(prepared(text, valuesOf(table, columns, rows)));
  return rowCount ?? 0;
}

async function removeRows(client: Client, table: Table, keys: readonly Row[]): Promise<void> {
  if (keys.length === 0) return;
  const names = table.key.join(", ");
  const text = `DELETE FROM ${table.shared} WHERE (${names}) IN (SELECT * FROM ${unnestOf(table, table.key)})`;
  await client.query(prepared(text, valuesOf(table, table.key, keys)));
}

async function removeStaged(client: Client, purged: readonly Row[]): Promise<void> {
  const ids = purged.map((row) => row.container_id);
  await client.query(prepared(`DELETE FROM ${tables.staged.shared} WHERE container_id = ANY($1::bigint[])`, [ids]));
}

/** Each seat counts for itself: the sum of the seats' counts is what rows refer to, and nobody waits for another's. */
async function writeLedger(client: Client, ledger: readonly LedgerChange[], seat: number): Promise<void> {
  if (ledger.length === 0) return;
  const text = `INSERT INTO postern_blob_ledger AS l (extent_id, seat, live_bytes, end_bytes)
    SELECT id, $4::bigint, live, ends FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k(id, live, ends)
    ON CONFLICT (extent_id, seat) DO UPDATE SET live_bytes = l.live_bytes + excluded.live_bytes,
      end_bytes = greatest(l.end_bytes, excluded.end_bytes)`;
  const sorted = [...ledger].sort((a, b) => a.extentId - b.extentId);
  const values = [
    sorted.map(({ extentId }) => extentId),
    sorted.map(({ liveBytes }) => liveBytes),
    sorted.map(({ endBytes }) => endBytes),
    seat,
  ];
  await client.query(prepared(text, values));
}
