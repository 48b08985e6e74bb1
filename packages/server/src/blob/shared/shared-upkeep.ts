/**
 * What is done in the background with rows that all replicas share: clearing away deleted containers, ending what has had its time, and what compaction asks. Each
 * replica does all of it; where two are at the same rows, the second finds them gone.
 */
import type { Client, PostgresConnection } from "../../store/postgres-connection.ts";
import type { WalkedContent, WalkPlace } from "../engine/content-walk.ts";
import type { ContentPlace } from "../engine/mutations.ts";
import { purgeSlice, stagedKeptMs, sweepSlice } from "../engine/upkeep.ts";
import { prepared } from "./prepared.ts";
import type { SharedReader } from "./shared-reader.ts";
import type { SharedWriter } from "./shared-writer.ts";
import { decodeRow, type Row, type Table, tables, unnestOf } from "./tables.ts";
import type { WorkingSet } from "./working-set.ts";

/** Rows of one transaction; as many as the slices that run on them take at once (engine/upkeep.ts). */
const sliceRows = 500;
/** Names with uncommitted blocks of one transaction, which may have many each. Our choice. */
const stagedRows = 20;

async function fetchRows(client: Client, table: Table, rest: string, values: unknown[]): Promise<Row[]> {
  const columns = Object.keys(table.columns).map((column) => `t.${column}`);
  const text = `SELECT ${columns.join(", ")} FROM ${table.shared} t ${rest} FOR UPDATE OF t`;
  const { rows } = await client.query<Row>(prepared(text, values));
  return rows.map((row) => decodeRow(table, row));
}

/** Clears away some rows of deleted containers. @returns whether there may be more to do. */
export function purge(writer: SharedWriter): Promise<boolean> {
  return writer.transact(async (client, _, set) => {
    const { purges, blobs, history, blocks } = tables;
    const [row] = await fetchRows(client, purges, "ORDER BY t.container_id LIMIT 1", []);
    if (row === undefined) return false;
    set.load(purges, [row]);
    let left = sliceRows;
    for (const table of [blobs, history, blocks]) {
      if (left === 0) break;
      const order = table.key.map((column) => `t.${column}`).join(", ");
      const rest = `WHERE t.container_id = $1 ORDER BY ${order} LIMIT $2`;
      const rows = await fetchRows(client, table, rest, [row.container_id, left]);
      set.load(table, rows);
      left -= rows.length;
    }
    set.ready();
    return purgeSlice(set.context);
  });
}

/** Ends some of what has had its time. @returns whether there is more to do. */
export function sweep(writer: SharedWriter, nowMs: number): Promise<boolean> {
  return writer.transact(async (client, _, set) => {
    const { deletedContainers, history, endings, blobs } = tables;
    const ended = (order: string) => `WHERE t.ends_ms <= $1 ORDER BY ${order} LIMIT ${sliceRows}`;
    set.load(deletedContainers, await fetchRows(client, deletedContainers, ended("t.id"), [nowMs]));
    const ends = await fetchRows(client, endings, ended("t.ends_ms, t.container_id, t.name"), [nowMs]);
    const named = [ends.map((row) => row.container_id), ends.map((row) => Buffer.from(row.name as string))];
    const by = `JOIN ${unnestOf(blobs, blobs.key)} AS k(container_id, name) ON t.container_id = k.container_id AND t.name = k.name
      ORDER BY t.container_id, t.name`;
    if (ends.length > 0) set.load(blobs, await fetchRows(client, blobs, by, named));
    set.load(endings, ends);
    const past = ended("t.container_id, t.name, t.stamp");
    set.load(history, await fetchRows(client, history, past, [nowMs]));
    const hasStaged = await loadOldBlocks(client, set, nowMs - stagedKeptMs);
    set.ready();
    return sweepSlice(set.context, nowMs) || hasStaged;
  });
}

