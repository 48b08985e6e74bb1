import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { startTrialSurface, type TrialRequest } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const text = "nobody but the holder of the key may read this. ".repeat(40);

function keyOf(byte: number, prefix = "x-ms-encryption"): Record<string, string> {
  const bytes = Buffer.alloc(32, byte);
  return {
    [`${prefix}-key`]: bytes.toString("base64"),
    [`${prefix}-key-sha256`]: createHash("sha256").update(bytes).digest("base64"),
    [`${prefix}-algorithm`]: "AES256",
  };
}

const mine = keyOf(1);
const other = keyOf(2);
const digest = mine["x-ms-encryption-key-sha256"]!;

async function start(test: TestContext, account = "acct") {
  const trial = await startTrialSurface(test);
  const send = (method: string, target: string, headers: Record<string, string> = {}, body?: string | Buffer) => {
    const request: TrialRequest = { account, headers, ...(body === undefined ? {} : { body }) };
    return trial.send(method, target, request);
  };
  await send("PUT", "/box?restype=container");
  return { ...trial, send };
}

test("what was written with a key is read with that key alone", async (test) => {
  const { send } = await start(test);
  const put = await send("PUT", "/box/b", { ...blockBlob, ...mine }, text);
  assert.equal(put.status, 201);
  assert.equal(put.headers["x-ms-request-server-encrypted"], "true");
  assert.equal(put.headers["x-ms-encryption-key-sha256"], digest);
  assert.equal(put.headers["content-md5"], createHash("md5").update(text).digest("base64"));
  await send("PUT", "/box/plain", blockBlob, text);
  const requests: [method: string, target: string][] = [
    ["GET", "/box/b"],
    ["HEAD", "/box/b"],
    ["GET", "/box/b?comp=metadata"],
    ["PUT", "/box/b?comp=metadata"],
    ["PUT", "/box/b?comp=snapshot"],
  ];
  for (const [method, target] of requests) {
    const codes = [];
    for (const headers of [{}, other, mine]) {
      const got = await send(method, target, headers);
      codes.push(got.headers["x-ms-error-code"] ?? got.status);
    }
    const last = method === "PUT" && target.endsWith("snapshot") ? 201 : 200;
    const expected = ["BlobUsesCustomerSpecifiedEncryption", "BlobCustomerSpecifiedEncryptionMismatch", last];
    assert.deepEqual(codes, expected, `${method} ${target}`);
    const plain = await send(method, target.replace("/box/b", "/box/plain"), mine);
    assert.equal(plain.headers["x-ms-error-code"], "BlobDoesNotUseCustomerSpecifiedEncryption", target);
  }
  const got = await send("GET", "/box/b", mine);
  assert.equal(got.text, text);
  assert.equal(got.headers["x-ms-server-encrypted"], "true");
  assert.equal((await send("GET", "/box/b", { ...mine, range: "bytes=17-90" })).text, text.slice(17, 91));
  const listed = (await send("GET", "/box?restype=container&comp=list")).text;
  assert.ok(listed.includes(`<CustomerProvidedKeySha256>${digest}</CustomerProvidedKeySha256>`));
  assert.equal(listed.match(/<ServerEncrypted>true/g)?.length, 1);
});

