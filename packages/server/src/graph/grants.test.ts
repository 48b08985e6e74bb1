/** App roles and consents over Graph: granting, and who may not grant. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { graphAppRoles } from "../directory/microsoft-graph.ts";
import { directoryRoleTemplateIds, firstPartyAppIds } from "../state/first-party.ts";
import { assertError, type TrialAnswer, TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
let graphPrincipalId: string;
const roleId = "22222222-0000-4000-8000-000000000001";
const scopeId = "22222222-0000-4000-8000-000000000002";
const readAll = graphAppRoles.find(({ value }) => value === "Directory.Read.All")!.id;

before(async () => {
  graph = await TrialGraph.start();
  graphPrincipalId = graph.cloud.model.servicePrincipals.findOne("appId", firstPartyAppIds.microsoftGraph)!.id;
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

const role = (allowedMemberTypes: readonly string[]) => ({
  id: roleId,
  value: "Notes.Read",
  displayName: "Read",
  description: "Read",
  isEnabled: true,
  allowedMemberTypes,
});

/** An API with a role for people and applications, owned by `owner` when named. */
async function addApi(name: string, owner?: string) {
  const as = owner ?? "operator-app";
  const body = {
    displayName: name,
    appRoles: [role(["User", "Application"])],
    api: {
      oauth2PermissionScopes: [
        {
          id: scopeId,
          value: "Notes.Use",
          type: "User",
          adminConsentDisplayName: "Use",
          adminConsentDescription: "Use",
        },
      ],
    },
  };
  const application = await graph.ask("/applications", { as, body });
  assert.equal(application.status, 201, application.text);
  const { appId, id } = application.body;
  const principal = await graph.ask("/servicePrincipals", { as, body: { appId } });
  assert.equal(principal.status, 201, principal.text);
  return { id, appId, principalId: principal.body.id as string };
}

const assign = (principalId: string, resourceId: string, appRoleId: string, as = "operator") =>
  graph.ask(`/servicePrincipals/${resourceId}/appRoleAssignedTo`, { as, body: { principalId, resourceId, appRoleId } });

test("a role is given from either end, listed at both, and taken away", async () => {
  const api = await addApi("api");
  const { servicePrincipalId } = await graph.addApp("client");
  const body = { principalId: servicePrincipalId, resourceId: api.principalId, appRoleId: roleId };
  const made = await graph.ask(`/servicePrincipals/${servicePrincipalId}/appRoleAssignments`, { body });
  assert.equal(made.status, 201, made.text);
  const { id, createdDateTime: _, ...rest } = made.body;
  assert.deepEqual(rest, {
    "@odata.context": `https://graph.microsoft.com/v1.0/$metadata#servicePrincipals('${servicePrincipalId}')/appRoleAssignments/$entity`,
    deletedDateTime: null,
    appRoleId: roleId,
    principalDisplayName: "client",
    principalId: servicePrincipalId,
    principalType: "ServicePrincipal",
    resourceDisplayName: "api",
    resourceId: api.principalId,
  });
  assert.match(id, /^[\w-]{43}$/, "no GUID");
  for (const path of [
    `/servicePrincipals/${servicePrincipalId}/appRoleAssignments`,
    `/servicePrincipals/${api.principalId}/appRoleAssignedTo`,
  ]) {
    assert.deepEqual(
      (await graph.ask(path)).body.value.map((row: { id: string }) => row.id),
      [id],
    );
    assert.equal((await graph.ask(`${path}/${id}`)).body.appRoleId, roleId);
  }
  assertError(
    await graph.ask(`/servicePrincipals/${servicePrincipalId}/appRoleAssignments`, { body }),
    400,
    "Request_BadRequest",
    /^Permission being assigned already exists on the object$/,
  );
  const elsewhere = `/servicePrincipals/${graphPrincipalId}/appRoleAssignedTo/${id}`;
  assertError(await graph.ask(elsewhere, { method: "DELETE" }), 404, "Request_ResourceNotFound");
  const path = `/servicePrincipals/${servicePrincipalId}/appRoleAssignments/${id}`;
  assert.equal((await graph.ask(path, { method: "DELETE" })).status, 204);
  assertError(await graph.ask(path), 404, "Request_ResourceNotFound");
});

