import assert from "node:assert/strict";
import { test } from "node:test";
import { type Decision, decide } from "@postern/access";
import { startTrialCloud, trial } from "../arm/trial-cloud.ts";
import { people, startTrialSurface } from "../blob/testing/trial-surface.ts";
import { put, systemActor } from "../state/change.ts";
import type { Guid } from "../state/identifiers.ts";
import { settle } from "./gate.ts";
import { type AccessRecord, maxUses, Recorder } from "./records.ts";

const scope = `/subscriptions/${trial.subscriptionId}`;
const requestId = "88888888-8888-4888-8888-888888888888";

test("of several rights the one that is held decides; the first stands for the request when none is", async (test) => {
  const { cloud, close } = await startTrialCloud();
  test.after(close);
  const ask = (principalId: string, operation: string, isDataAction = false, at = scope) => {
    const question = { principalId, operation, isDataAction, scope: at };
    return { ask: question, decision: decide(cloud.model.access, question) };
  };
  const settled = (answers: ReturnType<typeof ask>[]) => {
    const place = settle(cloud, { requestId }, { surface: "blob", operation: "Put Blob", answers });
    const records = cloud.recorder.accesses().slice(-answers.length);
    return [place, ...records.map(({ outcome }) => outcome)];
  };
  const { operator, app } = trial;
  assert.deepEqual(settled([ask(operator, "a/write", true), ask(operator, "a/write")]), [1, "passed-over", "allowed"]);
  assert.deepEqual(settled([ask(app, "a/write"), ask(app, "a/read")]), [-1, "denied", "passed-over"]);
  const mode = {
    name: "abababab-0000-4000-8000-000000000001" as Guid,
    scope: "/",
    principalId: null,
    description: null,
    createdOn: trial.now,
    createdBy: operator,
    expiresOn: "2030-01-01T00:00:00.000Z",
  };
  await cloud.store.change(systemActor, "Soft", () => ({ changes: [put("softMode", mode)], result: undefined }));
  assert.deepEqual(settled([ask(app, "a/write"), ask(app, "a/read")]), [0, "let-through", "passed-over"]);
  assert.deepEqual(settled([ask(operator, "a/write", true), ask(operator, "a/write")]), [1, "passed-over", "allowed"]);
  // What cannot be read is not let through.
  assert.deepEqual(settled([ask(app, "a/*")]), [-1, "denied"]);
  assert.deepEqual(settled([ask(app, "a/read", false, "nowhere")]), [-1, "denied"]);
});

test("a refused request for a blob has Azure's body and a header that points to its record; an allowed one has none", async (test) => {
  const { send, recorder } = await startTrialSurface(test);
  const body = (await send("GET", "/box/b", { as: people.nobody })).text;
  recorder.ownOrigin = "https://localhost:1";
  const refused = await send("GET", "/box/b", { as: people.nobody });
  const record = recorder.accesses().at(-1)!;
  assert.equal(refused.headers["x-postern-explain"], `https://localhost:1/postern/access/records/${record.requestId}`);
  assert.equal(refused.text, body);
  assert.equal(record.outcome, "denied");
  assert.equal((await send("GET", "/?comp=list", { as: people.reader })).headers["x-postern-explain"], undefined);
});

test("uses are kept once each, the longest unused make room, and those before a time are left out", () => {
  const recorder = new Recorder();
  const decision: Decision = { isAllowed: false, reason: "no-assignment", nearest: [], fault: null };
  const record = (operation: string, time: string, outcome: AccessRecord["outcome"] = "denied") =>
    recorder.recordAccess({
      time,
      requestId,
      surface: "blob",
      operation: "x",
      ask: { principalId: "me", operation, isDataAction: true, scope },
      outcome,
      decision,
    });
  record("a", "1");
  record("a", "2", "let-through");
  record("b", "2", "passed-over");
  assert.deepEqual(
    recorder
      .usesOf("me", "")
      .map(({ ask, allowedCount, deniedCount, lastTime }) => [ask.operation, allowedCount, deniedCount, lastTime]),
    [["a", 1, 1, "2"]],
  );
  assert.deepEqual(recorder.usesOf("me", "3"), []);
  assert.deepEqual(recorder.usesOf("you", ""), []);
  for (let number = 0; number < maxUses; number += 1) record(`c${number}`, "3");
  const kept = recorder.usesOf("me", "");
  assert.ok(kept.length <= maxUses && kept.length > maxUses / 2, `${kept.length} uses`);
  assert.ok(!kept.some(({ ask }) => ask.operation === "a"));
  assert.equal(kept.at(-1)!.ask.operation, `c${maxUses - 1}`);
});

test("a record that was written before differs from it in time and request alone, and counts as often", () => {
  const recorder = new Recorder();
  const decision: Decision = Object.freeze({ isAllowed: false, reason: "no-assignment", nearest: [], fault: null });
  const records = ["allowed", "allowed", "denied", "allowed", "denied"].map(
    (outcome, index): AccessRecord => ({
      time: `2026-01-01T00:00:0${index}.000Z`,
      requestId: `request "${index}"`,
      surface: "blob",
      operation: index === 3 ? "Get Blob" : "Get Blob Properties",
      ask: { principalId: "me", operation: "read", isDataAction: true, scope: index === 1 ? scope : `${scope}/é` },
      outcome: outcome as AccessRecord["outcome"],
      decision,
    }),
  );
  for (const record of [...records, ...records]) recorder.recordAccess(record);
  assert.deepEqual(recorder.accesses(), [...records, ...records]);
  const uses = recorder.usesOf("me", "");
  assert.deepEqual(
    uses.map(({ ask, allowedCount, deniedCount, lastTime }) => [ask.scope, allowedCount, deniedCount, lastTime.at(18)]),
    [
      [scope, 2, 0, "1"],
      [`${scope}/é`, 4, 4, "4"],
    ],
  );
});