test("neither the key nor what was encrypted with it is anywhere on disk", async (test) => {
  const { send, stateDir, logged } = await start(test);
  await send("PUT", "/box/b", { ...blockBlob, ...mine }, text);
  await send("PUT", "/box/b?comp=block&blockid=MDE%3D", mine, text);
  await send("GET", "/box/b", mine);
  await send("GET", "/box/b", other);
  const files = readdirSync(stateDir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const stored = Buffer.concat(files.map((file) => readFileSync(join(file.parentPath, file.name))));
  assert.ok(stored.length > 2 * text.length);
  for (const secret of [text.slice(0, 48), Buffer.alloc(32, 1), mine["x-ms-encryption-key"]!]) {
    assert.ok(!stored.includes(secret));
  }
  assert.ok(stored.includes(digest));
  assert.deepEqual(logged, []);
});

test("blocks are put together by their key, and with no other", async (test) => {
  const { send } = await start(test);
  const block = (id: string, key: Record<string, string>, body: string) =>
    send("PUT", `/box/b?comp=block&blockid=${encodeURIComponent(id)}`, key, body);
  const commit = (key: Record<string, string>, ...ids: string[]) =>
    send(
      "PUT",
      "/box/b?comp=blocklist",
      key,
      `<BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join("")}</BlockList>`,
    );
  assert.equal((await block("MDE=", mine, "first ")).headers["x-ms-encryption-key-sha256"], digest);
  await block("MDI=", mine, "second");
  await block("MDM=", other, "third");
  assert.equal((await commit({}, "MDE=")).code, "BlobCustomerSpecifiedEncryptionMismatch");
  assert.equal((await commit(mine, "MDE=", "MDM=")).code, "BlobCustomerSpecifiedEncryptionMismatch");
  assert.equal((await commit(mine, "MDI=", "MDE=")).status, 201);
  assert.equal((await send("GET", "/box/b", mine)).text, "secondfirst ");
  await block("MDQ=", mine, "!");
  assert.equal((await commit(mine, "MDI=", "MDQ=")).status, 201);
  assert.equal((await send("GET", "/box/b", mine)).text, "second!");
  assert.match((await send("GET", "/box/b?comp=blocklist")).text, /<Name>MDQ=</);
});

test("append blobs grow, and page blobs are written over, under their key", async (test) => {
  const { send } = await start(test);
  await send("PUT", "/box/a", { "x-ms-blob-type": "AppendBlob", ...mine });
  assert.equal((await send("PUT", "/box/a?comp=appendblock", {}, "x")).code, "BlobUsesCustomerSpecifiedEncryption");
  for (const part of ["one ", "two ", "three"]) await send("PUT", "/box/a?comp=appendblock", mine, part);
  assert.equal((await send("GET", "/box/a", mine)).text, "one two three");
  const pages = 12;
  const size = { "x-ms-blob-type": "PageBlob", "x-ms-blob-content-length": String(pages * 512) };
  await send("PUT", "/box/p", { ...size, ...mine });
  const model = Buffer.alloc(pages * 512);
  const change = fc.tuple(fc.nat(pages - 1), fc.integer({ min: 1, max: 5 }), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      for (const [first, wanted, byte] of changes) {
        const count = Math.min(wanted, pages - first);
        const range = { "x-ms-range": `bytes=${first * 512}-${(first + count) * 512 - 1}`, ...mine };
        const body = Buffer.alloc(byte % 4 === 0 ? 0 : count * 512, byte);
        const action = { "x-ms-page-write": byte % 4 === 0 ? "clear" : "update" };
        assert.equal((await send("PUT", "/box/p?comp=page", { ...range, ...action }, body)).status, 201);
        model.fill(byte % 4 === 0 ? 0 : byte, first * 512, (first + count) * 512);
      }
      assert.ok((await send("GET", "/box/p", mine)).body.equals(model));
    }),
    { numRuns: 15 },
  );
  await send("PUT", "/box/p?comp=properties", { "x-ms-blob-content-length": "7168", ...mine });
  const grown = Buffer.concat([model, Buffer.alloc(1024)]);
  assert.ok((await send("GET", "/box/p", mine)).body.equals(grown));
});