test("people and groups hold roles, too", async () => {
  const api = await addApi("people's api");
  const userId = await graph.addUser("holder");
  const group = await graph.ask("/groups", {
    body: { displayName: "g", mailNickname: "g", mailEnabled: false, securityEnabled: true },
  });
  for (const [set, principalId] of [
    ["users", userId],
    ["groups", group.body.id],
  ] as const) {
    const path = `/${set}/${principalId}/appRoleAssignments`;
    const made = await graph.ask(path, { body: { principalId, resourceId: api.principalId, appRoleId: roleId } });
    assert.equal(made.status, 201, made.text);
    assert.equal((await graph.ask(path)).body.value.length, 1);
    assertError(
      await graph.ask(path, { body: { principalId: api.principalId, resourceId: api.principalId, appRoleId: roleId } }),
      400,
      "Request_BadRequest",
    );
  }
});

test("people see the roles and consents they have", async () => {
  const api = await addApi("self api");
  const userId = await graph.addUser("self");
  assert.equal((await assign(userId, api.principalId, roleId)).status, 201);
  const roles = await graph.ask("/me/appRoleAssignments", { as: "self" });
  assert.deepEqual(
    roles.body.value.map((row: { resourceId: string }) => row.resourceId),
    [api.principalId],
  );
  const { servicePrincipalId: clientId } = await graph.addApp("self-client");
  const body = {
    clientId,
    consentType: "Principal",
    principalId: userId,
    resourceId: graphPrincipalId,
    scope: "User.Read",
  };
  assert.equal((await graph.ask("/oauth2PermissionGrants", { body })).status, 201);
  const grants = await graph.ask("/me/oauth2PermissionGrants", { as: "self" });
  assert.equal(grants.body.value[0].clientId, clientId);
  assert.equal((await graph.ask(`/users/${userId}/oauth2PermissionGrants`)).body.value.length, 1);
});

test("a role that is not there, or not for such a principal, is not given", async () => {
  const api = await addApi("small api");
  const userId = await graph.addUser("nobody");
  const wrong = /^Permission being assigned was not found on application/;
  assertError(await assign(userId, api.principalId, scopeId), 400, "Request_BadRequest", wrong);
  assertError(await assign(userId, graphPrincipalId, readAll), 400, "Request_BadRequest", wrong);
  assertError(await assign(scopeId, api.principalId, roleId), 404, "Request_ResourceNotFound");
});

test("an application's owner gives its roles to people, and no permission to any application", async () => {
  await graph.addUser("owner");
  const api = await addApi("owned api", "owner");
  const userId = await graph.addUser("friend");
  const given = await assign(userId, api.principalId, roleId, "owner");
  assert.equal(given.status, 201, given.text);
  const { body: client } = await graph.ask("/applications", { as: "owner", body: { displayName: "owner's client" } });
  const { body: principal } = await graph.ask("/servicePrincipals", { as: "owner", body: { appId: client.appId } });
  const denied = (answer: TrialAnswer) => assertError(answer, 403, "Authorization_RequestDenied");
  denied(await assign(principal.id, api.principalId, roleId, "owner"));
  denied(await assign(principal.id, graphPrincipalId, readAll, "owner"));
  const own = `/servicePrincipals/${principal.id}/appRoleAssignments`;
  denied(
    await graph.ask(own, {
      as: "owner",
      body: { principalId: principal.id, resourceId: graphPrincipalId, appRoleId: readAll },
    }),
  );
  // Naming the owned API in the path and Graph in the body.
  denied(
    await graph.ask(`/servicePrincipals/${api.principalId}/appRoleAssignedTo`, {
      as: "owner",
      body: { principalId: principal.id, resourceId: graphPrincipalId, appRoleId: readAll },
    }),
  );
  denied(await assign(userId, api.principalId, roleId, "friend"));
});

