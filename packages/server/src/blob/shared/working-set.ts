/**
 * The rows that a group of changes is about, in memory: the changes run on them as they run on the file of a store that one process has to itself, the same code
 * and the same SQL, so that no rule is written twice. What came of it is read off and written to the database.
 *
 * May use: node:sqlite. One group at a time.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { migrations } from "../engine/metadata-schema.ts";
import type { BlobState } from "../engine/model.ts";
import { decodeState, decodeTags } from "../engine/row-format.ts";
import { stampsPerMs } from "../engine/stamps.ts";
import { WriterContext } from "../engine/writer-context.ts";
import { allTables, keyOf, type Row, type Table, tables, type Value } from "./tables.ts";

/** Who may write at once at most: each draws numbers that no other draws. @see stamps.ts: the lowest digits of a number tell who drew it. */
export const maxSeats = 16;

/** What a group has come to in one table. */
export type TableChange = {
  readonly table: Table;
  /** Rows that were not there, or not looked at. */
  readonly added: readonly Row[];
  /** Rows that were there. */
  readonly changed: readonly Row[];
  /** Keys. */
  readonly removed: readonly Row[];
};

/** What rows refer to in an extent more than before, in bytes, and where the last of it ends. */
export type LedgerChange = { readonly extentId: number; readonly liveBytes: number; readonly endBytes: number };

/** Draws numbers of one seat: they tell the seat by their lowest digits, so none of another's is ever drawn. */
class SeatContext extends WriterContext {
  readonly #seat: () => number;
  /** No number at or below this is drawn; what the rows of the group have, and what was drawn before. */
  floor = 0;

  constructor(database: DatabaseSync, seat: () => number) {
    super(database);
    this.#seat = seat;
  }

  override get lastStamp(): number {
    return this.floor;
  }

  override nextStamp(timeMs: number): number {
    const least = Math.max(this.floor + 1, timeMs * stampsPerMs);
    const ahead = (((this.#seat() - (least % maxSeats)) % maxSeats) + maxSeats) % maxSeats;
    this.floor = least + ahead;
    return this.floor;
  }
}

type TableStatements = {
  readonly insert: StatementSync;
  readonly dirty: StatementSync;
  readonly forget: StatementSync;
};

export class WorkingSet {
  readonly context: SeatContext;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<Table, TableStatements>();
  readonly #loaded = new Map<Table, Set<string>>();
  readonly #ledger: StatementSync;

  /** @param seat whose numbers are drawn. */
  constructor(seat: () => number) {
    this.#database = new DatabaseSync(":memory:");
    for (const migration of migrations) this.#database.exec(migration);
    for (const table of allTables) this.#statements.set(table, this.#watch(table));
    this.context = new SeatContext(this.#database, seat);
    this.#ledger = this.#database.prepare("SELECT id, live_bytes, end_bytes FROM extents");
  }

  /** Has the keys of the rows noted that are written to. */
  #watch({ name, key, columns }: Table): TableStatements {
    const keys = key.join(", ");
    this.#database.exec(`CREATE TABLE dirty_${name} (${keys}, PRIMARY KEY (${keys})) WITHOUT ROWID`);
    const note = (row: "NEW" | "OLD") =>
      `INSERT OR IGNORE INTO dirty_${name} VALUES (${key.map((column) => `${row}.${column}`).join(", ")});`;
    for (const [event, notes] of [
      ["INSERT", note("NEW")],
      ["UPDATE", note("OLD") + note("NEW")],
      ["DELETE", note("OLD")],
    ]) {
      this.#database.exec(`CREATE TRIGGER ${name}_${event} AFTER ${event} ON ${name} BEGIN ${notes} END`);
    }
    const all = Object.keys(columns);
    const shown = all.map((column) => `${name}.${column} AS ${column}`).join(", ");
    const dirtyKey = key.map((column) => `dirty_${name}.${column} AS dirty_${column}`).join(", ");
    const join = key.map((column) => `${name}.${column} = dirty_${name}.${column}`).join(" AND ");
    return {
      insert: this.#database.prepare(
        `INSERT OR IGNORE INTO ${name} (${all.join(", ")}) VALUES (${all.map(() => "?").join(", ")})`,
      ),
      dirty: this.#database.prepare(
        `SELECT ${shown}, ${dirtyKey} FROM dirty_${name} LEFT JOIN ${name} ON ${join} ORDER BY ${key.map((column) => `dirty_${column}`).join(", ")}`,
      ),
      forget: this.#database.prepare(`DELETE FROM dirty_${name}`),
    };
  }

  /** Begins with nothing. @param floor the last number that was drawn. */
  begin(floor: number): void {
    this.#database.exec("BEGIN");
    this.#loaded.clear();
    this.context.floor = Math.max(this.context.floor, floor);
    this.context.stagedWalk = { id: -1, name: "" };
  }

  /** Takes in rows as they are in the database. Numbers that they were given are not drawn again. */
  load(table: Table, rows: readonly Row[]): void {
    const { insert } = this.#statements.get(table)!;
    const columns = Object.keys(table.columns);
    let known = this.#loaded.get(table);
    if (known === undefined) {
      known = new Set();
      this.#loaded.set(table, known);
    }
    for (const row of rows) {
      insert.run(...columns.map((column) => row[column] as Value));
      known.add(keyOf(table, row));
      for (const column of ["version", "stamp", "version_id", "deleted"]) {
        const stamp = row[column];
        if (typeof stamp === "number") this.context.floor = Math.max(this.context.floor, stamp);
      }
    }
    if (table === tables.blobs) for (const row of rows) this.#loadDerived(row);
  }

  /** What follows from a present blob's row need not be fetched to be found by the changes. */
  #loadDerived({ container_id: id, name, tags, state }: Row): void {
    for (const [key, value] of decodeTags(tags as string))
      this.load(tables.tags, [{ container_id: id!, key, value, name: name! }]);
    const { expiresMs } = decodeState<BlobState>(state as string);
    if (expiresMs !== undefined) this.load(tables.endings, [{ ends_ms: expiresMs, container_id: id!, name: name! }]);
  }

