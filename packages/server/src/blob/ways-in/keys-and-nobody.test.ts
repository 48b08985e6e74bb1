/** The ways in without a signature or a token: the account's key, and nothing at all; and the firewall before all of them. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { BlobSASPermissions } from "@azure/storage-blob";
import { blockBlob, minute, serviceSas, withBlobs } from "../testing/sample-signatures.ts";
import { accountKeys, now, startTrialSurface } from "../testing/trial-surface.ts";
import { isWithinRange } from "./address-range.ts";

/** Signs as the documentation says, apart from our own code and from the SDK's. */
function sharedKey(
  method: string,
  target: string,
  headers: Record<string, string>,
  key: string = accountKeys[0].value,
): string {
  const url = new URL(`http://x${target}`);
  const of = (name: string) => headers[name] ?? "";
  const named = Object.keys(headers)
    .filter((name) => name.startsWith("x-ms-"))
    .sort();
  const parameters = [...url.searchParams].sort(([one], [other]) => (one < other ? -1 : 1));
  const text = [
    method,
    of("content-encoding"),
    of("content-language"),
    of("content-length") === "0" ? "" : of("content-length"),
    of("content-md5"),
    of("content-type"),
    of("date"),
    "",
    of("if-match"),
    of("if-none-match"),
    "",
    of("range"),
    ...named.map((name) => `${name}:${headers[name]}`),
    `/acct/acct${url.pathname}${parameters.map(([name, value]) => `\n${name}:${value}`).join("")}`,
  ].join("\n");
  return `SharedKey acct:${createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64")}`;
}

test("a request signed with either key does everything but what asks who is there", async (test) => {
  const { send } = await withBlobs(await startTrialSurface(test));
  const dated = { "x-ms-date": now.toUTCString(), "x-ms-version": "2025-07-05" };
  const attempt = async (
    method: string,
    target: string,
    { over = {}, key, body }: { over?: Record<string, string>; key?: string; body?: string } = {},
  ) => {
    const length: Record<string, string> = body === undefined ? {} : { "content-length": String(body.length) };
    const headers = { ...dated, ...length, ...over };
    const authorization = sharedKey(method, target, headers, key);
    return send(method, target, {
      as: null,
      headers: { ...headers, authorization },
      ...(body === undefined ? {} : { body }),
    });
  };
  assert.equal((await attempt("GET", "/?comp=list")).status, 200);
  assert.equal((await attempt("GET", "/box/b", { key: accountKeys[1].value })).text, "b");
  const made = await attempt("PUT", "/box/n%C3%B6%20x", {
    over: { ...blockBlob, "x-ms-meta-b_a": "1", "x-ms-meta-ba": "2" },
    body: "y",
  });
  assert.equal(made.status, 201, made.text);
  const who = await attempt("POST", "/?restype=service&comp=userdelegationkey", { body: "<KeyInfo />" });
  assert.deepEqual([who.status, who.code], [403, "AuthenticationFailed"]);
  const wrong = await attempt("GET", "/box/b", { key: Buffer.alloc(64, 9).toString("base64") });
  assert.deepEqual([wrong.status, wrong.code], [403, "AuthenticationFailed"]);
  const old = await attempt("GET", "/box/b", {
    over: { "x-ms-date": new Date(now.getTime() - 16 * minute).toUTCString() },
  });
  assert.deepEqual([old.status, old.code], [403, "AuthenticationFailed"]);
  const headers = { ...dated, authorization: sharedKey("GET", "/box/a", dated) };
  assert.equal((await send("GET", "/box/b", { as: null, headers })).code, "AuthenticationFailed");
  assert.equal((await send("GET", "/box/b", { as: null, headers, account: "open" })).code, "AuthenticationFailed");
  const keyless = { ...dated, authorization: headers.authorization.replace("acct:", "keyless:") };
  const shut = await send("GET", "/box/b", { as: null, headers: keyless, account: "keyless" });
  assert.deepEqual([shut.status, shut.code], [403, "KeyBasedAuthenticationNotPermitted"]);
  const signed = serviceSas({ account: "keyless", blobName: "b", permissions: BlobSASPermissions.parse("r") });
  const alsoShut = await send("GET", `/box/b?${signed}`, { as: null, account: "keyless" });
  assert.equal(alsoShut.code, "KeyBasedAuthenticationNotPermitted");
});

test("public access opens what it says, where the account permits it", async (test) => {
  const trial = await withBlobs(await startTrialSurface(test), "open");
  const { send } = trial;
  const as = null;
  const account = "open";
  const open = (access: string) =>
    send("PUT", "/box?restype=container&comp=acl", {
      account,
      headers: { "x-ms-blob-public-access": access },
      body: "",
    });
  const statuses = async () => {
    const got = [];
    for (const [method, target] of [
      ["GET", "/box/b"],
      ["HEAD", "/box/b"],
      ["GET", "/box?restype=container&comp=list"],
      ["GET", "/box?restype=container"],
      ["GET", "/box/b?comp=tags"],
      ["GET", "/box?restype=container&comp=acl"],
      ["PUT", "/box/b"],
      ["DELETE", "/box/b"],
      ["GET", "/other/b"],
      ["GET", "/?comp=list"],
    ] as const) {
      got.push(
        (await send(method, target, { as, account, ...(method === "PUT" ? { headers: blockBlob, body: "" } : {}) }))
          .status,
      );
    }
    return got;
  };
  assert.deepEqual(await statuses(), [401, 401, 401, 401, 401, 401, 401, 401, 401, 401]);
  assert.equal((await open("blob")).status, 200);
  assert.deepEqual(await statuses(), [200, 200, 401, 401, 401, 401, 401, 401, 401, 401]);
  assert.equal((await open("container")).status, 200);
  assert.deepEqual(await statuses(), [200, 200, 200, 200, 401, 401, 401, 401, 401, 401]);
  assert.equal(
    (await send("HEAD", "/box?restype=container", { account })).headers["x-ms-blob-public-access"],
    "container",
  );
  assert.equal((await open("everyone")).status, 400);
  const closed = await send("PUT", "/new?restype=container", { headers: { "x-ms-blob-public-access": "blob" } });
  assert.deepEqual([closed.status, closed.code], [409, "PublicAccessNotPermitted"]);
});

test("a firewall lets through the addresses it names, whatever they show", async (test) => {
  const { send } = await startTrialSurface(test);
  const walled = await send("GET", "/?comp=list", { account: "walled" });
  assert.deepEqual([walled.status, walled.code], [403, "AuthorizationFailure"]);
  assert.equal((await send("GET", "/?comp=list", { account: "gated" })).status, 200);
});

test("ranges of addresses", () => {
  const cases: readonly (readonly [range: string, address: string, isWithin: boolean | null])[] = [
    ["10.0.0.1", "10.0.0.1", true],
    ["10.0.0.1", "10.0.0.10", false],
    ["10.0.0.1-10.0.0.9", "10.0.0.9", true],
    ["10.0.0.1-10.0.0.9", "10.0.0.10", false],
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/33", "10.0.0.1", null],
    ["10.0.0.9-10.0.0.1", "10.0.0.5", null],
    ["10.0.0", "10.0.0.1", null],
    ["", "10.0.0.1", null],
    ["::1", "::1", null],
    ["127.0.0.1", "::1", false],
  ];
  for (const [range, address, isWithin] of cases)
    assert.equal(isWithinRange(range, address), isWithin, `${range} ${address}`);
});
