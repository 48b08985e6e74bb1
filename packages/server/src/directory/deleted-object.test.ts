import assert from "node:assert/strict";
import { test } from "node:test";
import type { AppId, ApplicationObjectId, ServicePrincipalObjectId, UserObjectId } from "../state/identifiers.ts";
import { createApplication, deleteApplication, updateApplication } from "./application.ts";
import { findDeleted, listDeleted, purgeObject, restoreObject } from "./deleted-object.ts";
import { addOwner } from "./owner.ts";
import { faultOf, SampleDirectory, sampleTime } from "./sample-directory.ts";
import { createServicePrincipal, deleteServicePrincipal } from "./service-principal.ts";
import { createUser, deleteUser } from "./user.ts";

const days = (count: number): Date => new Date(sampleTime.getTime() + count * 24 * 60 * 60 * 1000);

function setUp() {
  const directory = new SampleDirectory();
  const { model } = directory;
  const addApp = (identifierUris: readonly string[] = []) => {
    const by = { id: directory.id<ApplicationObjectId>(), appId: directory.id<AppId>(), now: sampleTime };
    const { id, appId } = directory.apply(createApplication(model, { displayName: "app", identifierUris }, by));
    return { id, appId };
  };
  const addPrincipal = (appId: AppId) => {
    const by = { id: directory.id<ServicePrincipalObjectId>(), now: sampleTime };
    return directory.apply(createServicePrincipal(model, appId, {}, by)).id;
  };
  return { directory, model, addApp, addPrincipal };
}

test("an application and its principal come back one by one, with their owners", () => {
  const { directory, model, addApp, addPrincipal } = setUp();
  const ada = directory.addUser("ada");
  const { id, appId } = addApp();
  const principalId = addPrincipal(appId);
  directory.apply(addOwner(model, { kind: "application", id }, ada));
  const application = model.applications.get(id);
  directory.apply(deleteApplication(model, id, sampleTime));
  assert.equal(model.owners.size, 0);
  assert.deepEqual(
    listDeleted(model, "application", sampleTime).map((row) => row.id),
    [id],
  );
  assert.equal(faultOf(() => restoreObject(model, principalId, sampleTime)).kind, "reference-not-found");
  directory.apply(restoreObject(model, id, days(29)));
  assert.deepEqual(model.applications.get(id), application);
  assert.equal(model.servicePrincipals.has(principalId), false, "the principal stays in the bin");
  assert.deepEqual(
    model.owners.find("ownedId", id).map(({ ownerId }) => ownerId),
    [ada],
  );
  directory.apply(restoreObject(model, principalId, days(29)));
  assert.equal(model.servicePrincipals.has(principalId), true);
  assert.equal(model.deletedObjects.size, 0);
});

test("a relation to what is gone stays away", () => {
  const { directory, model, addApp } = setUp();
  const ada = directory.addUser("ada");
  const { id } = addApp();
  directory.apply(addOwner(model, { kind: "application", id }, ada));
  directory.apply(deleteApplication(model, id, sampleTime));
  directory.apply(deleteUser(model, ada, sampleTime));
  directory.apply(restoreObject(model, id, sampleTime));
  assert.equal(model.owners.size, 0);
});

test("after 30 days an object is gone, and its row goes with the next deletion", () => {
  const { directory, model } = setUp();
  const [ada, bob] = [directory.addUser("ada"), directory.addUser("bob")];
  directory.apply(deleteUser(model, ada, sampleTime));
  assert.equal(findDeleted(model, ada, days(29.99))?.id, ada);
  assert.equal(findDeleted(model, ada, days(30)), undefined);
  assert.deepEqual(listDeleted(model, "user", days(30)), []);
  assert.equal(faultOf(() => restoreObject(model, ada, days(30))).kind, "object-not-found");
  assert.equal(faultOf(() => purgeObject(model, ada, days(30))).kind, "object-not-found");
  directory.apply(deleteUser(model, bob, days(31)));
  assert.deepEqual(
    [...model.deletedObjects.values()].map((row) => row.id),
    [bob],
  );
});

test("an identifier URI in the bin is not free; a user's name is, and then cannot be restored", () => {
  const { directory, model, addApp } = setUp();
  const { id } = addApp(["api://notes"]);
  const second = addApp();
  directory.apply(deleteApplication(model, id, sampleTime));
  const take = () => updateApplication(model, second.id, { identifierUris: ["api://NOTES"] });
  assert.equal(faultOf(take).kind, "value-taken");
  directory.apply(purgeObject(model, id, sampleTime));
  directory.apply(take());

  const ada = directory.addUser("ada");
  const { userPrincipalName, displayName, mailNickname } = model.users.get(ada)!;
  directory.apply(deleteUser(model, ada, sampleTime));
  const properties = { userPrincipalName, displayName, mailNickname, accountEnabled: true, passwordHash: "x" };
  directory.apply(createUser(model, properties, { id: directory.id<UserObjectId>(), now: sampleTime }));
  assert.equal(faultOf(() => restoreObject(model, ada, sampleTime)).property, "userPrincipalName");
});

test("a second principal made meanwhile keeps the first in the bin", () => {
  const { directory, model, addApp, addPrincipal } = setUp();
  const { appId } = addApp();
  const first = addPrincipal(appId);
  directory.apply(deleteServicePrincipal(model, first, sampleTime));
  addPrincipal(appId);
  assert.equal(faultOf(() => restoreObject(model, first, sampleTime)).kind, "value-taken");
});
