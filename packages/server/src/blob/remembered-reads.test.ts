import assert from "node:assert/strict";
import { test } from "node:test";
import { put, remove } from "../state/change.ts";
import type { Entities } from "../state/entities.ts";
import { accountScope, containerScope, people, startTrialSurface, type TrialSurface } from "./testing/trial-surface.ts";

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
