import assert from "node:assert/strict";
import { test } from "node:test";
import { type Conditions, judgeRead, judgeWrite, type Present } from "./conditions.ts";

const modifiedMs = Date.UTC(2025, 0, 1, 12, 0, 0, 700);
const second = Date.UTC(2025, 0, 1, 12, 0, 0);
const before = second - 1000;
const after = second + 1000;
const present: Present = { etag: "0x1", modifiedMs };

type Row = readonly [conditions: Conditions, present: Present, outcome: string | undefined];

const writes: readonly Row[] = [
  [{}, present, undefined],
  [{}, undefined, undefined],
  [{ ifMatch: ["0x1"] }, present, undefined],
  [{ ifMatch: ["*"] }, present, undefined],
  [{ ifMatch: ["0x2"] }, present, "condition-not-met"],
  [{ ifMatch: ["0x1"] }, undefined, "condition-not-met"],
  [{ ifMatch: ["*"] }, undefined, "condition-not-met"],
  [{ ifMatch: ["*"], ifUnmodifiedSinceMs: before }, undefined, "condition-not-met"],
  [{ ifMatch: ["0x1"], ifUnmodifiedSinceMs: before }, present, undefined],
  [{ ifNoneMatch: ["0x1"] }, present, "condition-not-met"],
  [{ ifNoneMatch: ["0x2"] }, present, undefined],
  [{ ifNoneMatch: ["*"] }, present, "condition-not-met"],
  [{ ifNoneMatch: ["*"] }, undefined, undefined],
  [{ ifNoneMatch: ["0x2"], ifModifiedSinceMs: after }, present, undefined],
  [{ ifModifiedSinceMs: before }, present, undefined],
  [{ ifModifiedSinceMs: second }, present, "condition-not-met"],
  [{ ifModifiedSinceMs: second }, undefined, undefined],
  [{ ifUnmodifiedSinceMs: second }, present, undefined],
  [{ ifUnmodifiedSinceMs: before }, present, "condition-not-met"],
  [{ ifUnmodifiedSinceMs: before }, undefined, undefined],
];

const reads: readonly Row[] = [
  [{}, present, undefined],
  [{ ifMatch: ["0x2", "0x1"] }, present, undefined],
  [{ ifMatch: ["0x2"] }, present, "condition-not-met"],
  [{ ifMatch: ["*"] }, undefined, "condition-not-met"],
  [{ ifNoneMatch: ["0x1"] }, present, "not-modified"],
  [{ ifNoneMatch: ["0x2"] }, present, undefined],
  [{ ifNoneMatch: ["*"] }, present, "condition-unsatisfiable"],
  [{ ifModifiedSinceMs: second }, present, "not-modified"],
  [{ ifModifiedSinceMs: before }, present, undefined],
  [{ ifUnmodifiedSinceMs: before }, present, "condition-not-met"],
  [{ ifUnmodifiedSinceMs: second }, present, undefined],
  [{ ifNoneMatch: ["0x1"], ifModifiedSinceMs: before }, present, undefined],
  [{ ifNoneMatch: ["0x2"], ifModifiedSinceMs: after }, present, undefined],
  [{ ifNoneMatch: ["0x1"], ifModifiedSinceMs: after }, present, "not-modified"],
  [{ ifMatch: ["0x1"], ifNoneMatch: ["0x1"] }, present, "not-modified"],
  [{ ifMatch: ["0x1"], ifUnmodifiedSinceMs: before }, present, "condition-not-met"],
];

test("conditions of a write", () => {
  for (const [conditions, there, outcome] of writes) {
    assert.equal(judgeWrite(conditions, there, false)?.kind, outcome, JSON.stringify({ conditions, there }));
  }
});

test("a write that makes a blob says 409 where others say 412", () => {
  for (const [conditions, there, outcome] of writes) {
    const isExists = conditions.ifNoneMatch?.includes("*") === true && there !== undefined;
    assert.equal(judgeWrite(conditions, there, true)?.kind, isExists ? "blob-exists" : outcome);
  }
});

test("conditions of a read", () => {
  for (const [conditions, there, outcome] of reads) {
    assert.equal(judgeRead(conditions, there)?.kind, outcome, JSON.stringify({ conditions, there }));
  }
});
