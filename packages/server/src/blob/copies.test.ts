import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  BlobSASPermissions,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { accountKeys, now, people, startTrialSurface, tokenOf } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const someMd5 = "aL2a92mSPHPcZqv1sdZT9w==";

async function start(test: TestContext) {
  const trial = await startTrialSurface(test);
  const { send } = trial;
  for (const [account, container] of [
    ["acct", "box"],
    ["acct", "other"],
    ["open", "there"],
  ] as const) {
    await send("PUT", `/${container}?restype=container`, { account });
    const headers = { ...blockBlob, "x-ms-blob-content-type": "text/x", "x-ms-meta-a": "1", "x-ms-tags": "t=1" };
    await send("PUT", `/${container}/source`, { account, headers, body: "the source" });
  }
  const from = (path: string, account = "acct"): Record<string, string> => ({
    "x-ms-copy-source": `https://${account}.blob.core.windows.net${path}`,
  });
  return { ...trial, from };
}

test("a copy is done at once, with properties and metadata, and shares nothing that later changes", async (test) => {
  const { send, from } = await start(test);
  const copied = await send("PUT", "/box/copy", { headers: from("/box/source") });
  assert.deepEqual([copied.status, copied.headers["x-ms-copy-status"]], [202, "success"]);
  await send("DELETE", "/box/source");
  const got = await send("GET", "/box/copy");
  assert.equal(got.text, "the source");
  assert.deepEqual(
    ["content-type", "x-ms-meta-a", "x-ms-copy-id", "x-ms-copy-progress", "x-ms-tag-count"].map(
      (name) => got.headers[name],
    ),
    ["text/x", "1", copied.headers["x-ms-copy-id"], "10/10", undefined],
  );
  const abort = `/box/copy?comp=copy&copyid=${copied.headers["x-ms-copy-id"]}`;
  assert.equal((await send("PUT", abort, { headers: { "x-ms-copy-action": "abort" } })).code, "NoPendingCopyOperation");
  const tags = { "x-ms-copy-source-tag-option": "COPY" };
  await send("PUT", "/box/tagged", { headers: { ...from("/other/source"), ...tags, "x-ms-requires-sync": "true" } });
  assert.equal((await send("HEAD", "/box/tagged")).headers["x-ms-tag-count"], "1");
});

test("a copy takes the place of a blob of its own type only", async (test) => {
  const { send, from } = await start(test);
  await send("PUT", "/box/log", { headers: { "x-ms-blob-type": "AppendBlob" } });
  await send("PUT", "/box/disk", { headers: { "x-ms-blob-type": "PageBlob", "x-ms-blob-content-length": "512" } });
  const copy = async (source: string, target: string, headers = {}) => {
    const { code, status } = await send("PUT", target, { headers: { ...from(source), ...headers } });
    return code ?? status;
  };
  assert.equal(await copy("/box/source", "/box/log"), "InvalidBlobType");
  assert.equal(await copy("/box/source", "/box/disk", { "x-ms-requires-sync": "true" }), "InvalidBlobType");
  assert.equal(await copy("/box/disk", "/box/source"), "InvalidBlobType");
  assert.equal(await copy("/box/log", "/box/disk"), "InvalidBlobType");
  await send("PUT", "/box/other", { headers: { "x-ms-blob-type": "AppendBlob" } });
  assert.equal(await copy("/box/log", "/box/other"), 202);
  // Put Blob replaces whatever there is, from a URL, too.
  assert.equal(await copy("/box/source", "/box/log", blockBlob), 201);
});

test("the forms that put from a URL take ranges, sums and conditions of the source", async (test) => {
  const { send, from } = await start(test);
  const put = await send("PUT", "/box/whole", { headers: { ...from("/other/source"), ...blockBlob } });
  assert.equal(put.status, 201);
  assert.equal((await send("GET", "/box/whole")).headers["x-ms-copy-id"], undefined);
  const block = (headers: Record<string, string>) =>
    send("PUT", "/box/blocks?comp=block&blockid=MDE%3D", { headers: { ...from("/other/source"), ...headers } });
  assert.equal((await block({ "x-ms-source-range": "bytes=4-9" })).status, 201);
  await send("PUT", "/box/blocks?comp=blocklist", { body: "<BlockList><Latest>MDE=</Latest></BlockList>" });
  assert.equal((await send("GET", "/box/blocks")).text, "source");
  await send("PUT", "/box/log", { headers: { "x-ms-blob-type": "AppendBlob" } });
  await send("PUT", "/box/log?comp=appendblock", {
    headers: { ...from("/other/source"), "x-ms-source-range": "bytes=0-2" },
  });
  assert.equal((await send("GET", "/box/log")).text, "the");
  const unnamed = await send("PUT", "/box/blocks?comp=block", { headers: from("/other/source") });
  assert.equal(unnamed.code, "MissingRequiredQueryParameter");
  assert.equal((await block({ "x-ms-source-content-md5": someMd5 })).code, "Md5Mismatch");
  assert.equal((await block({ "x-ms-source-range": "bytes=90-99" })).code, "InvalidRange");
  const guarded = { ...from("/other/source"), "x-ms-source-if-match": '"0x1"' };
  assert.equal((await send("PUT", "/box/none", { headers: guarded })).code, "SourceConditionNotMet");
  assert.equal((await send("HEAD", "/box/none")).status, 404);
});

