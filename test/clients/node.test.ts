/**
 * @azure/identity, @azure/storage-blob, @azure/arm-authorization and @azure/msal-node, unmodified: under the Node that runs the
 * tests, and under the machine's own when that is another (Node 20 has no proxy support of its own).
 */
import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { build } from "esbuild";
import { type Cloud, cleanEnvironment, repository, startCloud } from "./cloud.ts";
import { assertRefused, assertSucceeded, startServer } from "./execution.ts";
import { nodes } from "./installed.ts";
import { exerciseNotes, scriptLines } from "./notes-app.ts";
import { assignRole, createApp, createPlace, createWalkthrough, principalIdOf } from "./seed.ts";

const programs = join(import.meta.dirname, "programs");

/** The TypeScript example as JavaScript, with its packages left where they are: older Nodes do not read TypeScript. */
async function buildExample(cloud: Cloud): Promise<{ script: string; server: string }> {
  const outdir = join(cloud.workDir, "typescript-app");
  await mkdir(outdir);
  await symlink(join(repository, "node_modules"), join(outdir, "node_modules"));
  const entryPoints = ["app.ts", "server.ts"].map((file) => join(repository, "examples/typescript-app", file));
  const format = { platform: "node", format: "esm", outExtension: { ".js": ".mjs" } } as const;
  await build({ entryPoints, outdir, bundle: true, packages: "external", ...format, logLevel: "error" });
  return { script: join(outdir, "app.mjs"), server: join(outdir, "server.mjs") };
}

for (const { name, node, skip } of nodes) {
  describe(name, { skip }, () => {
    let cloud: Cloud;
    let example: { script: string; server: string };
    before(async () => {
      cloud = await startCloud();
      example = await buildExample(cloud);
    });
    after(() => cloud?.stop());

    const runJson = async <T>(program: string, as: string, ...args: string[]): Promise<T> =>
      JSON.parse(assertSucceeded(await cloud.run([node, join(programs, program), ...args], { as })).stdout) as T;

    it("runs the TypeScript example with the role, and is refused without", async () => {
      const place = await createPlace(cloud, "no-role", "noroledata");
      await createApp(cloud, "no-role-app");
      const refused = await cloud.run([node, example.script, place.account], { as: "no-role-app" });
      assertRefused(refused, /^refused: 403 AuthorizationPermissionMismatch$/m);

      const { account } = await createWalkthrough(cloud, "node-script");
      const done = assertSucceeded(await cloud.run([node, example.script, account], { as: "node-script" }));
      assert.deepEqual(done.stdout.trimEnd().split("\n"), scriptLines(account));
    });

    it("serves notes from the TypeScript example's web server", async () => {
      const { account } = await createWalkthrough(cloud, "node-web");
      const env = cleanEnvironment({ STORAGE_ACCOUNT: account, PORT: "0" });
      const command = cloud.launch([node, example.server], { as: "node-web" });
      const { url, end } = await startServer(command, /listening on (http:\S+)/, { env });
      try {
        await exerciseNotes(url);
      } finally {
        await end();
      }
    });

    it("moves large and empty blobs, ranges, folders and pages by @azure/storage-blob", async () => {
      const { account } = await createWalkthrough(cloud, "node-large");
      assert.deepEqual(await runJson("large-blob.mjs", "node-large", account), {
        blockCount: 3,
        isSame: true,
        isPartSame: true,
        emptySize: 0,
        folders: ["blob empty", "prefix folder/"],
        pages: [[["empty", null]], [["folder/größe & more.bin", "probe"]]],
      });
    });

    it("assigns and lists roles by @azure/arm-authorization", async () => {
      const place = await createPlace(cloud, "node-arm", "nodearmdata");
      const administrator = await createApp(cloud, "node-admin");
      await assignRole(cloud, administrator.appId, "Owner", place.scope);
      const app = await createApp(cloud, "node-app");
      const principalId = await principalIdOf(cloud, app.appId);
      assert.deepEqual(await runJson("arm.mjs", "node-admin", place.scope, principalId), {
        roleCount: 928,
        role: "Storage Blob Data Reader",
        isListed: true,
        isDeletedAnswered: true,
        leftCount: 0,
      });
    });

    it("signs in by @azure/msal-node alone", async () => {
      const app = await createApp(cloud, "node-msal");
      const { claims, isCached } = await runJson<{ claims: Record<string, string>; isCached: boolean }>(
        "msal.mjs",
        "node-msal",
      );
      assert.equal(claims.appid, app.appId);
      assert.equal(claims.tid, cloud.status.tenantId);
      assert.equal(claims.aud, "https://storage.azure.com");
      assert.equal(isCached, true);
    });
  });
}