test("any range is what was written, over records and blocks", async (test) => {
  const { send } = await start(test);
  const parts = [70_000, 1, 65_536, 200_001].map((length, index) =>
    Buffer.from(Array.from({ length }, (_, at) => (at * 31 + index * 7) % 251)),
  );
  const ids = parts.map((_, index) => Buffer.from(String(index)).toString("base64"));
  for (const [index, part] of parts.entries()) {
    await send("PUT", `/box/b?comp=block&blockid=${encodeURIComponent(ids[index]!)}`, mine, part);
  }
  const list = `<BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join("")}</BlockList>`;
  assert.equal((await send("PUT", "/box/b?comp=blocklist", mine, list)).status, 201);
  const whole = Buffer.concat(parts);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 150_000 }), async (from, length) => {
      const to = Math.min(whole.length, from + length);
      const got = await send("GET", "/box/b", { ...mine, range: `bytes=${from}-${to - 1}` });
      assert.ok(got.body.equals(whole.subarray(from, to)), `${from}-${to}`);
    }),
    {
      numRuns: 25,
      examples: [
        [0, whole.length],
        [70_000, 2],
        [69_999, 3],
      ],
    },
  );
});

test("a copy of what is encrypted wants its key, and is encrypted as it is told", async (test) => {
  const { send } = await start(test);
  await send("PUT", "/box/b", { ...blockBlob, ...mine }, text);
  const source = { ...blockBlob, "x-ms-copy-source": "https://acct.blob.core.windows.net/box/b" };
  const refused = await send("PUT", "/box/copy", source);
  assert.deepEqual([refused.status, refused.code], [409, "CannotVerifyCopySource"]);
  assert.match(refused.text, /BlobUsesCustomerSpecifiedEncryption/);
  const withKey = { ...source, ...keyOf(1, "x-ms-source-encryption") };
  assert.equal((await send("PUT", "/box/plain", withKey)).status, 201);
  assert.equal((await send("GET", "/box/plain")).text, text);
  assert.equal((await send("PUT", "/box/moved", { ...withKey, ...other })).status, 201);
  assert.equal((await send("GET", "/box/moved", other)).text, text);
  assert.equal((await send("PUT", "/box/same", { ...withKey, ...mine })).status, 201);
  assert.equal((await send("GET", "/box/same", mine)).text, text);
  const copy = { "x-ms-copy-source": source["x-ms-copy-source"], ...mine };
  assert.equal((await send("PUT", "/box/async", copy)).code, "UnsupportedHeader");
});

test("a key that is none, or half said, is refused and not repeated", async (test) => {
  const { send } = await start(test);
  const { "x-ms-encryption-key-sha256": _, ...withoutDigest } = mine;
  const { "x-ms-encryption-key": __, ...withoutKey } = mine;
  const refused: [headers: Record<string, string>, code: string][] = [
    [{ ...mine, "x-ms-encryption-key": "c2hvcnQ=" }, "InvalidHeaderValue"],
    [{ ...mine, "x-ms-encryption-key-sha256": other["x-ms-encryption-key-sha256"]! }, "InvalidHeaderValue"],
    [{ ...mine, "x-ms-encryption-algorithm": "DES" }, "InvalidHeaderValue"],
    [withoutDigest, "MissingRequiredHeader"],
    [withoutKey, "MissingRequiredHeader"],
    [{ ...mine, "x-ms-encryption-scope": "alpha" }, "InvalidInput"],
  ];
  for (const [headers, code] of refused) {
    const got = await send("PUT", "/box/b", { ...blockBlob, ...headers }, "x");
    assert.deepEqual([got.status, got.code], [400, code], JSON.stringify(headers));
    assert.ok(!got.text.includes(mine["x-ms-encryption-key"]!) && !got.text.includes("c2hvcnQ="));
  }
  assert.equal((await send("HEAD", "/box/b")).status, 404);
});