test("only append blobs are sealed by a copy", async (test) => {
  const { send, from } = await start(test);
  await send("PUT", "/box/log", { headers: { "x-ms-blob-type": "AppendBlob" } });
  const copy = (source: string) =>
    send("PUT", "/box/sealed", { headers: { ...from(source), "x-ms-seal-blob": "true" } });
  assert.equal((await copy("/box/source")).code, "InvalidHeaderValue");
  assert.equal((await copy("/box/log")).status, 202);
  assert.equal((await send("HEAD", "/box/sealed")).headers["x-ms-blob-sealed"], "true");
});

test("a source is read only by who may read it", async (test) => {
  const { send, from, recorder } = await start(test);
  const copy = (headers: Record<string, string>, as?: string) =>
    send("PUT", "/box/stolen", { headers, ...(as === undefined ? {} : { as }) });
  // May create blobs, and read none.
  const adder = await copy(from("/box/source"), people.adder);
  assert.deepEqual([adder.status, adder.code], [403, "CannotVerifyCopySource"]);
  assert.match(adder.text, /<CopySourceErrorCode>AuthorizationPermissionMismatch</);
  assert.equal(recorder.accesses().at(-1)?.operation, "Get Blob");
  // A source in another account is nobody's, unless it comes with something of its own.
  assert.equal((await copy(from("/there/source", "open"))).code, "CannotVerifyCopySource");
  const shown = { ...from("/there/source", "open"), "x-ms-copy-source-authorization": tokenOf(people.operator) };
  assert.equal((await copy(shown)).status, 202);
  const wrong = { ...from("/there/source", "open"), "x-ms-copy-source-authorization": tokenOf(people.nobody) };
  assert.equal((await copy(wrong)).code, "CannotVerifyCopySource");
  for (const url of [
    "https://example.org/a/b",
    "http://127.0.0.1:9/acct/box/source",
    "http://169.254.169.254/metadata",
    "https://evil.blob.core.windows.net.example.org/box/source",
    "https://acct.blob.core.windows.net/box/source?sig=x",
    "https://acct.blob.core.windows.net/box%2Fsource",
    "https://none.blob.core.windows.net/box/source",
    "https://acct.blob.core.windows.net/box/none",
  ]) {
    const refused = await copy({ "x-ms-copy-source": url });
    assert.equal(refused.code, "CannotVerifyCopySource", url);
  }
  assert.equal((await copy({ "x-ms-copy-source": "file:///etc/passwd" })).code, "InvalidHeaderValue");
  await send("DELETE", "/box/stolen");
  assert.equal((await copy(from("/box/none"), people.reader)).code, "AuthorizationPermissionMismatch");
});

test("a signature in a source's URL is not shown", async (test) => {
  const { send, from } = await start(test);
  await send("PUT", "/box/copy", {
    headers: { "x-ms-copy-source": `${from("/box/source")["x-ms-copy-source"]}?snapshot=&x=secret` },
  });
  const shown = (await send("HEAD", "/box/copy")).headers["x-ms-copy-source"];
  assert.equal(shown, "https://acct.blob.core.windows.net/box/source?snapshot=");
});

test("a source that carries a signature is read by it, and by nothing more than it says", async (test) => {
  const { send, from } = await start(test);
  const sign = (permissions: string, blobName: string, account = "open", key = accountKeys[0].value): string =>
    generateBlobSASQueryParameters(
      {
        containerName: "there",
        blobName,
        permissions: BlobSASPermissions.parse(permissions),
        expiresOn: new Date(now.getTime() + 60_000),
      },
      new StorageSharedKeyCredential(account, key),
    ).toString();
  const copy = async (signature: string, as: string = people.contributor) => {
    const source = `${from("/there/source", "open")["x-ms-copy-source"]}?${signature}`;
    return send("PUT", "/box/signed", { headers: { "x-ms-copy-source": source }, as });
  };
  assert.equal((await copy(sign("r", "source"))).status, 202);
  assert.equal(
    (await send("HEAD", "/box/signed")).headers["x-ms-copy-source"],
    from("/there/source", "open")["x-ms-copy-source"],
  );
  assert.equal((await copy(sign("w", "source"))).code, "CannotVerifyCopySource");
  assert.equal((await copy(sign("r", "other"))).code, "CannotVerifyCopySource");
  assert.equal((await copy(sign("r", "source", "acct"))).code, "CannotVerifyCopySource");
  assert.equal(
    (await copy(sign("r", "source", "open", accountKeys[1].value.replaceAll("C", "D")))).code,
    "CannotVerifyCopySource",
  );
  assert.equal((await copy(sign("r", "source"), people.reader)).code, "AuthorizationPermissionMismatch");
});

test("a signature for the copy says nothing of its source", async (test) => {
  const { send, from } = await start(test);
  const signature = generateBlobSASQueryParameters(
    {
      containerName: "box",
      permissions: ContainerSASPermissions.parse("racw"),
      expiresOn: new Date(now.getTime() + 60_000),
    },
    new StorageSharedKeyCredential("acct", accountKeys[0].value),
  ).toString();
  const copy = (source: string) =>
    send("PUT", `/box/made?${signature}`, { headers: { "x-ms-copy-source": source }, as: null });
  assert.equal((await copy(from("/box/source")["x-ms-copy-source"]!)).code, "CannotVerifyCopySource");
  assert.equal((await copy(`${from("/box/source")["x-ms-copy-source"]}?${signature}`)).status, 202);
});
