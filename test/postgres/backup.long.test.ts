/** The backup that the guide describes: pg_dump first, then the blobs' folder; put back with the servers stopped, all that was there at the dump is there. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  assignRole,
  createAccount,
  createApp,
  type PlaneClient,
  planeScopes,
  roleIds,
} from "../support/plane-client.ts";
import { postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { prepareReplicas } from "./replica-pair.ts";

const account = "backupdata";
const host = `${account}.blob.core.windows.net`;

type App = Awaited<ReturnType<typeof createApp>>;

async function sendBlob(client: PlaneClient, app: App, method: string, target: string, body?: string) {
  const authorization = `Bearer ${await client.token(app.appId, app.secret, planeScopes.blob)}`;
  const headers = { authorization, "x-ms-version": "2023-11-03", "x-ms-blob-type": "BlockBlob" };
  return client.send(host, method, target, { headers, ...(body === undefined ? {} : { body }) });
}

test("a dump and a copy of the folder, made while a server writes, are a cloud again", {
  skip: postgresMissing,
}, async (t) => {
  const postgres = await startPostgres();
  const ground = await prepareReplicas(postgres, true);
  const folder = mkdtempSync(join(tmpdir(), "postern-backup-"));
  t.after(async () => {
    await ground.dispose();
    postgres.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  const { client, server } = await ground.start("first");
  const accountId = await createAccount(client, "backup", account);
  const app = await createApp(client, "backed-up");
  await assignRole(
    client,
    "11111111-2222-4333-8444-555555555555",
    accountId,
    roleIds.blobDataContributor,
    app.principalId,
  );
  assert.equal((await sendBlob(client, app, "PUT", "/cont?restype=container")).status, 201);
  assert.equal((await sendBlob(client, app, "PUT", "/cont/before", "kept")).status, 201);

  const place = new URL(ground.url);
  place.password = "";
  const env = { ...process.env, PGPASSWORD: postgres.password };
  const dump = join(folder, "postern.dump");
  execFileSync("pg_dump", ["--format=custom", `--file=${dump}`, place.href], { env });
  assert.equal((await sendBlob(client, app, "PUT", "/cont/between", "written while it is copied")).status, 201);
  assert.equal((await sendBlob(client, app, "PUT", "/cont/before", "overwritten")).status, 201);
  cpSync(ground.blobFolder, join(folder, "blobs"), { recursive: true });
  await server.kill();

  rmSync(ground.blobFolder, { recursive: true });
  execFileSync("pg_restore", ["--clean", "--if-exists", "--no-owner", `--dbname=${place.href}`, dump], { env });
  cpSync(join(folder, "blobs"), ground.blobFolder, { recursive: true });
  const { client: restored } = await ground.start("restored");
  assert.equal((await sendBlob(restored, app, "GET", "/cont/before")).text, "kept", "as it was at the dump");
  assert.equal((await sendBlob(restored, app, "GET", "/cont/between")).status, 404, "later than the dump");
  assert.equal((await sendBlob(restored, app, "PUT", "/cont/after", "new")).status, 201);
  assert.equal((await sendBlob(restored, app, "GET", "/cont/after")).text, "new");
  const check = await restored.send("localhost", "POST", "/postern/storage/check", {
    headers: { authorization: `Bearer ${await restored.operatorToken("arm")}` },
  });
  assert.equal(check.status, 200, check.text);
  assert.deepEqual((JSON.parse(check.text) as { findings: unknown[] }).findings, []);
});
