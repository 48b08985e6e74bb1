import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import fc from "fast-check";
import { migrations } from "../engine/metadata-schema.ts";
import { carryOut } from "../engine/metadata-writer.ts";
import type { Mutation } from "../engine/mutations.ts";
import { stampsPerMs } from "../engine/stamps.ts";
import { allTables, type Row, tables } from "./tables.ts";
import { maxSeats, WorkingSet } from "./working-set.ts";

test("the tables are those of the engine, column for column", () => {
  const database = new DatabaseSync(":memory:");
  for (const migration of migrations) database.exec(migration);
  const names = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  // Counters and what refers to which extent are kept otherwise.
  assert.deepEqual(
    names.map(({ name }) => String(name)).sort(),
    [...allTables.map(({ name }) => name), "counters", "extents"].sort(),
  );
  for (const { name, columns, key } of allTables) {
    const info = database.prepare(`PRAGMA table_info(${name})`).all() as { name: string; pk: number }[];
    assert.deepEqual(info.map((column) => column.name).sort(), Object.keys(columns).sort(), name);
    const keyed = info.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    assert.deepEqual(
      keyed.map((column) => column.name),
      key,
      name,
    );
  }
  database.close();
});

test("no two seats draw the same number, none draws one twice, and each is above what the rows have", () => {
  const sets = [0, 1, maxSeats - 1].map((seat) => ({ seat, set: new WorkingSet(() => seat) }));
  const seen = new Set<number>();
  fc.assert(
    fc.property(
      fc.array(fc.record({ by: fc.nat(2), timeMs: fc.integer({ min: 1_000, max: 1_010 }), floor: fc.nat(300_000) }), {
        maxLength: 50,
      }),
      (draws) => {
        for (const { by, timeMs, floor } of draws) {
          const { seat, set } = sets[by]!;
          set.begin(0);
          set.context.floor = Math.max(set.context.floor, floor);
          const before = set.context.floor;
          const drawn = set.context.nextStamp(timeMs);
          set.end();
          assert.equal(drawn % maxSeats, seat);
          assert.ok(drawn > before && drawn >= timeMs * stampsPerMs);
          assert.ok(!seen.has(drawn));
          seen.add(drawn);
        }
      },
    ),
  );
  for (const { set } of sets) set.close();
});

const place = { account: "acct", container: "c" };
const container: Row = {
  ...{ id: 7, account: "acct", name: "c", version: 5, modified_ms: 1 },
  ...{ metadata: "", state: "", access: "" },
};
const put = (blob: string): Mutation => ({
  ...{ kind: "put-blob", ...place, blob, type: "BlockBlob", content: Buffer.from("010000000000000000000000", "hex") },
  ...{ metadata: [], tags: [["k", "v"]], state: {}, accessTier: null, isShared: false, mustBeNew: false },
  ...{ conditions: {}, retention: { isVersioned: false, deletedBlobDays: null } },
  settings: {
    ...{ contentType: null, contentEncoding: null, contentLanguage: null },
    ...{ contentDisposition: null, cacheControl: null, contentMd5: null },
  },
});

test("what a group comes to is told: rows that were there, rows that were not, and nothing of what came and went", () => {
  const set = new WorkingSet(() => 3);
  const run = (loaded: readonly Row[], mutations: readonly Mutation[]) => {
    set.begin(0);
    set.load(tables.containers, [container]);
    set.load(tables.blobs, loaded);
    set.ready();
    for (const mutation of mutations) assert.ok(carryOut(set.context, { mutation, timeMs: 1_000 }).isOk);
    const changes = Object.fromEntries(
      set
        .changes()
        .map(({ table, added, changed, removed }) => [
          table.name,
          [added, changed, removed].map((rows) => rows.map((row) => row.name)),
        ]),
    );
    const rows = set.changes().find(({ table }) => table === tables.blobs);
    set.end();
    return { changes, rows };
  };
  const first = run([], [put("a"), put("b")]);
  assert.deepEqual(first.changes, { blobs: [["a", "b"], [], []], tags: [["a", "b"], [], []] });
  const [a] = first.rows!.added;
  assert.equal((a!.version as number) % maxSeats, 3);
  const deletion: Mutation = {
    ...{ kind: "delete-blob", ...place, blob: "a", snapshots: null, conditions: {} },
    retention: { isVersioned: false, deletedBlobDays: null },
  };
  assert.deepEqual(run([a!], [deletion]).changes, { blobs: [[], [], ["a"]], tags: [[], [], ["a"]] });
  assert.deepEqual(run([a!], [deletion, put("a")]).changes, { blobs: [[], ["a"], []], tags: [[], ["a"], []] });
  assert.deepEqual(run([], [put("a"), deletion]).changes, { blobs: [[], [], []], tags: [[], [], ["a"]] });
  const kept = { isVersioned: true, deletedBlobDays: null };
  const over = { ...put("a"), retention: kept } as Mutation;
  const { changes } = run([a!], [over]);
  assert.deepEqual(changes.history, [["a"], [], []]);
  set.close();
});
