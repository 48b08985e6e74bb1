/** Real clients on blobs that two replicas share, each of their connections given to the next replica in turn by a load balancer that knows nothing of HTTP. */
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { cleanEnvironment } from "../clients/cloud.ts";
import { assertSucceeded, execute } from "../clients/execution.ts";
import { rcloneSkip } from "../clients/installed.ts";
import { type Balancer, openBalancer } from "../support/balancer.ts";
import { assignRole, createAccount, createApp, roleIds } from "../support/plane-client.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { prepareReplicas, type ReplicaGround, until } from "./replica-pair.ts";

const account = "clientblobs";

describe("real clients through a balancer", { skip: postgresMissing }, () => {
  let postgres: PostgresServer;
  let ground: ReplicaGround;
  let balancer: Balancer;
  let workDir: string;
  let env: NodeJS.ProcessEnv;
  before(async () => {
    workDir = mkdtempSync(join(tmpdir(), "postern-balanced-"));
    postgres = await startPostgres();
    ground = await prepareReplicas(postgres, true);
    const pair = await ground.startTogether("a", "b");
    balancer = await openBalancer(pair.map(({ server }) => Number(new URL(server.status.baseUrl).port)));
    const [{ client, server }, other] = pair;
    const accountId = await createAccount(client, "balanced", account);
    const app = await createApp(client, "balanced app");
    const name = randomUUID();
    const role = await assignRole(client, name, accountId, roleIds.blobDataOwner, app.principalId);
    assert.equal(role.status, 201, role.text);
    const known = `${accountId}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`;
    await until(async () => (await other.client.call("arm", "GET", known)).status === 200, "the role on the other");
    const { status } = server;
    const proxy = `http://127.0.0.1:${balancer.port}`;
    env = cleanEnvironment({
      ...{ HTTPS_PROXY: proxy, https_proxy: proxy, NODE_USE_ENV_PROXY: "1", NO_PROXY: "" },
      ...{ NODE_EXTRA_CA_CERTS: status.caBundle, SSL_CERT_FILE: status.caBundle },
      ...{ AZURE_TENANT_ID: status.tenantId, AZURE_CLIENT_ID: app.appId, AZURE_CLIENT_SECRET: app.secret },
    });
    const principal = { appId: app.appId, password: app.secret, tenant: status.tenantId };
    writeFileSync(join(workDir, "app.json"), JSON.stringify(principal), { mode: 0o600 });
  });
  after(async () => {
    balancer?.close();
    await ground?.dispose();
    postgres?.dispose();
    if (workDir !== undefined) rmSync(workDir, { recursive: true, force: true });
  });

  it("@azure/storage-blob writes, reads, lists, tags, leases and deletes", async () => {
    const program = join(import.meta.dirname, "programs", "shared-blobs.mjs");
    const done = assertSucceeded(await execute([process.execPath, program, account], { cwd: workDir, env }));
    assert.deepEqual(JSON.parse(done.stdout), { blobs: 18 });
  });

  it("rclone copies a folder there, checks it, reads it back and deletes it", { skip: rcloneSkip }, async () => {
    const rclone = async (...args: string[]) => {
      const options = ["--config", "/dev/null", "--retries", "1", "--low-level-retries", "1", "--transfers", "8"];
      const storage = ["--azureblob-account", account];
      const principal = ["--azureblob-service-principal-file", join(workDir, "app.json")];
      return assertSucceeded(
        await execute(["rclone", ...args, ...options, ...storage, ...principal], { cwd: workDir, env }),
      );
    };
    const source = join(workDir, "source");
    await mkdir(join(source, "sub folder"), { recursive: true });
    const names = Array.from({ length: 60 }, (_, index) =>
      index % 2 === 0 ? `${index}.bin` : `sub folder/ö${index}.bin`,
    );
    for (const [index, name] of names.entries()) await writeFile(join(source, name), randomBytes(index * 4000));
    await writeFile(join(source, "large.bin"), randomBytes(20 * 1024 * 1024));
    await rclone("mkdir", ":azureblob:box");
    await rclone("copy", source, ":azureblob:box");
    assert.match((await rclone("check", source, ":azureblob:box")).stderr, /61 matching files/);
    const back = join(workDir, "back");
    await rclone("copy", ":azureblob:box", back);
    for (const name of [...names, "large.bin"])
      assert.deepEqual(await readFile(join(back, name)), await readFile(join(source, name)), name);
    await rclone("purge", ":azureblob:box");
    const [one, other] = [...balancer.given.values()];
    assert.ok(one! > 5 && other! > 5, `connections: ${one} and ${other}`);
  });
});
