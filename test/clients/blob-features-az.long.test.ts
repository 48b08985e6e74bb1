/**
 * What Debian 13's az does with blobs beyond reading and writing them: what an account keeps, snapshots, versions, leases, copies.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Az, operatorAz } from "./az.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { az274 } from "./installed.ts";
import { assignRole, createPlace, type Place } from "./seed.ts";

interface Listed {
  readonly name: string;
  readonly versionId: string | null;
  readonly isCurrentVersion: boolean | null;
  readonly deleted: boolean | null;
}

describe(`${az274.name} and what blobs can do besides`, { skip: az274.skip }, () => {
  let cloud: Cloud;
  let az: Az;
  let place: Place;
  before(async () => {
    cloud = await startCloud();
    az = operatorAz(cloud, az274);
    place = await createPlace(cloud, "az-features", "azfeaturesdata");
    const operator = await az.text("account", "show", "--query", "user.name", "--output", "tsv");
    await assignRole(cloud, operator, "Storage Blob Data Owner", place.scope);
    await az.text("storage", "container", "create", "--name", "box", ...login());
  });
  after(() => cloud?.stop());

  const login = () => ["--account-name", place.account, "--auth-mode", "login"];
  const blob = (name: string) => ["--container-name", "box", "--name", name, ...login()];

  async function upload(name: string, text: string): Promise<void> {
    const file = join(cloud.workDir, "upload.txt");
    await writeFile(file, text);
    await az.text("storage", "blob", "upload", "--file", file, "--overwrite", "--no-progress", ...blob(name));
  }

  it("has versions and deletions kept, and has them back", async () => {
    const service = ["--account-name", place.account, "--resource-group", place.group];
    const kept = ["--enable-versioning", "true", "--enable-delete-retention", "true", "--delete-retention-days", "3"];
    const set = await az.json<{ isVersioningEnabled: boolean; deleteRetentionPolicy: { days: number } }>(
      ...["storage", "account", "blob-service-properties", "update", ...service, ...kept],
    );
    assert.deepEqual([set.isVersioningEnabled, set.deleteRetentionPolicy.days], [true, 3]);
    await upload("a", "one");
    await upload("a", "two");
    const list = () =>
      az.json<Listed[]>("storage", "blob", "list", "--container-name", "box", "--include", "v", ...login());
    const versions = await list();
    assert.deepEqual(
      versions.map(({ isCurrentVersion }) => isCurrentVersion === true),
      [false, true],
    );
    await az.text("storage", "blob", "delete", ...blob("a"));
    assert.equal((await list()).filter(({ isCurrentVersion }) => isCurrentVersion === true).length, 0);
    const first = versions[0]!.versionId!;
    const file = join(cloud.workDir, "back.txt");
    await az.text("storage", "blob", "download", "--version-id", first, "--file", file, "--no-progress", ...blob("a"));
  });

  it("encrypts with a scope, opens a container to anyone, and serves a website", async () => {
    const account = ["--account-name", place.account, "--resource-group", place.group];
    const made = await az.json<{ state: string }>(
      ...["storage", "account", "encryption-scope", "create", "--name", "alpha", ...account],
    );
    assert.equal(made.state, "Enabled");
    const file = join(cloud.workDir, "scoped.txt");
    await writeFile(file, "scoped");
    const scope = ["--encryption-scope", "alpha", "--file", file, "--no-progress"];
    await az.text("storage", "blob", "upload", ...scope, ...blob("scoped"));
    const shown = await az.json<{ encryptionScope: string }>("storage", "blob", "show", ...blob("scoped"));
    assert.equal(shown.encryptionScope, "alpha");
    await az.text(
      ...["storage", "account", "update", "--name", place.account, "--resource-group", place.group],
      ...["--allow-blob-public-access", "true"],
    );
    const open = await az.json<{ publicAccess: string }>(
      ...["storage", "container-rm", "create", "--storage-account", place.account, "--resource-group", place.group],
      ...["--name", "open", "--public-access", "blob"],
    );
    assert.equal(open.publicAccess, "Blob");
    const site = ["--static-website", "--index-document", "index.html", "--404-document", "404.html"];
    const keys = ["--account-name", place.account, "--auth-mode", "login"];
    await az.text("storage", "blob", "service-properties", "update", ...site, ...keys);
    const page = ["--file", file, "--container-name", "$web", "--name", "index.html", "--no-progress"];
    await az.text("storage", "blob", "upload", ...page, ...login());
    const web = await az.text(
      "storage",
      "account",
      "show",
      ...["--name", place.account],
      "--query",
      "primaryEndpoints.web",
      "--output",
      "tsv",
    );
    const got = await cloud.run(["curl", "-sS", web.trim()]);
    assert.equal(got.stdout, "scoped", got.stderr);
  });

  it("takes snapshots, leases, copies and tiers", async () => {
    await upload("b", "text");
    const { snapshot } = await az.json<{ snapshot: string }>("storage", "blob", "snapshot", ...blob("b"));
    assert.match(snapshot, /Z$/);
    const id = await az.json<string>(
      "storage",
      "blob",
      "lease",
      "acquire",
      "--container-name",
      "box",
      "--blob-name",
      "b",
      "--lease-duration",
      "60",
      ...login(),
    );
    await az.refused(/lease/i, "storage", "blob", "metadata", "update", "--metadata", "a=1", ...blob("b"));
    await az.text("storage", "blob", "metadata", "update", "--metadata", "a=1", "--lease-id", id, ...blob("b"));
    await az.text(
      "storage",
      "blob",
      "lease",
      "release",
      "--container-name",
      "box",
      "--blob-name",
      "b",
      "--lease-id",
      id,
      ...login(),
    );
    const source = ["--source-container", "box", "--source-blob", "b", "--source-account-name", place.account];
    const copy = await az.json<{ copy_status: string }>(
      "storage",
      "blob",
      "copy",
      "start",
      "--destination-container",
      "box",
      "--destination-blob",
      "copy",
      ...source,
      ...login(),
    );
    assert.equal(copy.copy_status, "success");
    await az.text("storage", "blob", "set-tier", "--tier", "Cool", ...blob("copy"));
  });

  it("keeps logs of requests, and reads them", async () => {
    const account = ["--account-name", place.account, "--resource-group", place.group];
    const key = await az.text("storage", "account", "keys", "list", ...account, "--query", "[0].value", "-o", "tsv");
    const keys = ["--account-name", place.account, "--account-key", key];
    await az.text("storage", "logging", "update", "--services", "b", "--log", "rwd", "--retention", "2", ...keys);
    const shown = await az.json<{ blob: { read: boolean; retentionPolicy: { days: number } } }>(
      ...["storage", "logging", "show", "--services", "b", ...keys],
    );
    assert.deepEqual([shown.blob.read, shown.blob.retentionPolicy.days], [true, 2]);
    await upload("logged", "one");
    const logs = () => az.json<Listed[]>("storage", "blob", "list", "--container-name", "$logs", ...login());
    // What waits is written within a minute; each question takes az about a second.
    let found = await logs();
    for (let tries = 0; found.length === 0 && tries < 120; tries++) found = await logs();
    const file = join(cloud.workDir, "downloaded.log");
    const log = ["--container-name", "$logs", "--name", found[0]!.name, ...login()];
    await az.text("storage", "blob", "download", "--file", file, "--no-progress", ...log);
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.includes("/box/logged"));
    assert.match(lines[0] ?? "", /^1\.0;[^;]+;PutBlob;OAuthSuccess;201;\d+;\d+;bearer;/);
    // So az words every AuthorizationFailure.
    await az.refused(/network rules/, "storage", "blob", "upload", "--file", file, "--overwrite", ...log);
    await az.text("storage", "blob", "delete", ...log);
    await az.text("storage", "logging", "off", "--services", "b", ...keys);
  });
});
