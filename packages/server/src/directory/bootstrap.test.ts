import assert from "node:assert/strict";
import { test } from "node:test";
import { firstPartyAppIds } from "../state/first-party.ts";
import type { AppId, ServicePrincipalObjectId } from "../state/identifiers.ts";
import { isFirstParty } from "./managed-identity-principal.ts";
import { faultOf, SampleDirectory, sampleTime } from "./sample-directory.ts";
import { createServicePrincipal, deleteServicePrincipal } from "./service-principal.ts";

test("a new cloud has one tenant, an operator twice over, and Microsoft's own principals", () => {
  const { model, start } = new SampleDirectory();
  assert.equal(model.tenant, start.tenant);
  assert.equal(start.operatorUser.userPrincipalName, `operator@${model.tenant.domains[0]}`);
  assert.equal(model.directoryRoleAssignments.size, 2);
  for (const appId of Object.values(firstPartyAppIds)) {
    const principal = model.servicePrincipals.findOne("appId", appId);
    assert.equal(principal && isFirstParty(principal), true, appId);
    assert.equal(model.applications.findOne("appId", appId), undefined);
  }
  assert.equal(isFirstParty(start.operatorServicePrincipal), false);
  assert.equal(new Set(start.changes.map((change) => JSON.stringify(change))).size, start.changes.length);
});

test("a service principal needs an application of the tenant, and there is one for each", () => {
  const directory = new SampleDirectory();
  const { model, start } = directory;
  const ids = { id: directory.id<ServicePrincipalObjectId>(), now: sampleTime };
  const fault = faultOf(() => createServicePrincipal(model, directory.id<AppId>(), {}, ids));
  assert.deepEqual([fault.kind, fault.property], ["reference-not-found", "appId"]);
  const taken = [start.operatorApplication.appId, firstPartyAppIds.azureCli];
  for (const appId of taken)
    assert.equal(faultOf(() => createServicePrincipal(model, appId, {}, ids)).kind, "value-taken");
});

test("Microsoft's own principals cannot be deleted, others can", () => {
  const directory = new SampleDirectory();
  const { model, start } = directory;
  const graph = model.servicePrincipals.findOne("appId", firstPartyAppIds.microsoftGraph)!;
  assert.equal(faultOf(() => deleteServicePrincipal(model, graph.id, sampleTime)).why, "not-allowed");
  directory.apply(deleteServicePrincipal(model, start.operatorServicePrincipal.id, sampleTime));
  assert.equal(model.servicePrincipals.has(start.operatorServicePrincipal.id), false);
  assert.equal(model.applications.has(start.operatorApplication.id), true);
});
