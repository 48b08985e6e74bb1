import assert from "node:assert/strict";
import { test } from "node:test";
import { BlobSASPermissions, generateBlobSASQueryParameters, StorageSharedKeyCredential } from "@azure/storage-blob";
import { put, remove } from "../state/change.ts";
import type { Entities } from "../state/entities.ts";
import { withoutFile } from "./testing/scratch-engine.ts";
import {
  accountKeys,
  accountScope,
  containerScope,
  now,
  people,
  startTrialSurface,
  type TrialSurface,
} from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const stamps = {
  createdOn: "2026-01-01T00:00:00Z",
  updatedOn: "2026-01-01T00:00:00Z",
  createdBy: null,
  updatedBy: null,
};
const readBlobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
const roleId = "dddddddd-0000-4000-8000-000000000001";

function roleOf(dataActions: readonly string[]) {
  const permissions = [{ actions: [], notActions: [], dataActions, notDataActions: [] }];
  const row = { id: roleId, roleName: "Own", description: "", permissions, assignableScopes: ["/"], ...stamps };
  return put("roleDefinition", row as unknown as Entities["roleDefinition"]);
}

function assignmentOf(condition: string | null = null) {
  return put("roleAssignment", {
    name: "cccccccc-0000-4000-8000-999999999999",
    scope: accountScope,
    roleDefinitionId: roleId,
    principalId: people.nobody,
    principalType: "ServicePrincipal",
    description: null,
    condition,
    conditionVersion: condition === null ? null : "2.0",
    delegatedManagedIdentityResourceId: null,
    ...stamps,
  } as unknown as Entities["roleAssignment"]);
}

const denial = put("denyAssignment", {
  name: "eeeeeeee-0000-4000-8000-000000000001",
  scope: containerScope,
  denyAssignmentName: "No reading",
  description: null,
  permissions: [{ actions: [], notActions: [], dataActions: [readBlobs], notDataActions: [] }],
  doNotApplyToChildScopes: false,
  principals: [{ id: people.nobody, type: "ServicePrincipal" }],
  excludePrincipals: [],
  ...stamps,
} as unknown as Entities["denyAssignment"]);

const accountOf = ({ model }: TrialSurface, over: Partial<Entities["storageAccount"]>) =>
  put("storageAccount", { ...model.storageAccount("acct")!, ...over });

/** Reads often enough for every memory to have it: the decision's, the row's, the bytes', the record's. */
async function readOften({ send }: TrialSurface): Promise<void> {
  for (let time = 0; time < 4; time += 1) {
    const got = await send("GET", "/box/b", { as: people.nobody });
    assert.deepEqual([got.status, got.text], [200, "first"]);
  }
}

test("what is taken away bites on the very next read, and what is given back does, too", async (test) => {
  const trial = await startTrialSurface(test);
  const { model, send } = trial;
  await send("PUT", "/box?restype=container");
  await send("PUT", "/box/b", { headers: blockBlob, body: "first" });
  model.apply(roleOf([readBlobs]));
  model.apply(assignmentOf());
  const whole = model.storageAccount("acct")!;
  const walls = { defaultAction: "Deny", ipRules: ["10.0.0.0/8"], bypass: "None" } as const;
  const takings: readonly (readonly [
    what: string,
    taken: Parameters<typeof model.apply>[0],
    given: Parameters<typeof model.apply>[0],
    code: string,
  ])[] = [
    ["the role's right", roleOf([]), roleOf([readBlobs]), "AuthorizationPermissionMismatch"],
    [
      "the assignment",
      remove("roleAssignment", "cccccccc-0000-4000-8000-999999999999"),
      assignmentOf(),
      "AuthorizationPermissionMismatch",
    ],
    [
      "a condition that is not met",
      assignmentOf("@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'other'"),
      assignmentOf(),
      "AuthorizationPermissionMismatch",
    ],
    [
      "a denial",
      denial,
      remove("denyAssignment", "eeeeeeee-0000-4000-8000-000000000001"),
      "AuthorizationPermissionMismatch",
    ],
    ["the firewall", accountOf(trial, { networkRules: walls }), put("storageAccount", whole), "AuthorizationFailure"],
    [
      "the network",
      accountOf(trial, { publicNetworkAccess: "Disabled" }),
      put("storageAccount", whole),
      "AuthorizationFailure",
    ],
    ["the account", remove("storageAccount", "acct"), put("storageAccount", whole), "ResourceNotFound"],
  ];
  for (const [what, taken, given, code] of takings) {
    await readOften(trial);
    model.apply(taken);
    assert.equal((await send("GET", "/box/b", { as: people.nobody })).code, code, what);
    model.apply(given);
  }
  await readOften(trial);
});

