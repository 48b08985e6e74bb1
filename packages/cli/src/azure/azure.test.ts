import assert from "node:assert/strict";
import { test } from "node:test";
import { CliFault } from "../faults.ts";
import type { Json, ServiceClient } from "../http/service-client.ts";
import { ServiceFault } from "../http/service-fault.ts";
import { Notes } from "../notes.ts";
import { createOrPatchApplication, findApplication, readLifetime } from "./applications.ts";
import { addYears, encodeScope, toPythonTime } from "./identifiers.ts";
import { resolveAssignee } from "./principals.ts";
import { createRoleAssignment, findRoleAssignments, readScope, resolveRoleId } from "./roles.ts";
import { shapeResourceGroup, shapeRoleAssignment, shapeStorageAccount } from "./shapes.ts";

const subscriptionId = "11111111-1111-1111-1111-111111111111";
const appId = "22222222-2222-2222-2222-222222222222";
const scope = `/subscriptions/${subscriptionId}/resourceGroups/rg1`;

/** A service that answers by a table of "METHOD path" (decoded), and remembers what was asked. */
function fakeService(table: Record<string, unknown>) {
  const calls: { call: string; body: unknown }[] = [];
  const answer = (method: string, path: string, body?: unknown): Promise<Json> => {
    const call = `${method} ${decodeURIComponent(path)}`;
    calls.push({ call, body });
    const found = Object.entries(table).find(([start]) => call.startsWith(start));
    if (found === undefined) throw new Error(`not expected: ${call}`);
    if (found[1] instanceof Error) return Promise.reject(found[1]);
    return Promise.resolve(found[1] as Json);
  };
  const service = {
    json: answer,
    send: answer,
    list: (path: string, body?: unknown) => answer(body === undefined ? "GET" : "POST", path, body),
  } as unknown as ServiceClient;
  return { service, calls };
}

function makeNotes() {
  const said: string[] = [];
  return {
    said,
    notes: new Notes({ level: "warning", hasColor: false, isTerminal: false, write: (text) => said.push(text.trim()) }),
  };
}

function isFault(kind: string, message: RegExp) {
  return (error: unknown) => error instanceof CliFault && error.kind === kind && message.test(error.message);
}

test("times are written as Python writes them", () => {
  assert.equal(toPythonTime("2026-01-02T03:04:05.678Z"), "2026-01-02T03:04:05.678000+00:00");
  assert.equal(toPythonTime("2026-01-02T03:04:05.1234567Z"), "2026-01-02T03:04:05.123456+00:00");
  assert.equal(toPythonTime("2026-01-02T03:04:05.000Z"), "2026-01-02T03:04:05+00:00");
  assert.deepEqual([toPythonTime(null), toPythonTime(undefined), toPythonTime("soon")], [null, null, "soon"]);
});

test("years end on the same day, or on the 28th of February", () => {
  assert.equal(addYears(new Date("2024-02-29T12:00:00Z"), 1).toISOString(), "2025-02-28T12:00:00.000Z");
  assert.equal(addYears(new Date("2024-02-29T12:00:00Z"), 4).toISOString(), "2028-02-29T12:00:00.000Z");
});

test("a secret's end may be given as a date, as a time in UTC, or in years, but not twice", () => {
  const now = new Date("2026-01-01T00:00:00Z");
  assert.equal(readLifetime(now, undefined, "2027-12-31").end.toISOString(), "2027-12-31T00:00:00.000Z");
  assert.equal(readLifetime(now, undefined, "2027-12-31T11:59:59").end.toISOString(), "2027-12-31T11:59:59.000Z");
  assert.equal(readLifetime(now, undefined, "2027-12-31T11:59:59+02:00").end.toISOString(), "2027-12-31T09:59:59.000Z");
  assert.equal(readLifetime(now, 2, undefined).end.toISOString(), "2028-01-01T00:00:00.000Z");
  assert.throws(() => readLifetime(now, 1, "2027-12-31"), isFault("failure", /--years \| --end-date/));
  assert.throws(() => readLifetime(now, undefined, "never"), isFault("failure", /never/));
});

test("a scope becomes one path, however it was written", () => {
  assert.equal(encodeScope("subscriptions/x/resourceGroups/a b/"), "/subscriptions/x/resourceGroups/a%20b");
  assert.equal(encodeScope("/"), "");
});

