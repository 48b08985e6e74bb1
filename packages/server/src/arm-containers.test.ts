import assert from "node:assert/strict";
import { test } from "node:test";
import { containersOf } from "./arm-containers.ts";
import { openScratchEngine, putBytes } from "./blob/testing/scratch-engine.ts";

test("Resource Manager lists containers but the one of logs, and keeps those with what may not be deleted", async (test) => {
  const { engine } = await openScratchEngine(test);
  const port = containersOf(engine);
  for (const container of ["$logs", "free", "held"]) {
    await engine.createContainer({ account: "acct", container }, []);
    await putBytes(engine, { account: "acct", container, blob: "b" }, Buffer.from("x"));
  }
  assert.deepEqual(
    (await port.list("acct")).map(({ name }) => name),
    ["free", "held"],
  );
  assert.equal(await port.hasKeptBlobs("acct"), false);
  const state = { hasLegalHold: true } as const;
  await putBytes(engine, { account: "acct", container: "held", blob: "c" }, Buffer.from("y"), { state });
  assert.equal(await port.hasKeptBlobs("acct"), true);
  assert.equal(await port.delete("acct", "held", null, true), "kept");
  assert.equal(await port.delete("acct", "held", 7, true), "kept");
  assert.equal(await port.delete("acct", "free", null, true), true);
  assert.equal(await port.delete("acct", "free", null, true), false);
  assert.deepEqual(
    (await port.list("acct")).map(({ name }) => name),
    ["held"],
  );
});
