/**
 * A secret is changed for the next without a moment at which an app cannot sign in: both serve, the last use says when nothing uses the old one any
 * more, and then it goes. Over HTTP, as a script would do it.
 */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { createApp, planeHosts, planeScopes } from "../support/plane-client.ts";

let cloud: TestCloud;
before(async () => {
  cloud = await startTestCloud();
});
after(() => cloud.dispose());

type Secret = { readonly keyId: string; readonly secretText: string };
type Listed = { readonly keyId: string; readonly daysLeft: number; readonly lastUsedDateTime: string | null };

async function listCredentials(appId: string): Promise<Listed[]> {
  const answer = await cloud.client.send("localhost", "GET", `/postern/credentials?appId=${appId}`, {
    headers: { authorization: `Bearer ${await cloud.client.operatorToken("graph")}` },
  });
  assert.equal(answer.status, 200, answer.text);
  return (JSON.parse(answer.text) as { value: Listed[] }).value;
}

it("rotates a secret without a gap", async () => {
  const { client } = cloud;
  const app = await createApp(client, "rotating");
  const [first] = await listCredentials(app.appId);
  assert.equal(first?.lastUsedDateTime, null);
  const signIn = async (secret: string) => (await client.askToken(app.appId, secret, planeScopes.arm)).status;
  assert.equal(await signIn(app.secret), 200);

  const path = `/v1.0/applications/${app.objectId}`;
  const next = (await client.must("graph", "POST", `${path}/addPassword`, {
    passwordCredential: { displayName: "next", endDateTime: new Date(Date.now() + 9.5 * 86_400_000).toISOString() },
  })) as Secret;
  assert.deepEqual([await signIn(app.secret), await signIn(next.secretText)], [200, 200], "both serve");

  const listed = await listCredentials(app.appId);
  assert.deepEqual(
    listed.map(({ keyId }) => keyId),
    [next.keyId, first!.keyId],
    "the one that ends first, first",
  );
  assert.equal(listed[0]!.daysLeft, 9);
  for (const { lastUsedDateTime } of listed) assert.match(String(lastUsedDateTime), /^\d{4}-/);
  assert.ok(
    cloud.log.some((line) => line.includes(`keyId ${next.keyId}`) && line.includes("ends on")),
    "who signs in with one that ends soon is warned of",
  );
  assert.ok(!cloud.log.some((line) => line.includes(next.secretText)));

  const { value } = (await client.must(
    "graph",
    "GET",
    `/beta/reports/appCredentialSignInActivities?$filter=appId eq '${app.appId}'`.replaceAll(" ", "%20"),
  )) as { value: { keyId: string }[] };
  assert.deepEqual(value.map(({ keyId }) => keyId).sort(), [first!.keyId, next.keyId].sort());

  await client.must("graph", "POST", `${path}/removePassword`, { keyId: first!.keyId });
  const refused = await client.askToken(app.appId, app.secret, planeScopes.arm);
  assert.equal(refused.status, 401);
  assert.match(refused.text, /AADSTS7000215/);
  assert.equal(await signIn(next.secretText), 200, "the next one never stopped serving");
  assert.deepEqual(
    (await listCredentials(app.appId)).map(({ keyId }) => keyId),
    [next.keyId],
  );
});

it("names the credential of each sign-in in the log that Graph serves", async () => {
  const { client } = cloud;
  const app = await createApp(client, "logged");
  await client.askToken(app.appId, app.secret, planeScopes.arm);
  await client.askToken(app.appId, "wrong", planeScopes.arm);
  const target = `/v1.0/auditLogs/signIns?$filter=appId%20eq%20'${app.appId}'&$top=2`;
  const answer = await client.send(planeHosts.graph, "GET", target, {
    headers: { authorization: `Bearer ${await client.operatorToken("graph")}` },
  });
  type SignIn = { status: { errorCode: number }; servicePrincipalCredentialKeyId: string | null };
  const rows = (JSON.parse(answer.text) as { value: SignIn[] }).value;
  assert.deepEqual(
    rows.map(({ status }) => status.errorCode),
    [7000215, 0],
  );
  assert.match(String(rows[1]!.servicePrincipalCredentialKeyId), /^[0-9a-f-]{36}$/);
});
