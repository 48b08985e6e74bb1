/** The short fuzz run of every parser: what was kept, then the same inputs each time. run.ts is the long one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readCorpus } from "./corpus.ts";
import { Draw } from "./draw.ts";
import { fuzz } from "./engine.ts";
import { pumpedInputs } from "./growth.ts";
import { subjects } from "./parsers.ts";
import { accepted, Mismatch, mustEqual, type Subject } from "./subject.ts";

const inputs = 1500;
const seed = 9;
/** Longest input made of one piece again and again, in characters: what takes more than linear time shows by not ending, not by being timed. */
const maxPumpedChars = 65_536;

for (const subject of subjects) {
  test(`${inputs} inputs for ${subject.name}: nothing but its own refusals, what is printed reads the same`, async () => {
    const outcome = await fuzz(subject, { inputs: inputs + readCorpus(subject.name).size, seed });
    assert.deepEqual(outcome.findings, []);
    assert.ok(outcome.accepted > 0 && outcome.refused > 0, "the inputs are both right and wrong ones");
    await subject.open?.();
    const length = Math.min(subject.maxChars, maxPumpedChars);
    const refusals = await Promise.allSettled(pumpedInputs(subject, length).map(async (input) => subject.read(input)));
    await subject.close?.();
    for (const one of refusals) {
      if (one.status === "rejected") assert.notEqual(subject.isRefusal(one.reason), undefined, String(one.reason));
    }
  });
}

/** A parser with what a run must find: a fault of another kind, a print that does not read the same, and time that doubles with each character. */
const broken: Subject = {
  ...{ name: "none", files: [], maxChars: 200, words: ["!", "("], pumps: [] },
  generate: (draw) => draw.text(),
  read: (input) => {
    if (input.includes("!")) throw new TypeError("not a fault of the parser's own");
    if (input.includes("(")) mustEqual(input, input.replace("(", "["), "printed");
    return accepted("text");
  },
  isRefusal: () => undefined,
};

test("a run finds foreign faults and prints that differ, and is the same for a seed", async () => {
  const runs = await Promise.all([1, 1, 2].map((each) => fuzz(broken, { inputs: 400, seed: each })));
  const whats = runs[0]!.findings.map(({ what }) => what);
  assert.ok(whats.some((what) => what.startsWith("TypeError")));
  assert.ok(whats.some((what) => what.includes("printed")));
  assert.deepEqual(runs[0]!.findings, runs[1]!.findings);
  assert.notDeepEqual(runs[0]!.findings, runs[2]!.findings);
  assert.throws(() => mustEqual(1, 2, "x"), Mismatch);
});

test("generators draw the same for a seed", () => {
  for (const { generate, open } of subjects) {
    // The others sign with keys made for the run.
    if (open !== undefined) continue;
    assert.equal(generate(new Draw(7)), generate(new Draw(7)));
  }
});
