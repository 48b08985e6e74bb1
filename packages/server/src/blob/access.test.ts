import assert from "node:assert/strict";
import { test } from "node:test";
import { people, startTrialSurface, tokenOf } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };

test("every operation refuses a stranger, and anyone without a role, before it looks at anything", async (test) => {
  const { surface, send, recorder } = await startTrialSurface(test);
  assert.ok(surface.operations.length > 50);
  for (const { operation, method, permission, sample } of surface.operations) {
    if (permission === "public") continue;
    const request = { headers: sample.headers ?? {}, ...(sample.body === undefined ? {} : { body: sample.body }) };
    const stranger = await send(method, sample.target, { ...request, as: null });
    assert.equal(stranger.status, 401, operation);
    assert.equal(stranger.headers["x-ms-error-code"], "NoAuthenticationInformation", operation);
    const before = recorder.accesses().length;
    const refused = await send(method, sample.target, { ...request, as: people.nobody });
    assert.deepEqual(
      [refused.status, refused.headers["x-ms-error-code"]],
      [403, "AuthorizationPermissionMismatch"],
      operation,
    );
    const records = recorder.accesses().slice(before);
    assert.ok(
      records.length > 0 && records.every((record) => record.operation === operation && !record.decision.isAllowed),
      operation,
    );
  }
});

test("a sample of each row is that row's request", async (test) => {
  const { surface, send, recorder } = await startTrialSurface(test);
  for (const { operation, method, permission, sample } of surface.operations) {
    if (permission === "public") continue;
    await send(method, sample.target, {
      headers: sample.headers ?? {},
      as: people.nobody,
      ...(sample.body === undefined ? {} : { body: sample.body }),
    });
    assert.equal(recorder.accesses().at(-1)?.operation, operation);
  }
});

type Row = readonly [who: keyof typeof people, method: string, target: string, status: number];

const matrix: readonly Row[] = [
  ["owner", "GET", "/?comp=list", 200],
  ["owner", "PUT", "/fresh?restype=container", 201],
  ["owner", "GET", "/box/b", 403],
  ["owner", "PUT", "/box/b", 403],
  ["owner", "GET", "/box?restype=container&comp=list", 403],
  ["owner", "GET", "/box?restype=container", 200],
  ["reader", "GET", "/box/b", 200],
  ["reader", "HEAD", "/box/b", 200],
  ["reader", "GET", "/box?restype=container&comp=list", 200],
  ["reader", "GET", "/?comp=list", 200],
  ["reader", "PUT", "/box/b", 403],
  ["reader", "DELETE", "/box/b", 403],
  ["reader", "PUT", "/more?restype=container", 403],
  ["contributor", "PUT", "/box/b", 201],
  ["contributor", "GET", "/box/b", 200],
  ["contributor", "GET", "/box/b?comp=tags", 403],
  ["operator", "GET", "/box/b?comp=tags", 200],
  ["contributor", "GET", "/box?restype=container&comp=list&include=tags", 403],
  ["contributor", "GET", "/?comp=blobs&where=a%3D%27b%27", 403],
  ["operator", "GET", "/box?restype=container&comp=list&include=metadata,tags", 200],
  ["neighbour", "GET", "/box/b", 403],
  ["neighbour", "PUT", "/box/b", 403],
  ["boxReader", "GET", "/box/b", 200],
  ["boxReader", "GET", "/box?restype=container", 200],
  ["boxReader", "GET", "/other/b", 403],
  ["boxReader", "GET", "/?comp=list", 403],
  ["adder", "PUT", "/box/added", 201],
  ["adder", "PUT", "/box/added", 403],
  ["adder", "PUT", "/box/b", 403],
  ["adder", "GET", "/box/b", 403],
  ["contributor", "DELETE", "/box/b", 202],
  ["nobody", "GET", "/nothing/here", 403],
];

test("who may do what", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  await send("PUT", "/other?restype=container");
  await send("PUT", "/box/b", { headers: blockBlob, body: "x" });
  for (const [who, method, target, status] of matrix) {
    const isBody = method === "PUT" && !target.includes("?");
    const got = await send(method, target, { as: people[who], ...(isBody ? { headers: blockBlob, body: "y" } : {}) });
    assert.equal(got.status, status, `${who} ${method} ${target}`);
    if (status === 403) assert.equal(got.headers["x-ms-error-code"], "AuthorizationPermissionMismatch");
  }
});