test("the scope is what --scope or --resource-group mean, and a malformed one is refused", () => {
  assert.equal(readScope("s", undefined, undefined), "/subscriptions/s");
  assert.equal(readScope("s", "g", undefined), "/subscriptions/s/resourceGroups/g");
  assert.equal(
    readScope("s", undefined, "/providers/Microsoft.Management/managementGroups/m"),
    "/providers/Microsoft.Management/managementGroups/m",
  );
  for (const good of [
    scope,
    `${scope}/providers/Microsoft.Storage/storageAccounts/a/blobServices/default/containers/c`,
  ]) {
    assert.equal(readScope("s", undefined, good), good);
  }
  for (const bad of [
    "/subscriptions/",
    "/subscriptions/s/nope/g",
    `${scope}/providers/Microsoft.Storage`,
    "/subscriptions/s/resourceGroups",
  ]) {
    assert.throws(() => readScope("s", undefined, bad), isFault("failure", /^Invalid scope/), bad);
  }
  assert.throws(() => readScope("s", "g", scope), isFault("failure", /redundant/));
});

test("an answer is flattened, completed with nulls, and told its resource group", () => {
  const assignment = shapeRoleAssignment({
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/x`,
    name: "x",
    properties: { scope, principalId: "p", createdOn: "2026-01-02T03:04:05Z" },
  });
  assert.equal(assignment.resourceGroup, "rg1");
  assert.equal(assignment.createdOn, "2026-01-02T03:04:05+00:00");
  assert.deepEqual([assignment.principalId, assignment.condition, "properties" in assignment], ["p", null, false]);
  assert.deepEqual(
    shapeResourceGroup({ id: scope, name: "rg1", properties: { provisioningState: "Succeeded", x: 1 } }),
    {
      id: scope,
      name: "rg1",
      type: null,
      location: null,
      managedBy: null,
      tags: null,
      properties: { provisioningState: "Succeeded" },
    },
  );
  const account = shapeStorageAccount({
    properties: { supportsHttpsTrafficOnly: true, primaryEndpoints: { blob: "https://a/" } },
  });
  assert.equal(account.enableHttpsTrafficOnly, true);
  assert.deepEqual(account.primaryEndpoints, {
    blob: "https://a/",
    dfs: null,
    file: null,
    internetEndpoints: null,
    microsoftEndpoints: null,
    queue: null,
    table: null,
    web: null,
  });
});

test("a role is found by ID, GUID or name; a name that fits none or several is refused in az's words", async () => {
  const definition = (id: string) => ({ id, properties: { roleName: "Reader" } });
  const { service } = fakeService({
    [`GET ${scope}/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName eq 'Reader'`]: [
      definition("/r/1"),
    ],
    [`GET ${scope}/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName eq 'Nobody''s'`]: [],
    [`GET ${scope}/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName eq 'Twice'`]: [
      definition("/r/1"),
      definition("/r/2"),
    ],
  });
  assert.equal(await resolveRoleId(service, subscriptionId, scope, "Reader"), "/r/1");
  assert.equal(
    await resolveRoleId(service, subscriptionId, scope, appId),
    `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${appId}`,
  );
  await assert.rejects(
    resolveRoleId(service, subscriptionId, scope, "Nobody's"),
    isFault("failure", /^Role 'Nobody's' doesn't exist\.$/),
  );
  await assert.rejects(
    resolveRoleId(service, subscriptionId, scope, "Twice"),
    isFault(
      "failure",
      /^More than one role matches the given name 'Twice'\. Please pick a value from '\['\/r\/1', '\/r\/2'\]'$/,
    ),
  );
});

test("an assignment that is there already is not an error, any other conflict is", async () => {
  const wanted = { scope, roleDefinitionId: "/r", principalId: "p", name: "n" };
  const conflict = (message: string) =>
    fakeService({ PUT: new ServiceFault("failure", { service: "resource-manager", status: 409, code: "X", message }) })
      .service;
  assert.equal(await createRoleAssignment(conflict("The role assignment already exists."), wanted), undefined);
  await assert.rejects(createRoleAssignment(conflict("Something else."), wanted), ServiceFault);
});

test("of what is at a scope and above, only the scope's own counts unless the rest is asked for; case does not", async () => {
  const at = (where: string, principalId = "p") => ({
    id: where,
    properties: { scope: where, principalId, roleDefinitionId: "/r" },
  });
  const above = `/subscriptions/${subscriptionId}`;
  const { service, calls } = fakeService({
    GET: [at(scope.toUpperCase()), at(above), at(`${scope}0`), at(scope, "other")],
  });
  const search = { scope, subscriptionId, assigneeId: "p", isInheritedIncluded: false, areGroupsIncluded: false };
  const scopesOf = async (extra: object) =>
    (await findRoleAssignments(service, { ...search, ...extra })).map((a) => a.scope);
  assert.deepEqual(await scopesOf({}), [scope.toUpperCase()]);
  assert.equal((await scopesOf({ isInheritedIncluded: true })).length, 3);
  assert.match(calls[0]!.call, /roleAssignments\?\$filter=atScope\(\)&api-version=/);
  await scopesOf({ scope: undefined });
  assert.match(calls.at(-1)!.call, /\?\$filter=principalId eq 'p'&/);
});

test("an assignee is looked up as user, as app and as object ID, in this order", async () => {
  const { notes } = makeNotes();
  const { service } = fakeService({
    "GET /users?$filter=userPrincipalName eq 'a@b'": [{ id: "user" }],
    [`GET /servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '${appId}')`]: [{ id: "sp" }],
    "GET /servicePrincipals": [],
    "POST /directoryObjects/getByIds": [{ id: "group", "@odata.type": "#microsoft.graph.group" }],
  });
  assert.deepEqual(await resolveAssignee(service, "a@b", notes), { objectId: "user", type: "User" });
  assert.deepEqual(await resolveAssignee(service, appId, notes), { objectId: "sp", type: "ServicePrincipal" });
  assert.deepEqual(await resolveAssignee(service, subscriptionId, notes), { objectId: "group", type: "Group" });
  await assert.rejects(
    resolveAssignee(service, "nobody", notes),
    isFault("failure", /^Cannot find user or service principal/),
  );
});

test("when Graph may not be asked, a GUID is taken for an object ID, with a warning", async () => {
  const { notes, said } = makeNotes();
  const refusal = new ServiceFault("failure", {
    service: "graph",
    status: 403,
    code: "X",
    message: "Insufficient privileges",
  });
  const { service } = fakeService({ GET: refusal });
  assert.deepEqual(await resolveAssignee(service, appId, notes), { objectId: appId, type: undefined });
  assert.equal(said.length, 2);
  await assert.rejects(resolveAssignee(service, "nobody", notes), ServiceFault);
});

test("an application of the same name is patched, not made twice; its prefix is another application", async () => {
  const { notes, said } = makeNotes();
  const { service, calls } = fakeService({
    "GET /applications?$filter=startswith(displayName,'o''app')": [
      { id: "longer", displayName: "o'app-2" },
      { id: "one", displayName: "o'app" },
    ],
    "PATCH /applications/one": {},
    "GET /applications/one": { id: "one", passwordCredentials: [] },
  });
  assert.equal(
    (await createOrPatchApplication(service, { displayName: "o'app", keyCredentials: [] }, notes)).id,
    "one",
  );
  assert.deepEqual(said, ["WARNING: Found an existing application instance: (id) one. We will patch it."]);
  assert.equal(
    calls.some(({ call }) => call.startsWith("POST")),
    false,
  );
});

test("an app is found by appId or by its one name", async () => {
  const { service } = fakeService({
    [`GET /applications?$filter=appId eq '${appId}'`]: [{ id: "a" }],
    "GET /applications?$filter=displayName eq 'one'": [{ id: "b" }],
    "GET /applications?$filter=displayName eq 'two'": [{ appId: "x" }, { appId: "y" }],
    "GET /applications?$filter=displayName eq 'none'": [],
  });
  assert.equal((await findApplication(service, appId)).id, "a");
  assert.equal((await findApplication(service, "one")).id, "b");
  await assert.rejects(findApplication(service, "two"), isFault("failure", /x, y/));
  await assert.rejects(findApplication(service, "none"), isFault("not-found", /no app 'none'/));
});
