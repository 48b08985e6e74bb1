import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { firstPartyAppIds } from "../state/first-party.ts";
import { assertError, type TrialAnswer, TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
before(async () => {
  graph = await TrialGraph.start();
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

const context = (name: string) => `https://graph.microsoft.com/v1.0/$metadata#${name}`;
const ref = (id: string) => ({ "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });

test("what create-for-rbac asks, the first time and again", async () => {
  const look = await graph.ask("/servicePrincipals?$filter=displayName%20eq%20%27rbac-app%27", { as: "operator-app" });
  assert.deepEqual(look.body, { "@odata.context": context("servicePrincipals"), value: [] });
  const none = await graph.ask("/applications?$filter=startswith(displayName,'rbac-app')");
  assert.deepEqual(none.body.value, []);

  const created = await graph.ask("/applications", { body: { displayName: "rbac-app", keyCredentials: [] } });
  assert.equal(created.status, 201);
  const { id, appId } = created.body;
  assert.equal(created.body["@odata.context"], context("applications/$entity"));
  assert.equal(
    created.headers.get("location"),
    `https://graph.microsoft.com/v2/${graph.directory.tenant.tenantId}/directoryObjects/${id}/Microsoft.DirectoryServices.Application`,
  );
  assert.equal(created.body.createdDateTime, "2026-03-01T12:00:00.123Z");
  assert.deepEqual([created.body.passwordCredentials, created.body.keyCredentials], [[], []]);

  const password = await graph.ask(`/applications/${id}/addPassword`, {
    body: {
      passwordCredential: {
        displayName: "rbac",
        startDateTime: "2026-03-01T12:00:00Z",
        endDateTime: "2027-03-01T12:00:00.654321+00:00",
      },
    },
  });
  assert.equal(password.status, 200);
  assert.equal(password.body["@odata.context"], context("microsoft.graph.passwordCredential"));
  assert.equal(password.body.secretText.length, 40);
  assert.equal(password.body.hint, password.body.secretText.slice(0, 3));
  assert.equal(password.body.endDateTime, "2027-03-01T12:00:00.654Z");
  const kept = graph.cloud.model.applications.get(id)!.passwordCredentials;
  assert.equal(graph.cloud.secrets.verify(password.body.secretText, kept, new Date("2026-04-01")).kind, "valid");

  const principal = await graph.ask("/servicePrincipals", { body: { appId, accountEnabled: true } });
  assert.equal(principal.status, 201);
  assert.equal(principal.body.appId, appId);
  assert.deepEqual(principal.body.servicePrincipalNames, [appId]);

  // The second time: the object id is tried as an appId first and must find nothing.
  assert.deepEqual((await graph.ask(`/applications?$filter=appId eq '${id}'`)).body.value, []);
  const patched = await graph.ask(`/applications/${id}`, {
    method: "PATCH",
    body: { displayName: "rbac-app", keyCredentials: [], web: { logoutUrl: "https://rbac.test/out" } },
  });
  assert.deepEqual([patched.status, patched.text], [204, ""]);
  const read = await graph.ask(`/applications/${id}`);
  assert.equal(read.body.createdDateTime, "2026-03-01T12:00:00Z");
  assert.equal(read.body.web.logoutUrl, "https://rbac.test/out");
  assert.equal((await graph.ask(`/servicePrincipals/${principal.body.id}`)).body.logoutUrl, "https://rbac.test/out");
  assert.deepEqual(
    read.body.passwordCredentials.map((row: { keyId: string; secretText: null }) => [row.keyId, row.secretText]),
    [[password.body.keyId, null]],
  );
  assert.equal(read.text.includes(password.body.secretText), false);
  const removed = await graph.ask(`/applications/${id}/removePassword`, { body: { keyId: password.body.keyId } });
  assert.deepEqual([removed.status, removed.text], [204, ""]);
  assert.deepEqual((await graph.ask(`/applications/${id}`)).body.passwordCredentials, []);
});

test("a secret's text is in one answer, and neither in the log nor in the rows", async () => {
  const { id } = await graph.addApp("secretive");
  const { body } = await graph.ask(`/applications/${id}/addPassword`, { body: {} });
  const log = await graph.cloud.store.readLog(0, 10_000);
  assert.equal(JSON.stringify(log).includes(body.secretText), false);
  assert.equal((await graph.ask(`/applications/${id}`)).text.includes(body.secretText), false);
});

test("the log names who did what", async () => {
  await graph.addApp("logged");
  const [entry] = (await graph.cloud.store.readLog(0, 10_000)).slice(-1);
  assert.equal(entry?.operation, "Create service principal");
  assert.deepEqual(entry?.actor, {
    principalId: graph.directory.operatorServicePrincipal.id,
    displayName: "Postern operator",
  });
});

test("how role assignment finds its assignee", async () => {
  const { id, appId, servicePrincipalId } = await graph.addApp("assignee");
  const byName = (name: string) => graph.ask(`/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '${name}')`);
  assert.deepEqual(
    (await byName(appId)).body.value.map((row: { id: string }) => row.id),
    [servicePrincipalId],
  );
  assert.deepEqual((await byName(servicePrincipalId)).body.value, []);
  const userId = graph.directory.operatorUser.id;
  const { status, body } = await graph.ask("/directoryObjects/getByIds", {
    body: {
      ids: [servicePrincipalId, userId, "00000000-0000-4000-8000-00000000dead"],
      types: ["user", "servicePrincipal"],
    },
  });
  assert.equal(status, 200);
  assert.equal(body["@odata.context"], context("directoryObjects"));
  const types = body.value.map((row: Record<string, string>) => [row["@odata.type"], row.id]);
  assert.deepEqual(types, [
    ["#microsoft.graph.servicePrincipal", servicePrincipalId],
    ["#microsoft.graph.user", userId],
  ]);
  assert.equal(body.value[1].userPrincipalName, "operator@postern.onmicrosoft.com");
  const all = await graph.ask("/directoryObjects/getByIds", { body: { ids: [id] } });
  assert.equal(all.body.value[0]["@odata.type"], "#microsoft.graph.application");
});

test("an object is its id; the appId is an alternate key", async () => {
  const { id, appId } = await graph.addApp("keys");
  assertError(
    await graph.ask(`/applications/${appId}`),
    404,
    "Request_ResourceNotFound",
    new RegExp(`^Resource '${appId}' `),
  );
  const byKey = await graph.ask(`/applications(appId='${appId}')?$select=id,displayName`);
  assert.deepEqual(byKey.body, {
    "@odata.context": context("applications(id,displayName)/$entity"),
    id,
    displayName: "keys",
  });
  assert.equal((await graph.ask(`/APPLICATIONS('${id.toUpperCase()}')`)).body.id, id);
  assert.equal(
    (await graph.ask(`/beta/applications/${id}`)).body["@odata.context"],
    context("applications/$entity").replace("v1.0", "beta"),
  );
  assertError(
    await graph.ask("/applications/nonsense"),
    400,
    "Request_BadRequest",
    "Invalid object identifier 'nonsense'.",
  );
  assertError(await graph.ask(`/applications(displayName='keys')`), 400, "Request_BadRequest");
  assertError(await graph.ask("/users/nobody@postern.test"), 404, "Request_ResourceNotFound");
});

test("deleting an application takes its principal, and ends for good in the bin", async () => {
  const { id, servicePrincipalId } = await graph.addApp("doomed");
  const gone = await graph.ask(`/applications/${id}`, { method: "DELETE" });
  assert.deepEqual([gone.status, gone.text, gone.headers.get("content-type")], [204, "", null]);
  assertError(await graph.ask(`/servicePrincipals/${servicePrincipalId}`), 404, "Request_ResourceNotFound");
  assert.equal((await graph.ask(`/directory/deletedItems/${id}`, { method: "DELETE" })).status, 204);
  assertError(await graph.ask(`/directory/deletedItems/${id}`, { method: "DELETE" }), 404, "Request_ResourceNotFound");
});

test("the second principal of an application, and one of none", async () => {
  const { appId } = await graph.addApp("once");
  const code = "Request_MultipleObjectsWithSameKeyValue";
  assertError(await graph.ask("/servicePrincipals", { body: { appId } }), 409, code);
  const none = await graph.ask("/servicePrincipals", { body: { appId: "00000000-0000-4000-8000-00000000dead" } });
  assertError(none, 400, "Request_BadRequest", /does not reference a valid application object\.$/);
});

test("people: made, found, changed, deleted", async () => {
  const id = await graph.addUser("grace");
  const name = "grace@postern.onmicrosoft.com";
  const read = await graph.ask(`/users/${encodeURIComponent(name)}?$select=id,accountEnabled,userPrincipalName`);
  assert.deepEqual([read.body.id, read.body.accountEnabled, read.body.userPrincipalName], [id, true, name]);
  const whole = await graph.ask(`/users('${name}')`);
  assert.deepEqual(Object.keys(whole.body), [
    "@odata.context",
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
  ]);
  const found = await graph.ask(`/users?$filter=userPrincipalName eq '${name.toUpperCase()}'`);
  assert.equal(found.body.value.length, 1);
  const before = graph.cloud.model.users.get(id)!.passwordHash;
  assert.match(before, /^scrypt\$/);
  const reset = { passwordProfile: { password: "Another-Horse-8" } };
  assert.equal((await graph.ask(`/users/${id}`, { method: "PATCH", body: reset })).status, 204);
  assert.notEqual(graph.cloud.model.users.get(id)!.passwordHash, before);
  const weak = { passwordProfile: { password: "password" } };
  assertError(
    await graph.ask(`/users/${id}`, { method: "PATCH", body: weak }),
    400,
    "Request_BadRequest",
    /complexity/,
  );
  assert.equal((await graph.ask(`/users/${id}`, { method: "DELETE" })).status, 204);
  assertError(await graph.ask(`/users/${id}`), 404, "Request_ResourceNotFound");
});

test("a permission to write users does not reset passwords", async () => {
  const { servicePrincipalId } = await graph.addApp("writer");
  const id = await graph.addUser("joan");
  graph.addCaller("writer", { kind: "app", principalId: servicePrincipalId, roles: ["User.ReadWrite.All"] });
  const patch = (body: unknown) => graph.ask(`/users/${id}`, { as: "writer", method: "PATCH", body });
  assert.equal((await patch({ jobTitle: "Clerk" })).status, 204);
  assertError(await patch({ passwordProfile: { password: "Another-Horse-8" } }), 403, "Authorization_RequestDenied");
});

test("groups, members, nesting", async () => {
  const make = async (displayName: string) =>
    (
      await graph.ask("/groups", {
        body: { displayName, mailNickname: displayName, mailEnabled: false, securityEnabled: true },
      })
    ).body;
  const [outer, inner] = [await make("outer"), await make("inner")];
  const user = await graph.addUser("nested");
  const { servicePrincipalId } = await graph.addApp("nested-app");
  assert.match(outer.securityIdentifier, /^S-1-12-1-/);
  assert.equal((await graph.ask(`/groups/${outer.id}/members/$ref`, { body: ref(inner.id) })).status, 204);
  for (const id of [user, servicePrincipalId])
    assert.equal((await graph.ask(`/groups/${inner.id}/members/$ref`, { body: ref(id) })).status, 204);
  assertError(
    await graph.ask(`/groups/${inner.id}/members/$ref`, { body: ref(user) }),
    400,
    "Request_BadRequest",
    "One or more added object references already exist for the following modified properties: 'members'.",
  );
  const nobody = "00000000-0000-4000-8000-00000000dead";
  assertError(
    await graph.ask(`/groups/${inner.id}/members/$ref`, { body: ref(nobody) }),
    404,
    "Request_ResourceNotFound",
  );

  const direct = await graph.ask(`/groups/${outer.id}/members`);
  assert.equal(direct.body["@odata.context"], context("directoryObjects"));
  assert.deepEqual(
    direct.body.value.map((row: Record<string, string>) => row["@odata.type"]),
    ["#microsoft.graph.group"],
  );
  const transitive = await graph.ask(`/groups/${outer.id}/transitiveMembers?$select=id`);
  const ids = transitive.body.value.map((row: { id: string }) => row.id);
  assert.deepEqual(ids, [inner.id, user, servicePrincipalId].sort());
  assert.deepEqual(Object.keys(transitive.body.value[0]), ["@odata.type", "id"]);

  const checked = await graph.ask(`/directoryObjects/${user}/checkMemberGroups`, {
    body: { groupIds: [outer.id, nobody] },
  });
  assert.deepEqual(checked.body, { "@odata.context": context("Collection(Edm.String)"), value: [outer.id] });
  const held = await graph.ask(`/servicePrincipals/${servicePrincipalId}/getMemberGroups`, {
    body: { securityEnabledOnly: false },
  });
  assert.deepEqual(held.body.value, [outer.id, inner.id].sort());
  assert.equal((await graph.ask(`/users/${user}/memberOf`)).body.value[0].id, inner.id);
  assert.equal((await graph.ask(`/users/${user}/transitiveMemberOf`)).body.value.length, 2);

  assert.equal((await graph.ask(`/groups/${inner.id}/members/${user}/$ref`, { method: "DELETE" })).status, 204);
  assertError(
    await graph.ask(`/groups/${inner.id}/members/${user}/$ref`, { method: "DELETE" }),
    404,
    "Request_ResourceNotFound",
  );
});

test("groups start with the members and owners they are bound to", async () => {
  const user = await graph.addUser("bound");
  const body = {
    displayName: "bound",
    mailNickname: "bound",
    mailEnabled: false,
    securityEnabled: true,
    "owners@odata.bind": [`https://graph.microsoft.com/v1.0/users/${user}`],
    "members@odata.bind": [`https://graph.microsoft.com/v1.0/directoryObjects('${user}')`],
  };
  const { body: group } = await graph.ask("/groups", { as: "operator-app", body });
  for (const relation of ["owners", "members"])
    assert.equal((await graph.ask(`/groups/${group.id}/${relation}`)).body.value[0].id, user);
  const over = { ...body, "members@odata.bind": Array(21).fill(body["members@odata.bind"][0]) };
  assertError(await graph.ask("/groups", { body: over }), 400, "Request_BadRequest");
});

test("a member registers an app, owns it, and manages no other", async () => {
  const user = await graph.addUser("maker");
  const { id: foreign, appId: foreignAppId } = await graph.addApp("foreign");
  const { body: own } = await graph.ask("/applications", { as: "maker", body: { displayName: "own" } });
  assert.equal((await graph.ask(`/applications/${own.id}/owners`, { as: "maker" })).body.value[0].id, user);
  assert.equal((await graph.ask(`/applications/${own.id}/addPassword`, { as: "maker", body: {} })).status, 200);
  assert.equal((await graph.ask("/servicePrincipals", { as: "maker", body: { appId: own.appId } })).status, 201);
  assert.equal((await graph.ask("/me/ownedObjects", { as: "maker" })).body.value.length, 2);
  assert.equal((await graph.ask(`/applications/${foreign}`, { as: "maker" })).status, 200);
  const denied = [
    graph.ask(`/applications/${foreign}/addPassword`, { as: "maker", body: {} }),
    graph.ask(`/applications/${foreign}`, { as: "maker", method: "DELETE" }),
    graph.ask(`/applications/${foreign}/owners/$ref`, { as: "maker", body: ref(user) }),
    graph.ask("/servicePrincipals", { as: "maker", body: { appId: foreignAppId } }),
    graph.ask("/users", { as: "maker", body: { displayName: "x" } }),
    graph.ask("/applications/00000000-0000-4000-8000-00000000dead", { as: "maker", method: "DELETE" }),
  ];
  for (const answer of await Promise.all(denied))
    assertError(answer, 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
});

test("an administrator's app leaves its makings without owner", async () => {
  const { id } = await graph.addApp("ownerless");
  assert.deepEqual((await graph.ask(`/applications/${id}/owners`)).body.value, []);
});

test("me is a person", async () => {
  const me = await graph.ask("/me");
  assert.equal(me.body["@odata.context"], context("users/$entity"));
  assert.equal(me.body.userPrincipalName, "operator@postern.onmicrosoft.com");
  const roles = await graph.ask("/me/memberOf");
  assert.equal(roles.body.value[0].displayName, "Global Administrator");
  const message = "/me request is only valid with delegated authentication flow.";
  assertError(await graph.ask("/me", { as: "operator-app" }), 400, "BadRequest", message);
});

test("the tenant, its domains, its roles", async () => {
  const { body } = await graph.ask("/organization");
  assert.equal(body.value[0].id, graph.directory.tenant.tenantId);
  assert.equal(body.value[0].verifiedDomains[0].isDefault, true);
  assert.equal((await graph.ask(`/organization/${graph.directory.tenant.tenantId}`)).body.displayName, "Postern");
  assert.equal((await graph.ask("/domains/postern.test")).body.id, "postern.test");
  const roles = (await graph.ask("/directoryRoles")).body.value;
  const global = roles.find((role: { displayName: string }) => role.displayName === "Global Administrator");
  assert.equal((await graph.ask(`/directoryRoles/${global.id}/members`)).body.value.length, 2);
  const filter = `principalId eq '${graph.directory.operatorUser.id}'`;
  const held = await graph.ask(`/roleManagement/directory/roleAssignments?$filter=${filter}`);
  assert.equal(held.body.value[0].roleDefinitionId, global.roleTemplateId);
});

test("Microsoft Graph shows the permissions it enforces", async () => {
  const { body } = await graph.ask(`/servicePrincipals(appId='${firstPartyAppIds.microsoftGraph}')`);
  assert.ok(body.appRoles.some((role: { value: string }) => role.value === "Application.ReadWrite.All"));
  assert.ok(body.oauth2PermissionScopes.some((scope: { value: string }) => scope.value === "User.Read"));
  const names: readonly string[] = body.servicePrincipalNames;
  assert.ok(names.includes("https://graph.microsoft.com"));
});

test("pages by next links, with filter, count and order", async () => {
  for (let index = 0; index < 7; index++) await graph.addApp(`paged-${(index * 3) % 7}`);
  const names: string[] = [];
  let pages = 0;
  let next: string | undefined =
    "/v1.0/applications?$filter=startswith(displayName,'PAGED-')&$orderby=displayName desc&$count=true&$top=3&$select=displayName";
  while (next !== undefined) {
    const answer: TrialAnswer = await graph.ask(next, { headers: { consistencylevel: "eventual" } });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body["@odata.count"], 7);
    names.push(...answer.body.value.map((row: { displayName: string }) => row.displayName));
    pages++;
    const link: string | undefined = answer.body["@odata.nextLink"];
    if (link !== undefined) assert.ok(link.startsWith("https://graph.microsoft.com/v1.0/applications?"));
    next = link?.slice("https://graph.microsoft.com".length);
  }
  assert.equal(pages, 3);
  assert.deepEqual(names, ["paged-6", "paged-5", "paged-4", "paged-3", "paged-2", "paged-1", "paged-0"]);
  const first = await graph.ask("/applications?$top=1");
  const link = new URL(first.body["@odata.nextLink"]);
  const token = encodeURIComponent(link.searchParams.get("$skiptoken")!);
  assertError(
    await graph.ask(`/users?$top=1&$skiptoken=${token}`),
    400,
    "Request_BadRequest",
    "The skip token is invalid.",
  );
  const uncounted = await graph.ask("/applications?$count=true");
  assert.equal(uncounted.body["@odata.count"], undefined);
});

test("the caller's own request id comes back, if it is one", async () => {
  const given = "12345678-0000-4000-8000-000000000001";
  const answer = await graph.ask("/me", { headers: { "client-request-id": given } });
  assert.equal(answer.headers.get("client-request-id"), given);
  const odd = await graph.ask("/me", { headers: { "client-request-id": "not one" } });
  assert.equal(odd.headers.get("client-request-id"), odd.headers.get("request-id"));
});
