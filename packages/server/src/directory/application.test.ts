import assert from "node:assert/strict";
import { test } from "node:test";
import type { AppRole } from "../state/entities.ts";
import type { AppId, ApplicationObjectId, GroupObjectId, ServicePrincipalObjectId } from "../state/identifiers.ts";
import { type ApplicationProperties, createApplication, deleteApplication, updateApplication } from "./application.ts";
import { createGroup } from "./group.ts";
import { addMember } from "./membership.ts";
import { isOwner } from "./owner.ts";
import { faultOf, SampleDirectory, sampleTime } from "./sample-directory.ts";
import { createServicePrincipal } from "./service-principal.ts";

function add(directory: SampleDirectory, properties: Partial<ApplicationProperties>) {
  const ids = { id: directory.id<ApplicationObjectId>(), appId: directory.id<AppId>(), now: sampleTime };
  return directory.apply(createApplication(directory.model, properties, ids));
}

test("an application starts as Graph makes it today", () => {
  const directory = new SampleDirectory();
  const row = add(directory, { displayName: "  notes  " });
  assert.equal(row.displayName, "notes");
  assert.equal(row.signInAudience, "AzureADMyOrg");
  assert.deepEqual([row.identifierUris, row.passwordCredentials, row.isFallbackPublicClient], [[], [], null]);
  assert.deepEqual(directory.model.applications.get(row.id), row);
});

test("two applications may have one name", () => {
  const directory = new SampleDirectory();
  add(directory, { displayName: "twin" });
  add(directory, { displayName: "twin" });
  assert.equal(directory.model.applications.find("displayName", "twin").length, 2);
});

test("the creator that is named becomes the owner", () => {
  const directory = new SampleDirectory();
  const ownerId = directory.addUser("ada");
  const ids = { id: directory.id<ApplicationObjectId>(), appId: directory.id<AppId>(), now: sampleTime, ownerId };
  const row = directory.apply(createApplication(directory.model, { displayName: "hers" }, ids));
  assert.equal(isOwner(directory.model, row.id, ownerId), true);
  assert.equal(isOwner(directory.model, row.id, directory.start.operatorUser.id), false);
});

const role: AppRole = {
  id: "00000000-0000-4000-8000-0000000000aa" as AppRole["id"],
  value: "Notes.Read",
  displayName: "Read notes",
  description: "Reads notes.",
  isEnabled: true,
  allowedMemberTypes: ["Application"],
};

const refusals: readonly [string, Partial<ApplicationProperties>, string, string][] = [
  ["no name", {}, "displayName", "required"],
  ["a blank name", { displayName: "  " }, "displayName", "required"],
  ["a name of 121", { displayName: "n".repeat(121) }, "displayName", "too-long"],
  ["a NUL in the name", { displayName: "a\0b" }, "displayName", "malformed"],
  ["an audience of its own", { displayName: "n", signInAudience: "Everyone" as never }, "signInAudience", "malformed"],
  ["an identifier that is no URI", { displayName: "n", identifierUris: ["notes"] }, "identifierUris", "malformed"],
  [
    "somebody else's domain",
    { displayName: "n", identifierUris: ["https://graph.microsoft.com"] },
    "identifierUris",
    "not-allowed",
  ],
  [
    "a domain that only ends alike",
    { displayName: "n", identifierUris: ["https://evilpostern.test"] },
    "identifierUris",
    "not-allowed",
  ],
  [
    "plain http for a page",
    { displayName: "n", webRedirectUris: ["http://notes.test/cb"] },
    "web/redirectUris",
    "malformed",
  ],
  [
    "a script as a redirect",
    { displayName: "n", publicClientRedirectUris: ["javascript:alert(1)"] },
    "publicClient/redirectUris",
    "malformed",
  ],
  [
    "a fragment in a redirect",
    { displayName: "n", spaRedirectUris: ["https://notes.test/#x"] },
    "spa/redirectUris",
    "malformed",
  ],
  ["plain http for a sign-out", { displayName: "n", logoutUrl: "http://notes.test/out" }, "web/logoutUrl", "malformed"],
  [
    "one redirect on two platforms",
    { displayName: "n", webRedirectUris: ["https://notes.test/cb"], spaRedirectUris: ["https://Notes.test/cb"] },
    "redirectUris",
    "not-allowed",
  ],
  ["a script for a sign-out", { displayName: "n", logoutUrl: "javascript:alert(1)" }, "web/logoutUrl", "malformed"],
  ["the same tag twice", { displayName: "n", tags: ["a", "a"] }, "tags", "malformed"],
  ["a role without a name", { displayName: "n", appRoles: [{ ...role, displayName: "" }] }, "appRoles", "required"],
  [
    "two roles of one value",
    { displayName: "n", appRoles: [role, { ...role, id: "00000000-0000-4000-8000-0000000000ab" as AppRole["id"] }] },
    "appRoles",
    "malformed",
  ],
  [
    "a role with a value of 121",
    { displayName: "n", appRoles: [{ ...role, value: "v".repeat(121) }] },
    "appRoles",
    "malformed",
  ],
  ["a role for nobody", { displayName: "n", appRoles: [{ ...role, allowedMemberTypes: [] }] }, "appRoles", "malformed"],
  [
    "permissions of no API",
    { displayName: "n", requiredResourceAccess: [{ resourceAccess: [] }] },
    "requiredResourceAccess",
    "malformed",
  ],
];

