import assert from "node:assert/strict";
import { test } from "node:test";
import { maxAppendBlockBytes, maxBlockBytes, maxBlockFromUrlBytes, maxPutBlobBytes } from "./limits.ts";
import { isServiceVersion } from "./service-versions.ts";
import { startTrialSurface, type TrialAnswer } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const now = new Date("2027-06-15T12:00:00Z");

test("there is what was published, and nothing yet to come", () => {
  const there = ["2017-11-09", "2019-12-12", "2021-02-12", "2026-10-06", "2027-06-15"];
  const not = ["2019-12-13", "2017-13-41", "2027-06-16", "2099-01-01", "1.0", "", "2019-12-12 ", "x2019-12-12"];
  for (const text of there) assert.equal(isServiceVersion(text, now), true, text);
  for (const text of not) assert.equal(isServiceVersion(text, now), false, text);
});

async function start(test: Parameters<typeof startTrialSurface>[0]) {
  const trial = await startTrialSurface(test);
  const at =
    (version: string) =>
    (method: string, target: string, headers: Record<string, string> = {}, body?: string): Promise<TrialAnswer> =>
      trial.send(method, target, {
        headers: { "x-ms-version": version, ...headers },
        ...(body === undefined ? {} : { body }),
      });
  await at("2025-07-05")("PUT", "/box?restype=container");
  return { ...trial, at };
}

test("a version that there is not is refused, whatever is asked, and says which header it was", async (test) => {
  const { at } = await start(test);
  for (const version of ["2019-12-13", "2099-01-01", "latest"]) {
    const got = await at(version)("GET", "/box?restype=container&comp=list");
    assert.deepEqual([got.status, got.code], [400, "InvalidHeaderValue"], version);
    assert.match(got.text, /<HeaderName>x-ms-version<\/HeaderName>/);
  }
});

/** Method and target, the last version that does not have the operation and the first that has it, headers, body. */
const operations: readonly (readonly [
  method: string,
  target: string,
  last: string,
  first: string,
  headers?: Record<string, string>,
  body?: string,
])[] = [
  ["GET", "/?restype=account&comp=properties", "2017-11-09", "2018-03-28"],
  ["POST", "/?comp=batch", "2018-03-28", "2018-11-09", { "content-type": "multipart/mixed; boundary=b" }, "--b--"],
  ["POST", "/box?restype=container&comp=batch", "2020-02-10", "2020-04-08", {}, "--b--"],
  ["GET", "/box/b?comp=tags", "2019-10-10", "2019-12-12"],
  ["GET", "/?comp=blobs&where=a%3D%27b%27", "2019-10-10", "2019-12-12"],
  ["GET", "/box?restype=container&comp=blobs&where=a%3D%27b%27", "2021-02-12", "2021-04-10"],
  ["PUT", "/box/a?comp=seal", "2019-10-10", "2019-12-12"],
  ["PUT", "/box/b?comp=expiry", "2019-12-12", "2020-02-10", { "x-ms-expiry-option": "NeverExpire" }],
  ["DELETE", "/box/b?comp=immutabilityPolicies", "2020-04-08", "2020-06-12"],
  ["PUT", "/box/b?comp=legalhold", "2020-04-08", "2020-06-12", { "x-ms-legal-hold": "false" }],
];

test("an operation is none before its version", async (test) => {
  const { at } = await start(test);
  await at("2025-07-05")("PUT", "/box/b", blockBlob, "x");
  for (const [method, target, last, first, headers, body] of operations) {
    const before = await at(last)(method, target, headers, body);
    assert.deepEqual([before.status, before.code], [400, "InvalidQueryParameterValue"], `${last} ${target}`);
    const after = await at(first)(method, target, headers, body);
    assert.notEqual(after.code, "InvalidQueryParameterValue", `${first} ${target}`);
  }
});

test("the forms of a copy are told apart by versions that have them", async (test) => {
  const { at } = await start(test);
  await at("2025-07-05")("PUT", "/box/b", blockBlob, "x");
  const source = { "x-ms-copy-source": "https://acct.blob.core.windows.net/box/b" };
  const put = async (version: string, headers: Record<string, string>) => {
    const got = await at(version)("PUT", "/box/copy", { ...source, ...headers });
    return [got.status, got.headers["x-ms-copy-id"] === undefined ? "put" : "copied"];
  };
  assert.deepEqual(await put("2020-04-08", blockBlob), [201, "put"]);
  assert.deepEqual(await put("2020-02-10", blockBlob), [202, "copied"]);
  const sync = { "x-ms-requires-sync": "true" };
  assert.deepEqual(await put("2018-03-28", sync), [202, "copied"]);
  assert.deepEqual(await put("2017-11-09", sync), [202, "copied"]);
});

test("answers say nothing of what their version does not know", async (test) => {
  const { at, send } = await start(test);
  const account = "versioned";
  await send("PUT", "/box?restype=container", { account });
  const headers = { ...blockBlob, "x-ms-tags": "a=b" };
  await send("PUT", "/box/b", { account, headers, body: "x" });
  const head = async (version: string) =>
    (await send("HEAD", "/box/b", { account, headers: { "x-ms-version": version } })).headers;
  const [old, young] = [await head("2019-10-10"), await head("2019-12-12")];
  for (const name of ["x-ms-version-id", "x-ms-is-current-version", "x-ms-tag-count"]) {
    assert.equal(old[name], undefined, name);
    assert.notEqual(young[name], undefined, name);
  }
  assert.equal(old["x-ms-version"], "2019-10-10");
  const list = async (version: string) =>
    (await send("GET", "/box?restype=container&comp=list", { account, headers: { "x-ms-version": version } })).text;
  const [oldList, youngList] = [await list("2018-11-09"), await list("2019-12-12")];
  for (const tag of ["Content-CRC64", "TagCount", "OrMetadata"]) {
    assert.ok(!oldList.includes(tag), tag);
    assert.ok(youngList.includes(tag), tag);
  }
  assert.ok(oldList.includes("<AccessTier>") && oldList.includes("<Creation-Time>"));
  const containers = async (version: string) => (await at(version)("GET", "/?comp=list")).text;
  assert.ok(!(await containers("2018-11-09")).includes("EncryptionScope"));
  assert.ok((await containers("2025-07-05")).includes("EncryptionScope"));
  assert.ok(!(await containers("2020-08-04")).includes("ImmutableStorage"));
});

