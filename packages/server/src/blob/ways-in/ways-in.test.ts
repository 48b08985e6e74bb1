import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AccountSASPermissions,
  BlobSASPermissions,
  ContainerSASPermissions,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
  SASProtocol,
} from "@azure/storage-blob";
import { renewDelegationSecret } from "../../resources/storage-account-keys.ts";
import { operations } from "../operations.ts";
import {
  blockBlob,
  credential,
  delegationSas,
  later,
  minute,
  serviceSas,
  withBlobs,
} from "../testing/sample-signatures.ts";
import { accountKeys, now, people, startTrialSurface } from "../testing/trial-surface.ts";
import { publicOperations } from "./anonymous.ts";
import { ruledOperations } from "./signed-rights.ts";

const blobRead = BlobSASPermissions.parse("r");
const containerAll = ContainerSASPermissions.parse("racwdxltfi");

test("every operation has its right, and every right its operation", () => {
  const names = new Set(operations.map(({ operation }) => operation));
  assert.deepEqual(
    [...names].filter((name) => !ruledOperations.includes(name)),
    [],
  );
  assert.deepEqual(
    [...ruledOperations, ...publicOperations].filter((name) => !names.has(name)),
    [],
  );
});

test("a signature of a blob, of each version the SDK makes, opens that blob and nothing else", async (test) => {
  const { send } = await withBlobs(await startTrialSurface(test));
  for (const version of ["2015-04-05", "2018-11-09", "2020-02-10", "2020-12-06", "2025-07-05", "2026-04-06"]) {
    const sas = serviceSas({ blobName: "b", permissions: blobRead, version });
    const got = await send("GET", `/box/b?${sas}`, { as: null });
    assert.deepEqual([got.status, got.text], [200, "b"], `${version}: ${got.text}`);
    const elsewhere = ["/box/a", "/other/b", "/box/c"].map((path) => send("GET", `${path}?${sas}`, { as: null }));
    for (const other of await Promise.all(elsewhere))
      assert.deepEqual([other.status, other.code], [403, "AuthenticationFailed"]);
    const asContainer = await send("GET", `/box?restype=container&comp=list&${sas}`, { as: null });
    assert.deepEqual([asContainer.status, asContainer.code], [403, "AuthorizationResourceTypeMismatch"]);
    const written = await send("PUT", `/box/b?${sas}`, { as: null, headers: blockBlob, body: "x" });
    assert.deepEqual([written.status, written.code], [403, "AuthorizationPermissionMismatch"]);
    const snapshot = await send("GET", `/box/b?snapshot=2026-01-01T00:00:00.0000000Z&${sas}`, { as: null });
    assert.notEqual(snapshot.status, 200);
  }
});

test("a signature of a container opens its blobs, as far as its letters say", async (test) => {
  const { send } = await withBlobs(await startTrialSurface(test));
  const as = null;
  const list = serviceSas({ permissions: ContainerSASPermissions.parse("l") });
  assert.equal((await send("GET", `/box?restype=container&comp=list&${list}`, { as })).status, 200);
  assert.equal((await send("GET", `/other?restype=container&comp=list&${list}`, { as })).code, "AuthenticationFailed");
  assert.equal((await send("GET", `/box/b?${list}`, { as })).code, "AuthorizationPermissionMismatch");
  const all = serviceSas({ permissions: containerAll });
  assert.equal((await send("GET", `/box/b?${all}`, { as })).text, "b");
  assert.equal((await send("GET", `/other/b?${all}`, { as })).code, "AuthenticationFailed");
  for (const [method, target, body] of [
    ["GET", "/?comp=list"],
    ["PUT", "/box?restype=container"],
    ["DELETE", "/box?restype=container"],
    ["GET", "/box?restype=container"],
    ["GET", "/box?restype=container&comp=acl"],
    ["PUT", "/box?restype=container&comp=acl", "<SignedIdentifiers />"],
  ] as const) {
    const refused = await send(method, `${target}&${all}`, { as, ...(body === undefined ? {} : { body }) });
    assert.equal(refused.status, 403, `${method} ${target}: ${refused.text}`);
  }
});