test("each decision is recorded with its reason", async (test) => {
  const { send, recorder } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  await send("GET", "/box/b", { as: people.owner });
  await send("GET", "/box/b", { as: people.reader });
  const [made, denied, allowed] = recorder.accesses();
  assert.deepEqual([made?.operation, made?.decision.isAllowed], ["Create Container", true]);
  assert.ok(denied?.decision.isAllowed === false && denied.decision.reason === "data-action-not-granted");
  assert.ok(allowed?.decision.isAllowed === true && allowed.decision.roleName === "Storage Blob Data Reader");
  assert.equal(allowed.requestId, "99999999-9999-4999-8999-999999999999");
});

const tokens: readonly (readonly [authorization: string, status: number, code: string, detail?: RegExp])[] = [
  ["Bearer", 400, "InvalidAuthenticationInfo"],
  ["Bearer ", 400, "InvalidAuthenticationInfo"],
  ["Bearer abc", 400, "InvalidAuthenticationInfo"],
  ["Bearer a.b", 400, "InvalidAuthenticationInfo"],
  ["Bearer a.b.c d", 400, "InvalidAuthenticationInfo"],
  ["Bearer x.malformed.x", 400, "InvalidAuthenticationInfo"],
  ["Basic dXNlcjpwYXNz", 400, "InvalidAuthenticationInfo"],
  ["nonsense", 400, "InvalidAuthenticationInfo"],
  ["SharedKey acct:c2ln", 400, "InvalidAuthenticationInfo"],
  ["SharedKeyLite acct", 400, "InvalidAuthenticationInfo"],
  ["Bearer x.signature.x", 401, "InvalidAuthenticationInfo", /Signature validation failed/],
  ["Bearer x.expired.x", 401, "InvalidAuthenticationInfo", /The token is expired/],
  ["Bearer x.early.x", 401, "InvalidAuthenticationInfo", /Lifetime validation failed/],
  ["Bearer x.issuer.x", 401, "InvalidAuthenticationInfo", /Issuer did not match/],
  ["Bearer x.audience.x", 401, "InvalidAuthenticationInfo", /Audience did not match/],
  ["Bearer x.gone.x", 401, "InvalidAuthenticationInfo", /not active/],
];

test("tokens that are not good enough", async (test) => {
  const { send } = await startTrialSurface(test);
  for (const [authorization, status, code, detail] of tokens) {
    const got = await send("GET", "/box/b", { as: null, headers: { authorization } });
    assert.deepEqual([got.status, got.code], [status, code], authorization);
    if (status === 401) assert.match(got.headers["www-authenticate"]!, /^Bearer authorization_uri=/);
    if (detail !== undefined) assert.match(/<AuthenticationErrorDetail>(.*)<\//.exec(got.text)![1]!, detail);
  }
});

test("two Authorization headers, or a token and a signature at once, are not chosen between", async (test) => {
  const { send } = await startTrialSurface(test);
  const twice = { authorization: [tokenOf(people.nobody), tokenOf(people.operator)] };
  assert.equal((await send("GET", "/?comp=list", { as: null, headers: twice })).status, 400);
  assert.equal((await send("GET", "/box/b?sv=2022-11-02&sig=x")).status, 400);
  assert.equal((await send("GET", "/box/b?sv=2022-11-02&sig=x", { as: null })).status, 403);
});

test("bearer tokens need a service version that knows them; the anonymous are told by version and account", async (test) => {
  const { send, port } = await startTrialSurface(test);
  const old = await send("GET", "/?comp=list", { headers: { "x-ms-version": "2016-05-31" } });
  assert.deepEqual([old.status, old.code], [403, "AuthenticationFailed"]);
  assert.match(old.text, /Bearer is not supported in this version/);
  const none = await fetch(`http://127.0.0.1:${port}/acct/?comp=list`, {
    headers: { authorization: tokenOf(people.operator) },
  });
  assert.equal(none.status, 403);
  const before = { "x-ms-version": "2019-02-02" };
  assert.equal((await send("GET", "/box/b", { as: null, headers: before })).code, "PublicAccessNotPermitted");
  assert.equal((await send("GET", "/box/b", { as: null, headers: before, account: "open" })).code, "ResourceNotFound");
});

test("an account closed to the network answers nobody", async (test) => {
  const { send } = await startTrialSurface(test);
  const got = await send("GET", "/?comp=list", { account: "shut" });
  assert.deepEqual([got.status, got.code], [403, "AuthorizationFailure"]);
});

test("of callers who may only add, one wins the race for a name", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  const attempts = Array.from({ length: 10 }, () =>
    send("PUT", "/box/raced", { as: people.adder, headers: blockBlob, body: "x" }),
  );
  const statuses = (await Promise.all(attempts)).map(({ status }) => status).sort();
  assert.deepEqual(statuses, [201, ...Array.from({ length: 9 }, () => 403)]);
});
