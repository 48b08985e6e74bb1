/**
 * rclone, another implementation in another language: the v1 token endpoint, blocks for every upload, MD5 checks. What
 * create-for-rbac prints is its service principal file as it is.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertRefused, assertSucceeded } from "./execution.ts";
import { rcloneSkip } from "./installed.ts";
import { createApp, createWalkthrough, type Registration } from "./seed.ts";

/** Larger than rclone's chunk of 4 MiB, so that it is put together from two blocks. */
const LARGE_BYTES = 5 * 1024 * 1024;

describe("rclone", { skip: rcloneSkip }, () => {
  let cloud: Cloud;
  let account: string;
  before(async () => {
    cloud = await startCloud();
    const walkthrough = await createWalkthrough(cloud, "rclone-app");
    account = walkthrough.account;
    await writePrincipal("app", walkthrough.app);
  });
  after(() => cloud?.stop());

  const principalFile = (name: string) => join(cloud.workDir, `${name}.json`);
  const writePrincipal = (name: string, app: Registration) =>
    writeFile(principalFile(name), JSON.stringify(app), { mode: 0o600 });
  const rclone = (principal: string, ...args: string[]) => {
    const options = ["--config", "/dev/null", "--retries", "1", "--low-level-retries", "1"];
    const storage = ["--azureblob-account", account, "--azureblob-service-principal-file", principalFile(principal)];
    return cloud.run(["rclone", ...args, ...options, ...storage]);
  };

  it("copies a folder there, checks it, lists it, reads it back and deletes it", async () => {
    const source = join(cloud.workDir, "source");
    await mkdir(join(source, "sub folder"), { recursive: true });
    const files = {
      "small.txt": Buffer.from("six by"),
      "empty.bin": Buffer.alloc(0),
      "sub folder/größe.bin": randomBytes(LARGE_BYTES),
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(source, name), content);

    assertSucceeded(await rclone("app", "mkdir", ":azureblob:box"));
    assertSucceeded(await rclone("app", "copy", source, ":azureblob:box"));
    const check = assertSucceeded(await rclone("app", "check", source, ":azureblob:box"));
    assert.match(check.stderr, /3 matching files/);
    const listed = assertSucceeded(await rclone("app", "lsf", "--recursive", "--files-only", ":azureblob:box"));
    assert.deepEqual(listed.stdout.trimEnd().split("\n").sort(), Object.keys(files).sort());
    const back = join(cloud.workDir, "back");
    assertSucceeded(await rclone("app", "copy", ":azureblob:box", back));
    for (const [name, content] of Object.entries(files))
      assert.deepEqual(await readFile(join(back, name)), content, name);

    assertSucceeded(await rclone("app", "delete", ":azureblob:box"));
    assert.equal(assertSucceeded(await rclone("app", "lsf", ":azureblob:box")).stdout, "");
    assertSucceeded(await rclone("app", "purge", ":azureblob:box"));
  });

  it("shows Azure's own error when the app has no role, and when the secret is wrong", async () => {
    const stranger = await createApp(cloud, "rclone-stranger");
    await writePrincipal("stranger", stranger);
    assertRefused(await rclone("stranger", "lsf", ":azureblob:box"), /AuthorizationPermissionMismatch/);
    await writePrincipal("wrong", { ...stranger, password: "not-the-secret" });
    assertRefused(await rclone("wrong", "lsf", ":azureblob:box"), /AADSTS7000215/);
  });
});
