import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { IntColumn, NONE, PairTable, RowLists } from "./int-column.ts";

test("a column reads NONE where nothing was written, below, between and beyond", () => {
  const column = new IntColumn();
  column.set(1000, 7);
  assert.deepEqual(
    [-1, 0, 999, 1000, 1001, 1e6].map((row) => column.get(row)),
    [NONE, NONE, NONE, 7, NONE, NONE],
  );
});

test("a pair table agrees with a map of strings", () => {
  const part = fc.oneof(fc.nat(20), fc.nat(2_000_000));
  fc.assert(
    fc.property(fc.array(fc.tuple(part, part), { maxLength: 400 }), (pairs) => {
      const table = new PairTable();
      const model = new Map<string, number>();
      for (const [left, right] of pairs) {
        const key = `${left},${right}`;
        assert.equal(table.find(left, right), model.get(key) ?? NONE);
        if (!model.has(key)) model.set(key, model.size);
        assert.equal(table.intern(left, right), model.get(key));
      }
      for (const [key, number] of model) {
        const [left, right] = key.split(",").map(Number);
        assert.equal(table.find(left!, right!), number);
      }
    }),
    { numRuns: 200 },
  );
});

test("row lists agree with arrays", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(30)), { maxLength: 120 }), (steps) => {
      const lists = new RowLists();
      const owners = new Map<number, number>();
      const model: number[][] = [[], [], [], []];
      for (const [owner, row] of steps) {
        const before = owners.get(row);
        if (before === undefined) {
          lists.add(owner, row);
          model[owner]!.unshift(row);
          owners.set(row, owner);
        } else {
          lists.remove(before, row);
          model[before] = model[before]!.filter((each) => each !== row);
          owners.delete(row);
        }
      }
      for (const [owner, expected] of model.entries()) {
        const actual: number[] = [];
        for (let row = lists.first(owner); row !== NONE; row = lists.next(row)) actual.push(row);
        assert.deepEqual(actual, expected);
      }
    }),
    { numRuns: 500 },
  );
});
