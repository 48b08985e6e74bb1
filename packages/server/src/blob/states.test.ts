import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { people, startTrialSurface } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };

async function start(test: TestContext) {
  let timeMs = Date.parse("2026-01-02T03:04:05.678Z");
  const trial = await startTrialSurface(test, { now: () => new Date(timeMs) });
  await trial.send("PUT", "/box?restype=container");
  await trial.send("PUT", "/box/b", { headers: blockBlob, body: "x" });
  return {
    ...trial,
    pass: (seconds: number) => {
      timeMs += seconds * 1000;
    },
  };
}

test("a blob in the archive is not read until it is out again", async (test) => {
  const { send, pass } = await start(test);
  const before = await send("HEAD", "/box/b");
  const tier = (name: string, more = {}) =>
    send("PUT", "/box/b?comp=tier", { headers: { "x-ms-access-tier": name, ...more } });
  assert.equal((await tier("Cool")).status, 200);
  const cool = await send("HEAD", "/box/b");
  assert.deepEqual([cool.headers["x-ms-access-tier"], cool.headers.etag], ["Cool", before.headers.etag]);
  assert.equal((await tier("Archive")).status, 200);
  assert.equal((await send("GET", "/box/b")).code, "BlobArchived");
  assert.equal((await send("HEAD", "/box/b")).headers["x-ms-access-tier"], "Archive");
  assert.equal((await tier("Hot", { "x-ms-rehydrate-priority": "High" })).status, 202);
  const leaving = await send("HEAD", "/box/b");
  assert.deepEqual(
    [
      leaving.headers["x-ms-access-tier"],
      leaving.headers["x-ms-archive-status"],
      leaving.headers["x-ms-rehydrate-priority"],
    ],
    ["Archive", "rehydrate-pending-to-hot", "High"],
  );
  assert.equal((await tier("Cool")).code, "BlobBeingRehydrated");
  pass(2);
  assert.equal((await send("GET", "/box/b")).text, "x");
  assert.equal((await send("HEAD", "/box/b")).headers["x-ms-archive-status"], undefined);
  assert.equal((await tier("Lukewarm")).code, "InvalidBlobTier");
});

test("what is in the archive keeps its metadata and takes tags; a copy to another tier is out of it", async (test) => {
  const { send } = await start(test);
  await send("PUT", "/box/b?comp=tier", { headers: { "x-ms-access-tier": "Archive" } });
  assert.equal((await send("PUT", "/box/b?comp=metadata", { headers: { "x-ms-meta-a": "1" } })).code, "BlobArchived");
  assert.equal((await send("PUT", "/box/b?comp=snapshot")).code, "BlobArchived");
  const tags = "<Tags><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tags>";
  assert.equal((await send("PUT", "/box/b?comp=tags", { body: tags })).status, 204);
  const source = { "x-ms-copy-source": "https://localhost:1/acct/box/b" };
  const copy = async (more: Record<string, string>) => send("PUT", "/box/copy", { headers: { ...source, ...more } });
  assert.equal((await copy({})).code, "CannotVerifyCopySource");
  assert.equal((await copy({ "x-ms-access-tier": "Archive" })).code, "CannotVerifyCopySource");
  const sync = { "x-ms-access-tier": "Hot", "x-ms-requires-sync": "true" };
  assert.equal((await copy(sync)).code, "CannotVerifyCopySource");
  const wrong = { "x-ms-access-tier": "Hot", "x-ms-rehydrate-priority": "Fast" };
  assert.equal((await copy(wrong)).code, "InvalidHeaderValue");
  assert.equal((await copy({ "x-ms-access-tier": "Cool", "x-ms-rehydrate-priority": "High" })).status, 202);
  const copied = await send("GET", "/box/copy");
  assert.deepEqual([copied.text, copied.headers["x-ms-access-tier"]], ["x", "Cool"]);
  assert.equal((await send("GET", "/box/b")).code, "BlobArchived");
});

test("what a policy or a hold keeps is neither changed nor deleted, until it ends", async (test) => {
  const { send, pass } = await start(test);
  const until = (seconds: number) => new Date(Date.parse("2026-01-02T03:04:05Z") + seconds * 1000).toUTCString();
  const policy = (seconds: number, mode: string) =>
    send("PUT", "/box/b?comp=immutabilityPolicies", {
      headers: { "x-ms-immutability-policy-until-date": until(seconds), "x-ms-immutability-policy-mode": mode },
    });
  assert.equal((await policy(100, "unlocked")).status, 200);
  for (const [method, target, headers, body] of [
    ["PUT", "/box/b", blockBlob, "y"],
    ["PUT", "/box/b?comp=metadata", {}, undefined],
    ["DELETE", "/box/b", {}, undefined],
  ] as const) {
    const got = await send(method, target, { headers, ...(body === undefined ? {} : { body }) });
    assert.equal(got.code, "BlobImmutableDueToPolicy", `${method} ${target}`);
  }
  assert.equal((await send("DELETE", "/box/b?comp=immutabilityPolicies")).status, 200);
  await policy(50, "locked");
  assert.equal((await policy(40, "locked")).code, "ImmutabilityPolicyConflict");
  assert.equal((await policy(60, "unlocked")).code, "ImmutabilityPolicyConflict");
  assert.equal((await send("DELETE", "/box/b?comp=immutabilityPolicies")).code, "ImmutabilityPolicyConflict");
  assert.equal((await policy(60, "locked")).status, 200);
  pass(61);
  const hold = (value: string) => send("PUT", "/box/b?comp=legalhold", { headers: { "x-ms-legal-hold": value } });
  assert.equal((await hold("true")).headers["x-ms-legal-hold"], "true");
  assert.equal((await send("DELETE", "/box/b")).code, "BlobImmutableDueToPolicy");
  assert.equal((await send("HEAD", "/box/b")).headers["x-ms-legal-hold"], "true");
  await hold("false");
  assert.equal((await send("DELETE", "/box/b")).status, 202);
});