test("Graph's permissions are granted by who may give directory roles, not by who administers applications", async () => {
  const administrator = await graph.addUser("app-admin");
  await graph.cloud.store.change({ principalId: administrator, displayName: "x" }, "Prepare", () => ({
    changes: [
      {
        kind: "directoryRoleAssignment",
        op: "put",
        row: {
          id: roleId as never,
          principalId: administrator,
          roleTemplateId: directoryRoleTemplateIds.applicationAdministrator,
        } as never,
      },
    ],
    result: undefined,
  }));
  const api = await addApi("administered api");
  const { servicePrincipalId } = await graph.addApp("asks for Graph");
  const given = await assign(servicePrincipalId, api.principalId, roleId, "app-admin");
  assert.equal(given.status, 201, given.text);
  assertError(
    await assign(servicePrincipalId, graphPrincipalId, readAll, "app-admin"),
    403,
    "Authorization_RequestDenied",
  );
  assert.equal((await assign(servicePrincipalId, graphPrincipalId, readAll, "operator")).status, 201);
  graph.addCaller("granter", {
    kind: "app",
    principalId: servicePrincipalId,
    roles: ["AppRoleAssignment.ReadWrite.All"],
  });
  const writeAll = graphAppRoles.find(({ value }) => value === "Directory.ReadWrite.All")!.id;
  assert.equal((await assign(servicePrincipalId, graphPrincipalId, writeAll, "granter")).status, 201);
  graph.addCaller("writer", { kind: "app", principalId: servicePrincipalId, roles: ["Application.ReadWrite.All"] });
  const userRead = graphAppRoles.find(({ value }) => value === "User.Read.All")!.id;
  assertError(
    await assign(servicePrincipalId, graphPrincipalId, userRead, "writer"),
    403,
    "Authorization_RequestDenied",
  );
});

test("consents are granted, found by client as az looks for them, changed and deleted", async () => {
  const { servicePrincipalId: clientId } = await graph.addApp("consenting");
  const body = {
    clientId,
    consentType: "AllPrincipals",
    principalId: null,
    resourceId: graphPrincipalId,
    scope: "User.Read Group.Read.All",
  };
  const made = await graph.ask("/oauth2PermissionGrants", { body });
  assert.equal(made.status, 201, made.text);
  const { id, "@odata.context": context, ...rest } = made.body;
  assert.equal(context, "https://graph.microsoft.com/v1.0/$metadata#oauth2PermissionGrants/$entity");
  assert.deepEqual(rest, body);
  assert.match(id, /^[\w-]{64}$/, "no GUID");
  const found = await graph.ask(`/oAuth2PermissionGrants?$filter=clientId eq '${clientId}'`);
  assert.deepEqual(
    found.body.value.map((row: { id: string }) => row.id),
    [id],
  );
  assertError(
    await graph.ask("/oauth2PermissionGrants", { body }),
    409,
    "Request_MultipleObjectsWithSameKeyValue",
    /^Permission entry already exists\.$/,
  );
  const path = `/oauth2PermissionGrants/${id}`;
  assert.equal((await graph.ask(path, { method: "PATCH", body: { scope: "User.Read" } })).status, 204);
  assert.equal((await graph.ask(path)).body.scope, "User.Read");
  assertError(await graph.ask(path, { method: "PATCH", body: { clientId } }), 400, "Request_BadRequest");
  assert.equal((await graph.ask(`/servicePrincipals/${clientId}/oauth2PermissionGrants`)).body.value.length, 1);
  assert.equal((await graph.ask(path, { method: "DELETE" })).status, 204);
  assertError(await graph.ask(path, { method: "DELETE" }), 404, "Request_ResourceNotFound");
  assertError(await graph.ask("/oauth2PermissionGrants/nothing"), 404, "Request_ResourceNotFound");
});

test("who is no administrator consents for nobody", async () => {
  const userId = await graph.addUser("eager");
  const { body: client } = await graph.ask("/applications", { as: "eager", body: { displayName: "phishing" } });
  const { body: principal } = await graph.ask("/servicePrincipals", { as: "eager", body: { appId: client.appId } });
  const base = { clientId: principal.id, resourceId: graphPrincipalId, scope: "Directory.ReadWrite.All" };
  for (const body of [
    { ...base, consentType: "AllPrincipals", principalId: null },
    { ...base, consentType: "Principal", principalId: userId },
    { ...base, consentType: "Principal", principalId: graph.directory.operatorUser.id },
  ])
    assertError(await graph.ask("/oauth2PermissionGrants", { as: "eager", body }), 403, "Authorization_RequestDenied");
  graph.addCaller("all-applications", {
    kind: "app",
    principalId: principal.id,
    roles: ["Application.ReadWrite.All"],
  });
  const body = { ...base, consentType: "AllPrincipals", principalId: null };
  const answer = await graph.ask("/oauth2PermissionGrants", { as: "all-applications", body });
  assertError(answer, 403, "Authorization_RequestDenied");
});
