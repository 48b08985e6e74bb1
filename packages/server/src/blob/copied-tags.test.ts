/** A copy that takes its source's tags reads tags there and writes them here, so both are asked for. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ContainerSASPermissions } from "@azure/storage-blob";
import { put } from "../state/change.ts";
import type { Entities } from "../state/entities.ts";
import { blockBlob, serviceSas } from "./testing/sample-signatures.ts";
import { accountScope, people, startTrialSurface } from "./testing/trial-surface.ts";

const blobDataOwner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
const source = "https://acct.blob.core.windows.net/box/source";
const copyTags = { "x-ms-copy-source": source, "x-ms-copy-source-tag-option": "COPY" };
const forms = [{}, { "x-ms-requires-sync": "true" }, blockBlob] as const;

async function start(test: TestContext) {
  const trial = await startTrialSurface(test);
  for (const container of ["box", "mine"]) await trial.send("PUT", `/${container}?restype=container`);
  const headers = { ...blockBlob, "x-ms-tags": "project=secret" };
  assert.equal((await trial.send("PUT", "/box/source", { headers, body: "x" })).status, 201);
  return trial;
}

function assign(trial: Awaited<ReturnType<typeof start>>, scope: string, condition: string | null): void {
  const row = {
    name: "dddddddd-0000-4000-8000-000000000001",
    scope,
    roleDefinitionId: blobDataOwner,
    principalId: people.reader,
    condition,
    conditionVersion: condition === null ? null : "2.0",
  };
  trial.model.apply(put("roleAssignment", row as unknown as Entities["roleAssignment"]));
}

test("whoever may write blobs and no tags writes none by a copy either", async (test) => {
  const { send } = await start(test);
  for (const form of forms) {
    const headers = { ...form, ...copyTags };
    const refused = await send("PUT", "/mine/copy", { headers, as: people.contributor });
    assert.equal(refused.code, "AuthorizationPermissionMismatch", JSON.stringify(form));
    const plain = { ...form, "x-ms-copy-source": source };
    assert.ok((await send("PUT", "/mine/copy", { headers: plain, as: people.contributor })).status < 300);
  }
});

test("whoever may read a blob and not its tags does not learn them by a copy of their own", async (test) => {
  const trial = await start(test);
  assign(trial, `${accountScope}/blobServices/default/containers/mine`, null);
  for (const form of forms) {
    const refused = await trial.send("PUT", "/mine/copy", { headers: { ...form, ...copyTags }, as: people.reader });
    assert.equal(refused.code, "CannotVerifyCopySource", JSON.stringify(form));
    assert.match(refused.text, /<CopySourceErrorCode>AuthorizationPermissionMismatch</);
  }
  assert.ok((await trial.send("PUT", "/mine/copy", { headers: { ...blockBlob, ...copyTags } })).status < 300);
  assert.equal((await trial.send("HEAD", "/mine/copy")).headers["x-ms-tag-count"], "1");
});

test("signatures for the copy and for its source need the letter of tags", async (test) => {
  const { send } = await start(test);
  const letters = (permissions: string) => serviceSas({ permissions: ContainerSASPermissions.parse(permissions) });
  const copy = async (target: string, from: string) => {
    const headers = { ...copyTags, "x-ms-copy-source": `${source}?${letters(from)}` };
    const { code, status } = await send("PUT", `/box/copy?${letters(target)}`, { headers, as: null });
    return code ?? status;
  };
  assert.equal(await copy("cw", "rt"), "AuthorizationPermissionMismatch");
  assert.equal(await copy("cwt", "r"), "CannotVerifyCopySource");
  assert.equal(await copy("cwt", "rt"), 202);
});

test("a condition on the tags that a write gives grants nothing to tags that come with a copy", async (test) => {
  const trial = await start(test);
  const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
  const isWriteWithTags = `ActionMatches{'${blobs}/write'} AND SubOperationMatches{'Blob.Write.WithTagHeaders'}`;
  const asked = `@Request[${blobs}/tags:project<$key_case_sensitive$>] StringEquals 'open'`;
  assign(trial, accountScope, `(!(${isWriteWithTags})) OR (${asked})`);
  const write = async (headers: Record<string, string>) =>
    (await trial.send("PUT", "/mine/b", { headers: { ...blockBlob, ...headers }, as: people.reader })).status;
  assert.equal(await write({ "x-ms-tags": "project=open" }), 201);
  assert.equal(await write({ "x-ms-tags": "project=secret" }), 403);
  assert.equal(await write({ "x-ms-copy-source": source }), 201);
  assert.equal(await write(copyTags), 403);
});

test("public access opens a listing, and not the tags in it", async (test) => {
  const { send } = await startTrialSurface(test);
  const account = "open";
  const shared = { "x-ms-blob-public-access": "container" };
  await send("PUT", "/box?restype=container", { account, headers: shared });
  await send("PUT", "/box/b", { account, headers: { ...blockBlob, "x-ms-tags": "project=secret" }, body: "x" });
  const list = (include: string) =>
    send("GET", `/box?restype=container&comp=list&include=${include}`, { account, as: null });
  assert.equal((await list("metadata")).status, 200);
  const refused = await list("metadata,%20TAGS");
  assert.deepEqual([refused.status, refused.code], [401, "NoAuthenticationInformation"]);
  assert.equal((await send("GET", "/box/b?comp=tags", { account, as: null })).status, 401);
});
