/** `postern storage blob sync`. az's own needs azcopy, which is not here: what is compared with is what azcopy documents. */
import assert from "node:assert/strict";
import { mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, startCloud } from "../clients/cloud.ts";
import { assertRefused, assertSucceeded } from "../clients/execution.ts";

interface Synced {
  readonly uploaded: readonly string[];
  readonly deleted: readonly string[];
  readonly unchangedCount: number;
}

/** Long before any blob of the test. */
const before2020 = new Date("2019-01-01T00:00:00Z");
/** Later than any blob of the test. */
const later = new Date(Date.now() + 86_400_000);

describe("storage blob sync", () => {
  let cloud: Cloud;
  let site: string;
  const login = ["--account-name", "syncdata", "--auth-mode", "login"];
  const put = async (path: string, text: string, changed = before2020) => {
    await writeFile(join(site, path), text);
    await utimes(join(site, path), changed, changed);
  };
  const sync = (...words: string[]) =>
    cloud.posternJson<Synced>(...["storage", "blob", "sync", "-c", "box", "-s", site, ...login, ...words]);
  const names = async () =>
    (await cloud.posternJson<{ name: string }[]>("storage", "blob", "list", "-c", "box", ...login)).map(
      ({ name }) => name,
    );

  before(async () => {
    cloud = await startCloud();
    site = join(cloud.workDir, "site");
    const { AZURE_CLIENT_ID } = await cloud.credentials("operator");
    assertSucceeded(await cloud.postern("group", "create", "-n", "one", "-l", "westeurope"));
    assertSucceeded(await cloud.postern("storage", "account", "create", "-n", "syncdata", "-g", "one"));
    const assign = ["role", "assignment", "create", "--role", "Storage Blob Data Contributor"];
    const scope = `/subscriptions/${cloud.status.subscriptionId}`;
    assertSucceeded(await cloud.postern(...assign, "--assignee", AZURE_CLIENT_ID!, "--scope", scope));
    assertSucceeded(await cloud.postern("storage", "container", "create", "-n", "box", ...login));
    await mkdir(join(site, "sub/old"), { recursive: true });
    await Promise.all([put("a.html", "a"), put("b.css", "b"), put("sub/c d.html", "c"), put("sub/old/e.tmp", "e")]);
  });
  after(() => cloud?.stop());

  it("says what it would do, does it, and does nothing more when nothing changed", async () => {
    const all = ["a.html", "b.css", "sub/c d.html", "sub/old/e.tmp"];
    assert.deepEqual((await sync("--dryrun")).uploaded, all);
    assert.deepEqual(await names(), []);
    assert.deepEqual(await sync(), { deleted: [], unchangedCount: 0, uploaded: all });
    assert.deepEqual(await sync(), { deleted: [], unchangedCount: 4, uploaded: [] });
    const show = ["storage", "blob", "show", "-c", "box", "-n", "a.html", ...login, "--query"];
    assert.equal(await cloud.posternJson(...show, "properties.contentSettings.contentType"), "text/html");
  });

  it("sends what is newer, deletes what has no file, and leaves alone what is left out", async () => {
    await put("a.html", "newer", later);
    await rm(join(site, "b.css"));
    await rm(join(site, "sub/old/e.tmp"));
    const kept = await sync("--exclude-path", "sub/old", "--delete-destination", "false");
    assert.deepEqual(kept, { deleted: [], unchangedCount: 1, uploaded: ["a.html"] });
    await put("a.html", "newer");
    assert.deepEqual((await sync("--exclude-pattern", "*.tmp;*.log")).deleted, ["b.css"]);
    assert.deepEqual(await names(), ["a.html", "sub/c d.html", "sub/old/e.tmp"]);
    assert.deepEqual((await sync("--include-pattern", "*.tmp")).deleted, ["sub/old/e.tmp"]);
  });

  it("below a folder of the container only that folder's blobs are touched; one file is one blob", async () => {
    assert.deepEqual((await sync("-d", "/copy/")).uploaded, ["copy/a.html", "copy/sub/c d.html"]);
    await rm(join(site, "sub/c d.html"));
    assert.deepEqual((await sync("-d", "copy")).deleted, ["copy/sub/c d.html"]);
    const one = ["storage", "blob", "sync", "-c", "box", "-s", join(site, "a.html"), ...login];
    assert.deepEqual((await cloud.posternJson<Synced>(...one, "-d", "copy/b.html")).uploaded, ["copy/b.html"]);
    assert.deepEqual(await names(), ["a.html", "copy/a.html", "copy/b.html", "sub/c d.html"]);
  });

  it("asks before it deletes when told to, and without an answer changes nothing; a folder that is not there is said", async () => {
    await put("new.html", "new");
    const asked = ["storage", "blob", "sync", "-c", "box", "-s", site, "--delete-destination", "prompt", ...login];
    assertRefused(await cloud.postern(...asked), /3 blobs have no file/);
    assert.equal((await names()).includes("new.html"), false);
    assertRefused(
      await cloud.postern("storage", "blob", "sync", "-c", "box", "-s", join(site, "none"), ...login),
      /No such file or directory/,
    );
  });
});
