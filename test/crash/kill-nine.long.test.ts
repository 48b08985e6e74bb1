/**
 * kill -9 in the middle of 1,000 concurrent puts, ten times on the same state folder: every blob, app and role assignment whose answer
 * was received is there after the restart, whole; nothing half-written is.
 */
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Answer, assignRole, createAccount, createApp, PlaneClient, roleIds } from "../support/plane-client.ts";
import { startServer } from "../support/server-process.ts";

const rounds = 10;
const putsPerRound = 1000;
const account = "crashdata";
const host = `${account}.blob.core.windows.net`;
const stateDir = mkdtempSync(join(tmpdir(), "postern-crash-"));
after(() => rmSync(stateDir, { recursive: true, force: true }));

/** A blob's content follows from its name alone, so that a reader knows what must be there. Sizes from 1 byte to 64 KiB. */
function contentOf(name: string): Buffer {
  const seed = createHash("sha256").update(name).digest();
  return Buffer.alloc(1 + seed.readUInt16LE(0), seed);
}

/** What a client was told is done. */
const acknowledged = {
  blobs: new Set<string>(),
  apps: new Map<string, string>(),
  assignments: new Map<string, string>(),
};

async function putBlobs(client: PlaneClient, token: string, round: number): Promise<void> {
  await Promise.allSettled(
    Array.from({ length: putsPerRound }, async (_, index) => {
      const name = `round-${round}/blob-${index}`;
      const answer = await client.send(host, "PUT", `/crash/${name}`, {
        headers: { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03", "x-ms-blob-type": "BlockBlob" },
        body: contentOf(name),
      });
      if (answer.status === 201) acknowledged.blobs.add(name);
    }),
  );
}

async function registerApps(client: PlaneClient, round: number): Promise<void> {
  await Promise.allSettled(
    Array.from({ length: 60 }, async (_, index) => {
      const displayName = `app-${round}-${index}`;
      const answer = await client.call("graph", "POST", "/v1.0/applications", { displayName });
      if (answer.status === 201) acknowledged.apps.set((JSON.parse(answer.text) as { id: string }).id, displayName);
    }),
  );
}

async function assignRoles(client: PlaneClient, scope: string): Promise<void> {
  await Promise.allSettled(
    Array.from({ length: 60 }, async () => {
      const name = randomUUID();
      const principalId = randomUUID();
      const answer = await assignRole(client, name, scope, roleIds.reader, principalId);
      if (answer.status === 201) acknowledged.assignments.set(name, principalId);
    }),
  );
}

async function checkAll(client: PlaneClient, token: string, scope: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" };
  const names = [...acknowledged.blobs];
  await Promise.all(
    names.map(async (name) => {
      const answer = await client.send(host, "GET", `/crash/${name}`, { headers });
      assert.equal(answer.status, 200, `${name}: ${answer.text.slice(0, 300)}`);
      assert.equal(answer.headers["content-md5"], createHash("md5").update(contentOf(name)).digest("base64"), name);
      assert.equal(Number(answer.headers["content-length"]), contentOf(name).length, name);
    }),
  );
  for (const [id, displayName] of acknowledged.apps) {
    const found = (await client.must("graph", "GET", `/v1.0/applications/${id}`)) as { displayName: string };
    assert.equal(found.displayName, displayName);
  }
  for (const [name, principalId] of acknowledged.assignments) {
    const target = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`;
    const found = (await client.must("arm", "GET", target)) as { properties: { principalId: string } };
    assert.equal(found.properties.principalId, principalId);
  }
}

/** What is listed but was not acknowledged may exist, but then whole: a reader never sees half a blob. */
async function checkListed(client: PlaneClient, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" };
  let seen = 0;
  for (let marker: string | undefined = ""; marker !== undefined; ) {
    const target: string = `/crash?restype=container&comp=list&maxresults=2000${marker === "" ? "" : `&marker=${encodeURIComponent(marker)}`}`;
    const { text, status }: Answer = await client.send(host, "GET", target, { headers });
    assert.equal(status, 200, text);
    for (const [, name = "", size] of text.matchAll(/<Name>([^<]+)<\/Name>.*?<Content-Length>(\d+)</gs)) {
      assert.equal(Number(size), contentOf(name).length, name);
      seen++;
    }
    marker = /<NextMarker>([^<]+)<\/NextMarker>/.exec(text)?.[1];
  }
  return seen;
}

test(`kill -9 in the middle of ${putsPerRound} concurrent puts, ${rounds} times`, async (context) => {
  let server = await startServer(stateDir);
  let client = new PlaneClient(server.status, 200);
  const accountId = await createAccount(client, "crash", account);
  const scope = accountId.slice(0, accountId.indexOf("/providers/"));
  const app = await createApp(client, "crash-writer");
  const assigned = await assignRole(client, randomUUID(), scope, roleIds.blobDataContributor, app.principalId);
  assert.equal(assigned.status, 201, assigned.text);
  let token = await client.token(app.appId, app.secret, "https://storage.azure.com/.default");
  const made = await client.send(host, "PUT", "/crash?restype=container", {
    headers: { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" },
  });
  assert.equal(made.status, 201, made.text);

  for (let round = 1; round <= rounds; round++) {
    await client.operatorToken("graph");
    await client.operatorToken("arm");
    const before = acknowledged.blobs.size;
    const load = Promise.all([putBlobs(client, token, round), registerApps(client, round), assignRoles(client, scope)]);
    // The kill comes when some, not all, of this round's puts were acknowledged; where exactly moves with the round.
    while (acknowledged.blobs.size - before < round * 60) await new Promise((resolve) => setTimeout(resolve, 1));
    await server.kill();
    await load;
    client.close();
    assert.ok(acknowledged.blobs.size - before < putsPerRound, "the kill came before the end");

    server = await startServer(stateDir);
    client = new PlaneClient(server.status, 200);
    token = await client.token(app.appId, app.secret, "https://storage.azure.com/.default");
    await checkAll(client, token, scope);
    const listed = await checkListed(client, token);
    assert.ok(listed >= acknowledged.blobs.size);
    context.diagnostic(
      `round ${round}: ${acknowledged.blobs.size - before} of ${putsPerRound} puts acknowledged before the kill; so far ${acknowledged.blobs.size} blobs, ${acknowledged.apps.size} apps, ${acknowledged.assignments.size} assignments acknowledged, none lost`,
    );
  }
  client.close();
  assert.equal(await server.stop(), 0);
});
