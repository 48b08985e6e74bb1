import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Choice, findCover, MAX_EXACT_ELEMENTS } from "./set-cover.ts";

const choicesOf = (elementCount: number, maxLength: number) =>
  fc.array(
    fc.record({
      covers: fc.uniqueArray(fc.nat({ max: elementCount - 1 }), { minLength: 1, maxLength: elementCount }),
      cost: fc.integer({ min: 1, max: 30 }),
    }),
    { maxLength },
  );

/** Every subset, one by one. */
function cheapestByTrying(choices: readonly Choice[], wanted: ReadonlySet<number>): number {
  let best = Number.POSITIVE_INFINITY;
  for (let mask = 0; mask < 1 << choices.length; mask += 1) {
    const chosen = choices.filter((_, place) => (mask & (1 << place)) !== 0);
    const covered = new Set(chosen.flatMap(({ covers }) => covers));
    if (![...wanted].every((element) => covered.has(element))) continue;
    best = Math.min(
      best,
      chosen.reduce((sum, { cost }) => sum + cost, 0),
    );
  }
  return best;
}

test("a small cover costs what the cheapest of all subsets costs", () => {
  fc.assert(
    fc.property(choicesOf(6, 9), (choices) => {
      const cover = findCover(choices, 6);
      const coverable = new Set(choices.flatMap(({ covers }) => covers));
      assert.equal(cover.isProved, true);
      assert.equal(cover.cost, cheapestByTrying(choices, coverable));
      const covered = new Set(cover.chosen.flatMap((place) => choices[place]!.covers));
      assert.deepEqual([...covered].sort(), [...coverable].sort());
      assert.deepEqual(
        cover.uncovered,
        [0, 1, 2, 3, 4, 5].filter((element) => !coverable.has(element)),
      );
    }),
    { numRuns: 1_000 },
  );
});

test("a large cover covers everything, needs all it chose, and does not claim to be the cheapest", () => {
  const size = MAX_EXACT_ELEMENTS + 10;
  fc.assert(
    fc.property(choicesOf(size, 60), (choices) => {
      const cover = findCover(choices, size);
      const coverable = new Set(choices.flatMap(({ covers }) => covers));
      const covered = new Set(cover.chosen.flatMap((place) => choices[place]!.covers));
      assert.equal(covered.size, coverable.size);
      if (coverable.size > MAX_EXACT_ELEMENTS) assert.equal(cover.isProved, false);
      for (const place of cover.chosen) {
        const others = cover.chosen.filter((other) => other !== place).flatMap((other) => choices[other]!.covers);
        assert.ok(choices[place]!.covers.some((element) => !others.includes(element)));
      }
    }),
    { numRuns: 200 },
  );
});