test("a policy and a hold come with a write, from those who may set them", async (test) => {
  const { send, pass } = await start(test);
  const until = new Date(Date.parse("2026-01-02T03:05:05Z")).toUTCString();
  const policy = { ...blockBlob, "x-ms-immutability-policy-until-date": until };
  const put = (name: string, headers: Record<string, string>, as?: string) =>
    send("PUT", `/box/${name}`, { headers, body: "x", ...(as === undefined ? {} : { as }) });
  assert.equal((await put("c", policy, people.contributor)).code, "AuthorizationPermissionMismatch");
  assert.equal((await put("c", policy)).status, 201);
  assert.equal(
    (await put("d", { ...blockBlob, "x-ms-legal-hold": "true" }, people.adder)).status,
    201,
    "it may write containers",
  );
  assert.equal((await put("c", blockBlob)).code, "BlobImmutableDueToPolicy");
  pass(61);
  assert.equal((await put("c", blockBlob)).status, 201);
  assert.equal((await put("d", blockBlob)).code, "BlobImmutableDueToPolicy");
  assert.equal((await put("e", { ...blockBlob, "x-ms-legal-hold": "maybe" })).code, "InvalidHeaderValue");
});

test("the first read of a day is noted where the account wants it", async (test) => {
  const { send, pass } = await start(test);
  const account = "tracked";
  await send("PUT", "/box?restype=container", { account });
  const put = await send("PUT", "/box/b", { account, headers: blockBlob, body: "x" });
  const accessed = async (): Promise<unknown> =>
    (await send("HEAD", "/box/b", { account })).headers["x-ms-last-access-time"];
  assert.equal(await accessed(), undefined, "properties are no access");
  for (const [seconds, time] of [
    [0, "Fri, 02 Jan 2026 03:04:05 GMT"],
    [3600, "Fri, 02 Jan 2026 03:04:05 GMT"],
    [86_400, "Sat, 03 Jan 2026 04:04:05 GMT"],
  ] as const) {
    pass(seconds);
    assert.equal((await send("GET", "/box/b", { account })).status, 200);
    // Noted behind the answer, before whatever is changed next.
    await send("PUT", "/box/other", { account, headers: blockBlob, body: "x" });
    assert.equal(await accessed(), time);
  }
  const head = await send("HEAD", "/box/b", { account });
  assert.equal(head.headers.etag, put.headers.etag);
  await send("GET", "/box/b");
  assert.equal((await send("HEAD", "/box/b")).headers["x-ms-last-access-time"], undefined);
});

test("a container whose blobs may not be deleted is not deleted either", async (test) => {
  const { send, pass } = await start(test);
  const drop = async (account = "acct") => (await send("DELETE", "/box?restype=container", { account })).code ?? "gone";
  const until = new Date(Date.parse("2026-01-02T03:04:05Z") + 100_000).toUTCString();
  const policy = { "x-ms-immutability-policy-until-date": until, "x-ms-immutability-policy-mode": "Unlocked" };
  assert.equal((await send("PUT", "/box/c", { headers: { ...blockBlob, ...policy }, body: "1" })).status, 201);
  assert.equal(await drop(), "BlobImmutableDueToPolicy");
  await send("PUT", "/box/b?comp=legalhold", { headers: { "x-ms-legal-hold": "true" } });
  pass(101);
  assert.equal(await drop(), "BlobImmutableDueToPolicy", "the hold has no end");
  await send("PUT", "/box/b?comp=legalhold", { headers: { "x-ms-legal-hold": "false" } });
  assert.equal(await drop(), "gone");
  // Of a version as well, that is none of the present blobs any more; and also where deletions could be had back.
  const account = "both";
  await send("PUT", "/box?restype=container", { account });
  await send("PUT", "/box/b", { account, headers: { ...blockBlob, "x-ms-legal-hold": "true" }, body: "1" });
  await send("PUT", "/box/b", { account, headers: blockBlob, body: "2" });
  await send("DELETE", "/box/b", { account });
  assert.equal(await drop(account), "BlobImmutableDueToPolicy");
  assert.equal((await send("GET", "/box?restype=container&comp=list", { account })).status, 200);
});
