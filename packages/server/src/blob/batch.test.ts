import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { accountKeys, now, people, startTrialSurface, type TrialAnswer, tokenOf } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const boundary = "batch_1";
const contentType = { "content-type": `multipart/mixed; boundary=${boundary}` };

type Part = readonly [method: string, target: string, headers?: Readonly<Record<string, string>>, as?: string | null];

function bodyOf(parts: readonly Part[]): string {
  const rendered = parts.map(([method, target, headers = {}, as = people.operator], index) => {
    const own = { ...(as === null ? {} : { Authorization: tokenOf(as) }), "x-ms-version": "2025-07-05", ...headers };
    const lines = Object.entries(own).map(([name, value]) => `${name}: ${value}`);
    return [
      `--${boundary}`,
      "Content-Type: application/http",
      "Content-Transfer-Encoding: binary",
      `Content-ID: ${index}`,
      "",
      `${method} ${target} HTTP/1.1`,
      ...lines,
      "Content-Length: 0",
      "",
      "",
    ].join("\r\n");
  });
  return `${rendered.join("\r\n")}\r\n--${boundary}--\r\n`;
}

function statusesOf({ text }: TrialAnswer): string[] {
  return [...text.matchAll(/Content-ID: (\d+)\r\n\r\nHTTP\/1\.1 (\d+)/g)].map(([, id, status]) => `${id} ${status}`);
}

test("a part that leaves the account out of its path is of the batch's account, and signed for so", async (test) => {
  const { send } = await startTrialSurface(test);
  for (const container of ["box", "other"]) await send("PUT", `/${container}?restype=container`);
  for (const name of ["a", "b"]) await send("PUT", `/box/${name}`, { headers: blockBlob, body: "x" });
  const date = now.toUTCString();
  const signed = (path: string) => {
    const lines = [`x-ms-date:${date}`, "x-ms-version:2025-07-05", `/acct${path}`];
    const text = ["DELETE", ..."\n".repeat(10).split("\n"), ...lines].join("\n");
    const key = Buffer.from(accountKeys[0].value, "base64");
    const authorization = `SharedKey acct:${createHmac("sha256", key).update(text).digest("base64")}`;
    return { "x-ms-date": date, authorization };
  };
  const body = bodyOf([
    ["DELETE", "/box/a", signed("/box/a"), null],
    ["DELETE", "/acct/box/b", signed("/acct/box/b"), null],
    ["DELETE", "/box/none", signed("/box/a"), null],
    ["DELETE", "/other/none"],
  ]);
  const got = await send("POST", "/box?restype=container&comp=batch", { headers: contentType, body });
  assert.deepEqual(statusesOf(got), ["0 202", "1 202", "2 403", "3 400"]);
});

test("each part of a batch is decided by itself", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  await send("PUT", "/other?restype=container");
  for (const name of ["a", "b", "c%20d", "kept"]) await send("PUT", `/box/${name}`, { headers: blockBlob, body: "x" });
  await send("PUT", "/other/x", { headers: blockBlob, body: "x" });
  const body = bodyOf([
    ["DELETE", "/acct/box/a"],
    ["DELETE", "/acct/box/none"],
    ["PUT", "/acct/box/b?comp=tier", { "x-ms-access-tier": "Cool" }],
    ["DELETE", "/acct/box/c%20d"],
    ["DELETE", "/acct/box/kept", {}, people.reader],
    ["DELETE", "/acct/box/kept", {}, null],
    ["PUT", "/acct/box/kept", blockBlob],
    ["GET", "/acct/box/kept"],
    ["DELETE", "/acct/box?restype=container"],
    // Not of the account `shut`: a part is of the batch's own.
    ["DELETE", "/shut/box/kept"],
    ["DELETE", "/acct/box/kept", { "x-http-method": "GET" }],
    ["DELETE", "/acct/box/../kept"],
  ]);
  const got = await send("POST", "/?comp=batch", { headers: contentType, body });
  assert.equal(got.status, 202);
  assert.match(String(got.headers["content-type"]), /^multipart\/mixed; boundary=batchresponse_/);
  const expected = [202, 404, 200, 202, 403, 401, 400, 400, 400, 404, 400, 400];
  assert.deepEqual(
    statusesOf(got),
    expected.map((status, index) => `${index} ${status}`),
  );
  assert.match(got.text, /x-ms-error-code: BlobNotFound\r\n/);
  assert.equal((await send("HEAD", "/box/b")).headers["x-ms-access-tier"], "Cool");
  assert.equal((await send("GET", "/box/kept")).text, "x");
  const foreign = bodyOf([
    ["DELETE", "/acct/box/b"],
    ["DELETE", "/acct/other/x"],
  ]);
  const scoped = await send("POST", "/other?restype=container&comp=batch", { headers: contentType, body: foreign });
  assert.deepEqual(statusesOf(scoped), ["0 400", "1 202"]);
});

test("what is no batch is refused, and nothing of it done", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  await send("PUT", "/box/a", { headers: blockBlob, body: "x" });
  const one = bodyOf([["DELETE", "/acct/box/a"]]);
  const many = bodyOf(Array.from({ length: 257 }, (): Part => ["DELETE", "/acct/box/a"]));
  const inner = bodyOf([["DELETE", "/acct/box/a"]]).replace("application/http", "multipart/mixed");
  for (const body of [
    "",
    "--batch_1--",
    one.slice(0, -6),
    one.replace("HTTP/1.1", "HTTP/1.0"),
    many,
    inner,
    `x${one}`,
  ]) {
    const got = await send("POST", "/?comp=batch", { headers: contentType, body });
    assert.equal(got.status, 400, body.slice(0, 60));
  }
  const type = await send("POST", "/?comp=batch", { headers: { "content-type": "text/plain" }, body: one });
  assert.equal(type.code, "InvalidHeaderValue");
  assert.equal(
    (await send("POST", "/?comp=batch", { headers: contentType, body: one, as: people.reader })).status,
    403,
  );
  assert.equal((await send("HEAD", "/box/a")).status, 200);
});
