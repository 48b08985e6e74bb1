import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TrialGraph, trialTime } from "./trial-graph.ts";

let graph: TrialGraph;
let app: { id: string; appId: string; servicePrincipalId: string };
let usedKeyId: string;
const lastUse = "2026-02-28T09:30:00.000Z";
const reports = "/beta/reports/appCredentialSignInActivities";

before(async () => {
  graph = await TrialGraph.start();
  graph.addCaller("auditor", { scopes: ["AuditLog.Read.All"] });
  graph.addCaller("reader", { scopes: ["Application.Read.All"] });
  app = await graph.addApp("used");
  const add = async (path: string) => (await graph.ask(`${path}/addPassword`, { body: {} })).body.keyId as string;
  usedKeyId = await add(`/applications/${app.id}`);
  await add(`/applications/${app.id}`);
  const ofPrincipal = await add(`/servicePrincipals/${app.servicePrincipalId}`);
  const { credentialUses } = graph.cloud.recorder;
  credentialUses.record({ keyId: usedKeyId, appId: app.appId, time: lastUse });
  credentialUses.record({ keyId: ofPrincipal, appId: app.appId, time: trialTime.toISOString() });
  credentialUses.record({ keyId: "00000000-0000-4000-8000-000000000009", appId: app.appId, time: lastUse });
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

test("secrets that were used say when, the newest use first; those that were not are left out", async () => {
  const { status, body } = await graph.ask(reports, { as: "auditor" });
  assert.equal(status, 200);
  assert.deepEqual(
    body.value.map((row: { credentialOrigin: string }) => row.credentialOrigin),
    ["servicePrincipal", "application"],
  );
  const { id, createdDateTime, expirationDateTime, ...row } = body.value[1];
  assert.equal(Buffer.from(id, "base64url").toString(), `${usedKeyId}|application`);
  assert.ok(createdDateTime < expirationDateTime);
  assert.deepEqual(row, {
    keyId: usedKeyId,
    keyType: "clientSecret",
    keyUsage: "verify",
    appId: app.appId,
    appObjectId: app.id,
    servicePrincipalObjectId: app.servicePrincipalId,
    resourceId: null,
    credentialOrigin: "application",
    signInActivity: { lastSignInDateTime: lastUse, lastSignInRequestId: null },
  });
  const one = await graph.ask(`${reports}/${id}`, { as: "auditor" });
  assert.equal(one.body.keyId, usedKeyId);
  assert.equal((await graph.ask(`${reports}/bm9uZQ`, { as: "auditor" })).status, 404);
});

test("they are found by application, key, and time of the last use", async () => {
  const count = async (filter: string) =>
    (await graph.ask(`${reports}?$filter=${encodeURIComponent(filter)}`, { as: "auditor" })).body.value.length;
  assert.equal(await count(`appId eq '${app.appId}'`), 2);
  assert.equal(await count(`keyId eq '${usedKeyId}'`), 1);
  assert.equal(await count("signInActivity/lastSignInDateTime le 2026-03-01T00:00:00Z"), 1);
  assert.equal(await count("credentialOrigin eq 'servicePrincipal' and keyType eq 'clientSecret'"), 1);
});

test("only who reads the sign-in log learns when something was used", async () => {
  const { status, body } = await graph.ask(reports, { as: "reader" });
  assert.deepEqual([status, body.error.code], [403, "Authorization_RequestDenied"]);
});

test("other reports are Graph's and not ours", async () => {
  const { status } = await graph.ask("/beta/reports/servicePrincipalSignInActivities", { as: "auditor" });
  assert.equal(status, 501);
});
