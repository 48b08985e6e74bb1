import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { GuidTable } from "./guid-table.ts";
import { NONE } from "./int-column.ts";

const id = fc.oneof(
  fc.nat(60).map((number) => `0000000${number % 3}-0000-4000-8000-${number.toString(16).padStart(12, "0")}`),
  fc.uuid(),
  // Nearly GUIDs, and what is none at all.
  fc.constantFrom("a", "B", "", "0000000g-0000-4000-8000-000000000000", "00000000-0000-4000-8000-00000000000\u0130"),
  fc.constantFrom("00000000:0000-4000-8000-000000000000", "00000000-0000-4000-8000-0000000000000", "-".repeat(36)),
  fc.constantFrom("/0000000-0000-4000-8000-000000000000", "0000000--0000-4000-8000-000000000000"),
);

test("agrees with a map of lower-case texts, whatever comes and goes", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(id, fc.boolean(), fc.boolean()), { maxLength: 300 }), (steps) => {
      const table = new GuidTable();
      const model = new Map<string, number>();
      const free: number[] = [];
      let next = 0;
      for (const [text, isUpper, isDeleted] of steps) {
        const asked = isUpper ? text.toUpperCase() : text;
        const key = text.toLowerCase();
        if (asked.toLowerCase() !== key) continue;
        const known = model.get(key);
        assert.equal(table.find(asked), known ?? NONE);
        if (isDeleted) {
          table.delete(asked);
          if (model.delete(key)) free.push(known!);
        } else {
          const number = known ?? free.pop() ?? next++;
          // The number offered counts only for an id that has none.
          assert.equal(table.intern(asked, known === undefined ? number : 1000), number);
          model.set(key, number);
        }
        assert.equal(table.size, model.size);
      }
      for (const [key, number] of model) {
        assert.equal(table.find(key.toUpperCase()), number, key);
        assert.equal(table.text(number), key);
      }
    }),
    { numRuns: 300 },
  );
});

test("finds what it holds when it has grown and half was deleted", () => {
  const table = new GuidTable();
  const guid = (number: number) => `${number.toString(16).padStart(8, "0")}-1111-4222-8333-444444444444`;
  for (let number = 0; number < 5_000; number += 1) table.intern(guid(number), number);
  for (let number = 0; number < 5_000; number += 2) table.delete(guid(number));
  for (let number = 0; number < 5_000; number += 1) assert.equal(table.find(guid(number)), number % 2 ? number : NONE);
  assert.equal(table.size, 2_500);
});
