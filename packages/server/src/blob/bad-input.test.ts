/** What a client can get wrong: Azure's error for it, and nothing written; what is not there: 501, and nothing done. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { startTrialBox } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const md5 = (text: string): string => createHash("md5").update(text).digest("base64");
const someId = "11111111-2222-4333-8444-555555555555";

const badInput: readonly (readonly [
  method: string,
  target: string,
  status: number,
  code: string,
  headers?: Record<string, string | string[]>,
  body?: string,
])[] = [
  ["GET", "/box/%zz", 400, "InvalidUri"],
  ["GET", "/box/%c3%28", 400, "InvalidUri"],
  ["GET", "/box/%ed%a0%80", 400, "InvalidUri"],
  ["GET", "/box/%c0%af", 400, "InvalidUri"],
  ["GET", "/box/a/../b", 400, "InvalidUri"],
  ["GET", "/box/a%2F..%2Fb", 400, "InvalidUri"],
  ["GET", "/box/%2e%2e/b", 400, "InvalidUri"],
  ["GET", "/box/./b", 400, "InvalidUri"],
  ["GET", "/%2e%2e/b", 400, "InvalidUri"],
  ["GET", "/box%2Fb", 400, "InvalidUri"],
  ["GET", "//box/b", 400, "InvalidUri"],
  ["GET", "/box/a%5Cb", 400, "InvalidResourceName"],
  ["GET", "/box/a%00b", 400, "InvalidResourceName"],
  ["GET", "/Box/b", 400, "InvalidResourceName"],
  ["GET", "/a--b/b", 400, "InvalidResourceName"],
  ["GET", "/-ab/b", 400, "InvalidResourceName"],
  ["PUT", "/ab?restype=container", 400, "OutOfRangeInput"],
  ["PUT", `/${"a".repeat(64)}?restype=container`, 400, "OutOfRangeInput"],
  ["GET", `/box/${"n".repeat(1025)}`, 400, "OutOfRangeInput"],
  ["GET", `/box/${"n/".repeat(254)}n`, 400, "OutOfRangeInput"],
  ["GET", "/box?restype=container&comp=list&comp=acl", 400, "InvalidQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&COMP=acl", 400, "InvalidQueryParameterValue"],
  ["GET", "/box?restype=container&%63omp=list&comp=acl", 400, "InvalidQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&prefix=%ff", 400, "InvalidUri"],
  ["GET", "/box?restype=container&comp=nonsense", 400, "InvalidQueryParameterValue"],
  ["GET", "/?comp=nonsense", 400, "InvalidQueryParameterValue"],
  ["PATCH", "/box/b", 405, "UnsupportedHttpVerb"],
  ["POST", "/box?restype=container", 405, "UnsupportedHttpVerb"],
  ["GET", "/box/b", 400, "InvalidHeaderValue", { "x-http-method": "DELETE" }],
  ["GET", "/box/b", 400, "InvalidHeaderValue", { "x-http-method-override": "DELETE" }],
  ["GET", "/box/b", 400, "InvalidHeaderValue", { "x-ms-version": "latest" }],
  ["GET", "/box/b", 400, "InvalidHeaderValue", { "x-ms-range": ["bytes=0-1", "bytes=2-3"] }],
  ["GET", "/box?restype=container&comp=list&maxresults=ten", 400, "InvalidQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&maxresults=0", 400, "OutOfRangeQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&maxresults=-1", 400, "OutOfRangeQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&marker=forged", 400, "InvalidQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&include=everything", 400, "InvalidQueryParameterValue"],
  ["HEAD", "/box/b?snapshot=1", 400, "InvalidQueryParameterValue"],
  ["GET", "/box/b?comp=blocklist&blocklisttype=some", 400, "InvalidQueryParameterValue"],
  ["PUT", "/box/b?versionid=2025-01-01T00:00:00Z", 400, "InvalidQueryParameterValue", blockBlob, "x"],
  ["PUT", "/box/b", 400, "MissingRequiredHeader", {}, "x"],
  ["PUT", "/box/b", 400, "InvalidHeaderValue", { "x-ms-blob-type": "Sometimes" }, "x"],
  ["PUT", "/box/b", 411, "MissingContentLengthHeader", { ...blockBlob, "transfer-encoding": "chunked" }, "x"],
  ["PUT", "/box/b", 400, "InvalidMd5", { ...blockBlob, "content-md5": "short" }, "x"],
  ["PUT", "/box/b", 400, "Md5Mismatch", { ...blockBlob, "content-md5": md5("y") }, "x"],
  ["PUT", "/box/b", 400, "Md5Mismatch", { ...blockBlob, "x-ms-blob-content-md5": md5("y") }, "x"],
  ["PUT", "/box/b", 400, "Crc64Mismatch", { ...blockBlob, "x-ms-content-crc64": "AAAAAAAAAAA=" }, "x"],
  ["PUT", "/box/b", 400, "InvalidHeaderValue", { ...blockBlob, "x-ms-content-crc64": "AAAA" }, "x"],
  ["PUT", "/box/b", 400, "InvalidMetadata", { ...blockBlob, "x-ms-meta-a-b": "1" }, "x"],
  ["PUT", "/box/b", 400, "InvalidMetadata", { ...blockBlob, "x-ms-meta-1a": "1" }, "x"],
  ["PUT", "/box/b", 400, "InvalidMetadata", { ...blockBlob, "x-ms-meta-a": ["1", "2"] }, "x"],
  ["PUT", "/box/b", 400, "InvalidMetadata", { ...blockBlob, "x-ms-meta-a": "\u00e9" }, "x"],
  ["PUT", "/box/b", 400, "EmptyMetadataKey", { ...blockBlob, "x-ms-meta-": "1" }, "x"],
  ["PUT", "/box/b", 400, "MetadataTooLarge", { ...blockBlob, "x-ms-meta-a": "v".repeat(8192) }, "x"],
  ["PUT", "/box/b", 400, "InvalidBlobTier", { ...blockBlob, "x-ms-access-tier": "P10" }, "x"],
  ["PUT", "/box/b", 400, "InvalidHeaderValue", { ...blockBlob, "x-ms-lease-id": "x" }, "x"],
  ["PUT", "/box/b", 412, "LeaseNotPresentWithBlobOperation", { ...blockBlob, "x-ms-lease-id": someId }, "x"],
  ["DELETE", "/box?restype=container", 412, "LeaseNotPresentWithContainerOperation", { "x-ms-lease-id": someId }],
  ["GET", "/box/b?snapshot=2025-01-01T00:00:00.0000000Z", 404, "BlobNotFound"],
  ["GET", "/box/b?versionid=2025-01-01T00:00:00.0000000Z", 404, "BlobNotFound"],
  ["PUT", "/box/b?comp=block", 400, "MissingRequiredQueryParameter", {}, "x"],
  ["PUT", "/box/b?comp=block&blockid=%21", 400, "InvalidQueryParameterValue", {}, "x"],
  ["PUT", "/box/b?comp=block&blockid=MDF%3D", 400, "InvalidQueryParameterValue", {}, "x"],
  [
    "PUT",
    `/box/b?comp=block&blockid=${Buffer.alloc(65).toString("base64")}`,
    400,
    "InvalidQueryParameterValue",
    {},
    "x",
  ],
  ["PUT", "/box/b?comp=block&blockid=MDE%3D", 400, "InvalidHeaderValue", {}],
  ["PUT", "/box/b?comp=blocklist", 400, "InvalidBlockList", {}, "<BlockList><Latest>MDE=</Latest></BlockList>"],
  ["PUT", "/box/b?comp=blocklist", 400, "InvalidXmlDocument", {}, "<BlockList><Latest>MDE=</BlockList>"],
  [
    "PUT",
    "/box/b?comp=blocklist",
    400,
    "InvalidXmlDocument",
    {},
    '<!DOCTYPE a [<!ENTITY e "x">]><BlockList>&e;</BlockList>',
  ],
  ["PUT", "/none/b", 404, "ContainerNotFound", blockBlob, "x"],
  ["GET", "/none/b", 404, "ContainerNotFound"],
  ["PUT", "/box?restype=container&comp=metadata", 400, "InvalidHeaderValue", {}, "body"],
  ["PUT", "/box/none?comp=metadata", 404, "BlobNotFound"],
  ["DELETE", "/box/none", 404, "BlobNotFound"],
];

test("bad input gets Azure's error, writes nothing, and never a stack trace", async (test) => {
  const { send, engine, logged } = await startTrialBox(test);
  for (const [method, target, status, code, headers = {}, body] of badInput) {
    const got = await send(method, target, { headers, ...(body === undefined ? {} : { body }) });
    const name = `${method} ${target} ${JSON.stringify(headers).slice(0, 80)}`;
    assert.equal(got.status, status, name);
    assert.equal(got.headers["x-ms-error-code"], code, name);
    if (method !== "HEAD") assert.equal(got.code, code, name);
    assert.ok(!/\n\s+at /.test(got.text), name);
    assert.equal(got.headers["x-ms-request-id"], "99999999-9999-4999-8999-999999999999");
  }
  assert.deepEqual(logged, []);
  const container = (await engine.findContainer({ account: "acct", container: "box" }))!;
  assert.deepEqual(
    (await engine.listBlobs(container, { prefix: "", delimiter: "", from: "", limit: 9, hasUncommitted: true })).items,
    [],
  );
});

const unimplemented: readonly (readonly [
  method: string,
  target: string,
  headers?: Record<string, string>,
  body?: string,
])[] = [
  ["PUT", "/box/b", { ...blockBlob, "x-ms-structured-body": "XSM/1.0; properties=crc64" }, "x"],
  ["POST", "/box/b?comp=query", {}, "<QueryRequest />"],
];

test("what is not there says 501 and does nothing", async (test) => {
  const { send } = await startTrialBox(test);
  await send("PUT", "/box/b", { headers: blockBlob, body: "kept" });
  for (const [method, target, headers = {}, body] of unimplemented) {
    const got = await send(method, target, { headers, ...(body === undefined ? {} : { body }) });
    assert.deepEqual([got.status, got.code], [501, "NotImplemented"], `${method} ${target} ${JSON.stringify(headers)}`);
    assert.match(got.text, /Postern does not implement/);
  }
  assert.equal((await send("GET", "/box/b")).text, "kept");
  const algorithm = { ...blockBlob, "x-ms-encryption-algorithm": "AES256" };
  assert.equal((await send("PUT", "/box/b", { headers: algorithm, body: "x" })).status, 201);
});
