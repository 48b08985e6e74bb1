/** Directory roles: given, taken, and enforced at once; nobody gives themselves one, and the last administrator stays. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { directoryRoleTemplateIds as roles } from "../state/first-party.ts";
import { assertError, TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
before(async () => {
  graph = await TrialGraph.start();
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

const assignments = "/roleManagement/directory/roleAssignments";
const context = (name: string) => `https://graph.microsoft.com/v1.0/$metadata#${name}`;
const give = (principalId: string, roleDefinitionId: string, as = "operator", directoryScopeId = "/") =>
  graph.ask(assignments, {
    as,
    body: { "@odata.type": "#microsoft.graph.unifiedRoleAssignment", principalId, roleDefinitionId, directoryScopeId },
  });
const ref = (id: string) => ({ "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });

test("a role is defined with what it allows", async () => {
  const { body } = await graph.ask("/roleManagement/directory/roleDefinitions");
  assert.equal(body["@odata.context"], context("roleManagement/directory/roleDefinitions"));
  assert.equal(body.value.length, Object.keys(roles).length);
  const one = await graph.ask(`/roleManagement/directory/roleDefinitions/${roles.applicationAdministrator}`);
  assert.equal(one.body.displayName, "Application Administrator");
  assert.ok(
    one.body.rolePermissions[0].allowedResourceActions.includes(
      "microsoft.directory/applications/allProperties/allTasks",
    ),
  );
  const named = await graph.ask(
    "/roleManagement/directory/roleDefinitions?$filter=displayName eq 'Global Administrator'",
  );
  assert.deepEqual(
    named.body.value.map((row: { id: string }) => row.id),
    [roles.globalAdministrator],
  );
});

test("given, read, found, expanded and taken", async () => {
  const user = await graph.addUser("assigned");
  const made = await give(user, roles.directoryReaders);
  assert.equal(made.status, 201);
  const { id } = made.body;
  assert.deepEqual(made.body, {
    "@odata.context": context("roleManagement/directory/roleAssignments/$entity"),
    id,
    principalId: user,
    directoryScopeId: "/",
    roleDefinitionId: roles.directoryReaders,
  });
  const found = await graph.ask(
    `${assignments}?$filter=principalId eq '${user}'&$expand=principal($select=id),roleDefinition`,
  );
  assert.deepEqual(found.body.value[0].principal, { "@odata.type": "#microsoft.graph.user", id: user });
  assert.equal(found.body.value[0].roleDefinition.displayName, "Directory Readers");
  assert.equal(found.body.value[0].roleDefinition["@odata.type"], undefined);
  const both = `$filter=roleDefinitionId eq '${roles.directoryReaders}' and principalId eq '${user}'`;
  assert.equal((await graph.ask(`${assignments}?${both}`)).body.value.length, 1);
  assert.equal((await graph.ask(`${assignments}/${id}`)).body.principalId, user);
  assertError(await give(user, roles.directoryReaders), 400, "Request_BadRequest", /^A conflicting object/);
  assert.equal((await graph.ask(`${assignments}/${id}`, { method: "DELETE" })).status, 204);
  assertError(await graph.ask(`${assignments}/${id}`), 404, "Request_ResourceNotFound");
  assertError(await graph.ask(`${assignments}/${id}`, { method: "DELETE" }), 404, "Request_ResourceNotFound");
});

test("what cannot be given", async () => {
  const user = await graph.addUser("ungiven");
  const { body: group } = await graph.ask("/groups", {
    body: { displayName: "g", mailNickname: "g", mailEnabled: false, securityEnabled: true },
  });
  const nothing = "00000000-0000-4000-8000-00000000dead";
  const { revision } = graph.cloud.model;
  assertError(await give(nothing, roles.directoryReaders), 404, "Request_ResourceNotFound");
  assertError(await give(user, nothing), 404, "Request_ResourceNotFound");
  assertError(await give(group.id, roles.directoryReaders), 400, "Request_BadRequest", /role-assignable/);
  assertError(await give(user, roles.directoryReaders, "operator", "/administrativeUnits/x"), 501, "NotImplemented");
  assertError(await give("x", roles.directoryReaders), 400, "Request_BadRequest", /'principalId'/);
  assertError(await graph.ask(assignments, { body: {} }), 400, "Request_BadRequest");
  assert.equal(graph.cloud.model.revision, revision);
});

test("activated roles show the same holders", async () => {
  const user = await graph.addUser("holder");
  const path = `/directoryRoles(roleTemplateId='${roles.groupsAdministrator}')`;
  const role = (await graph.ask(path)).body;
  assert.equal(role.displayName, "Groups Administrator");
  assert.equal((await graph.ask(`${path}/members/$ref`, { body: ref(user) })).status, 204);
  assertError(await graph.ask(`${path}/members/$ref`, { body: ref(user) }), 400, "Request_BadRequest");
  assert.equal((await graph.ask(`/directoryRoles/${role.id}/members`)).body.value[0].id, user);
  assert.equal((await graph.ask(`/directoryRoles/${role.id}?$expand=members`)).body.members[0].id, user);
  assert.equal(
    (await graph.ask("/me/memberOf/microsoft.graph.directoryRole", { as: "holder" })).body.value[0].id,
    role.id,
  );
  const held = await graph.ask("/me/getMemberObjects", { as: "holder", body: { securityEnabledOnly: false } });
  assert.deepEqual(held.body.value, [role.id]);
  const checked = await graph.ask("/me/checkMemberObjects", { as: "holder", body: { ids: [role.id, user] } });
  assert.deepEqual(checked.body.value, [role.id]);
  assert.deepEqual(
    (await graph.ask("/me/getMemberGroups", { as: "holder", body: { securityEnabledOnly: false } })).body.value,
    [],
  );
  assert.equal((await graph.ask(`/directoryRoles/${role.id}/members/${user}/$ref`, { method: "DELETE" })).status, 204);
  assertError(
    await graph.ask(`/directoryRoles/${role.id}/members/${user}/$ref`, { method: "DELETE" }),
    404,
    "Request_ResourceNotFound",
  );
  const activate = (roleTemplateId: string) => graph.ask("/directoryRoles", { body: { roleTemplateId } });
  assertError(await activate(roles.directoryReaders), 400, "Request_BadRequest", /^A conflicting object/);
  assertError(await activate(user), 404, "Request_ResourceNotFound");
  const templates = await graph.ask("/directoryRoleTemplates");
  assert.ok(templates.body.value.some((row: { id: string }) => row.id === roles.userAdministrator));
});

test("a role counts from the moment it is given to the moment it is taken", async () => {
  const user = await graph.addUser("promoted");
  const { id: foreign } = await graph.addApp("foreign-app");
  const addPassword = () => graph.ask(`/applications/${foreign}/addPassword`, { as: "promoted", body: {} });
  assertError(await addPassword(), 403, "Authorization_RequestDenied");
  const { body } = await give(user, roles.cloudApplicationAdministrator);
  assert.equal((await addPassword()).status, 200);
  await graph.ask(`${assignments}/${body.id}`, { method: "DELETE" });
  assertError(await addPassword(), 403, "Authorization_RequestDenied");
});

test("only those who administer roles give and take them, to themselves least of all", async () => {
  const names = ["nobody-role", "app-admin", "user-admin", "groups-admin", "global-reader", "role-admin"] as const;
  const ids: Record<string, string> = {};
  for (const name of names) ids[name] = await graph.addUser(name);
  await give(ids["app-admin"]!, roles.applicationAdministrator);
  await give(ids["user-admin"]!, roles.userAdministrator);
  await give(ids["groups-admin"]!, roles.groupsAdministrator);
  await give(ids["global-reader"]!, roles.globalReader);
  const global = (await graph.ask(`/directoryRoles(roleTemplateId='${roles.globalAdministrator}')`)).body;
  const [first] = (await graph.ask(assignments)).body.value;
  for (const as of names) {
    const { revision } = graph.cloud.model;
    for (const role of [roles.globalAdministrator, roles.directoryReaders])
      assertError(await give(ids[as]!, role, as), 403, "Authorization_RequestDenied");
    assertError(
      await graph.ask(`/directoryRoles/${global.id}/members/$ref`, { as, body: ref(ids[as]!) }),
      403,
      "Authorization_RequestDenied",
    );
    assertError(
      await graph.ask(`${assignments}/${first.id}`, { as, method: "DELETE" }),
      403,
      "Authorization_RequestDenied",
    );
    assert.equal(graph.cloud.model.revision, revision, as);
  }
  await give(ids["role-admin"]!, roles.privilegedRoleAdministrator);
  assert.equal((await give(ids["nobody-role"]!, roles.directoryReaders, "role-admin")).status, 201);
  const { servicePrincipalId } = await graph.addApp("role-app");
  graph.addCaller("role-app", {
    kind: "app",
    principalId: servicePrincipalId,
    roles: ["RoleManagement.Read.Directory"],
  });
  assertError(
    await give(servicePrincipalId, roles.globalAdministrator, "role-app"),
    403,
    "Authorization_RequestDenied",
  );
  assert.equal((await graph.ask(assignments, { as: "role-app" })).status, 200);
  graph.addCaller("role-app", {
    kind: "app",
    principalId: servicePrincipalId,
    roles: ["RoleManagement.ReadWrite.Directory"],
  });
  assert.equal((await give(servicePrincipalId, roles.directoryReaders, "role-app")).status, 201);
});

test("groups are administered by their administrators, not by those of applications", async () => {
  const body = { displayName: "administered", mailNickname: "administered", mailEnabled: false, securityEnabled: true };
  const { body: group } = await graph.ask("/groups", { as: "operator-app", body });
  const describe = (as: string) => graph.ask(`/groups/${group.id}`, { as, method: "PATCH", body: { description: as } });
  assert.equal((await describe("groups-admin")).status, 204);
  assert.equal((await describe("user-admin")).status, 204);
  for (const as of ["app-admin", "global-reader", "nobody-role"])
    assertError(await describe(as), 403, "Authorization_RequestDenied");
});

test("the last Global Administrator stays: as holder, as account, as object", async () => {
  const [user, principal] = [graph.directory.operatorUser.id, graph.directory.operatorServicePrincipal.id];
  const all = (await graph.ask(`${assignments}?$filter=roleDefinitionId eq '${roles.globalAdministrator}'`)).body.value;
  const of = (principalId: string): string =>
    all.find((row: { principalId: string }) => row.principalId === principalId).id;
  const message = /^The last Global Administrator/;
  const drop = (path: string) => graph.ask(path, { method: "DELETE" });
  // Two hold it: a person and an app. Disabling the person leaves the app, which then is the last.
  assert.equal(
    (await graph.ask(`/users/${user}`, { as: "operator-app", method: "PATCH", body: { accountEnabled: false } }))
      .status,
    204,
  );
  assertError(await drop(`${assignments}/${of(principal)}`), 400, "Request_BadRequest", message);
  assertError(await drop(`/servicePrincipals/${principal}`), 400, "Request_BadRequest", message);
  assertError(
    await drop(`/applications/${graph.directory.operatorApplication.id}`),
    400,
    "Request_BadRequest",
    message,
  );
  const disable = await graph.ask(`/servicePrincipals/${principal}`, {
    method: "PATCH",
    body: { accountEnabled: false },
  });
  assertError(disable, 400, "Request_BadRequest", message);
  await graph.ask(`/users/${user}`, { as: "operator-app", method: "PATCH", body: { accountEnabled: true } });
  assert.equal((await drop(`${assignments}/${of(principal)}`)).status, 204);
  assertError(await drop(`${assignments}/${of(user)}`), 400, "Request_BadRequest", message);
  assertError(await drop(`/users/${user}`), 400, "Request_BadRequest", message);
  assertError(
    await graph.ask(`/users/${user}`, { method: "PATCH", body: { accountEnabled: false } }),
    400,
    "Request_BadRequest",
    message,
  );
});