async function loadOldBlocks(client: Client, set: WorkingSet, beforeMs: number): Promise<boolean> {
  const { staged, blocks } = tables;
  const rest = `WHERE t.modified_ms <= $1 ORDER BY t.container_id, t.name LIMIT ${stagedRows}`;
  const rows = await fetchRows(client, staged, rest, [beforeMs]);
  if (rows.length === 0) return false;
  set.load(staged, rows);
  const by = `JOIN ${unnestOf(blocks, staged.key)} AS k(container_id, name) ON t.container_id = k.container_id AND t.name = k.name
    ORDER BY t.container_id, t.name, t.block_id`;
  const keys = [rows.map((row) => row.container_id), rows.map((row) => Buffer.from(row.name as string))];
  set.load(blocks, await fetchRows(client, blocks, by, keys));
  return rows.length === stagedRows;
}

/** Forgets an extent unless a row refers to it: its row is locked, so that no copy comes to refer to it meanwhile. @returns whether it is forgotten. */
export function forgetExtent(connection: PostgresConnection, extentId: number): Promise<boolean> {
  return connection.transaction(async (client) => {
    await client.query("SELECT id FROM postern_blob_extents WHERE id = $1 FOR UPDATE", [extentId]);
    const { rows } = await client.query<{ live: number }>(
      "SELECT CAST(coalesce(sum(live_bytes), 0) AS BIGINT) AS live FROM postern_blob_ledger WHERE extent_id = $1",
      [extentId],
    );
    if (rows[0]!.live !== 0) return false;
    await client.query("DELETE FROM postern_blob_ledger WHERE extent_id = $1", [extentId]);
    await client.query("DELETE FROM postern_blob_extents WHERE id = $1", [extentId]);
    return true;
  });
}

const walked = ["blobs", "history", "blocks"] as const;
type WalkedTable = (typeof walked)[number];

/** Rows of a slice of the walk. Our choice: with long contents some MiB. */
const walkRows = 100;

/** Walks every content that the metadata has; see engine/content-walk.ts. */
export class SharedWalk {
  readonly #connection: PostgresConnection;
  readonly #reader: SharedReader;

  constructor(connection: PostgresConnection, reader: SharedReader) {
    this.#connection = connection;
    this.#reader = reader;
  }

  get start(): WalkPlace {
    return { table: "blobs", key: [-1, ""] };
  }

  async liveBytes(): Promise<Map<number, number>> {
    const rows = await this.#connection.query<{ extent_id: number; live: number }>(
      "SELECT extent_id, CAST(sum(live_bytes) AS BIGINT) AS live FROM postern_blob_ledger GROUP BY extent_id",
    );
    return new Map(rows.map((row) => [row.extent_id, row.live]));
  }

  async slice({ table: name, key }: WalkPlace): Promise<{
    readonly contents: readonly WalkedContent[];
    readonly next: WalkPlace | undefined;
  }> {
    const table = tables[name];
    const columns = table.key.join(", ");
    const marks = table.key.map((_, index) => `$${index + 1}`).join(", ");
    const rows = await this.#reader.rows<Row>(
      table,
      `SELECT ${columns}, content FROM ${table.shared} WHERE (${columns}) > (${marks}) ORDER BY ${columns} LIMIT ${walkRows}`,
      key,
    );
    const contents = rows.map((row) => ({
      containerId: row.container_id as number,
      name: row.name as string,
      of: placeOf(name, row),
      content: row.content as Buffer,
    }));
    const last = rows.at(-1);
    if (last !== undefined && rows.length === walkRows)
      return { contents, next: { table: name, key: table.key.map((column) => last[column] as string | number) } };
    const following = walked[walked.indexOf(name) + 1];
    return { contents, next: following && { table: following, key: [-1, "", following === "history" ? 0 : ""] } };
  }
}

function placeOf(table: WalkedTable, row: Row): ContentPlace["of"] {
  if (table === "blobs") return { table };
  return table === "history" ? { table, stamp: row.stamp as number } : { table, blockId: row.block_id as string };
}