test("a token that has ended is refused where the one before was not, and public access ends with its switch", async (test) => {
  const trial = await startTrialSurface(test);
  const { model, send } = trial;
  const account = "open";
  await send("PUT", "/box?restype=container", { account, headers: { "x-ms-blob-public-access": "blob" } });
  await send("PUT", "/box/b", { account, headers: blockBlob, body: "open" });
  const read = (authorization?: string) =>
    send("GET", "/box/b", { account, as: null, headers: authorization === undefined ? {} : { authorization } });
  for (let time = 0; time < 4; time += 1) assert.equal((await read()).text, "open");
  assert.equal((await read("Bearer x.expired.x")).status, 401);
  assert.equal((await read("Bearer x.gone.x")).status, 401);
  model.apply(put("storageAccount", { ...model.storageAccount(account)!, allowBlobPublicAccess: false }));
  assert.equal((await read()).status, 401);
  model.apply(put("storageAccount", { ...model.storageAccount(account)!, allowBlobPublicAccess: true }));
  assert.equal((await read()).text, "open");
  await send("PUT", "/box?restype=container&comp=acl", { account, body: "" });
  assert.equal((await read()).status, 401);
});

test("a blob that is remembered with its bytes is read anew once it was written, shortened or deleted", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  const read = async () => (await send("GET", "/box/b")).text;
  for (const body of ["first", "second and longer", "3"]) {
    await send("PUT", "/box/b", { headers: blockBlob, body });
    for (let time = 0; time < 3; time += 1) assert.equal(await read(), body);
    const part = await send("GET", "/box/b", { headers: { range: "bytes=0-0" } });
    assert.deepEqual([part.status, part.text], [206, body.slice(0, 1)]);
  }
  await send("DELETE", "/box/b");
  assert.equal((await send("GET", "/box/b")).code, "BlobNotFound");
});

test("what is said of a blob that is read again is what is so now", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  const read = (headers: Readonly<Record<string, string>> = {}) => send("GET", "/box/b", { headers });
  /** Reads often enough for its headers to be remembered. */
  const readAgain = async () => {
    const answers = [await read(), await read(), await read(), await read()];
    for (const { rawHeaders } of answers.slice(1)) {
      assert.deepEqual(withoutTime(rawHeaders), withoutTime(answers[0]!.rawHeaders));
    }
    return answers[0]!.headers;
  };
  await send("PUT", "/box/b", { headers: { ...blockBlob, "x-ms-meta-one": "1" }, body: "first" });
  const first = await readAgain();
  assert.deepEqual([first["x-ms-meta-one"], first["content-length"]], ["1", "5"]);
  await send("PUT", "/box/b?comp=metadata", { headers: { "x-ms-meta-two": "2" } });
  const second = await readAgain();
  assert.deepEqual([second["x-ms-meta-one"], second["x-ms-meta-two"]], [undefined, "2"]);
  assert.notEqual(second.etag, first.etag);
  assert.equal((await read({ "if-match": first.etag! })).status, 412);
  assert.equal((await read({ "if-none-match": second.etag! })).status, 304);
  assert.equal((await read({ range: "bytes=1-2" })).headers["content-length"], "2");
  await send("PUT", "/box/b?comp=tags", { body: tagsBody });
  assert.equal((await readAgain())["x-ms-tag-count"], "1");
  const old = await read({ "x-ms-version": "2019-02-02" });
  assert.deepEqual([old.headers["x-ms-tag-count"], old.headers["x-ms-version"]], [undefined, "2019-02-02"]);
  assert.equal((await read({ "x-ms-client-request-id": "mine" })).headers["x-ms-client-request-id"], "mine");
  assert.equal((await read()).headers["x-ms-client-request-id"], undefined);
  const lease = { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1" };
  assert.equal((await send("PUT", "/box/b?comp=lease", { headers: lease })).status, 201);
  assert.equal((await readAgain())["x-ms-lease-state"], "leased");
  await send("PUT", "/box/b?comp=lease", {
    headers: { "x-ms-lease-action": "break", "x-ms-lease-break-period": "0" },
  });
  assert.equal((await readAgain())["x-ms-lease-state"], "broken");
});

