/** Walks every content that the metadata has, a slice at a time in key order, beside whatever is being written meanwhile. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ContentPlace } from "./mutations.ts";

/** Rows of one slice, and bytes of their contents after which it ends. Our choice: some milliseconds. */
const sliceRows = 200;
const sliceBytes = 4 * 1024 * 1024;

export type WalkedContent = ContentPlace & { readonly content: Uint8Array };

type Table = ContentPlace["of"]["table"];
type Key = readonly (string | number)[];
type Row = { container_id: number; name: string; last: string | number; content: Uint8Array };

const tables: readonly Table[] = ["blobs", "history", "blocks"];
const lastColumn = { blobs: "''", history: "stamp", blocks: "block_id" } as const;

/** Where a walk goes on. */
export type WalkPlace = { readonly table: Table; readonly key: Key };

const starts: Readonly<Record<Table, Key>> = { blobs: [-1, ""], history: [-1, "", 0], blocks: [-1, "", ""] };

export class ContentWalk {
  readonly #statements: Readonly<Record<Table, StatementSync>>;
  readonly #extents: StatementSync;

  constructor(database: DatabaseSync) {
    const prepare = (table: Table): StatementSync => {
      const key = table === "blobs" ? "container_id, name" : `container_id, name, ${lastColumn[table]}`;
      const marks = table === "blobs" ? "?, ?" : "?, ?, ?";
      return database.prepare(
        `SELECT container_id, name, ${lastColumn[table]} AS last, content FROM ${table} WHERE (${key}) > (${marks}) ORDER BY ${key} LIMIT ?`,
      );
    };
    this.#statements = { blobs: prepare("blobs"), history: prepare("history"), blocks: prepare("blocks") };
    this.#extents = database.prepare("SELECT id, live_bytes FROM extents");
  }

  /** What rows refer to in each extent, in bytes. */
  liveBytes(): Map<number, number> {
    const rows = this.#extents.all() as { id: number; live_bytes: number }[];
    return new Map(rows.map((row) => [row.id, row.live_bytes]));
  }

  get start(): WalkPlace {
    return { table: "blobs", key: starts.blobs };
  }

  /** The contents from a place on; `next` is undefined after the last. */
  slice({ table, key }: WalkPlace): {
    readonly contents: readonly WalkedContent[];
    readonly next: WalkPlace | undefined;
  } {
    const rows: Row[] = [];
    let bytes = 0;
    for (const row of this.#statements[table].iterate(...key, sliceRows) as Iterable<Row>) {
      rows.push(row);
      bytes += row.content.length;
      if (bytes >= sliceBytes) break;
    }
    const contents = rows.map(({ container_id: containerId, name, last, content }) => ({
      containerId,
      name,
      of: placeOf(table, last),
      content,
    }));
    const last = rows.at(-1);
    if (last !== undefined && (rows.length === sliceRows || bytes >= sliceBytes)) {
      const { container_id: id, name } = last;
      return { contents, next: { table, key: table === "blobs" ? [id, name] : [id, name, last.last] } };
    }
    const following = tables[tables.indexOf(table) + 1];
    return { contents, next: following && { table: following, key: starts[following] } };
  }
}

function placeOf(table: Table, last: string | number): ContentPlace["of"] {
  if (table === "blobs") return { table };
  return table === "history" ? { table, stamp: Number(last) } : { table, blockId: String(last) };
}
