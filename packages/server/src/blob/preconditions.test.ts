/** What a request may ask of an ETag and of a time before it is carried out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTrialBox } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };

test("conditions over the wire", async (test) => {
  const { send } = await startTrialBox(test);
  const put = await send("PUT", "/box/b", { headers: blockBlob, body: "1" });
  const etag = put.headers.etag!;
  const past = "Thu, 01 Jan 2026 00:00:00 GMT";
  const table: readonly (readonly [method: string, headers: Record<string, string>, status: number, code?: string])[] =
    [
      ["GET", { "if-match": etag }, 200],
      ["GET", { "if-match": etag.replaceAll('"', "") }, 200],
      ["GET", { "if-match": '"0x0"' }, 412, "ConditionNotMet"],
      ["GET", { "if-none-match": etag }, 304, "ConditionNotMet"],
      ["HEAD", { "if-none-match": etag }, 304, "ConditionNotMet"],
      ["GET", { "if-none-match": `"0x0", ${etag}` }, 304, "ConditionNotMet"],
      ["GET", { "if-none-match": "*" }, 400, "UnsatisfiableCondition"],
      ["GET", { "if-modified-since": put.headers["last-modified"]! }, 304, "ConditionNotMet"],
      ["GET", { "if-modified-since": past }, 200],
      ["GET", { "if-unmodified-since": past }, 412, "ConditionNotMet"],
      ["GET", { "if-modified-since": "yesterday" }, 400, "InvalidHeaderValue"],
      ["GET", { "if-match": '"unclosed' }, 400, "InvalidHeaderValue"],
      ["PUT", { ...blockBlob, "if-none-match": "*" }, 409, "BlobAlreadyExists"],
      ["PUT", { ...blockBlob, "if-match": '"0x0"' }, 412, "ConditionNotMet"],
      ["PUT", { ...blockBlob, "if-match": `${etag}, "0x0"` }, 400, "MultipleConditionHeadersNotSupported"],
      ["PUT", { ...blockBlob, "if-match": etag, "if-none-match": "*" }, 400, "MultipleConditionHeadersNotSupported"],
      ["DELETE", { "if-unmodified-since": past }, 412, "ConditionNotMet"],
      ["DELETE", { "if-match": '"0x0"' }, 412, "ConditionNotMet"],
    ];
  for (const [method, headers, status, code] of table) {
    const got = await send(method, "/box/b", { headers });
    const name = `${method} ${JSON.stringify(headers)}`;
    assert.equal(got.status, status, name);
    assert.equal(got.headers["x-ms-error-code"], code, name);
    if (status === 304) assert.deepEqual([got.headers.etag, got.body.length], [etag, 0]);
  }
  const absent = { "if-match": "*", "if-unmodified-since": past };
  assert.equal((await send("DELETE", "/box/none", { headers: absent })).status, 412);
  assert.equal((await send("PUT", "/box/none", { headers: { ...blockBlob, ...absent }, body: "x" })).status, 412);
  assert.equal(
    (await send("PUT", "/box/none", { headers: { ...blockBlob, "if-none-match": "*" }, body: "x" })).status,
    201,
  );
  assert.equal(
    (await send("PUT", "/box/b?comp=block&blockid=MDE%3D", { headers: { "if-match": "*" }, body: "x" })).code,
    "ConditionHeadersNotSupported",
  );
  assert.equal(
    (await send("DELETE", "/box?restype=container", { headers: { "if-unmodified-since": past } })).status,
    412,
  );
});
