import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { roles, startTrialCloud, type TrialCloud, trial } from "./trial-cloud.ts";

const sub = `/subscriptions/${trial.subscriptionId}`;
const version = "api-version=2022-04-01";
const at = (scope: string, name = "", filter = "") =>
  `${scope}/providers/Microsoft.Authorization/roleDefinitions${name === "" ? "" : `/${name}`}?${version}${filter === "" ? "" : `&$filter=${encodeURIComponent(filter)}`}`;
const custom = "cccccccc-0000-4000-8000-000000000001";

describe("role definitions", () => {
  let arm: TrialCloud;
  const rg = `${sub}/resourceGroups/rg1`;
  const definition = (more: object = {}) => ({
    properties: {
      roleName: "Blob Auditor",
      description: "Looks",
      type: "CustomRole",
      permissions: [
        { actions: ["Microsoft.Storage/storageAccounts/read"], dataActions: ["Microsoft.Storage/*/blobs/read"] },
      ],
      assignableScopes: [sub],
      ...more,
    },
  });

  before(async () => {
    arm = await startTrialCloud();
    await arm.send("PUT", `${rg}?api-version=2021-04-01`, { body: { location: "westeurope" } });
  });
  after(() => arm.close());

  it("are all 928, under the subscription whatever the scope, at the tenant without", async () => {
    for (const scope of [sub, rg]) {
      const { json } = await arm.send("GET", at(scope));
      assert.equal(json.value.length, 928);
      assert.ok(
        json.value.every((item: { id: string }) =>
          item.id.startsWith(`${sub}/providers/Microsoft.Authorization/roleDefinitions/`),
        ),
      );
    }
    const tenant = await arm.send("GET", at("", "", "roleName eq 'Reader'"));
    assert.equal(tenant.json.value[0].id, `/providers/Microsoft.Authorization/roleDefinitions/${roles.reader}`);
    const root = await arm.send(
      "GET",
      at(`/providers/Microsoft.Management/managementGroups/${trial.tenantId}`, roles.reader),
    );
    assert.equal(root.json.id, `/providers/Microsoft.Authorization/roleDefinitions/${roles.reader}`);
  });

  it("are found by name without case, by type, and by GUID", async () => {
    const { json } = await arm.send("GET", at(sub, "", "roleName eq 'storage blob data CONTRIBUTOR'"));
    assert.equal(json.value.length, 1);
    assert.equal(json.value[0].name, roles.blobDataContributor);
    assert.equal(json.value[0].properties.type, "BuiltInRole");
    assert.ok(json.value[0].properties.permissions[0].dataActions.length > 0);
    assert.equal((await arm.send("GET", at(sub, "", "type eq 'CustomRole'"))).json.value.length, 0);
    assert.equal(
      (await arm.send("GET", at(sub, "", "type eq 'BuiltInRole' and atScopeAndBelow()"))).json.value.length,
      928,
    );
    assert.equal((await arm.send("GET", at(sub, roles.owner.toUpperCase()))).json.properties.roleName, "Owner");
    const none = await arm.send("GET", at(sub, custom));
    assert.equal(none.status, 404);
    assert.equal(none.json.error.code, "RoleDefinitionDoesNotExist");
    assert.equal((await arm.send("GET", at(sub, "", "type eq 'x'"))).json.error.code, "InvalidFilterInQueryString");
    assert.equal((await arm.send("GET", at(sub, "owner"))).json.error.code, "InvalidRoleDefinitionId");
  });

  it("are not sent again to who has them all already, and never to who may not see them", async () => {
    const ask = (scope: string, etag: string, as: string = trial.operator) =>
      arm.send("GET", at(scope), { as, headers: { "if-none-match": etag } });
    const whole = await arm.send("GET", at(sub));
    const etag = whole.headers.etag!;
    assert.equal(Buffer.byteLength(whole.text), Number(whole.headers["content-length"]));
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await ask(rg, header);
      assert.deepEqual([again.status, again.text, again.headers.etag], [304, "", etag]);
    }
    for (const header of ['"other"', etag.slice(1, -1)]) assert.equal((await ask(sub, header)).status, 200);
    assert.equal((await ask(sub, etag, "18181818-1818-4181-8181-181818181818")).status, 403);
    const made = await arm.send("PUT", at(sub, custom), { body: definition({ assignableScopes: [rg] }) });
    assert.equal(made.status, 201);
    const changed = await ask(rg, etag);
    assert.deepEqual([changed.status, changed.json.value.length], [200, 929]);
    assert.deepEqual(changed.json.value.at(-1), JSON.parse(JSON.stringify(made.json)));
    assert.equal(
      (await ask(sub, etag)).status,
      304,
      "a role that can be assigned in the group only is not in the subscription's list",
    );
    await arm.send("PUT", at(sub, custom), {
      body: definition({ assignableScopes: [rg], description: "Looks twice" }),
    });
    assert.equal((await ask(rg, changed.headers.etag!)).status, 200);
    await arm.send("DELETE", at(sub, custom));
    assert.equal((await ask(rg, etag)).status, 304);
    const found = await arm.send("GET", at(sub, "", "type eq 'BuiltInRole'"));
    assert.deepEqual(found.json, whole.json);
    const tenant = await arm.send("GET", at(""), { headers: { "if-none-match": etag } });
    assert.equal(tenant.status, 200, "the ids are others there");
  });

  const bad: readonly (readonly [string, string, object, number, string])[] = [
    ["no name", custom, { roleName: "" }, 400, "RoleDefinitionNameNullOrEmpty"],
    ["a long name", custom, { roleName: "x".repeat(513) }, 400, "RoleDefinitionNameTooLong"],
    ["a built-in role's name", custom, { roleName: "OWNER" }, 409, "RoleDefinitionWithSameNameExists"],
    ["a built-in role's GUID", roles.reader, {}, 409, "RoleDefinitionExists"],
    ["the type BuiltInRole", custom, { type: "BuiltInRole" }, 400, "InvalidRoleDefinitionType"],
    ["no assignable scope", custom, { assignableScopes: [] }, 400, "MissingAssignableScopes"],
    [
      "an assignable scope that is none",
      custom,
      { assignableScopes: ["subscriptions"] },
      400,
      "LinkedInvalidPropertyId",
    ],
    ["the tenant as assignable scope", custom, { assignableScopes: ["/"] }, 400, "LinkedInvalidPropertyId"],
    [
      "a subscription there is not",
      custom,
      { assignableScopes: [`/subscriptions/${custom}`] },
      404,
      "SubscriptionNotFound",
    ],
    [
      "two management groups",
      custom,
      { assignableScopes: [1, 2].map(() => `/providers/Microsoft.Management/managementGroups/${trial.tenantId}`) },
      400,
      "InvalidAssignableScopes",
    ],
    [
      "dataActions with a management group",
      custom,
      { assignableScopes: [`/providers/Microsoft.Management/managementGroups/${trial.tenantId}`] },
      400,
      "ManagementGroupDataActionsNotSupported",
    ],
    ["no permissions", custom, { permissions: [] }, 400, "MissingRoleDefinitionPermissions"],
    [
      "an action that is none",
      custom,
      { permissions: [{ actions: ["Microsoft.Storage read"] }] },
      400,
      "InvalidActionOrNotAction",
    ],
    ["an empty action", custom, { permissions: [{ notActions: [""] }] }, 400, "InvalidActionOrNotAction"],
    ["a long action", custom, { permissions: [{ actions: ["a".repeat(600)] }] }, 400, "InvalidActionOrNotAction"],
    ["a number among the actions", custom, { permissions: [{ actions: [1] }] }, 400, "InvalidRequestContent"],
    [
      "a condition",
      custom,
      { permissions: [{ actions: ["*"], condition: "true" }] },
      400,
      "InvalidRoleDefinitionPermissions",
    ],
    ["a long description", custom, { description: "x".repeat(2049) }, 400, "BadRequest"],
  ];
  for (const [what, id, more, status, code] of bad) {
    it(`refuse ${what} with ${status} ${code}`, async () => {
      const revision = arm.cloud.model.revision;
      const answer = await arm.send("PUT", at(sub, id), { body: definition(more) });
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json.error.code, code);
      assert.equal(arm.cloud.model.revision, revision);
    });
  }

  it("of our own are made, used, changed within bounds, and deleted when nobody holds them", async () => {
    const made = await arm.send("PUT", at(sub, custom), { body: definition({ assignableScopes: [rg] }) });
    assert.equal(made.status, 201);
    assert.equal(made.json.properties.createdBy, trial.operator);
    assert.equal((await arm.send("GET", at(sub, "", "type eq 'CustomRole'"))).json.value.length, 0);
    assert.equal(
      (await arm.send("GET", at(sub, "", "atScopeAndBelow() and type eq 'CustomRole'"))).json.value.length,
      1,
    );
    assert.equal((await arm.send("GET", at(rg, "", "roleName eq 'blob auditor'"))).json.value.length, 1);
    await assert.rejects(arm.assign(trial.app, custom, sub), /RoleDefinitionDoesNotExist/);
    await arm.assign(trial.app, custom, rg);
    const account = `${rg}/providers/Microsoft.Storage/storageAccounts`;
    assert.equal((await arm.send("GET", `${account}?api-version=2022-09-01`, { as: trial.app })).status, 200);
    assert.equal((await arm.send("DELETE", at(sub, custom))).json.error.code, "RoleDefinitionHasAssignments");
    assert.equal(
      (
        await arm.send("PUT", at(sub, custom), {
          body: definition({ assignableScopes: [`${sub}/resourceGroups/rg2`] }),
        })
      ).status,
      409,
    );
    assert.equal(
      (await arm.send("PUT", at(sub, custom), { body: definition({ roleName: "Blob Inspector" }) })).status,
      201,
    );
    const [assignment] = arm.cloud.model.access.assignmentsAt(rg);
    await arm.send("DELETE", `${rg}/providers/Microsoft.Authorization/roleAssignments/${assignment!.id}?${version}`);
    assert.equal((await arm.send("DELETE", at(sub, custom))).json.properties.roleName, "Blob Inspector");
    assert.equal((await arm.send("DELETE", at(sub, custom))).status, 204);
    assert.equal((await arm.send("DELETE", at(sub, roles.reader))).status, 409);
  });

  it("need the right at every assignable scope, the old ones too", async () => {
    const admin = "17171717-1717-4171-8171-171717171717";
    await arm.assign(admin, roles.userAccessAdministrator, rg);
    const wide = await arm.send("PUT", at(rg, custom), { as: admin, body: definition() });
    assert.equal(wide.status, 403);
    assert.equal(wide.json.error.code, "LinkedAuthorizationFailed");
    assert.equal(arm.cloud.model.roleDefinitions.size, 0);
    assert.equal((await arm.send("PUT", at(rg, custom), { body: definition() })).status, 201);
    const narrowed = await arm.send("PUT", at(rg, custom), { as: admin, body: definition({ assignableScopes: [rg] }) });
    assert.equal(narrowed.json.error.code, "LinkedAuthorizationFailed");
    assert.equal(
      (await arm.send("DELETE", at(rg, custom), { as: admin })).json.error.code,
      "LinkedAuthorizationFailed",
    );
  });
});
