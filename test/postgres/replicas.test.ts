/** Two replicas on one PostgreSQL are one cloud: what is done on one holds on the other, within a bound. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  armVersion,
  assignRole,
  authorizationVersion,
  createApp,
  type PlaneClient,
  planeHosts,
  planeScopes,
  roleIds,
} from "../support/plane-client.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { prepareReplicas, type ReplicaGround, type TestReplica, until } from "./replica-pair.ts";

const skip = postgresMissing;
let postgres: PostgresServer;
let ground: ReplicaGround;
let a: TestReplica;
let b: TestReplica;

before(async () => {
  if (skip) return;
  postgres = await startPostgres();
  ground = await prepareReplicas(postgres);
  // Both at once, on an empty database: one cloud all the same.
  [a, b] = await ground.startTogether("a", "b");
});
after(async () => {
  await ground?.dispose();
  postgres?.dispose();
});

const health = (client: PlaneClient) => client.send("localhost", "GET", "/readyz");

test("replicas that first start at once are one cloud, with one operator, one authority and one set of keys", {
  skip,
}, async () => {
  assert.equal(a.server.status.tenantId, b.server.status.tenantId);
  assert.equal(a.server.status.subscriptionId, b.server.status.subscriptionId);
  for (const file of ["operator.json", "keys/signing-keys.json", "keys/secret-pepper", "ca/ca.key", "ca/ca.pem"]) {
    const [one, other] = [a, b].map(({ stateDir }) => join(stateDir, file));
    assert.equal(readFileSync(one!, "utf8"), readFileSync(other!, "utf8"), file);
    assert.equal(statSync(one!).mode & 0o777, 0o600, file);
    assert.equal(statSync(other!).mode & 0o777, 0o600, file);
  }
  const tenants = await postgres.query(ground.url, "SELECT key FROM postern_rows WHERE kind = 'tenant'");
  assert.equal(tenants.length, 1);
  assert.ok(!existsSync(join(a.stateDir, "state.db")), "the folder keeps no second truth");
});

test("what the database keeps of the keys does not read without the key file", { skip }, async () => {
  const rows = await postgres.query(ground.url, "SELECT name, sealed FROM postern_secrets");
  assert.deepEqual(rows.map(({ name }) => name).sort(), [
    "certificate-authority",
    "cloud",
    "first-state",
    "sealing-keys",
    "secret-pepper",
    "signing-keys",
  ]);
  const operator = JSON.parse(readFileSync(join(a.stateDir, "operator.json"), "utf8")) as { clientSecret: string };
  for (const { sealed } of rows) {
    const bytes = Buffer.from(String(sealed), "base64").toString("latin1");
    assert.doesNotMatch(bytes, /PRIVATE KEY|privateKey|clientSecret/);
    assert.ok(!bytes.includes(operator.clientSecret));
  }
});

test("a role given on one replica is enforced on the other within the bound, and so is its removal", {
  skip,
}, async (t) => {
  const app = await createApp(a.client, "shared app");
  await until(async () => (await b.client.askToken(app.appId, app.secret, planeScopes.arm)).status === 200, "the app");
  const token = await b.client.token(app.appId, app.secret, planeScopes.arm);
  const groupId = `/subscriptions/${a.server.status.subscriptionId}/resourceGroups/shared`;
  await a.client.must("arm", "PUT", `${groupId}?${armVersion}`, { location: "westeurope" });
  const read = (client: PlaneClient) =>
    client.send(planeHosts.arm, "GET", `${groupId}?${armVersion}`, { headers: { authorization: `Bearer ${token}` } });
  const name = randomUUID();
  // The token of one replica is good on the other; without a role it opens nothing.
  assert.equal((await read(a.client)).status, 403);
  assert.equal((await assignRole(a.client, name, groupId, roleIds.reader, app.principalId)).status, 201);
  assert.equal((await read(a.client)).status, 200, "the replica that wrote knows at once");
  const givenMs = await until(async () => (await read(b.client)).status === 200, "the role on the other replica");
  const target = `${groupId}/providers/Microsoft.Authorization/roleAssignments/${name}?${authorizationVersion}`;
  assert.equal((await a.client.call("arm", "DELETE", target)).status, 200);
  assert.equal((await read(a.client)).status, 403);
  const takenMs = await until(async () => (await read(b.client)).status === 403, "the removal on the other replica");
  t.diagnostic(`seen on the other replica after ${givenMs.toFixed(0)} and ${takenMs.toFixed(0)} ms`);
});

test("of two replicas that create the same name at once, one is refused", { skip }, async () => {
  for (let round = 0; round < 10; round++) {
    const uri = `api://taken-${round}`;
    const answers = await Promise.all(
      [a, b].map(({ client }) =>
        client.call("graph", "POST", "/v1.0/applications", { displayName: "same", identifierUris: [uri] }),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 400], answers.map(({ text }) => text).join());
  }
});

test("keys rotated on one replica are the other's too, and its rotation does not undo them", { skip }, async () => {
  const keysOf = async ({ client }: TestReplica) => {
    const answer = await client.send(planeHosts.entra, "GET", "/common/discovery/v2.0/keys");
    return (JSON.parse(answer.text) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid).sort();
  };
  const rotate = async ({ client }: TestReplica) => {
    const authorization = `Bearer ${await client.operatorToken("arm")}`;
    const body = JSON.stringify({ kind: "now" });
    const headers = { authorization, "content-type": "application/json" };
    return client.send("localhost", "POST", "/postern/keys/rotate", { headers, body });
  };
  const first = await keysOf(a);
  assert.deepEqual(await keysOf(b), first);
  const answers = await Promise.all([rotate(a), rotate(b)]);
  for (const { status, text } of answers) assert.equal(status, 200, text);
  await until(async () => (await keysOf(a)).length === 3 && (await keysOf(b)).length === 3, "both keys on both");
  assert.deepEqual(await keysOf(a), await keysOf(b));
  const made = answers.map(({ text }) => (JSON.parse(text) as { kid: string }).kid);
  assert.deepEqual(await keysOf(a), [...first, ...made].sort());
});

test("blobs are served by one replica; the other says so, and lets no deletion lose them", { skip }, async () => {
  const answers = await Promise.all(
    [a, b].map(({ client }) => client.send("someaccount.blob.core.windows.net", "GET", "/?comp=list")),
  );
  const statuses = answers.map(({ status }) => status);
  assert.deepEqual([...statuses].sort(), [404, 501], statuses.join());
  const elsewhere = answers.find(({ status }) => status === 501)!;
  assert.equal(elsewhere.headers["x-ms-error-code"], "NotImplemented");
  assert.match(elsewhere.text, /another replica/);
  const [home, other] = statuses[0] === 404 ? [a, b] : [b, a];
  const groupId = `/subscriptions/${a.server.status.subscriptionId}/resourceGroups/blobs`;
  const accountId = `${groupId}/providers/Microsoft.Storage/storageAccounts/homeaccount`;
  await other.client.must("arm", "PUT", `${groupId}?${armVersion}`, { location: "westeurope" });
  await other.client.must("arm", "PUT", `${accountId}?${armVersion}`, {
    ...{ location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } },
  });
  const container = `${accountId}/blobServices/default/containers/kept?${armVersion}`;
  await until(async () => (await home.client.call("arm", "PUT", container, {})).status === 201, "the container");
  const put = await other.client.call("arm", "PUT", container, {});
  assert.equal(put.status, 503, put.text);
  assert.equal(put.headers["retry-after"], "2");
  const gone = await other.client.call("arm", "DELETE", `${accountId}?${armVersion}`);
  assert.ok(gone.status === 200 || gone.status === 202, `${gone.status} ${gone.text}`);
  const isGone = async ({ client }: TestReplica) =>
    (await client.call("arm", "GET", `${accountId}?${armVersion}`)).status === 404;
  await until(() => isGone(home), "the account");
  await until(() => isGone(other), "the account");
});

test("a database that is cut off: reads go on, writes are put off with Retry-After, and all is caught up when it is back", {
  skip,
}, async (t) => {
  const before = await health(b.client);
  assert.match(before.text, /^ok: revision \d+, at most \d+ ms behind\n$/);
  const list = () => b.client.call("graph", "GET", "/v1.0/applications?$select=displayName&$top=999");
  const create = (client: PlaneClient, displayName: string) =>
    client.call("graph", "POST", "/v1.0/applications", { displayName });
  assert.equal((await list()).status, 200);
  b.link.cut();
  const refused = await create(b.client, "while cut off");
  assert.equal(refused.status, 503, refused.text);
  assert.equal(refused.headers["retry-after"], "2");
  assert.match(refused.text, /"code":"ServiceUnavailable"/);
  assert.equal((await list()).status, 200);
  const { appId, secret } = await createApp(a.client, "made meanwhile");
  assert.doesNotMatch((await list()).text, /made meanwhile/);
  b.link.release();
  const backMs = await until(async () => (await list()).text.includes("made meanwhile"), "what was made meanwhile");
  assert.equal((await b.client.askToken(appId, secret, planeScopes.arm)).status, 200);
  assert.equal((await create(b.client, "after it was back")).status, 201);
  assert.doesNotMatch((await list()).text, /while cut off/);
  t.diagnostic(`caught up ${backMs.toFixed(0)} ms after the link was back`);
});

test("a request under way when SIGTERM comes is answered, and the replica ends by itself", { skip }, async () => {
  const c = await ground.start("c");
  const asked = c.client.call("graph", "POST", "/v1.0/applications", { displayName: "at the end" });
  await c.client.call("graph", "GET", "/v1.0/organization");
  const answers = Promise.all([asked]);
  const code = await c.server.stop();
  assert.equal((await answers)[0]!.status, 201);
  assert.equal(code, 0);
  const holders = await postgres.query(ground.url, "SELECT holder FROM postern_blob_home");
  assert.equal(holders.length, 1);
});
