/** The folder of shared blobs: how it comes to be, what a replica is told that has the wrong one, and how blobs of one replica become everyone's. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { assignRole, createAccount, createApp, planeScopes, roleIds } from "../support/plane-client.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { prepareReplicas, type ReplicaGround, type TestReplica, until } from "./replica-pair.ts";

const skip = postgresMissing;
const account = "movedblobs";
let postgres: PostgresServer;
let ground: ReplicaGround;
let token = "";

before(async () => {
  if (skip) return;
  postgres = await startPostgres();
  ground = await prepareReplicas(postgres);
});
after(async () => {
  await ground?.dispose();
  postgres?.dispose();
});

function send({ client }: TestReplica, method: string, target: string, body?: string, headers = {}) {
  const all = { authorization: `Bearer ${token}`, "x-ms-version": "2025-07-05", ...headers };
  const host = `${account}.blob.core.windows.net`;
  return client.send(host, method, target, { headers: all, ...(body === undefined ? {} : { body }) });
}

async function must(answer: ReturnType<typeof send>, status: number) {
  const got = await answer;
  assert.equal(got.status, status, got.text);
  return got;
}

async function fill(replica: TestReplica): Promise<string> {
  const { client } = replica;
  const accountId = await createAccount(client, "moved", account);
  const app = await createApp(client, "mover");
  await assignRole(client, randomUUID(), accountId, roleIds.blobDataOwner, app.principalId);
  token = await client.token(app.appId, app.secret, planeScopes.blob);
  const asBlob = { "x-ms-blob-type": "BlockBlob" };
  await must(send(replica, "PUT", "/box?restype=container"), 201);
  const put = (index: number) => must(send(replica, "PUT", `/box/b${index}`, `${index} `.repeat(index), asBlob), 201);
  // More rows than are copied at once.
  await Promise.all(Array.from({ length: 700 }, (_, index) => put(index)));
  await must(send(replica, "PUT", "/box/tagged?comp=block&blockid=QUFB", "staged"), 201);
  const first = await must(send(replica, "PUT", "/box/tagged", "one", { ...asBlob, "x-ms-tags": "a=b" }), 201);
  const snapshot = await must(send(replica, "PUT", "/box/tagged?comp=snapshot"), 201);
  await must(send(replica, "PUT", "/box/later?comp=block&blockid=QUFB", "staged"), 201);
  assert.ok(first.headers.etag);
  return String(snapshot.headers["x-ms-snapshot"]);
}

test("blobs of one replica become everyone's when it is given a folder, and no other's is taken for it", {
  skip,
}, async () => {
  const home = await ground.start("home");
  const snapshot = await fill(home);
  const { etag } = (await must(send(home, "GET", "/box/b699"), 200)).headers;
  await home.server.stop();
  await assert.rejects(ground.start("other", ground.blobFolder), /start that one with --blob-folder first/);
  const full = join(dirname(ground.blobFolder), "full");
  mkdirSync(full);
  writeFileSync(join(full, "something"), "");
  await assert.rejects(ground.start("home", full), /is not empty/);

  const moved = await ground.start("home", ground.blobFolder);
  assert.ok(!existsSync(join(moved.stateDir, "blobs")) && existsSync(join(moved.stateDir, "blobs-moved")));
  const other = await ground.start("other", ground.blobFolder);
  await until(async () => (await send(other, "GET", "/box/b1")).status === 200, "the account on the other");
  for (const index of [0, 1, 350, 699]) {
    const read = await must(send(other, "GET", `/box/b${index}`), 200);
    assert.equal(read.text, `${index} `.repeat(index));
    if (index === 699) assert.equal(read.headers.etag, etag, "what was before keeps its ETag");
  }
  assert.equal((await must(send(other, "GET", `/box/tagged?snapshot=${snapshot}`), 200)).text, "one");
  assert.match((await must(send(other, "GET", "/?comp=blobs&where=a%3D'b'"), 200)).text, /<Name>tagged<\/Name>/);
  const list = "<BlockList><Latest>QUFB</Latest></BlockList>";
  await must(send(other, "PUT", "/box/later?comp=blocklist", list), 201);
  assert.equal((await must(send(moved, "GET", "/box/later"), 200)).text, "staged");
  await must(send(moved, "PUT", "/box/b0", "new", { "x-ms-blob-type": "BlockBlob" }), 201);
  assert.equal((await must(send(other, "GET", "/box/b0"), 200)).text, "new");

  const elsewhere = join(dirname(ground.blobFolder), "elsewhere");
  await assert.rejects(
    ground.start("third", elsewhere),
    /is not the folder that this cloud's blobs are in; is it mounted\?/,
  );
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, "cloud"), randomUUID());
  await assert.rejects(ground.start("third", elsewhere), /holds the blobs of another cloud/);
  const without = await ground.start("third");
  assert.equal((await send(without, "GET", "/box/b1")).status, 501);
});
