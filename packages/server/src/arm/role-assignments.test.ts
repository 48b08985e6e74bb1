import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { put, systemActor } from "../state/change.ts";
import type { GroupObjectId, ServicePrincipalObjectId } from "../state/identifiers.ts";
import { roles, startTrialCloud, type TrialCloud, trial } from "./trial-cloud.ts";

const sub = `/subscriptions/${trial.subscriptionId}`;
const version = "api-version=2022-04-01";
const stranger = "12121212-1212-4121-8121-121212121212";
let count = 0;
const nextName = () => `bbbbbbbb-0000-4000-8000-${String(++count).padStart(12, "0")}`;
const roleId = (id: string) => `${sub}/providers/Microsoft.Authorization/roleDefinitions/${id}`;
const at = (scope: string, name = "", query = version) =>
  `${scope}/providers/Microsoft.Authorization/roleAssignments${name === "" ? "" : `/${name}`}?${query}`;

describe("role assignments", () => {
  let arm: TrialCloud;
  const rg = `${sub}/resourcegroups/Rg1`;
  const container = `${sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/acct1/blobServices/default/containers/Data`;
  const properties = (more: object = {}) => ({
    properties: { roleDefinitionId: roleId(roles.reader), principalId: trial.app, ...more },
  });

  before(async () => {
    arm = await startTrialCloud();
    for (const name of ["rg1", "rg10"]) {
      await arm.send("PUT", `${sub}/resourcegroups/${name}?api-version=2021-04-01`, {
        body: { location: "westeurope" },
      });
    }
    await arm.send(
      "PUT",
      `${sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/acct1?api-version=2022-09-01`,
      {
        body: { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } },
      },
    );
  });
  after(() => arm.close());

  it("are made with 201, the scope echoed as spelled, the type filled in, createdBy null but in reads", async () => {
    const name = nextName();
    const made = await arm.send("PUT", at(rg, name), { body: properties() });
    assert.equal(made.status, 201);
    assert.deepEqual(made.json, {
      id: `${rg}/providers/Microsoft.Authorization/roleAssignments/${name}`,
      type: "Microsoft.Authorization/roleAssignments",
      name,
      properties: {
        roleDefinitionId: roleId(roles.reader),
        principalId: trial.app,
        principalType: "ServicePrincipal",
        scope: rg,
        condition: null,
        conditionVersion: null,
        createdOn: "2026-01-02T03:04:05.6780000Z",
        updatedOn: "2026-01-02T03:04:05.6780000Z",
        createdBy: null,
        updatedBy: trial.operator,
        delegatedManagedIdentityResourceId: null,
        description: null,
      },
    });
    assert.equal((await arm.send("GET", at(rg, name))).json.properties.createdBy, trial.operator);
    const old = await arm.send("GET", at(rg, name, "api-version=2018-09-01-preview"));
    assert.equal("condition" in old.json.properties, false);
    const updated = await arm.send("PUT", at(rg.toLowerCase(), name), { body: properties({ description: "why" }) });
    assert.equal(updated.status, 201);
    assert.equal(updated.json.properties.description, "why");
    assert.equal(updated.json.properties.scope, rg);
    const changed = await arm.send("PUT", at(rg, name), {
      body: properties({ roleDefinitionId: roleId(roles.owner) }),
    });
    assert.equal(changed.status, 409);
    assert.equal(changed.json.error.code, "RoleAssignmentUpdateNotPermitted");
    const elsewhere = await arm.send("PUT", at(sub, name), { body: properties() });
    assert.equal(elsewhere.json.error.code, "RoleAssignmentUpdateNotPermitted");
    const twin = await arm.send("PUT", at(rg, nextName()), { body: properties() });
    assert.equal(twin.status, 409);
    assert.equal(twin.json.error.code, "RoleAssignmentExists");
    assert.match(twin.json.error.message, /role assignment already exists/);
    assert.match(twin.json.error.message, new RegExp(`${name.replaceAll("-", "")}\\.$`));
    const deleted = await arm.send("DELETE", at(rg, name));
    assert.equal(deleted.status, 200);
    assert.equal(deleted.json.properties.createdBy, trial.operator);
    assert.equal((await arm.send("DELETE", at(rg, name))).status, 204);
    assert.equal((await arm.send("GET", at(rg, name))).json.error.code, "RoleAssignmentNotFound");
  });

  const bad: readonly (readonly [string, string, string, unknown, number, string])[] = [
    [
      "an unknown principal without a type",
      rg,
      nextName(),
      properties({ principalId: stranger }),
      400,
      "PrincipalNotFound",
    ],
    [
      "another type than the principal's",
      rg,
      nextName(),
      properties({ principalType: "User" }),
      400,
      "UnmatchedPrincipalType",
    ],
    ["a type there is not", rg, nextName(), properties({ principalType: "Robot" }), 400, "InvalidPrincipalType"],
    ["no principal", rg, nextName(), properties({ principalId: null }), 400, "InvalidPrincipalId"],
    ["a principal that is no GUID", rg, nextName(), properties({ principalId: "me" }), 400, "InvalidPrincipalId"],
    ["no role", rg, nextName(), properties({ roleDefinitionId: undefined }), 400, "InvalidRoleDefinitionId"],
    [
      "a bare GUID for a role",
      rg,
      nextName(),
      properties({ roleDefinitionId: roles.reader }),
      400,
      "InvalidRoleDefinitionId",
    ],
    [
      "a role there is not",
      rg,
      nextName(),
      properties({ roleDefinitionId: roleId(stranger) }),
      400,
      "RoleDefinitionDoesNotExist",
    ],
    [
      "a long description",
      rg,
      nextName(),
      properties({ description: "é".repeat(1025) }),
      400,
      "RoleAssignmentDescriptionTooLong",
    ],
    [
      "a delegated identity",
      rg,
      nextName(),
      properties({ delegatedManagedIdentityResourceId: "/x" }),
      501,
      "NotImplemented",
    ],
    ["a name that is no GUID", rg, "my-assignment", properties(), 400, "InvalidRoleAssignmentId"],
    ["an array for properties", rg, nextName(), { properties: [] }, 400, "InvalidRequestContent"],
    ["no properties", rg, nextName(), {}, 400, "InvalidRoleDefinitionId"],
    ["a group there is not", `${sub}/resourceGroups/none`, nextName(), properties(), 404, "ResourceGroupNotFound"],
    [
      "a subscription there is not",
      `/subscriptions/${stranger}`,
      nextName(),
      properties(),
      404,
      "SubscriptionNotFound",
    ],
    [
      "a management group there is not",
      "/providers/Microsoft.Management/managementGroups/none",
      nextName(),
      properties(),
      404,
      "NotFound",
    ],
    [
      "an account there is not",
      `${sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/none`,
      nextName(),
      properties(),
      404,
      "ResourceNotFound",
    ],
    [
      "an account of another group",
      `${sub}/resourceGroups/rg10/providers/Microsoft.Storage/storageAccounts/acct1`,
      nextName(),
      properties(),
      404,
      "ResourceNotFound",
    ],
    [
      "a resource we cannot have",
      `${sub}/resourceGroups/rg1/providers/Microsoft.Network/virtualNetworks/v/subnets/s`,
      nextName(),
      properties(),
      404,
      "ResourceNotFound",
    ],
    ["half a scope", `${sub}/resourceGroups`, nextName(), properties(), 400, "InvalidRequestUri"],
    [
      "a bare provider",
      `${sub}/resourceGroups/rg1/providers/Microsoft.Storage`,
      nextName(),
      properties(),
      400,
      "InvalidScope",
    ],
  ];
  for (const [what, scope, name, body, status, code] of bad) {
    it(`refuse ${what} with ${status} ${code}`, async () => {
      const revision = arm.cloud.model.revision;
      const answer = await arm.send("PUT", at(scope, name), { body });
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json.error.code, code);
      assert.equal(arm.cloud.model.revision, revision);
    });
  }

  it("name the missing principal without dashes, with the words az retries on", async () => {
    const { json } = await arm.send("PUT", at(rg, nextName()), { body: properties({ principalId: stranger }) });
    assert.match(
      json.error.message,
      /^Principal 12121212121241218121121212121212 does not exist in the directory 11111111-1111/,
    );
  });

  it("take a principal that is not in the directory yet when its type is given, in any case", async () => {
    const name = nextName();
    const made = await arm.send("PUT", at(rg, name), {
      body: properties({ principalId: stranger.toUpperCase(), principalType: "serviceprincipal" }),
    });
    assert.equal(made.status, 201);
    assert.equal(made.json.properties.principalId, stranger);
    assert.equal(made.json.properties.principalType, "ServicePrincipal");
    await arm.send("DELETE", at(rg, name));
  });

  it("stand at every kind of scope, and are listed at, above and below as the filter says", async () => {
    const root = `/providers/Microsoft.Management/managementGroups/${trial.tenantId}`;
    const places = [
      "",
      root,
      sub,
      rg,
      `${sub}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/acct1`,
      container,
    ];
    const names = new Map<string, string>();
    for (const place of places) {
      const name = nextName();
      names.set(place, name);
      const made = await arm.send("PUT", at(place, name), { body: properties() });
      assert.equal(made.status, 201, made.text);
      assert.equal(made.json.properties.scope, place === "" ? "/" : place);
      assert.equal(made.json.id, `${place}/providers/Microsoft.Authorization/roleAssignments/${name}`);
    }
    const listed = async (scope: string, filter: string) => {
      const { json } = await arm.send("GET", `${at(scope)}&$filter=${filter}`);
      const mine = json.value.filter((item: { name: string }) => item.name.startsWith("bbbb"));
      return mine.map((item: { properties: { scope: string } }) => item.properties.scope).sort();
    };
    const shown = (wanted: readonly string[]) => wanted.map((place) => place || "/").sort();
    assert.deepEqual(await listed(sub, "atScope()"), shown(places.slice(0, 3)));
    assert.deepEqual(await listed(rg, "atScope%28%29"), shown(places.slice(0, 4)));
    assert.deepEqual(await listed(container, "atScope()"), shown(places));
    assert.deepEqual(await listed(container.replace("/Data", "/data"), "atScope()"), shown(places.slice(0, 5)));
    assert.deepEqual(await listed(rg, ""), shown(places));
    assert.deepEqual(await listed(`${sub}/resourceGroups/rg10`, ""), shown(places.slice(0, 3)));
    assert.deepEqual(await listed(sub, `principalId%20eq%20'${trial.app}'`), shown(places));
    assert.deepEqual(await listed(sub, `principalId%20eq%20'${stranger}'`), []);
    assert.deepEqual(await listed("", `atScope()%20and%20assignedTo('${trial.app}')`), ["/"]);
    const ids = async (scope: string) =>
      (await arm.send("GET", `${at(scope)}&$filter=atScope()`)).json.value.map(
        (item: { properties: { roleDefinitionId: string } }) => item.properties.roleDefinitionId,
      );
    assert.ok((await ids(rg)).every((id: string) => id.startsWith(`${sub}/providers/`)));
    assert.ok((await ids(root)).every((id: string) => id.startsWith("/providers/")));
    for (const [place, name] of names) assert.equal((await arm.send("DELETE", at(place, name))).status, 200);
  });

  it("refuse filters they do not know", async () => {
    for (const filter of [
      "roleName%20eq%20'x'",
      "principalId%20eq%20'x'",
      "atScope",
      "atScope()%20or%20atScope()",
      "principalId%20ne%20'x'",
    ]) {
      const answer = await arm.send("GET", `${at(sub)}&$filter=${filter}`);
      assert.equal(answer.json.error.code, "InvalidFilterInQueryString", filter);
    }
  });

  it("of a group count for its members, through groups in groups", async () => {
    const outer = "13131313-1313-4131-8131-131313131313" as GroupObjectId;
    await arm.cloud.store.change(systemActor, "test", () => ({
      changes: [
        put("group", { id: outer, displayName: "outer" } as never),
        put("groupMember", { groupId: trial.group, memberId: trial.app as ServicePrincipalObjectId }),
        put("groupMember", { groupId: outer, memberId: trial.group }),
      ],
      result: undefined,
    }));
    assert.equal((await arm.send("GET", `${rg}?api-version=2021-04-01`, { as: trial.app })).status, 403);
    await arm.assign(outer, roles.reader, rg);
    assert.equal((await arm.send("GET", `${rg}?api-version=2021-04-01`, { as: trial.app })).status, 200);
    assert.equal(
      (await arm.send("GET", `${sub}/resourceGroups/rg10?api-version=2021-04-01`, { as: trial.app })).status,
      403,
    );
    const { json } = await arm.send("GET", `${at(sub)}&$filter=assignedTo('${trial.app}')`);
    assert.deepEqual(
      json.value.map((item: { properties: { principalId: string } }) => item.properties.principalId),
      [outer],
    );
    const permissions = await arm.send("GET", `${rg}/providers/Microsoft.Authorization/permissions?${version}`, {
      as: trial.app,
    });
    assert.deepEqual(permissions.json.value, [
      { actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] },
    ]);
  });

  it("keep a Contributor from giving roles, and a User Access Administrator from making groups", async () => {
    const admin = "14141414-1414-4141-8141-141414141414";
    const contributor = "15151515-1515-4151-8151-151515151515";
    await arm.assign(admin, roles.userAccessAdministrator, `${sub}/resourceGroups/rg10`);
    await arm.assign(contributor, roles.contributor, `${sub}/resourceGroups/rg10`);
    const target = `${sub}/resourceGroups/rg10`;
    const give = (as: string, scope: string) => arm.send("PUT", at(scope, nextName()), { as, body: properties() });
    assert.equal((await give(contributor, target)).json.error.code, "AuthorizationFailed");
    assert.equal((await give(admin, sub)).json.error.code, "AuthorizationFailed");
    assert.equal((await give(admin, `${sub}/resourceGroups/rg1`)).json.error.code, "AuthorizationFailed");
    assert.equal((await give(admin, target)).status, 201);
    const patch = (as: string) =>
      arm.send("PATCH", `${target}?api-version=2021-04-01`, { as, body: { tags: { a: "b" } } });
    assert.equal((await patch(admin)).status, 403);
    assert.equal((await patch(contributor)).status, 200);
  });

  it("leave a subscription its last Owner, unless a Global Administrator deletes it", async () => {
    const owner = arm.cloud.model.access
      .assignmentsAt(sub)
      .find(({ roleDefinitionId }) => roleDefinitionId === roles.owner)!;
    const admin = "16161616-1616-4161-8161-161616161616";
    await arm.assign(admin, roles.userAccessAdministrator, sub);
    const refused = await arm.send("DELETE", at(sub, owner.id), { as: admin });
    assert.equal(refused.status, 409);
    assert.match(refused.json.error.message, /^Cannot delete the last RBAC admin assignment/);
    assert.equal((await arm.send("DELETE", at(sub, owner.id))).status, 200);
  });
});
