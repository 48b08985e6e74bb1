import assert from "node:assert/strict";
import { test } from "node:test";
import type { AppRole } from "../state/entities.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import type {
  AppId,
  ApplicationObjectId,
  GroupObjectId,
  Guid,
  ServicePrincipalObjectId,
} from "../state/identifiers.ts";
import { consentForAll, requiredPermissions } from "./admin-consent.ts";
import { assignAppRole, defaultAppRoleId, heldRoleValues, removeAppRoleAssignment } from "./app-role-assignment.ts";
import { type ApplicationProperties, createApplication, updateApplication } from "./application.ts";
import { createGroup } from "./group.ts";
import { addMember } from "./membership.ts";
import { graphAppRoles, graphScopes } from "./microsoft-graph.ts";
import { createGrant, deleteGrant, type GrantRequest, updateGrant } from "./permission-grant.ts";
import { faultOf, SampleDirectory, sampleTime } from "./sample-directory.ts";
import { createServicePrincipal } from "./service-principal.ts";

const role = (id: Guid, value: string, allowedMemberTypes: readonly string[], isEnabled = true): AppRole => ({
  id,
  value,
  displayName: value,
  description: value,
  isEnabled,
  allowedMemberTypes,
});

function setUp() {
  const directory = new SampleDirectory();
  const { model } = directory;
  const addApp = (properties: Partial<ApplicationProperties>) => {
    const by = { id: directory.id<ApplicationObjectId>(), appId: directory.id<AppId>(), now: sampleTime };
    const application = directory.apply(createApplication(model, properties, by));
    const spBy = { id: directory.id<ServicePrincipalObjectId>(), now: sampleTime };
    const principal = directory.apply(createServicePrincipal(model, application.appId, {}, spBy));
    return { application, principal };
  };
  const roles = {
    read: role(directory.id(), "Notes.Read", ["Application", "User"]),
    write: role(directory.id(), "Notes.Write", ["Application"]),
    off: role(directory.id(), "Notes.Off", ["Application", "User"], false),
  };
  const api = addApp({ displayName: "api", appRoles: Object.values(roles) });
  const client = addApp({ displayName: "client" });
  const assign = (principalId: string, appRoleId: Guid, resourceId: string = api.principal.id) =>
    assignAppRole(model, { principalId, resourceId, appRoleId }, { id: directory.id(), now: sampleTime });
  const graph = model.servicePrincipals.findOne("appId", firstPartyAppIds.microsoftGraph)!;
  return { directory, model, addApp, roles, api, client, assign, graph };
}

test("an application's token has the values of the roles it was given, in the order of the resource", () => {
  const { directory, model, roles, api, client, assign } = setUp();
  directory.apply(assign(client.principal.id, roles.write.id));
  const read = directory.apply(assign(client.principal.id, roles.read.id));
  assert.deepEqual(heldRoleValues(model, client.principal.id, api.principal), ["Notes.Read", "Notes.Write"]);
  directory.apply(removeAppRoleAssignment(model, read.id));
  assert.deepEqual(heldRoleValues(model, client.principal.id, api.principal), ["Notes.Write"]);
});

test("a person holds the roles of the groups they are in directly, not of groups within groups", () => {
  const { directory, model, roles, api, assign } = setUp();
  const ada = directory.addUser("ada");
  const addGroup = (name: string) => {
    const properties = { displayName: name, mailNickname: name, mailEnabled: false, securityEnabled: true };
    const by = { id: directory.id<GroupObjectId>(), now: sampleTime, ownerIds: [], memberIds: [] };
    return directory.apply(createGroup(model, properties, by)).id;
  };
  const [inner, outer] = [addGroup("inner"), addGroup("outer")];
  directory.apply(addMember(model, inner, ada));
  directory.apply(addMember(model, outer, inner));
  directory.apply(assign(outer, roles.read.id));
  assert.deepEqual(heldRoleValues(model, ada, api.principal), []);
  directory.apply(assign(inner, roles.read.id));
  assert.deepEqual(heldRoleValues(model, ada, api.principal), ["Notes.Read"]);
});

test("a role is given only where it is offered, to whom it is for, and once", () => {
  const { directory, roles, client, assign, graph } = setUp();
  const ada = directory.addUser("ada");
  const whyOf = (principalId: string, roleId: Guid, resourceId?: string) =>
    faultOf(() => assign(principalId, roleId, resourceId));
  assert.equal(whyOf(ada, roles.write.id).why, "not-allowed", "a role for applications");
  assert.equal(whyOf(client.principal.id, roles.off.id).why, "not-allowed", "a disabled role");
  assert.equal(whyOf(client.principal.id, directory.id()).why, "not-allowed", "no such role");
  assert.equal(whyOf(client.principal.id, defaultAppRoleId).why, "not-allowed", "there are roles to name");
  assert.equal(whyOf(client.principal.id, roles.read.id, graph.id).why, "not-allowed", "another's role");
  assert.equal(whyOf(directory.id(), roles.read.id).kind, "reference-not-found");
  assert.equal(whyOf(client.principal.id, roles.read.id, client.application.id).kind, "reference-not-found");
  directory.apply(assign(client.principal.id, roles.read.id));
  assert.equal(whyOf(client.principal.id, roles.read.id).kind, "already-there");
  directory.apply(assign(ada, defaultAppRoleId, client.principal.id));
});

