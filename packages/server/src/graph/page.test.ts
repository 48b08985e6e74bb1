import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SecretKeeper } from "../directory/secrets.ts";
import { GraphRefusal } from "./graph-fault.ts";
import { cutPage, type PageRequest, type Rows } from "./page.ts";
import { makeSkipToken, type PageMark, readSkipToken } from "./skip-token.ts";

type Row = { readonly key: string; readonly name: string };

function rowsOf(list: readonly Row[]): Rows<Row> {
  const byKey = new Map(list.map((row) => [row.key, row]));
  return { keys: [...byKey.keys()].sort(), get: (key) => byKey.get(key) };
}

/** Reads a whole collection page by page; between two pages `change` may replace it. */
function readAll(
  rows: Rows<Row>,
  request: Omit<PageRequest<Row>, "after">,
  change: (rows: Rows<Row>) => Rows<Row> = (same) => same,
): Row[] {
  const all: Row[] = [];
  let after: PageMark | undefined;
  let current = rows;
  do {
    const page = cutPage(current, { ...request, after });
    assert.ok(page.rows.length <= request.top);
    all.push(...page.rows);
    after = page.next;
    current = change(current);
  } while (after !== undefined);
  return all;
}

const list = fc.uniqueArray(
  fc.record({ key: fc.stringMatching(/^[a-f]{1,4}$/), name: fc.constantFrom("a", "B", "b", "c") }),
  {
    selector: ({ key }) => key,
  },
);
const order = fc.option(fc.record({ read: fc.constant((row: Row) => row.name), isDescending: fc.boolean() }), {
  nil: undefined,
});

test("pages put together are the collection, each row once, in its order", () => {
  fc.assert(
    fc.property(list, order, fc.integer({ min: 1, max: 5 }), (collection, by, top) => {
      const passes = (row: Row) => row.name !== "c";
      const read = readAll(rowsOf(collection), { top, passes, order: by });
      const direction = by?.isDescending ? -1 : 1;
      const rank = (row: Row) => `${by === undefined ? "" : row.name.toLowerCase()} ${row.key}`;
      const expected = collection
        .filter(passes)
        .sort((a, b) => (by === undefined ? 1 : direction) * (rank(a) < rank(b) ? -1 : 1));
      assert.deepEqual(read, expected);
    }),
  );
});

test("rows that come between two pages hide none and repeat none of those that were there", () => {
  fc.assert(
    fc.property(list, list, order, fc.integer({ min: 1, max: 3 }), (collection, added, by, top) => {
      const fresh = [...added];
      const passes = () => true;
      const read = readAll(rowsOf(collection), { top, passes, order: by }, (rows) => {
        const row = fresh.pop();
        const present = rows.keys.map((key) => rows.get(key)!);
        return row === undefined || rows.get(row.key) !== undefined ? rows : rowsOf([...present, row]);
      });
      const keys = read.map((row) => row.key);
      assert.equal(new Set(keys).size, keys.length, "a row came twice");
      for (const row of collection) assert.ok(keys.includes(row.key), `${row.key} was skipped`);
    }),
  );
});

test("the row a mark names may be gone", () => {
  const rows = rowsOf([
    { key: "a", name: "a" },
    { key: "c", name: "c" },
  ]);
  const page = cutPage(rows, { top: 5, after: { key: "b", sortValue: null }, passes: () => true, order: undefined });
  assert.deepEqual(
    page.rows.map((row) => row.key),
    ["c"],
  );
});

const secrets = new SecretKeeper(Buffer.alloc(32, 1));

test("a token is read back for its own query only, and by its own cloud", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.option(fc.string()), fc.string(), (query, key, sortValue, other) => {
      const token = makeSkipToken(secrets, query, { key, sortValue });
      assert.deepEqual(readSkipToken(secrets, query, token), { key, sortValue });
      if (other !== query) assert.throws(() => readSkipToken(secrets, other, token), GraphRefusal);
      assert.throws(() => readSkipToken(new SecretKeeper(Buffer.alloc(32, 2)), query, token), GraphRefusal);
    }),
  );
});

test("a token with any character changed is refused", () => {
  const token = makeSkipToken(secrets, "query", { key: "aaaaaaaa-0000-4000-8000-000000000001", sortValue: null });
  for (let index = 0; index < token.length; index++) {
    const changed = `${token.slice(0, index)}${token[index] === "A" ? "B" : "A"}${token.slice(index + 1)}`;
    // The last character of an unpadded text may carry bits that are not part of it; a signature compares as text, so even that is refused.
    assert.throws(() => readSkipToken(secrets, "query", changed), GraphRefusal, `character ${index}`);
  }
  for (const other of ["", ".", "a.b", `${token}.x`, `${token}x`, "x".repeat(5000)])
    assert.throws(() => readSkipToken(secrets, "query", other), GraphRefusal);
});
