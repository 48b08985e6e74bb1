/** What recorded answers of Azure show about role assignments and definitions; one test for each observation, by its number. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { roles, startTrialCloud, type TrialCloud, trial } from "./trial-cloud.ts";

const sub = `/subscriptions/${trial.subscriptionId}`;
const rg = `${sub}/resourceGroups/rg1`;
const account = `${rg}/providers/Microsoft.Storage/storageAccounts/acct1`;
const provider = "providers/Microsoft.Authorization";
const undashed = (id: string) => id.replaceAll("-", "");

describe("role assignments and definitions, as recorded from Azure", () => {
  let arm: TrialCloud;
  let names = 0;

  before(async () => {
    arm = await startTrialCloud();
    const body = { location: "westeurope" };
    assert.equal((await arm.send("PUT", `${rg}?api-version=2022-09-01`, { body })).status, 201);
    const made = { ...body, kind: "StorageV2", sku: { name: "Standard_LRS" } };
    assert.equal((await arm.send("PUT", `${account}?api-version=2023-01-01`, { body: made })).status, 202);
  });
  after(() => arm.close());

  const nextName = () => `abababab-0000-4000-8000-${String(++names).padStart(12, "0")}`;
  const roleId = (id: string) => `${sub}/${provider}/roleDefinitions/${id}`;
  const assignmentAt = (scope: string, name: string, version = "2022-04-01") =>
    `${scope}/${provider}/roleAssignments/${name}?api-version=${version}`;
  const assign = (scope: string, name: string, over: Record<string, unknown> = {}, as: string = trial.operator) =>
    arm.send("PUT", assignmentAt(scope, name), {
      as,
      body: { properties: { roleDefinitionId: roleId(roles.reader), principalId: trial.app, ...over } },
    });
  const list = async (scope: string, filter: string) => {
    const answer = await arm.send(
      "GET",
      `${scope}/${provider}/roleAssignments?api-version=2022-04-01&$filter=${filter}`,
    );
    assert.equal(answer.status, 200, answer.text);
    return answer.json.value as { name: string; id: string; properties: Record<string, string> }[];
  };

  it("1. PUT answers 201, also when updating, of both; createdBy is null in a PUT's answer alone", async () => {
    const name = nextName();
    for (const description of ["first", "second"]) {
      const answer = await assign(rg, name, { description });
      assert.deepEqual([answer.status, answer.json.properties.createdBy], [201, null]);
    }
    assert.equal((await arm.send("GET", assignmentAt(rg, name))).json.properties.createdBy, trial.operator);
    assert.equal((await arm.send("DELETE", assignmentAt(rg, name))).json.properties.createdBy, trial.operator);
    const role = `${rg}/${provider}/roleDefinitions/${nextName()}?api-version=2022-04-01`;
    const body = {
      properties: {
        roleName: "Twice",
        permissions: [{ actions: ["*/read"] }],
        assignableScopes: [sub],
        description: "",
      },
    };
    for (const _ of [1, 2]) assert.equal((await arm.send("PUT", role, { body })).status, 201);
    assert.equal((await arm.send("DELETE", role)).status, 200);
  });

  it("2. DELETE answers 200 with the whole body", async () => {
    const name = nextName();
    await assign(rg, name);
    const read = await arm.send("GET", assignmentAt(rg, name));
    const deleted = await arm.send("DELETE", assignmentAt(rg, name));
    assert.deepEqual([deleted.status, deleted.json], [200, read.json]);
  });

  it("3. another GUID for the same principal, role and scope is 409 RoleAssignmentExists", async () => {
    const name = nextName();
    await assign(rg, name);
    const twin = await assign(rg, nextName());
    assert.deepEqual(
      [twin.status, twin.json.error],
      [
        409,
        {
          code: "RoleAssignmentExists",
          message: `The role assignment already exists. The ID of the existing role assignment is ${undashed(name)}.`,
        },
      ],
    );
    await arm.send("DELETE", assignmentAt(rg, name));
  });

  it("4. an unknown principal is 400 PrincipalNotFound without its type, and accepted with it", async () => {
    const principalId = "cdcdcdcd-1111-4111-8111-111111111111";
    const name = nextName();
    const refused = await assign(rg, name, { principalId });
    assert.deepEqual([refused.status, refused.json.error.code], [400, "PrincipalNotFound"]);
    assert.ok(
      refused.json.error.message.startsWith(`Principal ${undashed(principalId)} does not exist in the directory`),
    );
    assert.match(refused.json.error.message, /principalType property/);
    assert.equal((await assign(rg, name, { principalId, principalType: "ServicePrincipal" })).status, 201);
    await arm.send("DELETE", assignmentAt(rg, name));
  });

  it("5. no rights is 403 AuthorizationFailed with action, full scope and the gateway's header", async () => {
    const refused = await assign(rg, nextName(), {}, trial.app);
    assert.equal(refused.status, 403);
    assert.equal(refused.headers["x-ms-failure-cause"], "gateway");
    assert.equal(
      refused.json.error.message,
      `The client '${trial.appId}' with object id '${trial.app}' does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/write' over scope '${rg}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  });

  it("6. principalType is filled in when the caller leaves it out", async () => {
    for (const [principalId, type] of [
      [trial.app, "ServicePrincipal"],
      [trial.group, "Group"],
      [trial.operator, "User"],
    ]) {
      const name = nextName();
      assert.equal((await assign(rg, name, { principalId })).json.properties.principalType, type);
      await arm.send("DELETE", assignmentAt(rg, name));
    }
  });

  it("7. condition, its version, description and delegated identity are there, null if unset; absent in versions of 2018", async () => {
    const name = nextName();
    await assign(rg, name);
    const { properties } = (await arm.send("GET", assignmentAt(rg, name))).json;
    const members = ["condition", "conditionVersion", "description", "delegatedManagedIdentityResourceId"];
    for (const member of members) assert.equal(properties[member], null, member);
    const old = (await arm.send("GET", assignmentAt(rg, name, "2018-01-01-preview"))).json.properties;
    for (const member of members) assert.equal(member in old, false, member);
    await arm.send("DELETE", assignmentAt(rg, name));
  });

  it("8. atScope() finds at and above, raw and encoded; principalId eq finds below; roleName eq ignores case", async () => {
    const [atSub, atGroup] = [nextName(), nextName()];
    await assign(sub, atSub);
    await assign(rg, atGroup);
    const found = async (scope: string, filter: string) =>
      (await list(scope, filter)).map(({ name }) => name).filter((name) => name === atSub || name === atGroup);
    for (const filter of ["atScope()", "atScope%28%29"]) {
      assert.deepEqual(await found(rg, filter), [atSub, atGroup]);
      assert.deepEqual(await found(sub, filter), [atSub]);
    }
    assert.deepEqual(await found(sub, `principalId%20eq%20'${trial.app}'`), [atSub, atGroup]);
    assert.deepEqual(await found(sub, `principalId%20eq%20'${trial.group}'`), []);
    const roleList = await arm.send(
      "GET",
      `${sub}/${provider}/roleDefinitions?api-version=2022-04-01&$filter=roleName%20eq%20'acrpull'`,
    );
    assert.deepEqual(
      roleList.json.value.map((role: { properties: { roleName: string } }) => role.properties.roleName),
      ["AcrPull"],
    );
    for (const [scope, name] of [
      [sub, atSub],
      [rg, atGroup],
    ] as const)
      await arm.send("DELETE", assignmentAt(scope, name));
  });

  it("9. scope and id echo the caller's spelling, a built-in role's id is under the subscription, and resources are scopes", async () => {
    const name = nextName();
    const spelled = rg.replace("resourceGroups", "resourcegroups");
    const made = await assign(spelled, name);
    assert.equal(made.json.properties.scope, spelled);
    assert.equal(made.json.id, `${spelled}/${provider}/roleAssignments/${name}`);
    assert.equal(made.json.properties.roleDefinitionId, roleId(roles.reader));
    await arm.send("DELETE", assignmentAt(rg, name));
    for (const scope of [account, `${account}/blobServices/default/containers/Box`]) {
      const below = nextName();
      assert.equal((await assign(scope, below)).status, 201);
      assert.equal((await arm.send("GET", assignmentAt(scope, below))).json.properties.scope, scope);
      const definition = await arm.send(
        "GET",
        `${scope}/${provider}/roleDefinitions/${roles.reader}?api-version=2022-04-01`,
      );
      assert.equal(definition.json.id, roleId(roles.reader));
      assert.equal((await arm.send("DELETE", assignmentAt(scope, below))).status, 200);
    }
  });

  it("10. assignments of a principal that is gone stay, and can be listed and deleted", async () => {
    const name = nextName();
    const principalId = "cdcdcdcd-2222-4111-8111-111111111111";
    await assign(rg, name, { principalId, principalType: "User" });
    assert.equal(arm.cloud.model.principal(principalId), undefined);
    assert.deepEqual(
      (await list(rg, `principalId%20eq%20'${principalId}'`)).map((each) => each.name),
      [name],
    );
    assert.equal((await arm.send("DELETE", assignmentAt(rg, name))).status, 200);
  });

  it("11. changes are in the activity log, newest first, and classic administrators are an empty list", async () => {
    const name = nextName();
    await assign(rg, name);
    await arm.send("DELETE", assignmentAt(rg, name));
    const log = async (filter: string, more = "") => {
      const target = `${sub}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01&$filter=${encodeURIComponent(filter)}${more}`;
      return arm.send("GET", target);
    };
    const span = "eventTimestamp ge 2026-01-02T02:00:00Z and eventTimestamp le 2026-01-02T04:00:00Z";
    const answer = await log(`resourceProvider eq Microsoft.Authorization and ${span}`);
    assert.equal(answer.status, 200, answer.text);
    const [end, start, ...earlier] = answer.json.value;
    assert.deepEqual([end.status.value, start.status.value], ["Succeeded", "Started"]);
    assert.equal(end.operationId, start.operationId);
    assert.equal(end.httpRequest.method, "DELETE");
    const body = JSON.parse(end.properties.responseBody);
    assert.deepEqual([body.name, body.properties.principalId, body.properties.scope], [name, trial.app, rg]);
    assert.equal(start.caller, "operator@trial.example");
    assert.equal(earlier[0].httpRequest.method, "PUT");
    assert.equal(JSON.parse(earlier[1].properties.requestbody).properties.roleDefinitionId, roleId(roles.reader));
    assert.equal(earlier[0].authorization.scope, `${rg}/${provider}/roleAssignments/${name}`);
    const quoted =
      "eventTimestamp ge '2026-01-02T02:00:00Z' and resourceGroupName eq 'RG1' and eventChannels eq 'Admin, Operation'";
    assert.ok((await log(quoted)).json.value.length >= 4);
    assert.deepEqual((await log(`${span} and resourceProvider eq 'Microsoft.Storage'`)).json.value, []);
    assert.deepEqual((await log("eventTimestamp ge 2026-01-02T03:04:06Z")).json.value, []);
    const page = (await log(span, "&$top=3")).json;
    const next = new URL(page.nextLink);
    const second = await arm.send("GET", next.pathname + next.search);
    assert.deepEqual([...page.value, ...second.json.value], answer.json.value.slice(0, 6));
    for (const filter of ["", "x eq 'y'", "eventTimestamp ge yesterday", `${span} and`, `${span} and ${span}`]) {
      assert.equal((await log(filter)).status, 400, filter);
    }
    assert.equal(
      (await arm.send("GET", `${sub}/${provider}/classicAdministrators?api-version=2015-06-01`)).status,
      200,
    );
  });
});

describe("what roles hold, and what there is to hold", () => {
  let arm: TrialCloud;
  before(async () => {
    arm = await startTrialCloud();
  });
  after(() => arm.close());

  it("lists the caller's permissions, those under a condition with it, to versions that know conditions", async () => {
    const rbacAdministrator = "8b54135c-b56d-4d72-a534-26097cfdc8d8";
    await arm.assign(trial.app, roles.reader, sub);
    await arm.assign(trial.app, rbacAdministrator, sub);
    const get = async (version: string) =>
      (await arm.send("GET", `${sub}/${provider}/permissions?api-version=${version}`, { as: trial.app })).json.value;
    const old = await get("2022-04-01");
    assert.ok(old.some(({ actions }: { actions: string[] }) => actions.includes("*/read")));
    assert.ok(old.every((each: object) => !("condition" in each)));
    assert.ok(
      old.every(
        ({ actions }: { actions: string[] }) => !actions.includes("Microsoft.Authorization/roleAssignments/write"),
      ),
    );
    const conditional = (await get("2022-05-01-preview")).filter(
      ({ condition }: { condition: string | null }) => condition !== null,
    );
    assert.equal(conditional.length, 1);
    assert.ok(conditional[0].actions.includes("Microsoft.Authorization/roleAssignments/write"));
    assert.match(conditional[0].condition, /RoleDefinitionId/);
    assert.equal(conditional[0].conditionVersion, "2.0");
  });

  it("lists assignments of a principal through groups, three deep, by assignedTo()", async () => {
    const groups = [1, 2, 3].map((number) => `efefefef-0000-4000-8000-00000000000${number}`);
    const chain: readonly (readonly [string, string])[] = [
      [groups[0]!, trial.app],
      [groups[1]!, groups[0]!],
      [groups[2]!, groups[1]!],
    ];
    for (const [groupId, memberId] of chain) arm.cloud.model.access.addMember(groupId, memberId);
    await arm.assign(groups[2]!, roles.contributor, sub);
    const target = (filter: string) =>
      `${sub}/${provider}/roleAssignments?api-version=2022-04-01&$filter=${encodeURIComponent(filter)}`;
    const held = await arm.send("GET", target(`assignedTo('${trial.app}')`));
    assert.ok(
      held.json.value.some(
        (each: { properties: { principalId: string } }) => each.properties.principalId === groups[2],
      ),
    );
    const direct = await arm.send("GET", target(`principalId eq '${trial.app}'`));
    assert.ok(
      !direct.json.value.some(
        (each: { properties: { principalId: string } }) => each.properties.principalId === groups[2],
      ),
    );
  });

  it("lists providers' operations, by type when asked", async () => {
    const path = `/${provider}/providerOperations`;
    const short = await arm.send("GET", `${path}?api-version=2018-01-01-preview`, { as: trial.app });
    assert.ok(short.json.value.length > 100);
    assert.deepEqual(short.json.value[0].resourceTypes, []);
    const one = await arm.send("GET", `${path}/microsoft.storage?api-version=2018-01-01-preview&$expand=resourceTypes`);
    assert.equal(one.json.name, "Microsoft.Storage");
    const blobs = one.json.resourceTypes.find(
      ({ name }: { name: string }) => name === "storageAccounts/blobServices/containers/blobs",
    );
    const operations: { name: string; isDataAction: boolean }[] = blobs.operations;
    const read = operations.find(({ name }) => name.endsWith("/containers/blobs/read"));
    assert.equal(read?.isDataAction, true);
    const tenant = await arm.send(
      "GET",
      `${path}/Microsoft.Authorization?api-version=2018-01-01-preview&$expand=resourceTypes`,
    );
    const denials = tenant.json.resourceTypes.find(({ name }: { name: string }) => name === "denyAssignments");
    assert.ok(
      denials.operations.some(({ name }: { name: string }) => name === "Microsoft.Authorization/denyAssignments/write"),
    );
    assert.equal((await arm.send("GET", `${path}/Contoso.Nothing?api-version=2018-01-01-preview`)).status, 404);
    assert.equal((await arm.send("GET", `${path}?api-version=2018-01-01-preview&$expand=x`)).status, 400);
    assert.equal((await arm.send("GET", `${path}?api-version=2018-01-01-preview`, { as: null })).status, 401);
  });
});
