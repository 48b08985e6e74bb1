/**
 * @postern/credential in place of @azure/identity: the real @azure/storage-blob and @azure/arm-authorization take it (types and run
 * time), the TypeScript example runs with the import exchanged and nothing else, and machines sign in by it; on each Node there is.
 */
import assert from "node:assert/strict";
import { accessSync, constants, mkdirSync, rmdirSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { ResourceManagementClient } from "@azure/arm-resources";
import type { TokenCredential as CoreTokenCredential } from "@azure/core-auth";
import { ChainedTokenCredential as TheirChain, type TokenCredentialOptions as TheirOptions } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";
import {
  ChainedTokenCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  EnvironmentCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from "@postern/credential";
import { build, type Plugin } from "esbuild";
import { type Cloud, repository, startCloud } from "./cloud.ts";
import { assertRefused, assertSucceeded } from "./execution.ts";
import { nodes } from "./installed.ts";
import { scriptLines } from "./notes-app.ts";
import { assignRole, BLOB_READER, createApp, createPlace, createWalkthrough, principalIdOf } from "./seed.ts";

/** The source stands for what an app gets from the registry: bundled, so that older Nodes run it too. */
const ours: Plugin = {
  name: "ours",
  setup({ onResolve }) {
    const path = join(repository, "packages/credential/src/index.ts");
    onResolve({ filter: /^(@azure\/identity|@postern\/credential)$/ }, () => ({ path }));
    onResolve({ filter: /^@azure\/(storage-blob|arm-authorization|arm-resources|msal-node)/ }, ({ path: name }) => ({
      path: name,
      external: true,
    }));
  },
};

async function bundle(cloud: Cloud, entry: string): Promise<string> {
  const outdir = join(cloud.workDir, "bundles");
  await mkdir(outdir, { recursive: true });
  await symlink(join(repository, "node_modules"), join(outdir, "node_modules")).catch(() => {});
  const outfile = join(outdir, `${entry.replace(/\W/g, "-")}.mjs`);
  await build({
    entryPoints: [join(repository, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    // All of it from the sources: the built parts have shorter names among themselves.
    conditions: ["postern-source"],
    plugins: [ours],
    logLevel: "error",
  });
  return outfile;
}

it("is a TokenCredential to Microsoft's types, and takes theirs", () => {
  const one = new ClientSecretCredential("tenant", "app", "secret");
  const asTheirs: CoreTokenCredential[] = [
    one,
    new DefaultAzureCredential(),
    new EnvironmentCredential(),
    new ManagedIdentityCredential(),
  ];
  const asOurs: TokenCredential[] = asTheirs;
  const options: TheirOptions = { authorityHost: "https://login.microsoftonline.com" };
  assert.equal(asTheirs.length, 4);
  assert.ok(new ChainedTokenCredential(...asOurs, new TheirChain(one)));
  assert.ok(new TheirChain(new ChainedTokenCredential(one)));
  assert.ok(new DefaultAzureCredential({ authorityHost: options.authorityHost! }));
  assert.ok(new BlobServiceClient("https://account.blob.core.windows.net", one).getContainerClient("c"));
  assert.ok(new AuthorizationManagementClient(one, "subscription").roleAssignments);
  assert.ok(new ResourceManagementClient(one, "subscription").resourceGroups);
});

/** Where the Arc agent keeps its challenges. */
const agentFolder = "/var/opt/azcmagent/tokens";
let madeFolder: string | undefined;
const hasAgentFolder = (() => {
  try {
    madeFolder = mkdirSync(agentFolder, { recursive: true, mode: 0o700 });
    accessSync(agentFolder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
})();
after(() => {
  // Only what was made here is removed, and only when it is empty.
  if (madeFolder === undefined) return;
  for (let folder = agentFolder; folder.length >= madeFolder.length; folder = dirname(folder)) rmdirSync(folder);
});

for (const { name, node, skip } of nodes) {
  describe(name, { skip }, () => {
    let cloud: Cloud;
    before(async () => {
      cloud = await startCloud();
    });
    after(() => cloud?.stop());

    it("runs the TypeScript example with the role, and is refused without", async () => {
      const script = await bundle(cloud, "examples/typescript-app/app.ts");
      const place = await createPlace(cloud, "no-role", "noroledata");
      await createApp(cloud, "no-role-app");
      const refused = await cloud.run([node, script, place.account], { as: "no-role-app" });
      assertRefused(refused, /^refused: 403 AuthorizationPermissionMismatch$/m);
      const { account } = await createWalkthrough(cloud, "with-role");
      const done = assertSucceeded(await cloud.run([node, script, account], { as: "with-role" }));
      assert.deepEqual(done.stdout.trimEnd().split("\n"), scriptLines(account));
    });

    it("assigns roles by @azure/arm-authorization", async () => {
      const { scope, app } = await createWalkthrough(cloud, "managed");
      const manager = await createApp(cloud, "manager");
      await assignRole(cloud, manager.appId, "Owner", scope);
      const script = await bundle(cloud, "test/clients/programs/arm.mjs");
      const principalId = await principalIdOf(cloud, app.appId);
      const outcome = await cloud.run([node, script, scope, principalId], { as: "manager" });
      const found = JSON.parse(assertSucceeded(outcome).stdout);
      assert.deepEqual(
        [found.role, found.isListed, found.isDeletedAnswered, found.leftCount],
        ["Storage Blob Data Reader", true, true, 0],
      );
    });

    it("lists resource groups by @azure/arm-resources", async () => {
      const { scope } = await createWalkthrough(cloud, "listed");
      const reader = await createApp(cloud, "lister");
      await assignRole(cloud, reader.appId, "Reader", scope);
      const script = await bundle(cloud, "test/credential/programs/groups.mjs");
      const { subscriptionId } = cloud.status;
      const outcome = await cloud.run([node, script, subscriptionId], { as: "lister" });
      assert.deepEqual(JSON.parse(assertSucceeded(outcome).stdout), [scope.split("/").at(-1)]);
    });

    it("says what to do about a wrong secret", async () => {
      await createApp(cloud, "wrong");
      const script = await bundle(cloud, "test/clients/programs/get-token.mjs");
      const env = { AZURE_CLIENT_SECRET: "wrong-secret-value" };
      const command = ["env", `AZURE_CLIENT_SECRET=${env.AZURE_CLIENT_SECRET}`, node, script];
      const outcome = assertRefused(
        await cloud.run(command, { as: "wrong" }),
        /AADSTS7000215: The client secret is wrong/,
      );
      assert.doesNotMatch(outcome.stderr, /wrong-secret-value/);
    });

    it("signs in as a machine, by App Service's endpoint, a virtual machine's and the Arc agent's", async () => {
      const { group, account, scope } = await createWalkthrough(cloud, "machine");
      const seed = [node, join(repository, "test/clients/programs/make-blob.mjs"), account, "notes", "hello.txt"];
      assertSucceeded(await cloud.run(seed, { as: "machine" }));
      const identity = await cloud.posternJson<{ id: string; clientId: string }>(
        ...["identity", "create", "--name", "worker", "--resource-group", group, "--output", "json"],
      );
      await assignRole(cloud, identity.clientId, BLOB_READER, scope);
      const script = await bundle(cloud, "test/credential/programs/machine.mjs");
      // Only root can make the folder of Arc's challenges; where it is, the agent's form is run too.
      for (const identityForm of ["app-service", "imds", ...(hasAgentFolder ? ["arc"] : [])]) {
        const command = [node, script, account, identity.clientId, identity.id];
        const outcome = await cloud.run(command, { identity: "worker", identityForm });
        const { answers, outcomes } = JSON.parse(assertSucceeded(outcome).stdout);
        assert.deepEqual(answers, { default: "here", managed: "here", clientId: "here", resourceId: "here" });
        assert.deepEqual(outcomes, ["skipped", "skipped", "token", "unused", "unused", "unused"]);
      }
    });
  });
}
