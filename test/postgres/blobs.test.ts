/** Blobs that two replicas share: what one acknowledged the other serves at once, and of two that change the same thing one is first. */
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assignRole, createAccount, createApp, planeScopes, roleIds } from "../support/plane-client.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { prepareReplicas, type ReplicaGround, type TestReplica, until } from "./replica-pair.ts";
import { checkSharedBlobs } from "./shared-blobs-check.ts";

const skip = postgresMissing;
const account = "sharedblobs";
const host = `${account}.blob.core.windows.net`;
let postgres: PostgresServer;
let ground: ReplicaGround;
let a: TestReplica;
let b: TestReplica;

let token = "";

function send(
  { client }: TestReplica,
  method: string,
  target: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
) {
  const all = { authorization: `Bearer ${token}`, "x-ms-version": "2025-07-05", ...headers };
  return client.send(host, method, target, { headers: all, ...(body === undefined ? {} : { body }) });
}

function put(replica: TestReplica, blob: string, body: string | Buffer, headers: Record<string, string> = {}) {
  return send(replica, "PUT", blob, body, { "x-ms-blob-type": "BlockBlob", ...headers });
}

async function must(answer: ReturnType<typeof send>, status: number) {
  const got = await answer;
  assert.equal(got.status, status, got.text);
  return got;
}

before(async () => {
  if (skip) return;
  postgres = await startPostgres();
  ground = await prepareReplicas(postgres, true);
  [a, b] = await ground.startTogether("a", "b");
  const accountId = await createAccount(a.client, "shared", account);
  const app = await createApp(a.client, "of both");
  await assignRole(a.client, randomUUID(), accountId, roleIds.blobDataOwner, app.principalId);
  token = await a.client.token(app.appId, app.secret, planeScopes.blob);
  await until(async () => (await send(b, "GET", "/?comp=list")).status === 200, "the account on the other");
  await must(send(a, "PUT", "/box?restype=container"), 201);
});
after(async () => {
  await ground?.dispose();
  postgres?.dispose();
});

test("what one acknowledged the other serves at once, and the one after the other has written over it", {
  skip,
}, async () => {
  for (let round = 0; round < 40; round++) {
    const [writer, reader] = round % 2 === 0 ? [a, b] : [b, a];
    const body = createHash("sha512")
      .update(String(round))
      .digest("hex")
      .repeat(1 + round * 40);
    const written = await must(put(writer, "/box/over", body), 201);
    const read = await must(send(reader, "GET", "/box/over"), 200);
    assert.equal(read.text, body, `round ${round}`);
    assert.equal(read.headers.etag, written.headers.etag);
  }
  const listed = await must(send(b, "GET", "/box?restype=container&comp=list"), 200);
  assert.equal(listed.text.match(/<Name>/g)?.length, 1);
});

test("of creators on both, one makes the blob; no ETag comes twice", { skip }, async () => {
  const etags = new Set<string>();
  for (let round = 0; round < 10; round++) {
    const attempts = Array.from({ length: 16 }, (_, index) =>
      put(index % 2 === 0 ? a : b, `/box/new${round}`, String(index), { "if-none-match": "*" }),
    );
    const answers = await Promise.all(attempts);
    const made = answers.filter(({ status }) => status === 201);
    assert.equal(made.length, 1, answers.map(({ status, text }) => `${status} ${text}`).join("\n"));
    assert.ok(answers.every(({ status }) => status === 201 || status === 409));
    etags.add(String(made[0]!.headers.etag));
  }
  assert.equal(etags.size, 10);
});

test("of writers by an ETag on both, one wins each time", { skip }, async () => {
  let { etag } = (await must(put(a, "/box/turns", "0"), 201)).headers;
  for (let round = 0; round < 20; round++) {
    const answers = await Promise.all(
      [a, b, a, b].map((replica, index) =>
        put(replica, "/box/turns", `${round} ${index}`, { "if-match": String(etag) }),
      ),
    );
    const won = answers.filter(({ status }) => status === 201);
    assert.equal(won.length, 1, answers.map(({ status }) => status).join());
    etag = won[0]!.headers.etag;
  }
});

