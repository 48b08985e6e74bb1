/**
 * Blobs that two servers share over a network file system, each through a mount of its own: what one acknowledged, the other reads at once, byte for byte,
 * also after one was killed. Needs two mounts of one place, for example of an NFS export: POSTERN_TEST_MOUNTS=/mnt/a:/mnt/b.
 */
import assert from "node:assert/strict";
import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { keepRecord } from "../faults/record.ts";
import { assignRole, createAccount, createApp, planeScopes, roleIds } from "../support/plane-client.ts";
import { postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { prepareReplicas, type TestReplica } from "./replica-pair.ts";

const account = "networkdata";
const host = `${account}.blob.core.windows.net`;
const mounts = (process.env.POSTERN_TEST_MOUNTS ?? "").split(":").filter((path) => path !== "");
const skip =
  postgresMissing || (mounts.length === 2 ? false : "POSTERN_TEST_MOUNTS does not name two mounts of one place");
const writers = 8;
const writesEach = 60;
const largestBytes = 300_000;

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

test("what one server acknowledged, the other reads at once", { skip }, async (t) => {
  const [one, other] = await startPair(t);
  const token = await prepare(one!);
  const headers = { authorization: token, "x-ms-version": "2023-11-03", "x-ms-blob-type": "BlockBlob" };
  const send = ({ client }: TestReplica, method: string, target: string, body?: string) =>
    client.send(host, method, target, { headers, ...(body === undefined ? {} : { body }) });
  assert.equal((await send(one!, "PUT", "/box?restype=container")).status, 201);
  const written = new Map<string, string>();
  const write = async (writer: number) => {
    for (let count = 0; count < writesEach; count++) {
      const [here, there] = count % 2 === 0 ? [one!, other!] : [other!, one!];
      // Half of them overwrite what the same writer wrote before, through the other mount.
      const target = `/box/w${writer}-${count % 2 === 0 ? count : count - 1}`;
      const body = randomBytes(randomInt(1, largestBytes)).toString("hex");
      const { status, text } = await send(here, "PUT", target, body);
      assert.equal(status, 201, text);
      written.set(target, digest(body));
      const read = await send(there, "GET", target);
      assert.equal(read.status, 200, read.text.slice(0, 300));
      assert.equal(digest(read.text), digest(body), target);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  await one!.server.kill();
  for (const [target, sum] of written) assert.equal(digest((await send(other!, "GET", target)).text), sum, target);
  const check = await other!.client.send("localhost", "POST", "/postern/storage/check", {
    headers: { authorization: `Bearer ${await other!.client.operatorToken("arm")}` },
  });
  assert.equal(check.status, 200, check.text);
  assert.equal((JSON.parse(check.text) as { findingCount: number }).findingCount, 0, check.text);
  keepRecord("network-folder", {
    section: "burden",
    source: "test/postgres/network-folder.long.test.ts",
    fault: `two servers' blobs over ${process.env.POSTERN_TEST_MOUNTS_NAME ?? "a network file system"}, each through a mount of its own; one killed (\`kill -9\`)`,
    held: "what one acknowledged, the other reads at once, byte for byte, also what it wrote over; nothing is missing after the kill, and the check finds nothing",
    figures: `${writers * writesEach} writes of up to ${Math.round((largestBytes * 2) / 1024)} KiB, each read through the other mount: none stale, none damaged`,
  });
});

async function startPair(t: TestContext): Promise<TestReplica[]> {
  const postgres = await startPostgres();
  const ground = await prepareReplicas(postgres);
  const place = mkdtempSync(join(mounts[0]!, "postern-"));
  t.after(async () => {
    await ground.dispose();
    postgres.dispose();
    rmSync(place, { recursive: true, force: true });
  });
  const folders = mounts.map((mount) => join(mount, basename(place), "blobs"));
  const one = await ground.start("one", folders[0]);
  return [one, await ground.start("other", folders[1])];
}

/** @returns the Authorization header of an app that may write blobs. */
async function prepare({ client }: TestReplica): Promise<string> {
  const accountId = await createAccount(client, "network", account);
  const app = await createApp(client, "networked");
  await assignRole(client, randomUUID(), accountId, roleIds.blobDataContributor, app.principalId);
  return `Bearer ${await client.token(app.appId, app.secret, planeScopes.blob)}`;
}
