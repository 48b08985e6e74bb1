/** az storage blob with many files, and signatures by the user: upload-batch, download-batch, delete-batch, generate-sas --as-user. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Az, bareAz, operatorAz } from "./az.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertSucceeded } from "./execution.ts";
import { az274 } from "./installed.ts";
import { assignRole, BLOB_CONTRIBUTOR, createPlace } from "./seed.ts";

const files = 40;

describe(`${az274.name}: blobs by the dozen`, { skip: az274.skip }, () => {
  let cloud: Cloud;
  let az: Az;
  let source: string;
  let where: string[];
  let account: string;
  before(async () => {
    cloud = await startCloud();
    az = operatorAz(cloud, az274);
    const place = await createPlace(cloud, "az-many", "azmanydata");
    account = place.account;
    const { AZURE_CLIENT_ID: operator } = await cloud.credentials("operator");
    await assignRole(cloud, operator, BLOB_CONTRIBUTOR, place.scope);
    where = ["--account-name", account, "--auth-mode", "login"];
    source = join(cloud.workDir, "source");
    for (const folder of ["one", "two"]) await mkdir(join(source, folder), { recursive: true });
    for (let number = 0; number < files; number++)
      await writeFile(nameOf(number), `content ${number}\n`.repeat(number));
    await az.json("storage", "container", "create", "--name", "box", ...where);
  });
  after(() => cloud?.stop());

  const nameOf = (number: number) => join(source, number % 2 === 0 ? "one" : "two", `file ${number}.txt`);

  it("uploads a folder, leaves what is there, overwrites when told to", async () => {
    const upload = ["storage", "blob", "upload-batch", "--destination", "box", "--source", source, ...where];
    assert.equal((await az.json<unknown[]>(...upload)).length, files);
    const again = assertSucceeded(await az.run(...upload));
    assert.match(again.stderr, new RegExp(`${files} of ${files} files not uploaded`));
    assert.equal((await az.json<unknown[]>(...upload, "--overwrite")).length, files);
    const listed = await az.json<unknown[]>("storage", "blob", "list", "--container-name", "box", ...where);
    assert.equal(listed.length, files);
  });

  it("downloads it again, the same", async () => {
    const back = join(cloud.workDir, "back");
    await mkdir(back);
    await az.json("storage", "blob", "download-batch", "--source", "box", "--destination", back, ...where);
    assert.equal((await readdir(back, { recursive: true })).filter((name) => name.endsWith(".txt")).length, files);
    for (let number = 0; number < files; number++) {
      const there = await readFile(nameOf(number).replace(source, back));
      assert.deepEqual(there, await readFile(nameOf(number)));
    }
  });

  it("signs as the user what opens one blob and no other, and no more than its letters", async () => {
    const expiry = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 16)}Z`;
    const one = ["--container-name", "box", "--name", "one/file 2.txt"];
    const terms = ["--permissions", "r", "--expiry", expiry, "--as-user", "-o", "tsv"];
    const sas = await az.text("storage", "blob", "generate-sas", ...one, ...terms, ...where);
    assert.match(sas, /skoid=/);
    const alone = await bareAz(cloud, az274, {
      HTTPS_PROXY: cloud.status.proxyUrl,
      REQUESTS_CA_BUNDLE: cloud.status.caBundle,
    });
    const signed = ["--account-name", account, "--sas-token", sas];
    const file = join(cloud.workDir, "signed.txt");
    await alone.text("storage", "blob", "download", ...one, "--file", file, ...signed);
    assert.equal(await readFile(file, "utf8"), "content 2\n".repeat(2));
    const refusal = /Authentication failure|permissions/i;
    const another = ["--container-name", "box", "--name", "one/file 4.txt", "--file", file];
    await alone.refused(refusal, "storage", "blob", "download", ...another, ...signed);
    await alone.refused(refusal, "storage", "blob", "delete", ...one, ...signed);
  });

  it("deletes them by a pattern", async () => {
    await az.text("storage", "blob", "delete-batch", "--source", "box", "--pattern", "one/*", ...where);
    const left = await az.json<{ name: string }[]>("storage", "blob", "list", "--container-name", "box", ...where);
    assert.equal(left.length, files / 2);
    assert.ok(left.every(({ name }) => name.startsWith("two/")));
  });
});