test("a scope encrypts with a key of the account's own, and is asked for by nobody who reads", async (test) => {
  const { send, stateDir } = await start(test, "scoped");
  const scope = (name: string) => ({ "x-ms-encryption-scope": name });
  const put = await send("PUT", "/box/b", { ...blockBlob, ...scope("alpha") }, text);
  assert.deepEqual([put.status, put.headers["x-ms-encryption-scope"]], [201, "alpha"]);
  assert.equal(put.headers["x-ms-encryption-key-sha256"], undefined);
  const got = await send("GET", "/box/b");
  assert.deepEqual([got.text, got.headers["x-ms-encryption-scope"]], [text, "alpha"]);
  assert.match((await send("GET", "/box?restype=container&comp=list")).text, /<EncryptionScope>alpha</);
  for (const name of readdirSync(join(stateDir, "blobs", "extents"))) {
    assert.ok(!readFileSync(join(stateDir, "blobs", "extents", name)).includes(text.slice(0, 48)));
  }
  assert.equal((await send("PUT", "/box/c", { ...blockBlob, ...scope("none") }, "x")).code, "InvalidHeaderValue");
  assert.equal((await send("PUT", "/box/c", { ...blockBlob, ...scope("off") }, "x")).status, 403);
  await send("PUT", "/box/a", { "x-ms-blob-type": "AppendBlob", ...scope("alpha") });
  const mismatch = "BlobCustomerSpecifiedEncryptionMismatch";
  assert.equal((await send("PUT", "/box/a?comp=appendblock", scope("beta"), "x")).code, mismatch);
  assert.equal((await send("PUT", "/box/a?comp=appendblock", mine, "x")).code, mismatch);
  assert.equal((await send("PUT", "/box/a?comp=appendblock", {}, "x")).status, 201);
  const source = { "x-ms-copy-source": "https://scoped.blob.core.windows.net/box/b" };
  assert.equal((await send("PUT", "/box/copy", source)).status, 202);
  assert.equal((await send("HEAD", "/box/copy")).headers["x-ms-encryption-scope"], undefined);
  assert.equal((await send("GET", "/box/copy")).text, text);
  assert.equal((await send("PUT", "/box/beta", { ...source, ...scope("beta") })).status, 202);
  assert.equal((await send("GET", "/box/beta")).text, text);
});

test("a container gives its blobs a scope, and may hold them to it", async (test) => {
  const { send } = await start(test, "scoped");
  const make = (name: string, scope: string, fixed: string) =>
    send("PUT", `/${name}?restype=container`, {
      "x-ms-default-encryption-scope": scope,
      "x-ms-deny-encryption-scope-override": fixed,
    });
  assert.equal((await make("loose", "alpha", "false")).status, 201);
  assert.equal((await make("fixed", "alpha", "true")).status, 201);
  assert.equal((await make("wrong", "none", "true")).code, "InvalidHeaderValue");
  const half = await send("PUT", "/half?restype=container", { "x-ms-default-encryption-scope": "alpha" });
  assert.equal(half.code, "MissingRequiredHeader");
  const properties = (await send("HEAD", "/fixed?restype=container")).headers;
  assert.equal(properties["x-ms-default-encryption-scope"], "alpha");
  assert.equal(properties["x-ms-deny-encryption-scope-override"], "true");
  assert.match((await send("GET", "/?comp=list&prefix=fixed")).text, /<DefaultEncryptionScope>alpha</);
  for (const name of ["loose", "fixed"]) {
    await send("PUT", `/${name}/b`, blockBlob, "x");
    assert.equal((await send("HEAD", `/${name}/b`)).headers["x-ms-encryption-scope"], "alpha");
  }
  const beta = { ...blockBlob, "x-ms-encryption-scope": "beta" };
  assert.equal((await send("PUT", "/loose/c", beta, "x")).status, 201);
  assert.equal((await send("PUT", "/fixed/c", beta, "x")).code, "RequestForbiddenByContainerEncryptionPolicy");
  const keyed = await send("PUT", "/fixed/c", { ...blockBlob, ...mine }, "x");
  assert.deepEqual([keyed.status, keyed.code], [403, "RequestForbiddenByContainerEncryptionPolicy"]);
  const same = { ...blockBlob, "x-ms-encryption-scope": "alpha" };
  assert.equal((await send("PUT", "/fixed/c", same, "x")).status, 201);
});
