import assert from "node:assert/strict";
import { test } from "node:test";
import { LastingCrowd } from "./lasting-crowd.ts";

/** After how many, each so long after the one before, a crowd lasts; undefined for never. */
function countUntilLasting(crowd: LastingCrowd, startMs: number, everyMs: number): number | undefined {
  for (let count = 1; count <= 1000; count += 1) if (crowd.note(startMs + count * everyMs)) return count;
  return undefined;
}

test("many who wait within a second are a lasting crowd; a passing one, or a few in every second, are none", () => {
  assert.equal(countUntilLasting(new LastingCrowd(), 0, 0.1), 64);
  assert.equal(countUntilLasting(new LastingCrowd(), 5e9, 15), 64);
  assert.equal(countUntilLasting(new LastingCrowd(), 0, 100), undefined);

  const passing = new LastingCrowd();
  for (let second = 0; second < 10; second += 1) {
    for (let count = 0; count < 63; count += 1) assert.equal(passing.note(second * 1001 + count / 100), false);
  }
  assert.equal(countUntilLasting(passing, 20_000, 1), 64, "what came seconds ago counts no more");
});
