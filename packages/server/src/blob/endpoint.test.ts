import assert from "node:assert/strict";
import { test } from "node:test";
import { now, people, startTrialSurface } from "./testing/trial-surface.ts";

const block = { "x-ms-blob-type": "BlockBlob" };

test("a second endpoint reads what was written at the first", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container", { account: "geo" });
  assert.equal((await send("PUT", "/box/b", { account: "geo", headers: block, body: "hello" })).status, 201);
  assert.equal((await send("GET", "/box/b", { account: "geo-secondary" })).text, "hello");
  assert.match((await send("GET", "/box?restype=container&comp=list", { account: "geo-secondary" })).text, /<Name>b</);
  const reader = await send("GET", "/box/b", { account: "geo-secondary", as: people.contributor });
  assert.equal(reader.status, 200);
  const neighbour = await send("GET", "/box/b", { account: "geo-secondary", as: people.neighbour });
  assert.deepEqual([neighbour.status, neighbour.code], [403, "AuthorizationPermissionMismatch"]);
});

test("it tells how far behind it is, and the first does not", async (test) => {
  const { send } = await startTrialSurface(test);
  const told = await send("GET", "/?restype=service&comp=stats", { account: "geo-secondary" });
  assert.equal(told.status, 200);
  const expected = `<Status>live</Status><LastSyncTime>${now.toUTCString()}</LastSyncTime>`;
  assert.ok(told.text.includes(`<GeoReplication>${expected}</GeoReplication>`), told.text);
  const first = await send("GET", "/?restype=service&comp=stats", { account: "geo" });
  assert.deepEqual([first.status, first.code], [400, "InvalidQueryParameterValue"]);
  const stranger = await send("GET", "/?restype=service&comp=stats", { account: "geo-secondary", as: null });
  assert.equal(stranger.status, 401);
});

test("nothing is written by it, and strangers are not told that", async (test) => {
  const { surface, send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container", { account: "geo" });
  await send("PUT", "/box/b", { account: "geo", headers: block, body: "hello" });
  const writes = surface.operations.filter(({ method }) => !["GET", "HEAD", "OPTIONS"].includes(method));
  assert.ok(writes.length > 30);
  for (const { operation, method, sample } of writes) {
    const {
      target,
      headers = {},
      body,
    } = sample as { target: string; headers?: Record<string, string>; body?: string };
    const request = { account: "geo-secondary", headers, ...(body === undefined ? {} : { body }) };
    const refused = await send(method, target, request);
    assert.deepEqual([refused.status, refused.code], [403, "InsufficientAccountPermissions"], operation);
    assert.equal((await send(method, target, { ...request, as: null })).status, 401, operation);
  }
  assert.equal((await send("GET", "/box/b", { account: "geo" })).text, "hello");
});

test("only an account that is read-access geo-redundant has one", async (test) => {
  const { send } = await startTrialSurface(test);
  for (const account of ["acct-secondary", "mirrored-secondary", "geo-secondary-secondary", "-secondary"]) {
    const got = await send("GET", "/?comp=list", { account });
    assert.deepEqual([got.status, got.code], [404, "ResourceNotFound"], account);
  }
});

test("a copy reads its source by either endpoint", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container", { account: "geo" });
  await send("PUT", "/box/b", { account: "geo", headers: block, body: "hello" });
  for (const host of ["geo-secondary", "mirrored-secondary"]) {
    const source = { "x-ms-copy-source": `https://${host}.blob.core.windows.net/box/b` };
    const copied = await send("PUT", `/box/of-${host}`, { account: "geo", headers: source });
    assert.equal(copied.status, host === "geo-secondary" ? 202 : 404, host);
  }
  assert.equal((await send("GET", "/box/of-geo-secondary", { account: "geo" })).text, "hello");
});