test("a listing includes what its version can include", async (test) => {
  const { at } = await start(test);
  const rows: [include: string, last: string, first: string][] = [
    ["tags", "2019-10-10", "2019-12-12"],
    ["versions", "2019-10-10", "2019-12-12"],
    ["immutabilitypolicy", "2020-04-08", "2020-06-12"],
    ["deletedwithversions", "2020-08-04", "2020-10-02"],
  ];
  for (const [include, last, first] of rows) {
    const target = `/box?restype=container&comp=list&include=${include}`;
    assert.equal((await at(last)("GET", target)).code, "InvalidQueryParameterValue", include);
    assert.equal((await at(first)("GET", target)).status, 200, include);
  }
  const version = "versionid=2026-01-01T00:00:00.0000000Z";
  assert.equal((await at("2019-10-10")("GET", `/box/b?${version}`)).code, "InvalidQueryParameterValue");
  assert.equal((await at("2019-12-12")("GET", `/box/b?${version}`)).code, "BlobNotFound");
});

test("names that XML cannot hold are marked from their version on", async (test) => {
  const { at } = await start(test);
  await at("2025-07-05")("PUT", `/box/${encodeURIComponent("a\ufffe")}`, blockBlob, "x");
  const list = async (version: string) => (await at(version)("GET", "/box?restype=container&comp=list")).text;
  assert.match(await list("2021-02-12"), /<Name Encoded="true">a%EF%BF%BE<\/Name>/);
  assert.match(await list("2020-12-06"), /<Name>a\ufffd<\/Name>/);
});

test("a header that a version does not know is ignored, unless it protects something", async (test) => {
  const { at } = await start(test);
  const put = (version: string, headers: Record<string, string>) =>
    at(version)("PUT", "/box/b", { ...blockBlob, ...headers }, "x");
  assert.equal((await put("2019-10-10", { "x-ms-tags": "a=b" })).status, 201);
  assert.equal((await at("2025-07-05")("HEAD", "/box/b")).headers["x-ms-tag-count"], undefined);
  assert.equal((await put("2018-03-28", { "x-ms-access-tier": "Cool" })).status, 201);
  assert.equal((await at("2025-07-05")("HEAD", "/box/b")).headers["x-ms-access-tier-inferred"], "true");
  assert.equal((await at("2018-03-28")("PUT", "/box/b?comp=tier", { "x-ms-access-tier": "Cool" })).status, 200);
  assert.equal((await put("2018-11-09", { "x-ms-content-crc64": "AAAAAAAAAAA=" })).status, 201);
  assert.equal((await put("2023-05-03", { "x-ms-expiry-option": "NeverExpire" })).status, 201);
  const refused: [version: string, headers: Record<string, string>][] = [
    ["2018-11-09", { "x-ms-encryption-key": "k" }],
    ["2018-11-09", { "x-ms-encryption-scope": "s" }],
    ["2019-10-10", { "x-ms-if-tags": "a='b'" }],
    ["2020-04-08", { "x-ms-legal-hold": "true" }],
  ];
  for (const [version, headers] of refused) {
    const got = await put(version, headers);
    assert.deepEqual([got.status, got.code], [400, "UnsupportedHeader"], JSON.stringify(headers));
  }
});

test("sizes and sums are those of the version", async (test) => {
  const { at } = await start(test);
  const mebibytes = (bytes: number) => bytes / (1024 * 1024);
  assert.deepEqual(["2019-10-10", "2019-12-12"].map(maxPutBlobBytes).map(mebibytes), [256, 5000]);
  assert.deepEqual(["2019-10-10", "2019-12-12"].map(maxBlockBytes).map(mebibytes), [100, 4000]);
  assert.deepEqual(["2020-02-10", "2020-04-08"].map(maxBlockFromUrlBytes).map(mebibytes), [100, 4000]);
  assert.deepEqual(["2021-12-02", "2022-11-02"].map(maxAppendBlockBytes).map(mebibytes), [4, 100]);
  const block = "/box/b?comp=block&blockid=MDE%3D";
  const old = (await at("2018-11-09")("PUT", block, {}, "x")).headers;
  assert.deepEqual([old["content-md5"] !== undefined, old["x-ms-content-crc64"]], [true, undefined]);
  const young = (await at("2019-02-02")("PUT", block, {}, "x")).headers;
  assert.deepEqual([young["content-md5"], young["x-ms-content-crc64"] !== undefined], [undefined, true]);
  assert.equal(
    (await at("2021-10-04")("PUT", "/box/b", { ...blockBlob, "x-ms-access-tier": "Cold" }, "x")).status,
    400,
  );
  assert.equal(
    (await at("2021-12-02")("PUT", "/box/b", { ...blockBlob, "x-ms-access-tier": "Cold" }, "x")).status,
    201,
  );
});