test("appends on both come one after the other, each once", { skip }, async () => {
  await must(send(a, "PUT", "/box/log", undefined, { "x-ms-blob-type": "AppendBlob" }), 201);
  const lines = Array.from({ length: 120 }, (_, index) => `line ${index} of ${randomUUID()}\n`);
  await Promise.all(
    lines.map((line, index) => must(send(index % 2 === 0 ? a : b, "PUT", "/box/log?comp=appendblock", line), 201)),
  );
  const whole = await must(send(b, "GET", "/box/log"), 200);
  assert.deepEqual(whole.text.split(/(?<=\n)/).sort(), [...lines].sort());
  assert.equal(whole.headers["x-ms-blob-committed-block-count"], "120");
});

test("blocks that came to both are committed on either", { skip }, async () => {
  const ids = Array.from({ length: 20 }, (_, index) => Buffer.from(`b${index}`.padEnd(4)).toString("base64"));
  await Promise.all(
    ids.map((id, index) =>
      must(
        send(
          index % 2 === 0 ? a : b,
          "PUT",
          `/box/parts?comp=block&blockid=${encodeURIComponent(id)}`,
          id.repeat(1000),
        ),
        201,
      ),
    ),
  );
  const list = `<BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join("")}</BlockList>`;
  await must(send(b, "PUT", "/box/parts?comp=blocklist", list), 201);
  const whole = await must(send(a, "GET", "/box/parts"), 200);
  assert.equal(whole.text, ids.map((id) => id.repeat(1000)).join(""));
});

test("a lease that one gave holds on the other, and a container deleted on one is gone on the other", {
  skip,
}, async () => {
  await must(put(a, "/box/held", "mine"), 201);
  const lease = await must(
    send(a, "PUT", "/box/held?comp=lease", undefined, {
      "x-ms-lease-action": "acquire",
      "x-ms-lease-duration": "60",
    }),
    201,
  );
  assert.equal((await put(b, "/box/held", "theirs")).status, 412);
  await must(put(b, "/box/held", "mine again", { "x-ms-lease-id": String(lease.headers["x-ms-lease-id"]) }), 201);
  await must(send(a, "PUT", "/gone?restype=container"), 201);
  await must(put(b, "/gone/x", "x"), 201);
  await must(send(b, "DELETE", "/gone?restype=container"), 202);
  assert.equal((await send(a, "GET", "/gone/x")).status, 404);
  assert.equal((await put(a, "/gone/x", "x")).status, 404);
  await must(send(a, "PUT", "/gone?restype=container"), 201);
  assert.equal((await send(b, "GET", "/gone/x")).status, 404, "a container of the same name is another one");
});

test("tags and ends that one set and the other changed leave nothing behind, and all of it is sound", {
  skip,
}, async () => {
  for (let round = 0; round < 6; round++) {
    const [one, other] = round % 2 === 0 ? [a, b] : [b, a];
    await must(put(one, "/box/tagged", String(round), { "x-ms-tags": `round=${round}&same=yes` }), 201);
    const tags = `<Tags><TagSet><Tag><Key>round</Key><Value>${round}b</Value></Tag></TagSet></Tags>`;
    await must(send(other, "PUT", "/box/tagged?comp=tags", tags), 204);
    const found = await must(send(one, "GET", `/?comp=blobs&where=round%3D'${round}b'`), 200);
    assert.match(found.text, /<Name>tagged<\/Name>/);
  }
  const rows = await postgres.query(ground.url, "SELECT convert_from(value, 'UTF8') AS value FROM postern_blob_tags");
  assert.deepEqual(rows, [{ value: "5b" }]);
  await must(send(b, "DELETE", "/box/tagged"), 202);
  assert.deepEqual((await checkSharedBlobs(ground)).findings, []);
});

test("without the database blobs are neither read nor written, and clients are told when to come again", {
  skip,
}, async () => {
  await must(put(a, "/box/away", "here"), 201);
  a.link.cut();
  try {
    for (const answer of [await send(a, "GET", "/box/away"), await put(a, "/box/away", "there")]) {
      assert.deepEqual([answer.status, answer.headers["x-ms-error-code"]], [503, "ServerBusy"]);
      assert.equal(answer.headers["retry-after"], "2");
    }
    assert.equal((await must(send(b, "GET", "/box/away"), 200)).text, "here");
  } finally {
    a.link.release();
  }
  await until(async () => (await put(a, "/box/away", "back")).status === 201, "the database again");
  assert.equal((await must(send(b, "GET", "/box/away"), 200)).text, "back");
});
