/** The metadata's file as {@link StoredRows}: on a connection that only reads, in one transaction, so that a server may go on beside it. */
import type { DatabaseSync } from "node:sqlite";
import { stampTimeOf } from "../engine/stamps.ts";
import type { ExtentCount, StoredRow, StoredRows } from "./stored-rows.ts";

/** What SQLite tells of its file at most. */
const maxIntegrityLines = 20;

type Row = {
  container_id: number;
  name: string;
  size_bytes: number;
  content: Uint8Array;
  settings: string;
  metadata: string;
  tags: string;
  state: string;
  stamp: number;
  kind: "S" | "V" | "D";
  block_id: string;
};

const described = "container_id, name, size_bytes, content, settings, metadata, tags, state";
const stateWords = { S: "snapshot", V: "version", D: "deleted" } as const;

function presentRow(row: Row): StoredRow {
  return { ...baseOf(row, "present"), columns: columnsOf(row), isPresent: true };
}

function pastRow(row: Row): StoredRow {
  const state = `${stateWords[row.kind] ?? row.kind} ${stampTimeOf(row.stamp)}`;
  return { ...baseOf(row, state), columns: columnsOf(row), isPresent: false };
}

function blockRow(row: Row): StoredRow {
  return { ...baseOf(row, `uncommitted block ${row.block_id}`), columns: null, isPresent: false };
}

function baseOf({ container_id: containerId, name, size_bytes: sizeBytes, content }: Row, state: string) {
  return { containerId, name, state, sizeBytes, content };
}

function columnsOf({ settings, metadata, tags, state }: Row): StoredRow["columns"] {
  return { tags, state, texts: [settings, metadata] };
}

type Place = { id: number; account: string; name: string };

/** @param database open, with a schema of this release. */
export class SqliteRows implements StoredRows {
  readonly #database: DatabaseSync;
  readonly #places: ReadonlyMap<number, { readonly account: string; readonly container: string }>;

  /** Begins the transaction that all of it is read in. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec("BEGIN");
    const known = this.#all<Place>(
      "SELECT id, account, name FROM containers UNION ALL SELECT id, account, name FROM deleted_containers",
    );
    const cleared = this.#all<{ container_id: number }>("SELECT container_id FROM purges");
    this.#places = new Map([
      ...cleared.map(({ container_id: id }) => [id, { account: "", container: "(being cleared away)" }] as const),
      ...known.map(({ id, account, name }) => [id, { account, container: name }] as const),
    ]);
  }

  #all<Found>(sql: string, ...values: (string | number)[]): Found[] {
    return this.#database.prepare(sql).all(...values) as Found[];
  }

  close(): void {
    this.#database.exec("COMMIT");
  }

  integrity(): readonly string[] {
    const lines = this.#all<{ integrity_check: string }>(`PRAGMA integrity_check(${maxIntegrityLines})`);
    return lines.map((line) => line.integrity_check).filter((line) => line !== "ok");
  }

  containerCount(): number {
    return this.#all<{ count: number }>("SELECT count(*) AS count FROM containers")[0]!.count;
  }

  place(containerId: number) {
    return this.#places.get(containerId);
  }

  *rows(): Generator<StoredRow> {
    const iterate = (sql: string) => this.#database.prepare(sql).iterate() as Iterable<Row>;
    for (const row of iterate(`SELECT ${described} FROM blobs ORDER BY container_id, name`)) yield presentRow(row);
    const past = `SELECT ${described}, stamp, kind FROM history ORDER BY container_id, name, stamp`;
    for (const row of iterate(past)) yield pastRow(row);
    const blocks = "SELECT container_id, name, size_bytes, content, block_id FROM blocks ORDER BY container_id, name";
    for (const row of iterate(blocks)) yield blockRow(row);
  }

  statesOf(containerId: number, name: string): readonly StoredRow[] {
    const named = "WHERE container_id = ? AND name = ?";
    return [
      ...this.#all<Row>(`SELECT ${described} FROM blobs ${named}`, containerId, name).map(presentRow),
      ...this.#all<Row>(
        `SELECT ${described}, stamp, kind FROM history ${named} ORDER BY stamp DESC`,
        containerId,
        name,
      ).map(pastRow),
    ];
  }

  counts(): ReadonlyMap<number, ExtentCount> {
    const rows = this.#all<{ id: number; live_bytes: number; end_bytes: number }>(
      "SELECT id, live_bytes, end_bytes FROM extents",
    );
    return new Map(rows.map(({ id, live_bytes: liveBytes, end_bytes: endBytes }) => [id, { liveBytes, endBytes }]));
  }

  hasTag(containerId: number, key: string, value: string, name: string): boolean {
    const sql = "SELECT 1 FROM tags WHERE container_id = ? AND key = ? AND value = ? AND name = ?";
    return this.#all(sql, containerId, key, value, name).length > 0;
  }

  hasEnding(endsMs: number, containerId: number, name: string): boolean {
    const sql = "SELECT 1 FROM endings WHERE ends_ms = ? AND container_id = ? AND name = ?";
    return this.#all(sql, endsMs, containerId, name).length > 0;
  }

  indexSize() {
    const sql = "SELECT (SELECT count(*) FROM tags) AS tags, (SELECT count(*) FROM endings) AS endings";
    return this.#all<{ tags: number; endings: number }>(sql)[0]!;
  }

  miscountedBlocks() {
    const counted = "SELECT container_id, name, count(*) AS n FROM blocks GROUP BY container_id, name";
    const rows = this.#all<{ container_id: number; name: string }>(
      `SELECT staged.container_id, staged.name FROM staged LEFT JOIN (${counted}) AS counted USING (container_id, name)
         WHERE staged.block_count <> coalesce(counted.n, 0)
       UNION ALL
       SELECT container_id, name FROM (${counted}) AS counted WHERE NOT EXISTS
         (SELECT 1 FROM staged WHERE staged.container_id = counted.container_id AND staged.name = counted.name)`,
    );
    return rows.map(({ container_id: containerId, name }) => ({ containerId, name }));
  }

  versions() {
    return this.#all<{ counter: number; highest: number }>(
      `SELECT (SELECT value FROM counters WHERE name = 'version') AS counter, max(
         (SELECT coalesce(max(version), 0) FROM blobs), (SELECT coalesce(max(version), 0) FROM containers),
         (SELECT coalesce(max(max(version), max(stamp)), 0) FROM history)) AS highest`,
    )[0]!;
  }
}