test("a signature that may create does not replace, and tags want their letter", async (test) => {
  const { send } = await withBlobs(await startTrialSurface(test));
  const as = null;
  const create = serviceSas({ permissions: ContainerSASPermissions.parse("c") });
  const put = (target: string, sas: string, headers = {}) =>
    send("PUT", `${target}?${sas}`, { as, headers: { ...blockBlob, ...headers }, body: "new" });
  assert.equal((await put("/box/fresh", create)).status, 201);
  assert.equal((await put("/box/fresh", create)).status, 403);
  assert.equal((await put("/box/b", create)).status, 403);
  const write = serviceSas({ permissions: ContainerSASPermissions.parse("w") });
  assert.equal((await put("/box/fresh", write)).status, 201);
  const tags = { "x-ms-tags": "a=b" };
  assert.equal((await put("/box/fresh", write, tags)).code, "AuthorizationPermissionMismatch");
  const tagging = serviceSas({ permissions: ContainerSASPermissions.parse("wt") });
  assert.equal((await put("/box/fresh", tagging, tags)).status, 201);
  assert.equal((await send("GET", `/box/fresh?comp=tags&${write}`, { as })).code, "AuthorizationPermissionMismatch");
  assert.equal((await send("GET", `/box/fresh?comp=tags&${tagging}`, { as })).status, 200);
});

