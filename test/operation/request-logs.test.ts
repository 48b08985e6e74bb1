/** The logs of Storage Analytics of a whole cloud: what waits is written when it ends, and requests under a head that was read once are in them like any. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { openBlobEngine } from "../../packages/server/src/blob/engine/engine.ts";
import { startTestCloud } from "../support/cloud-in-process.ts";
import { assignRole, createAccount, createApp, PlaneClient, planeScopes, roleIds } from "../support/plane-client.ts";

const account = "loggeddata";

/** As a reader of the format does: a separator in quotes is none. */
function splitLine(line: string): string[] {
  return `${line};`.match(/("[^"]*"|[^;]*);/g)!.map((field) => field.slice(0, -1));
}

async function readLogs(stateDir: string): Promise<string[]> {
  const engine = await openBlobEngine({ stateDir });
  try {
    const container = engine.findContainer({ account, container: "$logs" })!;
    const listing = { prefix: "", delimiter: "", from: "", limit: 100, hasUncommitted: false };
    let text = "";
    for (const item of engine.listBlobs(container, listing).items) {
      const view = engine.openBlob(container, item.kind === "blob" ? item.record.name : "")!;
      for await (const piece of engine.read(view, 0, view.record.sizeBytes)) text += piece.toString();
    }
    return text.split("\n").slice(0, -1);
  } finally {
    await engine.close();
  }
}

test("every request is in the logs when the cloud has ended, the same one again and again as well", async (test) => {
  const cloud = await startTestCloud();
  const { stateDir } = cloud.client.status;
  test.after(() => rmSync(stateDir, { recursive: true, force: true }));
  const accountId = await createAccount(cloud.client, "logged-group", account);
  const app = await createApp(cloud.client, "logged");
  await assignRole(cloud.client, randomUUID(), accountId, roleIds.blobDataContributor, app.principalId);
  const host = `${account}.blob.core.windows.net`;
  const version = { "x-ms-version": "2025-07-05" };
  const operator = { ...version, authorization: `Bearer ${await cloud.client.operatorToken("blob")}` };
  const logging =
    "<Logging><Version>2.0</Version><Delete>false</Delete><Read>true</Read><Write>true</Write><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></Logging>";
  const body = `<StorageServiceProperties>${logging}</StorageServiceProperties>`;
  const set = await cloud.client.send(host, "PUT", "/?restype=service&comp=properties", { headers: operator, body });
  assert.equal(set.status, 202, set.text);
  const token = await cloud.client.token(app.appId, app.secret, planeScopes.blob);
  const headers = { ...version, authorization: `Bearer ${token}` };
  // One connection, on which the server comes to know the head.
  const client = new PlaneClient(cloud.client.status, 1);
  await client.send(host, "PUT", "/box?restype=container", { headers });
  const blockBlob = { ...headers, "x-ms-blob-type": "BlockBlob" };
  assert.equal((await client.send(host, "PUT", "/box/b", { headers: blockBlob, body: "12345" })).status, 201);
  for (let index = 0; index < 8; index++) {
    assert.equal((await client.send(host, "GET", "/box/b", { headers })).text, "12345");
  }
  assert.equal((await client.send(host, "GET", "/box/none", { headers })).status, 404);
  client.close();
  cloud.client.close();
  await cloud.stop();

  const lines = (await readLogs(stateDir)).map(splitLine);
  assert.deepEqual(
    lines.map((fields) => `${fields[2]} ${fields[3]}`),
    [
      "CreateContainer OAuthSuccess",
      "PutBlob OAuthSuccess",
      ...Array.from({ length: 8 }, () => "GetBlob OAuthSuccess"),
      "GetBlob BlobNotFound",
    ],
  );
  for (const fields of lines.slice(2, 10)) {
    assert.equal(fields[20], "5", "the size of the answer's body");
    assert.ok(Number(fields[19]) > 100, "the size of its head");
    const [objectId, tenantId, applicationId, audience, issuer] = fields.slice(30, 35);
    assert.deepEqual(
      [objectId, tenantId, applicationId],
      [app.principalId, cloud.client.status.tenantId, app.appId].map((id) => `"${id}"`),
    );
    assert.match(audience!, /storage\.azure\.com/);
    assert.match(issuer!, /sts\.windows\.net/);
  }
  assert.equal(lines.flat().join(";").includes(token.slice(-40)), false);
});
