/** A table's indexes against lists that are searched, whatever is put and deleted in whatever order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Owner } from "./entities.ts";
import { keyOf } from "./entities.ts";
import { Table } from "./table.ts";

const ids = ["a", "b", "c"] as const;
const anyRow = fc.record({ ownedId: fc.constantFrom(...ids), ownerId: fc.constantFrom(...ids) }) as fc.Arbitrary<Owner>;
const anyStep = fc.record({ row: anyRow, isDelete: fc.boolean() });

test("rows are found by each of their values, in the order they came, as a list would find them", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      const table = new Table("owner", {
        ownedId: (row) => [row.ownedId],
        either: (row) => [...new Set([row.ownedId, row.ownerId])],
      });
      let list: Owner[] = [];
      for (const { row, isDelete } of steps) {
        const key = keyOf.owner(row);
        const before = list.find((one) => keyOf.owner(one) === key);
        assert.deepEqual(isDelete ? table.delete(key) : table.put(row), before);
        list = list.filter((one) => one !== before);
        if (!isDelete) list.push(row);
      }
      assert.equal(table.size, list.length);
      for (const id of ids) {
        const owned = list.filter(({ ownedId }) => ownedId === id);
        assert.deepEqual(table.find("ownedId", id), owned);
        assert.deepEqual(table.findOne("ownedId", id), owned[0]);
        assert.deepEqual(
          table.find("either", id),
          list.filter(({ ownedId, ownerId }) => ownedId === id || ownerId === id),
        );
      }
      assert.deepEqual(table.sortedKeys(), list.map(keyOf.owner).sort());
    }),
  );
});

test("a value that names a member of every object is found no more than any other", () => {
  const table = new Table("owner", { ownedId: (row) => [row.ownedId] });
  assert.deepEqual(table.find("ownedId", "constructor"), []);
  assert.equal(table.findOne("ownedId", "__proto__"), undefined);
});
