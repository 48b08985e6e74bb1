/** Parts of a blob, and their sums. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { startTrialBox } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const md5 = (text: string): string => createHash("md5").update(text).digest("base64");

const ranges: readonly (readonly [
  header: Record<string, string>,
  status: number,
  body: string,
  contentRange?: string,
])[] = [
  [{ range: "bytes=0-3" }, 206, "0123", "bytes 0-3/10"],
  [{ range: "bytes=8-" }, 206, "89", "bytes 8-9/10"],
  [{ range: "bytes=0-99" }, 206, "0123456789", "bytes 0-9/10"],
  [{ "x-ms-range": "bytes=1-1", range: "bytes=5-6" }, 206, "1", "bytes 1-1/10"],
  [{ range: "bytes=10-" }, 416, "InvalidRange", "bytes */10"],
  [{ range: "bytes=5-4" }, 416, "InvalidRange", "bytes */10"],
  [{ range: "bytes=-3" }, 400, "InvalidHeaderValue"],
  [{ range: "bytes=0-1,3-4" }, 400, "InvalidHeaderValue"],
  [{ range: "lines=0-1" }, 400, "InvalidHeaderValue"],
  [{ "x-ms-range": "bytes=a-b" }, 400, "InvalidHeaderValue"],
  [{ range: "bytes=0-99999999999999999999" }, 400, "InvalidHeaderValue"],
];

test("ranges", async (test) => {
  const { send } = await startTrialBox(test);
  await send("PUT", "/box/b", { headers: blockBlob, body: "0123456789" });
  for (const [headers, status, body, contentRange] of ranges) {
    const got = await send("GET", "/box/b", { headers });
    const name = JSON.stringify(headers);
    assert.equal(got.status, status, name);
    assert.equal(status === 206 ? got.text : got.code, body, name);
    assert.equal(got.headers["content-range"], contentRange, name);
    if (status === 206) assert.equal(got.headers["x-ms-blob-content-md5"], md5("0123456789"));
  }
});

test("an empty blob has no range and is read without one", async (test) => {
  const { send } = await startTrialBox(test);
  await send("PUT", "/box/empty", { headers: blockBlob, body: "" });
  const ranged = await send("GET", "/box/empty", { headers: { "x-ms-range": "bytes=0-33554431" } });
  assert.deepEqual([ranged.status, ranged.code, ranged.headers["content-range"]], [416, "InvalidRange", "bytes */0"]);
  const whole = await send("GET", "/box/empty");
  assert.deepEqual([whole.status, whole.headers["content-length"], whole.body.length], [200, "0", 0]);
});

test("sums of a range go ahead of it when asked for, up to 4 MiB", async (test) => {
  const { send } = await startTrialBox(test);
  await send("PUT", "/box/b", { headers: blockBlob, body: Buffer.alloc(5 * 1024 * 1024, "z") });
  const summed = await send("GET", "/box/b", { headers: { range: "bytes=0-3", "x-ms-range-get-content-md5": "true" } });
  assert.deepEqual([summed.status, summed.headers["content-md5"]], [206, md5("zzzz")]);
  const crc = await send("GET", "/box/b", { headers: { range: "bytes=0-3", "x-ms-range-get-content-crc64": "true" } });
  assert.match(crc.headers["x-ms-content-crc64"] as string, /=$/);
  const long = { range: "bytes=0-4194304", "x-ms-range-get-content-md5": "true" };
  assert.equal((await send("GET", "/box/b", { headers: long })).code, "InvalidHeaderValue");
  assert.equal((await send("GET", "/box/b", { headers: { "x-ms-range-get-content-md5": "true" } })).status, 400);
});
