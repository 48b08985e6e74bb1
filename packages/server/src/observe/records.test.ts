/** What remembering records costs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decision } from "@postern/access";
import { collectGarbage } from "../collector-fixture.ts";
import { Recorder } from "./records.ts";

/** As many as are remembered. */
const decisions = 2048;
/** What each may hold; 64 KiB is what a part of Buffer's pool holds. */
const maxBytesEach = 16 * 1024;

test("a decision that is remembered holds the memory of its record, not of what was made beside it", () => {
  const recorder = new Recorder();
  const record = (index: number) =>
    recorder.recordAccess({
      ...{ time: "2026-01-01T00:00:00.000Z", requestId: "r", surface: "arm", operation: "Read", outcome: "allowed" },
      ask: { principalId: "p", operation: "read", isDataAction: false, scope: `/subscriptions/${index}` },
      decision: Object.freeze({ isAllowed: true, reason: "role-assignment", index }) as unknown as Decision,
    });
  record(-1);
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < decisions; index++) {
    record(index);
    // What requests make meanwhile, and let go of.
    for (let part = 0; part < 24; part++) Buffer.from("x".repeat(4000));
  }
  collectGarbage();
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < decisions * maxBytesEach, `${grown} bytes for ${decisions} decisions`);
  assert.equal(recorder.accesses("/subscriptions/7").length > 0, true);
});