  /** Notes which extents are there, for contents that are shared. */
  loadExtents(ids: readonly number[]): void {
    const insert = this.#database.prepare("INSERT OR IGNORE INTO extents (id, end_bytes, live_bytes) VALUES (?, 0, 0)");
    for (const id of ids) insert.run(id);
  }

  /** The numbers that the next containers get. */
  numberContainers(after: number): void {
    this.#database.exec("DELETE FROM sqlite_sequence WHERE name = 'containers'");
    this.#database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('containers', ?)").run(after);
  }

  /** From here on it is noted what is written to. */
  ready(): void {
    for (const { forget } of this.#statements.values()) forget.run();
  }

  /** What has been written since. */
  changes(): TableChange[] {
    return allTables.flatMap((table) => {
      const rows = this.#statements.get(table)!.dirty.all() as Row[];
      if (rows.length === 0) return [];
      const known = this.#loaded.get(table);
      const change = { table, added: [] as Row[], changed: [] as Row[], removed: [] as Row[] };
      for (const row of rows) {
        const key = Object.fromEntries(table.key.map((column) => [column, row[`dirty_${column}`]!]));
        const wasThere = known?.has(keyOf(table, key)) === true;
        if (row[table.key[0]!] === null) {
          // What came and went within the group leaves nothing to remove, unless it follows from rows that were looked at.
          if (wasThere || table.isDerived) change.removed.push(key);
        } else (wasThere ? change.changed : change.added).push(row);
      }
      return [change];
    });
  }

  /** What rows refer to more, and less, than before. */
  ledgerChanges(): LedgerChange[] {
    this.context.ledger.flush();
    const rows = this.#ledger.all() as { id: number; live_bytes: number; end_bytes: number }[];
    return rows
      .filter((row) => row.live_bytes !== 0 || row.end_bytes !== 0)
      .map((row) => ({ extentId: row.id, liveBytes: row.live_bytes, endBytes: row.end_bytes }));
  }

  /** Forgets everything but the numbers that were drawn. */
  end(): void {
    this.context.ledger.forget();
    this.#database.exec("ROLLBACK");
  }

  close(): void {
    this.#database.close();
  }
}
