/** What conditions see of a request is what is carried out. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { attributeNames as names } from "@postern/access";
import { put } from "../state/change.ts";
import type { Entities } from "../state/entities.ts";
import { blockBlob } from "./testing/sample-signatures.ts";
import { accountScope, people, startTrialSurface } from "./testing/trial-surface.ts";

const blobDataOwner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";

async function start(test: TestContext, condition: string, account = "acct") {
  const trial = await startTrialSurface(test);
  const row = {
    name: "dddddddd-0000-4000-8000-000000000001",
    scope: accountScope.replace(/acct$/, account),
    roleDefinitionId: blobDataOwner,
    principalId: people.nobody,
    condition,
    conditionVersion: "2.0",
  };
  trial.model.apply(put("roleAssignment", row as unknown as Entities["roleAssignment"]));
  await trial.send("PUT", "/box?restype=container", { account });
  await trial.send("PUT", "/box/b", { account, headers: blockBlob, body: "x" });
  return async (method: string, target: string) =>
    (await trial.send(method, target, { account, as: people.nobody })).status;
}

test("what a listing includes is not hidden from a condition by blanks, case, or another parameter", async (test) => {
  const condition = `NOT @Request[${names.listInclude}] ForAnyOfAnyValues:StringEquals {'versions', 'deleted'}`;
  const list = "/box?restype=container&comp=list";
  for (const account of ["acct", "nested"]) {
    const ask = await start(test, condition, account);
    assert.equal(await ask("GET", `${list}&include=metadata`), 200);
    for (const include of [
      "versions",
      "VERSIONS",
      "metadata,versions",
      "metadata,%20versions",
      "+versions+,",
      "Deleted",
    ])
      assert.equal(await ask("GET", `${list}&include=${include}`), 403, include);
    assert.equal(await ask("GET", `${list}&showonly=Deleted`), 403);
  }
});

test("a parameter without a value does not make an older version of the current one", async (test) => {
  const ask = await start(test, `@Resource[${names.isCurrentVersion}] BoolEquals false`);
  for (const query of ["", "?versionid=", "?snapshot=", "?snapshot=&versionid="])
    assert.equal(await ask("GET", `/box/b${query}`), 403, query);
  assert.equal(await ask("GET", "/box/b?versionid=2020-01-01T00:00:00.0000000Z"), 404);
});
