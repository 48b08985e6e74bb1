/** The directory's bin over Graph. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertError, TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
before(async () => {
  graph = await TrialGraph.start();
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

const listed = async (kind: string): Promise<string[]> => {
  const { status, body, text } = await graph.ask(`/directory/deletedItems/microsoft.graph.${kind}`);
  assert.equal(status, 200, text);
  return body.value.map((row: { id: string }) => row.id);
};

test("an application is deleted, listed, looked at and restored; its principal by itself", async () => {
  const { id, appId, servicePrincipalId } = await graph.addApp("comes back");
  assert.equal((await graph.ask(`/applications/${id}`, { method: "DELETE" })).status, 204);
  assert.ok((await listed("application")).includes(id));
  assert.ok((await listed("servicePrincipal")).includes(servicePrincipalId));
  const shown = await graph.ask(`/directory/deletedItems/${id}`);
  assert.equal(shown.body["@odata.type"], "#microsoft.graph.application");
  assert.equal(shown.body.appId, appId);
  assert.equal(shown.body.deletedDateTime, "2026-03-01T12:00:00Z");
  const filtered = await graph.ask(`/directory/deletedItems/microsoft.graph.application?$filter=appId eq '${appId}'`);
  assert.deepEqual(
    filtered.body.value.map((row: { id: string }) => row.id),
    [id],
  );

  assertError(
    await graph.ask(`/directory/deletedItems/${servicePrincipalId}/restore`, { method: "POST" }),
    400,
    "Request_BadRequest",
  );
  const restored = await graph.ask(`/directory/deletedItems/${id}/restore`, { method: "POST" });
  assert.deepEqual([restored.status, restored.body.id, restored.body.deletedDateTime], [200, id, null], restored.text);
  assert.equal((await graph.ask(`/applications/${id}`)).status, 200);
  assertError(await graph.ask(`/servicePrincipals/${servicePrincipalId}`), 404, "Request_ResourceNotFound");
  assert.equal(
    (await graph.ask(`/directory/deletedItems/${servicePrincipalId}/restore`, { method: "POST" })).status,
    200,
  );
  assert.equal((await graph.ask(`/servicePrincipals/${servicePrincipalId}`)).body.appId, appId);
  assertError(
    await graph.ask(`/directory/deletedItems/${id}/restore`, { method: "POST" }),
    404,
    "Request_ResourceNotFound",
  );
});

test("people and groups come back with their memberships", async () => {
  const userId = await graph.addUser("returning");
  const group = await graph.ask("/groups", {
    body: { displayName: "r", mailNickname: "r", mailEnabled: false, securityEnabled: true },
  });
  const groupId = group.body.id as string;
  const reference = { "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${userId}` };
  await graph.ask(`/groups/${groupId}/members/$ref`, { body: reference });
  assert.equal((await graph.ask(`/users/${userId}`, { method: "DELETE" })).status, 204);
  assert.deepEqual((await graph.ask(`/groups/${groupId}/members`)).body.value, []);
  assert.equal((await graph.ask(`/directory/deletedItems/${userId}/restore`, { method: "POST" })).status, 200);
  assert.equal((await graph.ask(`/groups/${groupId}/members`)).body.value.length, 1);
  assert.equal((await graph.ask(`/groups/${groupId}`, { method: "DELETE" })).status, 204);
  assert.ok((await listed("group")).includes(groupId));
  assert.equal((await graph.ask(`/directory/deletedItems/${groupId}/restore`, { method: "POST" })).status, 200);
  assert.equal((await graph.ask(`/groups/${groupId}/members`)).body.value.length, 1);
});

test("each kind of object asks for its own right", async () => {
  const { id } = await graph.addApp("guarded");
  const userId = await graph.addUser("gone");
  for (const path of [`/applications/${id}`, `/users/${userId}`])
    assert.equal((await graph.ask(path, { method: "DELETE" })).status, 204);
  const { servicePrincipalId: principalId } = await graph.addApp("powers");
  graph.addCaller("applications", { kind: "app", principalId, roles: ["Application.ReadWrite.All"] });
  graph.addCaller("readers", { kind: "app", principalId, roles: ["User.Read.All"] });
  await graph.addUser("member");
  const restore = (what: string, as: string) =>
    graph.ask(`/directory/deletedItems/${what}/restore`, { as, method: "POST" });
  assertError(await restore(userId, "applications"), 403, "Authorization_RequestDenied");
  assertError(await restore(userId, "readers"), 403, "Authorization_RequestDenied");
  assertError(await restore(id, "member"), 403, "Authorization_RequestDenied");
  assertError(
    await graph.ask(`/directory/deletedItems/${userId}`, { as: "applications" }),
    403,
    "Authorization_RequestDenied",
  );
  assert.equal((await graph.ask(`/directory/deletedItems/${userId}`, { as: "readers" })).status, 200);
  assert.equal((await restore(id, "applications")).status, 200);
});

test("a principal that held a directory role is brought back only by who could give it one", async () => {
  const { id, servicePrincipalId } = await graph.addApp("once mighty");
  await graph.ask("/roleManagement/directory/roleAssignments", {
    body: {
      principalId: servicePrincipalId,
      roleDefinitionId: "62e90394-69f5-4237-9190-012177145e10",
      directoryScopeId: "/",
    },
  });
  assert.equal((await graph.ask(`/applications/${id}`, { method: "DELETE" })).status, 204);
  const { servicePrincipalId: principalId } = await graph.addApp("app-power");
  graph.addCaller("app-power", { kind: "app", principalId, roles: ["Application.ReadWrite.All"] });
  const restore = (what: string, as: string) =>
    graph.ask(`/directory/deletedItems/${what}/restore`, { as, method: "POST" });
  assert.equal((await restore(id, "app-power")).status, 200);
  assertError(await restore(servicePrincipalId, "app-power"), 403, "Authorization_RequestDenied");
  assert.equal((await restore(servicePrincipalId, "operator")).status, 200);
  const roles = graph.cloud.model.directoryRoleAssignments.find("principalId", servicePrincipalId);
  assert.equal(roles.length, 1);
});
