/** Directory objects deleted by their id alone: what it takes and what happens is what their own collections say. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertError, TrialGraph } from "./trial-graph.ts";

const noId = "11111111-2222-4333-8444-555555555555";

let graph: TrialGraph;
before(async () => {
  graph = await TrialGraph.start();
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

const erase = (id: string, as?: string, headers: Record<string, string> = {}) =>
  graph.ask(`/directoryObjects/${id}`, { method: "DELETE", headers, ...(as === undefined ? {} : { as }) });

async function addGroup(name: string, as = "operator"): Promise<string> {
  const body = { displayName: name, mailNickname: name, mailEnabled: false, securityEnabled: true };
  return (await graph.ask("/groups", { as, body })).body.id;
}

test("an object of each kind goes where its own collection sends it, and can be brought back", async () => {
  const { id: application } = await graph.addApp("erased");
  const { servicePrincipalId: servicePrincipal } = await graph.addApp("stays");
  const objects = {
    application,
    servicePrincipal,
    user: await graph.addUser("erased"),
    group: await addGroup("erased"),
  };
  for (const [kind, id] of Object.entries(objects)) {
    assert.equal((await erase(id.toUpperCase())).status, 204, kind);
    assertError(await graph.ask(`/directoryObjects/${id}`), 404, "Request_ResourceNotFound");
    const shown = await graph.ask(`/directory/deletedItems/${id}`);
    assert.equal(shown.body["@odata.type"], `#microsoft.graph.${kind}`);
    assertError(await erase(id), 404, "Request_ResourceNotFound");
    assert.equal((await graph.ask(`/directory/deletedItems/${id}/restore`, { method: "POST" })).status, 200, kind);
  }
});

test("each kind asks for its own right; a right to one kind does not reach another", async () => {
  const { servicePrincipalId: principalId } = await graph.addApp("erasers");
  const rights = { application: "Application.ReadWrite.All", user: "User.ReadWrite.All", group: "Group.ReadWrite.All" };
  for (const [kind, role] of Object.entries(rights))
    graph.addCaller(`of-${kind}s`, { kind: "app", principalId, roles: [role] });
  graph.addCaller("of-nothing", { kind: "app", principalId, roles: ["Directory.Read.All"] });
  const { id: application, servicePrincipalId } = await graph.addApp("wanted");
  const ids = { application, user: await graph.addUser("wanted"), group: await addGroup("wanted") };
  for (const [kind, id] of Object.entries(ids)) {
    for (const other of [
      ...Object.keys(rights)
        .filter((one) => one !== kind)
        .map((one) => `of-${one}s`),
      "of-nothing",
    ])
      assertError(await erase(id, other), 403, "Authorization_RequestDenied");
    if (kind === "application") assert.equal((await erase(servicePrincipalId, "of-applications")).status, 204);
    assert.equal((await erase(id, `of-${kind}s`)).status, 204, kind);
  }
  assertError(await erase(noId, "of-nothing"), 403, "Authorization_RequestDenied");
  assertError(await erase(noId, "of-users"), 404, "Request_ResourceNotFound");
});

test("a member deletes what is theirs, and nobody else's", async () => {
  await graph.addUser("maker");
  const own = await addGroup("of-the-maker", "maker");
  const others = await addGroup("of-the-operator");
  assertError(await erase(others, "maker"), 403, "Authorization_RequestDenied");
  assertError(await erase(await graph.addUser("colleague"), "maker"), 403, "Authorization_RequestDenied");
  assert.equal((await erase(own, "maker")).status, 204);
});

test("people with a role are out of reach of who may not administer them, as on /users", async () => {
  const { servicePrincipalId: principalId } = await graph.addApp("people-power");
  graph.addCaller("people-power", { kind: "app", principalId, roles: ["User.ReadWrite.All"] });
  const { id } = graph.directory.operatorUser;
  for (const path of ["users", "directoryObjects"])
    assertError(
      await graph.ask(`/${path}/${id}`, { as: "people-power", method: "DELETE" }),
      403,
      "Authorization_RequestDenied",
    );
});

test("a directory role is nobody's to delete; an id is a GUID; If-Match counts", async () => {
  const { value } = (await graph.ask("/directoryRoles")).body;
  assertError(await erase(value[0].id), 403, "Authorization_RequestDenied");
  assertError(await erase("not-a-guid"), 400, "Request_BadRequest");
  const group = await addGroup("tagged");
  const stale = await erase(group, undefined, { "if-match": 'W/"old"' });
  assert.equal(stale.status, 412, stale.text);
  const { headers } = await graph.ask(`/groups/${group}`);
  assert.equal((await erase(group, undefined, { "if-match": headers.get("etag") ?? "" })).status, 204);
});