test("Microsoft Graph's permissions are roles of its service principal", () => {
  const { directory, model, client, assign, graph } = setUp();
  const permission = graphAppRoles.find(({ value }) => value === "Directory.Read.All")!;
  directory.apply(assign(client.principal.id, permission.id, graph.id));
  assert.deepEqual(heldRoleValues(model, client.principal.id, graph), ["Directory.Read.All"]);
});

test("a role must be disabled before it can go, and then takes its assignments with it", () => {
  const { directory, model, roles, api, client, assign } = setUp();
  directory.apply(assign(client.principal.id, roles.read.id));
  const { write, off } = roles;
  const update = (appRoles: readonly AppRole[]) => updateApplication(model, api.application.id, { appRoles });
  assert.equal(faultOf(() => update([write, off])).why, "not-allowed");
  directory.apply(update([{ ...roles.read, isEnabled: false }, write, off]));
  assert.deepEqual(heldRoleValues(model, client.principal.id, api.principal), [], "a disabled role is in no token");
  directory.apply(update([write, off]));
  assert.equal(model.appRoleAssignments.size, 0);
});

test("a consent is one for a client, a resource and a person or everyone", () => {
  const { directory, model, client, graph } = setUp();
  const ada = directory.addUser("ada");
  const forAll: GrantRequest = {
    clientId: client.principal.id,
    consentType: "AllPrincipals",
    principalId: null,
    resourceId: graph.id,
    scope: " User.Read  Group.Read.All User.Read",
  };
  const create = (more: Partial<GrantRequest>) => createGrant(model, { ...forAll, ...more }, directory.id());
  const row = directory.apply(create({}));
  assert.deepEqual(row.scopes, ["User.Read", "Group.Read.All"]);
  assert.equal(faultOf(() => create({})).kind, "value-taken");
  directory.apply(create({ consentType: "Principal", principalId: ada }));
  assert.equal(faultOf(() => create({ consentType: "Principal" })).property, "principalId");
  assert.equal(faultOf(() => create({ principalId: ada })).property, "principalId");
  assert.equal(faultOf(() => create({ consentType: "Everyone" })).property, "consentType");
  assert.equal(faultOf(() => create({ clientId: client.application.appId })).kind, "reference-not-found");
  assert.equal(faultOf(() => create({ resourceId: directory.id() })).kind, "reference-not-found");
  assert.deepEqual(directory.apply(updateGrant(model, row.id, "User.Read")).scopes, ["User.Read"]);
  directory.apply(deleteGrant(model, row.id));
  assert.equal(faultOf(() => deleteGrant(model, row.id)).kind, "object-not-found");
});

test("an administrator's consent grants all that is asked for and known, and can be given again", () => {
  const { directory, model, roles, api, addApp, graph } = setUp();
  const scope = graphScopes.find(({ value }) => value === "Group.Read.All")!;
  const permission = graphAppRoles.find(({ value }) => value === "User.Read.All")!;
  const required = [
    {
      resourceAppId: graph.appId,
      resourceAccess: [
        { id: scope.id, type: "Scope" },
        { id: permission.id, type: "Role" },
        { id: directory.id(), type: "Role" },
      ],
    },
    { resourceAppId: api.application.appId, resourceAccess: [{ id: roles.write.id, type: "Role" }] },
    { resourceAppId: directory.id<AppId>(), resourceAccess: [] },
  ];
  const { application, principal } = addApp({ displayName: "asker", requiredResourceAccess: required });
  assert.equal(requiredPermissions(model, application).length, 2);
  const by = { guid: () => directory.id(), now: sampleTime };
  directory.apply(consentForAll(model, principal, requiredPermissions(model, application), by));
  assert.deepEqual(heldRoleValues(model, principal.id, graph), ["User.Read.All"]);
  assert.deepEqual(heldRoleValues(model, principal.id, api.principal), ["Notes.Write"]);
  assert.deepEqual(
    model.oauth2PermissionGrants.find("clientId", principal.id).map(({ scopes }) => scopes),
    [["Group.Read.All"]],
  );
  directory.apply(consentForAll(model, principal, requiredPermissions(model, application), by));
  assert.equal(model.appRoleAssignments.find("principalId", principal.id).length, 2);
});
