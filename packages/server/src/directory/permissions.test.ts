import assert from "node:assert/strict";
import { test } from "node:test";
import { put } from "../state/change.ts";
import { directoryRoleTemplateIds } from "../state/first-party.ts";
import type { AppId, ApplicationObjectId, Guid, PrincipalId, ServicePrincipalObjectId } from "../state/identifiers.ts";
import { createApplication } from "./application.ts";
import { addOwner } from "./owner.ts";
import { type DirectoryAction, type DirectoryCaller, mayAct, permissionsFor } from "./permissions.ts";
import { SampleDirectory, sampleTime } from "./sample-directory.ts";
import { createServicePrincipal } from "./service-principal.ts";

const reads: readonly DirectoryAction[] = [
  "read-applications",
  "read-users",
  "read-groups",
  "read-objects",
  "read-organization",
  "read-roles",
];
const writes: readonly DirectoryAction[] = [
  "create-application",
  "create-service-principal",
  "manage-application",
  "manage-users",
  "reset-password",
  "create-group",
  "manage-group",
  "manage-members",
];
const all: readonly DirectoryAction[] = [...reads, ...writes, "read-self"];

type World = { directory: SampleDirectory; app: PrincipalId; ownedId: ApplicationObjectId; member: PrincipalId };

/** An app with a service principal, a member, and an application that both own. */
function setUp(): World {
  const directory = new SampleDirectory();
  const { model } = directory;
  const ids = { id: directory.id<ApplicationObjectId>(), appId: directory.id<AppId>(), now: sampleTime };
  const application = directory.apply(createApplication(model, { displayName: "app" }, ids));
  const principalIds = { id: directory.id<ServicePrincipalObjectId>(), now: sampleTime };
  const app = directory.apply(createServicePrincipal(model, application.appId, {}, principalIds)).id;
  const member = directory.addUser("ada");
  for (const ownerId of [app, member])
    directory.apply(addOwner(model, { kind: "application", id: application.id }, ownerId));
  return { directory, app, ownedId: application.id, member };
}

function allowed({ directory }: World, caller: DirectoryCaller, ownedId?: string): DirectoryAction[] {
  return all.filter((action) => mayAct(directory.model, caller, action, ownedId));
}

const appToken = (world: World, ...roles: string[]): DirectoryCaller => ({
  principalId: world.app,
  kind: "app",
  scopes: [],
  roles,
});
const userToken = (principalId: PrincipalId, ...scopes: string[]): DirectoryCaller => ({
  principalId,
  kind: "user",
  scopes,
  roles: [],
});

test("an ordinary app may do nothing, not even to what it owns", () => {
  const world = setUp();
  assert.deepEqual(allowed(world, appToken(world), world.ownedId), []);
});

test("a scope in an app's own token counts for nothing, nor does a role in a person's", () => {
  const world = setUp();
  const odd: DirectoryCaller = { ...appToken(world), scopes: ["Directory.AccessAsUser.All"] };
  assert.deepEqual(allowed(world, odd, world.ownedId), []);
  const person: DirectoryCaller = { ...userToken(world.member), roles: ["Directory.ReadWrite.All"] };
  assert.deepEqual(allowed(world, person, world.ownedId), []);
});

test("application permissions cover what they say", () => {
  const world = setUp();
  assert.deepEqual(allowed(world, appToken(world, "Application.Read.All")), ["read-applications"]);
  assert.deepEqual(allowed(world, appToken(world, "Directory.Read.All")), reads);
  assert.deepEqual(allowed(world, appToken(world, "Application.ReadWrite.All")), [
    "read-applications",
    "create-application",
    "create-service-principal",
    "manage-application",
  ]);
});

test("OwnedBy covers what the app owns and nothing else", () => {
  const world = setUp();
  const caller = appToken(world, "Application.ReadWrite.OwnedBy");
  const other = world.directory.start.operatorApplication.id;
  assert.deepEqual(allowed(world, caller, other), ["read-applications", "create-application"]);
  assert.deepEqual(allowed(world, caller, world.ownedId), [
    "read-applications",
    "create-application",
    "create-service-principal",
    "manage-application",
  ]);
});

test("no application permission resets a password", () => {
  const world = setUp();
  const caller = appToken(world, "User.ReadWrite.All", "Directory.ReadWrite.All", "Application.ReadWrite.All");
  assert.equal(mayAct(world.directory.model, caller, "reset-password", undefined), false);
  assert.equal(mayAct(world.directory.model, caller, "manage-users", undefined), true);
});

test("a directory role works for an app without any permission", () => {
  const world = setUp();
  const hold = (roleTemplateId: Guid) =>
    world.directory.model.apply(
      put("directoryRoleAssignment", { id: "role" as Guid, principalId: world.app, roleTemplateId }),
    );
  hold(directoryRoleTemplateIds.directoryReaders);
  assert.deepEqual(allowed(world, appToken(world)), [...reads, "read-self"]);
  hold(directoryRoleTemplateIds.applicationAdministrator);
  assert.deepEqual(allowed(world, appToken(world)), [
    ...reads,
    "create-application",
    "create-service-principal",
    "manage-application",
    "read-self",
  ]);
  hold(directoryRoleTemplateIds.globalAdministrator);
  assert.deepEqual(allowed(world, appToken(world)), all);
});

test("a member reads, registers and manages what is theirs", () => {
  const world = setUp();
  const caller = userToken(world.member, "Directory.AccessAsUser.All");
  const always = [...reads, "create-application", "create-group", "read-self"];
  assert.deepEqual(allowed(world, caller).sort(), always.sort());
  const owned = allowed(world, caller, world.ownedId);
  for (const action of ["manage-application", "create-service-principal"] as const)
    assert.equal(owned.includes(action), true, action);
  for (const action of ["manage-users", "reset-password"] as const) assert.equal(owned.includes(action), false, action);
});

test("an app does no more for an administrator than the scope it was given", () => {
  const world = setUp();
  const operator = world.directory.start.operatorUser.id;
  assert.deepEqual(allowed(world, userToken(operator)), []);
  assert.deepEqual(allowed(world, userToken(operator, "User.Read")), ["read-organization", "read-self"]);
  assert.deepEqual(allowed(world, userToken(operator, "Directory.AccessAsUser.All")), all);
});

test("the table's column names each permission once", () => {
  assert.equal(
    permissionsFor("create-service-principal"),
    "Application.ReadWrite.All | Application.ReadWrite.OwnedBy | Directory.AccessAsUser.All",
  );
});
