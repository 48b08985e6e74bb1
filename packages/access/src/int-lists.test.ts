import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { IntLists } from "./int-lists.ts";

test("lists of entries agree with arrays, however they grow and shrink", () => {
  const step = fc.tuple(fc.nat(3), fc.nat(60), fc.boolean());
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 3), fc.array(step, { maxLength: 300 }), (width, steps) => {
      const lists = new IntLists(width);
      const model: number[][] = [[], [], [], []];
      for (const [owner, value, isAdded] of steps) {
        const expected = model[owner]!;
        const place = lists.find(owner, 0, value);
        assert.equal(place, expected.indexOf(value));
        if (isAdded) {
          lists.add(owner, value, value + 1, value + 2);
          expected.push(value);
        } else if (place >= 0) {
          lists.removeAt(owner, place);
          expected.splice(place, 1);
        }
        assert.equal(lists.count(owner), expected.length);
      }
      for (const [owner, expected] of model.entries()) {
        for (let part = 0; part < width; part += 1) {
          assert.deepEqual(
            lists.list(owner, part),
            expected.map((value) => value + part),
          );
        }
        assert.deepEqual(
          expected.map((_, entry) => lists.slab[lists.start(owner) + entry]),
          expected,
        );
      }
    }),
    { numRuns: 500 },
  );
});

test("an owner that was never seen has an empty list", () => {
  const lists = new IntLists(1);
  for (const owner of [-1, 0, 5, 1e6]) {
    assert.equal(lists.count(owner), 0);
    assert.deepEqual(lists.list(owner, 0), []);
    assert.equal(lists.find(owner, 0, 7), -1);
  }
});
