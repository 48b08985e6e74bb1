/** What a portal's pages ask of Graph, in the form its browser asks it: with `$search`, counts, casts and pages. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
let app: { id: string; appId: string; servicePrincipalId: string };
let user: string;
const eventual = { headers: { consistencylevel: "eventual" } };
const ref = (id: string) => ({ "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });

before(async () => {
  graph = await TrialGraph.start();
  graph.addCaller("auditor", { scopes: ["AuditLog.Read.All"] });
  app = await graph.addApp("alpha notes");
  await graph.addApp("beta pages");
  user = await graph.addUser("ada");
  await graph.ask(`/applications/${app.id}/owners/$ref`, { body: ref(user) });
  await graph.ask(`/servicePrincipals/${app.servicePrincipalId}/owners/$ref`, { body: ref(user) });
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

const namesOf = (body: { value: { displayName: string }[] }) => body.value.map(({ displayName }) => displayName);
const search = (path: string, text: string) =>
  graph.ask(`${path}?$search=${encodeURIComponent(text)}&$count=true&$orderby=displayName&$top=25`, eventual);

test("applications are searched by name or id at once, counted and in order", async () => {
  const byName = await search("/applications", '"displayName:not" OR "appId:not"');
  assert.deepEqual([byName.body["@odata.count"], namesOf(byName.body)], [1, ["alpha notes"]]);
  const byId = await search("/applications", `"displayName:${app.appId}" OR "appId:${app.appId}"`);
  assert.deepEqual(namesOf(byId.body), ["alpha notes"]);
  const all = await graph.ask("/applications?$count=true&$orderby=displayName desc&$top=1", eventual);
  assert.deepEqual([all.body["@odata.count"], namesOf(all.body)], [3, ["Postern operator"]]);
  const next = await graph.ask(all.body["@odata.nextLink"].slice("https://graph.microsoft.com".length), eventual);
  assert.deepEqual(namesOf(next.body), ["beta pages"]);
});

test("people, groups and service principals are searched alike", async () => {
  const people = await search("/users", '"displayName:ad" OR "userPrincipalName:ad" OR "mail:ad"');
  assert.deepEqual(namesOf(people.body), ["ada"]);
  const principals = await search("/servicePrincipals", '"displayName:alpha"');
  assert.deepEqual(namesOf(principals.body), ["alpha notes"]);
  assert.deepEqual((await search("/groups", '"displayName:none"')).body.value, []);
});

test("what somebody owns is listed, by type too", async () => {
  const owned = (await graph.ask(`/users/${user}/ownedObjects`)).body.value;
  assert.deepEqual(owned.map((row: { id: string }) => row.id).sort(), [app.id, app.servicePrincipalId].sort());
  const applications = await graph.ask(`/users/${user}/ownedObjects/microsoft.graph.application?$select=id,appId`);
  assert.deepEqual(applications.body.value, [{ id: app.id, appId: app.appId }]);
  assert.deepEqual((await graph.ask(`/servicePrincipals/${app.servicePrincipalId}/ownedObjects`)).body.value, []);
});

test("an application with its federated credentials and owners in one request", async () => {
  const credential = {
    name: "main",
    issuer: "https://issuer.test",
    subject: "s",
    audiences: ["api://AzureADTokenExchange"],
  };
  await graph.ask(`/applications/${app.id}/federatedIdentityCredentials`, { body: credential });
  const expand = "federatedIdentityCredentials,owners($select=id)";
  const { body } = await graph.ask(`/applications/${app.id}?$select=id&$expand=${expand}`);
  assert.equal(body.federatedIdentityCredentials[0].subject, "s");
  assert.deepEqual(body.owners, [{ "@odata.type": "#microsoft.graph.user", id: user }]);
});

test("several objects in one change: members bound to a group that is there", async () => {
  const made = { displayName: "g", mailNickname: "g", mailEnabled: false, securityEnabled: true };
  const { id } = (await graph.ask("/groups", { body: made })).body;
  const bound = { "members@odata.bind": [user, app.servicePrincipalId].map((one) => ref(one)["@odata.id"]) };
  assert.equal((await graph.ask(`/groups/${id}`, { method: "PATCH", body: bound })).status, 204);
  const members = await graph.ask(`/groups/${id}/members?$select=id&$count=true`, eventual);
  assert.equal(members.body["@odata.count"], 2);
});

test("the bin: deleted applications with the time, restored or gone for good", async () => {
  const doomed = await graph.addApp("doomed");
  await graph.ask(`/applications/${doomed.id}`, { method: "DELETE" });
  const bin = "/directory/deletedItems/microsoft.graph.application?$select=id,displayName,deletedDateTime&$top=10";
  const [listed] = (await graph.ask(bin)).body.value;
  assert.deepEqual([listed.id, listed.displayName], [doomed.id, "doomed"]);
  assert.match(listed.deletedDateTime, /^2026-03-01T12:00:00Z$/);
  const restore = `/directory/deletedItems/${doomed.id}/restore`;
  assert.equal((await graph.ask(restore, { method: "POST", body: {} })).status, 200);
  assert.equal((await graph.ask(`/applications/${doomed.id}`)).status, 200);
  await graph.ask(`/applications/${doomed.id}`, { method: "DELETE" });
  assert.equal((await graph.ask(`/directory/deletedItems/${doomed.id}`, { method: "DELETE" })).status, 204);
  assert.deepEqual((await graph.ask(bin)).body.value, []);
});

test("what was done to one application, newest first", async () => {
  const filter = encodeURIComponent(`targetResources/any(t:t/id eq '${app.id}')`);
  const { body } = await graph.ask(`/auditLogs/directoryAudits?$filter=${filter}&$top=2`, { as: "auditor" });
  assert.equal(body.value.length, 2);
  assert.ok(body.value[0].activityDateTime >= body.value[1].activityDateTime);
  for (const row of body.value) assert.ok(row.targetResources.some((target: { id: string }) => target.id === app.id));
});