test("a signature that may delete breaks a lease, and does nothing else to one", async (test) => {
  const { send } = await withBlobs(await startTrialSurface(test));
  const lease = (sas: string, headers: Record<string, string>) =>
    send("PUT", `/box/b?comp=lease&${sas}`, { as: null, headers });
  const acquire = { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1" };
  const remove = serviceSas({ permissions: ContainerSASPermissions.parse("d") });
  assert.equal((await lease(remove, acquire)).code, "AuthorizationPermissionMismatch");
  assert.equal((await send("PUT", "/box/b?comp=lease", { headers: acquire })).status, 201);
  assert.equal((await lease(remove, { "x-ms-lease-action": "release" })).code, "AuthorizationPermissionMismatch");
  const read = serviceSas({ permissions: ContainerSASPermissions.parse("r") });
  assert.equal((await lease(read, { "x-ms-lease-action": "break" })).code, "AuthorizationPermissionMismatch");
  assert.equal((await lease(remove, { "x-ms-lease-action": "break" })).status, 202);
  assert.equal((await send("DELETE", `/box/b?${remove}`, { as: null })).status, 202);
});

test("a signature is refused outside its time, changed in any part, or made with another key", async (test) => {
  const { send } = await withBlobs(await startTrialSurface(test));
  const attempt = async (sas: string) => (await send("GET", `/box/b?${sas}`, { as: null })).code ?? "let in";
  const permissions = blobRead;
  const blobName = "b";
  const past = new Date(now.getTime() - minute);
  const good = serviceSas({
    blobName,
    permissions,
    protocol: SASProtocol.HttpsAndHttp,
    ipRange: { start: "127.0.0.1" },
  });
  assert.equal(await attempt(good), "let in");
  assert.equal(await attempt(serviceSas({ blobName, permissions, key: accountKeys[1].value })), "let in");
  assert.equal(await attempt(serviceSas({ blobName, permissions, expiresOn: past })), "AuthenticationFailed");
  assert.equal(await attempt(serviceSas({ blobName, permissions, startsOn: later })), "AuthenticationFailed");
  assert.equal(await attempt(serviceSas({ blobName, permissions, key: "AAAA" })), "AuthenticationFailed");
  assert.equal(await attempt(serviceSas({ blobName, permissions, account: "open" })), "AuthenticationFailed");
  const ipRange = { start: "10.0.0.1", end: "10.0.0.9" };
  assert.equal(await attempt(serviceSas({ blobName, permissions, ipRange })), "AuthorizationSourceIPMismatch");
  const overHttps = serviceSas({ blobName, permissions, protocol: SASProtocol.Https });
  assert.equal(await attempt(overHttps), "AuthorizationProtocolMismatch");
  for (const [name, value] of new URLSearchParams(good)) {
    const changed = new URLSearchParams(good);
    changed.set(
      name,
      name === "sig" ? `${value.slice(0, 5)}${value[5] === "A" ? "B" : "A"}${value.slice(6)}` : `${value}x`,
    );
    assert.notEqual(await attempt(changed.toString()), "let in", `${name} changed`);
    changed.delete(name);
    assert.notEqual(await attempt(changed.toString()), "let in", `${name} dropped`);
  }
  for (const [name, value] of [
    ["si", "p"],
    ["sp", "rwd"],
    ["skoid", people.operator],
    ["ss", "b"],
    ["ses", "scope"],
  ]) {
    const added = new URLSearchParams(good);
    added.set(name!, value!);
    assert.notEqual(await attempt(added.toString()), "let in", `${name} added`);
  }
  assert.notEqual(await attempt(`${good}&sp=rwd`), "let in", "a second sp");
});

test("what a signature says of the answer's headers is what they are", async (test) => {
  const { send } = await withBlobs(await startTrialSurface(test));
  const sas = serviceSas({ blobName: "b", permissions: blobRead, contentType: "text/x-b", cacheControl: "no-cache" });
  const { headers } = await send("GET", `/box/b?${sas}`, { as: null });
  assert.deepEqual([headers["content-type"], headers["cache-control"]], ["text/x-b", "no-cache"]);
});

test("a stored policy holds as long as it stands", async (test) => {
  const { send } = await withBlobs(await startTrialSurface(test));
  const put = (body: string) => send("PUT", "/box?restype=container&comp=acl", { body });
  const policy = (permission: string, expiry = "2026-01-03T00:00Z") =>
    `<?xml version="1.0"?><SignedIdentifiers><SignedIdentifier><Id>p&amp;1</Id><AccessPolicy><Expiry>${expiry}</Expiry><Permission>${permission}</Permission></AccessPolicy></SignedIdentifier></SignedIdentifiers>`;
  const sas = generateBlobSASQueryParameters({ containerName: "box", identifier: "p&1" }, credential()).toString();
  const attempt = async () => (await send("GET", `/box/b?${sas}`, { as: null })).code ?? "let in";
  assert.equal(await attempt(), "AuthenticationFailed");
  assert.equal((await put(policy("r"))).status, 200);
  assert.equal(await attempt(), "let in");
  const read = await send("GET", "/box?restype=container&comp=acl");
  assert.match(read.text, /<Id>p&amp;1<\/Id>.*<Permission>r<\/Permission>/);
  const both = generateBlobSASQueryParameters(
    { containerName: "box", identifier: "p&1", permissions: containerAll },
    credential(),
  ).toString();
  assert.equal((await send("GET", `/box/b?${both}`, { as: null })).code, "AuthenticationFailed");
  assert.equal((await put(policy("l"))).status, 200);
  assert.equal(await attempt(), "AuthorizationPermissionMismatch");
  assert.equal((await put(policy("r", "2026-01-01"))).status, 200);
  assert.equal(await attempt(), "AuthenticationFailed");
  assert.equal((await put("<SignedIdentifiers />")).status, 200);
  assert.equal(await attempt(), "AuthenticationFailed");
});

test("policies that cannot be are refused", async (test) => {
  const { send } = await withBlobs(await startTrialSurface(test));
  const one = (id: string, inner = "") =>
    `<SignedIdentifier><Id>${id}</Id><AccessPolicy>${inner}</AccessPolicy></SignedIdentifier>`;
  for (const inner of [
    one(""),
    one("x".repeat(65)),
    one("a") + one("a"),
    [1, 2, 3, 4, 5, 6].map((id) => one(String(id))).join(""),
    one("a", "<Permission>wr</Permission>"),
    one("a", "<Expiry>tomorrow</Expiry>"),
    one("a", "<Start>2026-02-31</Start>"),
    "<Other />",
  ]) {
    const body = `<SignedIdentifiers>${inner}</SignedIdentifiers>`;
    assert.equal((await send("PUT", "/box?restype=container&comp=acl", { body })).status, 400, inner);
  }
});

test("a signature of the account opens what its services, types and letters say", async (test) => {
  const { send } = await withBlobs(await startTrialSurface(test));
  const sas = (over: { services?: string; resourceTypes?: string; permissions?: string; version?: string } = {}) =>
    generateAccountSASQueryParameters(
      {
        services: over.services ?? "b",
        resourceTypes: over.resourceTypes ?? "sco",
        permissions: AccountSASPermissions.parse(over.permissions ?? "rwdlac"),
        expiresOn: later,
        ...(over.version === undefined ? {} : { version: over.version }),
      },
      credential(),
    ).toString();
  const attempt = async (method: string, target: string, signature: string) => {
    const got = await send(method, `${target}${target.includes("?") ? "&" : "?"}${signature}`, { as: null });
    return got.code ?? got.status;
  };
  for (const version of ["2015-04-05", "2019-12-12", "2020-12-06", "2025-07-05"]) {
    assert.equal(await attempt("GET", "/?comp=list", sas({ version })), 200, version);
  }
  assert.equal(await attempt("GET", "/box/b", sas()), 200);
  assert.equal(await attempt("GET", "/?comp=list", sas({ services: "qf" })), "AuthorizationServiceMismatch");
  assert.equal(await attempt("GET", "/?comp=list", sas({ resourceTypes: "co" })), "AuthorizationResourceTypeMismatch");
  assert.equal(await attempt("GET", "/box/b", sas({ resourceTypes: "sc" })), "AuthorizationResourceTypeMismatch");
  assert.equal(await attempt("DELETE", "/box/b", sas({ permissions: "r" })), "AuthorizationPermissionMismatch");
  assert.equal(
    await attempt("GET", "/box/b?account=other", sas({ permissions: "w" })),
    "AuthorizationPermissionMismatch",
  );
  assert.equal(await attempt("DELETE", "/box?restype=container", sas({ permissions: "d" })), 202);
});

test("a signature by delegation is worth what its signer may do, and no more", async (test) => {
  const { send } = await withBlobs(await startTrialSurface(test));
  const attempt = async (method: string, target: string, sas: string) => {
    const got = await send(method, `${target}?${sas}`, {
      as: null,
      headers: blockBlob,
      ...(method === "PUT" ? { body: "x" } : {}),
    });
    return got.code ?? got.status;
  };
  const everything = { permissions: containerAll };
  const plainRead = ContainerSASPermissions.parse("r");
  assert.equal(await attempt("GET", "/box/b", delegationSas(people.reader, everything)), 200);
  assert.equal(
    await attempt("PUT", "/box/b", delegationSas(people.reader, everything)),
    "AuthorizationPermissionMismatch",
  );
  assert.equal(await attempt("PUT", "/box/b", delegationSas(people.contributor, everything)), 201);
  assert.equal(
    await attempt("GET", "/box/b", delegationSas(people.owner, everything)),
    "AuthorizationPermissionMismatch",
  );
  assert.equal(
    await attempt("GET", "/box/b", delegationSas(people.nobody, everything)),
    "AuthorizationPermissionMismatch",
  );
  assert.equal(await attempt("GET", "/other/b", delegationSas(people.boxReader, everything)), "AuthenticationFailed");
  const letters = { permissions: ContainerSASPermissions.parse("l") };
  assert.equal(
    await attempt("GET", "/box/b", delegationSas(people.contributor, letters)),
    "AuthorizationPermissionMismatch",
  );
  for (const version of ["2018-11-09", "2020-02-10", "2020-12-06", "2025-07-05", "2026-04-06"]) {
    assert.equal(
      await attempt("GET", "/box/b", delegationSas(people.reader, { permissions: plainRead, version })),
      200,
      version,
    );
  }
  const past = new Date(now.getTime() - minute);
  const ended = { startsOn: new Date(now.getTime() - 9 * minute), expiresOn: past };
  assert.equal(await attempt("GET", "/box/b", delegationSas(people.reader, everything, ended)), "AuthenticationFailed");
  // The key is the reader's: in the operator's name it is nobody's.
  const forged = new URLSearchParams(delegationSas(people.reader, everything));
  forged.set("skoid", people.operator);
  assert.equal(await attempt("GET", "/box/b", forged.toString()), "AuthenticationFailed");
  forged.set("skoid", people.reader);
  forged.set("ske", "2027-01-01T00:00:00Z");
  assert.equal(await attempt("GET", "/box/b", forged.toString()), "AuthenticationFailed");
});

test("a new secret of the account voids what was signed by delegation", async (test) => {
  const { send, model } = await withBlobs(await startTrialSurface(test));
  const sas = delegationSas(people.reader, { permissions: ContainerSASPermissions.parse("r") });
  assert.equal((await send("GET", `/box/b?${sas}`, { as: null })).status, 200);
  const account = model.storageAccount("acct")!;
  const ports = { now: () => now, randomBytes: (sizeBytes: number) => Buffer.alloc(sizeBytes, 7) };
  for (const change of renewDelegationSecret(account, ports).changes) model.apply(change);
  assert.equal((await send("GET", `/box/b?${sas}`, { as: null })).code, "AuthenticationFailed");
});
