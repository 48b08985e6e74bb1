/** rclone with ten thousand files: copy, check, sync after changes, check again, purge. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertSucceeded } from "./execution.ts";
import { rcloneSkip } from "./installed.ts";
import { createWalkthrough } from "./seed.ts";

const files = 10_000;
const folders = 50;

/** From nothing to some KiB, by the file's number alone. */
function contentOf(number: number, edition = ""): Buffer {
  const digest = createHash("sha256").update(`${number} ${edition}`).digest();
  return Buffer.alloc(digest.readUInt16LE(0) % 4096, digest);
}

describe("rclone with ten thousand files", { skip: rcloneSkip }, () => {
  let cloud: Cloud;
  let source: string;
  let run: (...args: string[]) => ReturnType<Cloud["run"]>;
  before(async () => {
    cloud = await startCloud();
    const { account, app } = await createWalkthrough(cloud, "rclone-many");
    const principal = join(cloud.workDir, "principal.json");
    await writeFile(principal, JSON.stringify(app), { mode: 0o600 });
    source = join(cloud.workDir, "source");
    for (let folder = 0; folder < folders; folder++) await mkdir(join(source, `folder-${folder}`), { recursive: true });
    for (let number = 0; number < files; number++) await writeFile(pathOf(number), contentOf(number));
    const options = ["--config", "/dev/null", "--retries", "1", "--low-level-retries", "1", "--transfers", "16"];
    const storage = ["--azureblob-account", account, "--azureblob-service-principal-file", principal];
    run = (...args) => cloud.run(["rclone", ...args, "--checkers", "16", ...options, ...storage]);
  });
  after(() => cloud?.stop());

  const pathOf = (number: number) => join(source, `folder-${number % folders}`, `file ${number}.bin`);
  const count = async () =>
    assertSucceeded(await run("lsf", "-R", "--files-only", ":azureblob:many"))
      .stdout.trim()
      .split("\n").length;

  it("copies them", async () => {
    assertSucceeded(await run("copy", source, ":azureblob:many"));
    assert.equal(await count(), files);
  });

  it("finds them all the same, by their sums", async () => {
    const { stderr } = assertSucceeded(await run("check", source, ":azureblob:many"));
    assert.match(stderr, /0 differences found/);
    assert.match(stderr, new RegExp(`${files} matching files`));
  });

  it("syncs what was changed, added and removed, and nothing else", async () => {
    for (let number = 0; number < 100; number++) await writeFile(pathOf(number), contentOf(number, "changed"));
    for (let number = 100; number < 200; number++) await rm(pathOf(number));
    for (let number = files; number < files + 50; number++) await writeFile(pathOf(number), contentOf(number));
    const synced = assertSucceeded(
      await run("sync", source, ":azureblob:many", "--checksum", "--stats-one-line", "-v"),
    );
    assert.equal(synced.stderr.match(/: Copied \(/g)?.length, 150);
    assert.equal(synced.stderr.match(/: Deleted$/gm)?.length, 100);
    const { stderr } = assertSucceeded(await run("check", source, ":azureblob:many"));
    assert.match(stderr, /0 differences found/);
    assert.match(stderr, new RegExp(`${files - 50} matching files`));
  });

  it("purges them", async () => {
    assertSucceeded(await run("purge", ":azureblob:many"));
    const listed = assertSucceeded(await run("lsf", ":azureblob:"));
    assert.equal(listed.stdout, "");
  });
});