for (const [name, properties, property, why] of refusals) {
  test(`refuses ${name}`, () => {
    const directory = new SampleDirectory();
    const fault = faultOf(() => add(directory, properties));
    assert.deepEqual([fault.kind, fault.property, fault.why], ["value-invalid", property, why]);
  });
}

test("an identifier URI belongs to one application only, whatever its case", () => {
  const directory = new SampleDirectory();
  const first = add(directory, { displayName: "a", identifierUris: ["api://notes"] });
  const fault = faultOf(() => add(directory, { displayName: "b", identifierUris: ["API://NOTES"] }));
  assert.deepEqual([fault.kind, fault.property], ["value-taken", "identifierUris"]);
  directory.apply(updateApplication(directory.model, first.id, { identifierUris: ["api://notes"] }));
});

test("a tenant's own domain may be in an identifier URI", () => {
  const row = add(new SampleDirectory(), { displayName: "a", identifierUris: ["https://notes.postern.test/api"] });
  assert.deepEqual(row.identifierUris, ["https://notes.postern.test/api"]);
});

test("the collections together hold 1,000 items", () => {
  const directory = new SampleDirectory();
  const tags = Array.from({ length: 1000 }, (_, index) => `tag${index}`);
  const row = add(directory, { displayName: "full", tags });
  const fault = faultOf(() => updateApplication(directory.model, row.id, { identifierUris: ["api://more"] }));
  assert.equal(fault.kind, "limit-reached");
});

test("an enabled role is disabled before it is taken away", () => {
  const directory = new SampleDirectory();
  const { id } = add(directory, { displayName: "roles", appRoles: [role] });
  assert.equal(faultOf(() => updateApplication(directory.model, id, { appRoles: [] })).why, "not-allowed");
  directory.apply(updateApplication(directory.model, id, { appRoles: [{ ...role, isEnabled: false }] }));
  directory.apply(updateApplication(directory.model, id, { appRoles: [] }));
  assert.deepEqual(directory.model.applications.get(id)?.appRoles, []);
});

test("a new name reaches the service principal", () => {
  const directory = new SampleDirectory();
  const { id, appId } = add(directory, { displayName: "old" });
  const ids = { id: directory.id<ServicePrincipalObjectId>(), now: sampleTime };
  const principal = directory.apply(createServicePrincipal(directory.model, appId, {}, ids));
  directory.apply(updateApplication(directory.model, id, { displayName: "new" }));
  assert.equal(directory.model.servicePrincipals.get(principal.id)?.displayName, "new");
});

test("deleting an application takes its principal and every relation of both, and leaves role assignments", () => {
  const directory = new SampleDirectory();
  const { model } = directory;
  const ownerId = directory.addUser("ada");
  const { id, appId } = add(directory, { displayName: "gone" });
  const ids = { id: directory.id<ServicePrincipalObjectId>(), now: sampleTime, ownerId };
  const principal = directory.apply(createServicePrincipal(model, appId, {}, ids));
  const groupProperties = { displayName: "g", mailNickname: "g", mailEnabled: false, securityEnabled: true };
  const group = directory.apply(
    createGroup(model, groupProperties, {
      id: directory.id<GroupObjectId>(),
      now: sampleTime,
      ownerIds: [principal.id],
      memberIds: [],
    }),
  );
  directory.apply(addMember(model, group.id, principal.id));
  const { changes } = deleteApplication(model, id, sampleTime);
  assert.equal(
    changes.some((change) => change.kind === "roleAssignment"),
    false,
  );
  directory.apply({ changes, result: undefined });
  assert.equal(model.applications.has(id), false);
  assert.equal(model.servicePrincipals.has(principal.id), false);
  assert.equal(model.groupMembers.size, 0);
  assert.equal(model.owners.size, 0);
  assert.equal(model.groups.has(group.id), true);
});

test("deleting the operator's application takes its directory role with it", () => {
  const directory = new SampleDirectory();
  const { model, start } = directory;
  directory.apply(deleteApplication(model, start.operatorApplication.id, sampleTime));
  assert.deepEqual(model.directoryRoleAssignments.find("principalId", start.operatorServicePrincipal.id), []);
  assert.equal(
    faultOf(() => deleteApplication(model, start.operatorApplication.id, sampleTime)).kind,
    "object-not-found",
  );
});
