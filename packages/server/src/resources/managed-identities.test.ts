import assert from "node:assert/strict";
import { test } from "node:test";
import { addPassword } from "../directory/credential.ts";
import { createFederatedCredential } from "../directory/federated-credential.ts";
import { faultOf, SampleDirectory, sampleTime } from "../directory/sample-directory.ts";
import { deleteServicePrincipal } from "../directory/service-principal.ts";
import { put } from "../state/change.ts";
import type { RoleAssignment } from "../state/entities.ts";
import type { Guid, SubscriptionId } from "../state/identifiers.ts";
import { bootstrapResources } from "./bootstrap.ts";
import {
  deleteManagedIdentity,
  findManagedIdentity,
  parseIdentityId,
  putManagedIdentity,
  updateManagedIdentity,
} from "./managed-identities.ts";
import { putResourceGroup, startGroupDeletion } from "./resource-groups.ts";
import { scopeOfManagedIdentity } from "./scopes.ts";

const subscriptionId = "22222222-2222-2222-2222-222222222222" as SubscriptionId;
const place = { subscriptionId, resourceGroup: "RG1", name: "worker" };
const wanted = { ...place, location: "West Europe", tags: undefined };

function setUp() {
  const directory = new SampleDirectory();
  const { model } = directory;
  for (const change of bootstrapResources(model.tenant.tenantId, subscriptionId, sampleTime.toISOString()))
    model.apply(change);
  const group = { subscriptionId, name: "rg1", location: "westeurope", tags: {}, managedBy: null };
  directory.apply(putResourceGroup(model, group));
  const ports = { now: () => sampleTime, guid: () => directory.id<string>() };
  const create = (more: object = {}) => directory.apply(putManagedIdentity(model, { ...wanted, ...more }, ports));
  return { directory, model, ports, create };
}

test("an identity comes with a service principal that no application stands behind", () => {
  const { model, create } = setUp();
  const { identity, isNew } = create();
  assert.equal(isNew, true);
  assert.equal(identity.location, "westeurope");
  assert.equal(identity.resourceGroup, "rg1");
  const principal = model.servicePrincipals.get(identity.principalId)!;
  assert.deepEqual(
    [principal.servicePrincipalType, principal.appId, principal.displayName, principal.accountEnabled],
    ["ManagedIdentity", identity.clientId, "worker", true],
  );
  assert.equal(model.applications.findOne("appId", identity.clientId), undefined);
});

test("asked for again it keeps its ids and takes the new tags, but does not move", () => {
  const { directory, model, ports, create } = setUp();
  const { identity } = create({ tags: { a: "1" } });
  const again = create({ name: "WORKER", tags: { b: "2" } });
  assert.deepEqual(again, { identity: { ...identity, tags: { b: "2" } }, isNew: false });
  assert.equal(
    faultOf(() => putManagedIdentity(model, { ...wanted, location: "eastus" }, ports)).kind,
    "location-conflict",
  );
  directory.apply(updateManagedIdentity(model, { ...place, tags: undefined }));
  assert.deepEqual(findManagedIdentity(model, place)?.tags, { b: "2" });
});

test("bad names and places are refused", () => {
  const { model, ports } = setUp();
  const faultFor = (more: object) => faultOf(() => putManagedIdentity(model, { ...wanted, ...more }, ports));
  for (const name of ["ab", "-abc", "_abc", "a.b.c", "a b c", "größe", "x".repeat(129)])
    assert.equal(faultFor({ name }).property, "name", name);
  assert.equal(faultFor({ location: "atlantis" }).property, "location");
  assert.equal(faultFor({ location: undefined }).why, "required");
  assert.equal(faultFor({ resourceGroup: "none" }).kind, "resource-group-not-found");
  assert.equal(faultFor({ tags: { "a<b": "" } }).property, "tags");
});

test("nobody gives the principal a secret or deletes it by hand", () => {
  const { directory, model, create } = setUp();
  const { principalId } = create().identity;
  const made = { keyId: directory.id(), hint: "abc", secretHash: "hash", now: sampleTime };
  const request = { displayName: null, startDateTime: null, endDateTime: null };
  const holder = { kind: "servicePrincipal", id: principalId } as const;
  assert.equal(faultOf(() => addPassword(model, holder, request, made)).property, "servicePrincipalType");
  assert.equal(faultOf(() => deleteServicePrincipal(model, principalId, sampleTime)).property, "servicePrincipalType");
});

/** Gives the identity a credential, and somebody a role at it. */
function hangThingsOn({ directory, model, create }: ReturnType<typeof setUp>) {
  const { identity } = create();
  const parent = { parentKind: "managedIdentity", parentId: identity.principalId } as const;
  const properties = {
    issuer: "https://token.example",
    subject: "s",
    claimsMatchingExpression: null,
    audiences: ["a"],
    description: null,
  };
  directory.apply(createFederatedCredential(model, parent, "credential", properties, directory.id()));
  const assignment = {
    name: directory.id<Guid>(),
    scope: scopeOfManagedIdentity(identity),
    roleDefinitionId: "f1a07417-d97a-45cb-824c-7a7467783830" as Guid,
    principalId: identity.principalId,
    principalType: "ServicePrincipal",
  } as RoleAssignment;
  model.apply(put("roleAssignment", assignment));
  return identity;
}

test("deleted, it takes its principal, its credentials and the roles at it along", () => {
  const all = setUp();
  const { directory, model } = all;
  const identity = hangThingsOn(all);
  assert.equal(directory.apply(deleteManagedIdentity(model, { ...place, name: "Worker" })), true);
  assert.equal(model.managedIdentities.size, 0);
  assert.equal(model.servicePrincipals.get(identity.principalId), undefined);
  assert.equal(model.federatedIdentityCredentials.size, 0);
  assert.equal(model.roleAssignments.size, 0);
  assert.deepEqual(deleteManagedIdentity(model, place), { changes: [], result: false });
});

test("a group's deletion takes it along at once", () => {
  const all = setUp();
  const { directory, model } = all;
  const identity = hangThingsOn(all);
  directory.apply(startGroupDeletion(model, subscriptionId, "rg1"));
  assert.equal(model.managedIdentities.size, 0);
  assert.equal(model.servicePrincipals.get(identity.principalId), undefined);
  assert.equal(model.federatedIdentityCredentials.size, 0);
  assert.equal(faultOf(() => putManagedIdentity(model, wanted, all.ports)).kind, "resource-group-being-deleted");
});

test("a resource id is read in any case, and nothing else is", () => {
  const identity = { subscriptionId, resourceGroup: "rg1", name: "worker" };
  assert.deepEqual(parseIdentityId(scopeOfManagedIdentity(identity)), identity);
  assert.deepEqual(parseIdentityId(scopeOfManagedIdentity(identity).toUpperCase()), {
    subscriptionId,
    resourceGroup: "RG1",
    name: "WORKER",
  });
  for (const text of [
    "",
    "worker",
    `${scopeOfManagedIdentity(identity)}/x/y`,
    scopeOfManagedIdentity(identity).slice(1),
  ])
    assert.equal(parseIdentityId(text), undefined, text);
});
