import assert from "node:assert/strict";
import { test } from "node:test";
import { startTrialSurface, type TrialRequest } from "./testing/trial-surface.ts";

const appendBlob = { "x-ms-blob-type": "AppendBlob" };

test("blocks are appended where the caller says, up to where it says, until the blob is sealed", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  assert.equal((await send("PUT", "/box/log", { headers: appendBlob })).status, 201);
  const append = (body: string, headers: TrialRequest["headers"] = {}) =>
    send("PUT", "/box/log?comp=appendblock", { headers, body });
  const first = await append("one,");
  assert.deepEqual(
    [first.status, first.headers["x-ms-blob-append-offset"], first.headers["x-ms-blob-committed-block-count"]],
    [201, "0", "1"],
  );
  assert.equal((await append("x", { "x-ms-blob-condition-appendpos": "3" })).code, "AppendPositionConditionNotMet");
  assert.equal((await append("xx", { "x-ms-blob-condition-maxsize": "5" })).code, "MaxBlobSizeConditionNotMet");
  assert.equal((await append("two,", { "x-ms-blob-condition-appendpos": "4" })).status, 201);
  const snapshot = (await send("PUT", "/box/log?comp=snapshot")).headers["x-ms-snapshot"];
  for (let index = 0; index < 50; index++) await append(`${index};`);
  const whole = `one,two,${Array.from({ length: 50 }, (_, index) => `${index};`).join("")}`;
  assert.equal((await send("GET", "/box/log")).text, whole);
  assert.equal((await send("GET", "/box/log", { headers: { range: "bytes=6-20" } })).text, whole.slice(6, 21));
  assert.equal((await send("GET", `/box/log?snapshot=${snapshot}`)).text, "one,two,");
  const head = await send("HEAD", "/box/log");
  assert.deepEqual(
    [head.headers["x-ms-blob-type"], head.headers["x-ms-blob-committed-block-count"], head.headers["x-ms-access-tier"]],
    ["AppendBlob", "52", undefined],
  );
  assert.match((await send("GET", "/box?restype=container&comp=list")).text, /<BlobType>AppendBlob</);
  assert.equal(
    (await send("PUT", "/box/log?comp=seal", { headers: { "x-ms-blob-condition-appendpos": "1" } })).status,
    412,
  );
  assert.equal((await send("PUT", "/box/log?comp=seal")).headers["x-ms-blob-sealed"], "true");
  assert.equal((await append("more")).code, "BlobIsSealed");
});

test("blobs of other types are not appended to, nor append blobs written otherwise", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  await send("PUT", "/box/b", { headers: { "x-ms-blob-type": "BlockBlob" }, body: "x" });
  await send("PUT", "/box/log", { headers: appendBlob });
  const rows: [target: string, request: TrialRequest, code: string][] = [
    ["/box/b?comp=appendblock", { body: "x" }, "InvalidBlobType"],
    ["/box/none?comp=appendblock", { body: "x" }, "BlobNotFound"],
    ["/box/log?comp=appendblock", {}, "InvalidHeaderValue"],
    ["/box/b?comp=seal", {}, "InvalidBlobType"],
    ["/box/log?comp=block&blockid=MDE%3D", { body: "x" }, "InvalidBlobType"],
    ["/box/log?comp=page", { headers: { "x-ms-page-write": "clear", "x-ms-range": "bytes=0-511" } }, "InvalidBlobType"],
    ["/box/other", { headers: appendBlob, body: "x" }, "InvalidHeaderValue"],
  ];
  for (const [target, request, code] of rows) assert.equal((await send("PUT", target, request)).code, code, target);
  const wrong = await send("PUT", "/box/log?comp=appendblock", {
    headers: { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" },
    body: "x",
  });
  assert.equal(wrong.code, "Md5Mismatch");
  assert.equal((await send("HEAD", "/box/log")).headers["content-length"], "0");
});