const tagsBody = "<Tags><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tags>";

function withoutTime(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.filter((_, index) => rawHeaders[index - (index % 2)] !== "Date");
}

test("a lease that ends by time is said to have ended", async (test) => {
  let time = now;
  const { send } = await startTrialSurface(test, { now: () => time });
  await send("PUT", "/box?restype=container");
  await send("PUT", "/box/b", { headers: blockBlob, body: "first" });
  await send("PUT", "/box/b?comp=lease", { headers: { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "15" } });
  const state = async () => (await send("GET", "/box/b")).headers["x-ms-lease-state"];
  for (let times = 0; times < 3; times += 1) assert.equal(await state(), "leased");
  time = new Date(now.getTime() + 16_000);
  assert.equal(await state(), "expired");
});

test("a signature's own headers are its bearer's alone", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  await send("PUT", "/box/b", { headers: blockBlob, body: "first" });
  const read = async (query: string) =>
    (await send("GET", `/box/b${query}`, query === "" ? {} : { as: null })).headers["content-type"];
  const values = {
    containerName: "box",
    blobName: "b",
    permissions: BlobSASPermissions.parse("r"),
    contentType: "text/x-signed",
  };
  const expiresOn = new Date(now.getTime() + 60_000);
  const key = new StorageSharedKeyCredential("acct", accountKeys[0].value);
  const signed = `?${generateBlobSASQueryParameters({ ...values, expiresOn }, key)}`;
  for (let times = 0; times < 3; times += 1) {
    assert.equal(await read(""), "application/octet-stream");
    assert.equal(await read(signed), "text/x-signed");
  }
});

test("a page that was read ahead is given to nobody who may not have it, and to everybody who may", {
  skip: withoutFile,
}, async (test) => {
  const trial = await startTrialSurface(test);
  const { model, send, engine } = trial;
  await send("PUT", "/box?restype=container");
  for (const name of "abcdef") await send("PUT", `/box/${name}`, { headers: blockBlob, body: "x" });
  model.apply(roleOf([readBlobs]));
  model.apply(assignmentOf());
  // Its second never ends.
  test.mock.timers.enable({ apis: ["setTimeout"] });
  const slice = engine.listBlobs.bind(engine);
  let slices = 0;
  engine.listBlobs = (...asked) => {
    slices += 1;
    return slice(...asked);
  };
  const list = async (marker: string, as: string | null = people.nobody) => {
    const { text, status, code } = await send("GET", `/box?restype=container&comp=list&maxresults=1&marker=${marker}`, {
      as,
    });
    return { status, code, next: /<NextMarker>([^<]+)</.exec(text)?.[1] ?? "", name: /<Name>([^<]+)</.exec(text)?.[1] };
  };
  const second = await list((await list("")).next);
  for (let turn = 0; slices < 3 && turn < 100_000; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await list(second.next, null)).code, "NoAuthenticationInformation");
  assert.equal((await list(second.next, people.neighbour)).code, "AuthorizationPermissionMismatch");
  model.apply(roleOf([]));
  assert.equal((await list(second.next)).code, "AuthorizationPermissionMismatch");
  model.apply(roleOf([readBlobs]));
  model.apply(denial);
  assert.equal((await list(second.next)).code, "AuthorizationPermissionMismatch");
  model.apply(remove("denyAssignment", "eeeeeeee-0000-4000-8000-000000000001"));
  assert.equal(slices, 3);
  const { status, name } = await list(second.next, people.reader);
  assert.deepEqual([status, name, slices], [200, "c", 3]);
});
