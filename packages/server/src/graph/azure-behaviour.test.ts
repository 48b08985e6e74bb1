/**
 * What recorded answers of the real Microsoft Graph show, row by row (12 to 22 of the project's list of observations), and the contexts of
 * every form of answer. A row that another file's tests cover whole is asserted here once more, in its shortest form.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { securityIdentifierOf } from "../directory/security-identifier.ts";
import { type TrialAnswer, TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
let app: { id: string; appId: string; servicePrincipalId: string };
let user: string;
let group: string;
before(async () => {
  graph = await TrialGraph.start();
  graph.addCaller("auditor", { scopes: ["AuditLog.Read.All"] });
  app = await graph.addApp("observed");
  user = await graph.addUser("observed");
  group = (await graph.ask("/groups", { as: "operator-app", body: groupBody("observed") })).body.id;
  await graph.ask(`/groups/${group}/members/$ref`, { body: ref(user) });
  await graph.ask(`/applications/${app.id}/owners/$ref`, { body: ref(user) });
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

const ref = (id: string) => ({ "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
const groupBody = (name: string) => ({
  displayName: name,
  mailNickname: name,
  mailEnabled: false,
  securityEnabled: true,
});
const person = (name: string) => ({
  accountEnabled: true,
  displayName: name,
  mailNickname: name,
  userPrincipalName: `${name}@postern.test`,
  passwordProfile: { password: "Correct-Horse-9" },
});

test("12: POST is 201 with its Location; PATCH, DELETE, $ref and removePassword are 204; addPassword and getByIds are 200", async () => {
  const made: readonly [string, unknown, string][] = [
    ["/applications", { displayName: "twelve" }, "Application"],
    ["/groups", groupBody("twelve"), "Group"],
    ["/users", person("twelve"), "User"],
  ];
  const tenantId = graph.directory.tenant.tenantId;
  for (const [path, body, type] of made) {
    const { status, headers, body: row } = await graph.ask(path, { body });
    assert.equal(status, 201);
    const expected = `https://graph.microsoft.com/v2/${tenantId}/directoryObjects/${row.id}/Microsoft.DirectoryServices.${type}`;
    assert.equal(headers.get("location"), expected);
    assert.equal((await graph.ask(`${path}/${row.id}`, { method: "PATCH", body: { displayName: "12" } })).status, 204);
    assert.equal((await graph.ask(`${path}/${row.id}`, { method: "DELETE" })).status, 204);
  }
  const bare = (await graph.ask("/applications", { body: { displayName: "twelve without a principal" } })).body;
  const { status, headers, body: principal } = await graph.ask("/servicePrincipals", { body: { appId: bare.appId } });
  const place = `directoryObjects/${principal.id}/Microsoft.DirectoryServices.ServicePrincipal`;
  assert.deepEqual([status, headers.get("location")], [201, `https://graph.microsoft.com/v2/${tenantId}/${place}`]);
  const password = await graph.ask(`/applications/${app.id}/addPassword`, { body: {} });
  assert.equal(password.status, 200);
  const { keyId } = password.body;
  assert.equal((await graph.ask(`/applications/${app.id}/removePassword`, { body: { keyId } })).status, 204);
  assert.equal((await graph.ask("/directoryObjects/getByIds", { body: { ids: [user] } })).status, 200);
  assert.equal((await graph.ask(`/groups/${group}/members/$ref`, { body: ref(app.servicePrincipalId) })).status, 204);
  const member = `/groups/${group}/members/${app.servicePrincipalId}/$ref`;
  assert.equal((await graph.ask(member, { method: "DELETE" })).status, 204);
});

/** Every form of answer with the name its context ends in; `{app}` and the like stand for ids. */
const contexts: readonly [method: string, path: string, context: string, body?: unknown][] = [
  ["GET", "/applications", "applications"],
  ["GET", "/applications?$select=id,appId", "applications(id,appId)"],
  ["GET", "/applications?$expand=owners", "applications(owners())"],
  ["GET", "/applications/{app}", "applications/$entity"],
  ["GET", "/applications/{app}?$select=id", "applications(id)/$entity"],
  ["GET", "/applications(appId='{appId}')", "applications/$entity"],
  ["GET", "/applications/{app}/owners", "directoryObjects"],
  ["GET", "/applications/{app}/owners/$ref", "Collection($ref)"],
  ["GET", "/applications/{app}/owners/microsoft.graph.user", "users"],
  ["GET", "/applications/delta", "applications"],
  ["POST", "/applications/{app}/addPassword", "microsoft.graph.passwordCredential", {}],
  ["GET", "/servicePrincipals", "servicePrincipals"],
  ["GET", "/servicePrincipals/{sp}", "servicePrincipals/$entity"],
  ["GET", "/servicePrincipals/{sp}/memberOf", "directoryObjects"],
  ["GET", "/users", "users"],
  ["GET", "/users/{user}", "users/$entity"],
  ["GET", "/users/{user}/memberOf", "directoryObjects"],
  ["GET", "/users/{user}/transitiveMemberOf/microsoft.graph.group", "groups"],
  ["POST", "/users/{user}/revokeSignInSessions", "Edm.Boolean"],
  ["GET", "/me", "users/$entity"],
  ["GET", "/me/ownedObjects", "directoryObjects"],
  ["GET", "/groups", "groups"],
  ["GET", "/groups/{group}", "groups/$entity"],
  ["GET", "/groups/{group}/members", "directoryObjects"],
  ["GET", "/groups/{group}/transitiveMembers", "directoryObjects"],
  ["GET", "/groups/{group}?$select=id&$expand=members($select=id)", "groups(id,members(id))/$entity"],
  ["GET", "/directoryObjects/{user}", "directoryObjects/$entity"],
  ["POST", "/directoryObjects/getByIds", "directoryObjects", { ids: [] }],
  ["POST", "/directoryObjects/{user}/checkMemberGroups", "Collection(Edm.String)", { groupIds: [] }],
  ["POST", "/me/getMemberGroups", "Collection(Edm.String)", { securityEnabledOnly: false }],
  ["POST", "/users/{user}/getMemberObjects", "Collection(Edm.String)", { securityEnabledOnly: true }],
  ["GET", "/organization", "organization"],
  ["GET", "/domains", "domains"],
  ["GET", "/directoryRoles", "directoryRoles"],
  ["GET", "/directoryRoleTemplates", "directoryRoleTemplates"],
  ["GET", "/roleManagement/directory/roleDefinitions", "roleManagement/directory/roleDefinitions"],
  ["GET", "/roleManagement/directory/roleAssignments", "roleManagement/directory/roleAssignments"],
];
for (const [method, path, context, body] of contexts)
  test(`13: the context of ${method} ${path}`, async () => {
    const target = path
      .replace("{app}", app.id)
      .replace("{appId}", app.appId)
      .replace("{sp}", app.servicePrincipalId)
      .replace("{user}", user)
      .replace("{group}", group);
    for (const version of ["v1.0", "beta"]) {
      const answer = await graph.ask(`/${version}${target}`, { method, ...(body === undefined ? {} : { body }) });
      const expected = `https://graph.microsoft.com/${version}/$metadata#${context}`;
      assert.equal(answer.body["@odata.context"], expected, answer.text);
    }
  });

test("13: the contexts of the logs", async () => {
  for (const set of ["signIns", "directoryAudits"]) {
    const { body } = await graph.ask(`/auditLogs/${set}`, { as: "auditor" });
    assert.equal(body["@odata.context"], `https://graph.microsoft.com/v1.0/$metadata#auditLogs/${set}`);
  }
});

test("13: members say their type first", async () => {
  const [member] = (await graph.ask(`/groups/${group}/members`)).body.value;
  assert.deepEqual(Object.entries(member)[0], ["@odata.type", "#microsoft.graph.user"]);
});

test("14: the look-ups of the CLI, quotes raw and percent-encoded; an object id is no service principal name", async () => {
  await graph.ask(`/applications/${app.id}`, { method: "PATCH", body: { identifierUris: ["api://postern.test/14"] } });
  const found: readonly [string, string, string][] = [
    ["/applications", `appId eq '${app.appId}'`, app.id],
    ["/applications", "startswith(displayName,'observ')", app.id],
    ["/applications", "identifierUris/any(s:s eq 'api://postern.test/14')", app.id],
    ["/servicePrincipals", `servicePrincipalNames/any(c:c eq '${app.appId}')`, app.servicePrincipalId],
    ["/servicePrincipals", "servicePrincipalNames/any(c:c eq 'api://postern.test/14')", app.servicePrincipalId],
    ["/groups", "displayName eq 'observed' and mailNickname eq 'observed'", group],
  ];
  for (const [path, filter, id] of found)
    for (const written of [filter, encodeURIComponent(filter), filter.replaceAll("'", "%27").replaceAll(" ", "%20")]) {
      const { body } = await graph.ask(`${path}?$filter=${written}`);
      assert.deepEqual(
        body.value?.map((row: { id: string }) => row.id),
        [id],
        written,
      );
    }
  const byObjectId = `servicePrincipalNames/any(c:c eq '${app.servicePrincipalId}')`;
  assert.deepEqual((await graph.ask(`/servicePrincipals?$filter=${byObjectId}`)).body.value, []);
});

const errorOf = ({ status, body }: TrialAnswer) => [status, body.error.code, Object.keys(body.error.innerError)];
const innerError = ["date", "request-id", "client-request-id"];

test("15: an appId is not the key of an application", async () => {
  const answer = await graph.ask(`/applications/${app.appId}`);
  assert.deepEqual(errorOf(answer), [404, "Request_ResourceNotFound", innerError]);
});

test("16: an application takes its service principal with it, and may then be deleted for good", async () => {
  const { id, servicePrincipalId } = await graph.addApp("sixteen");
  assert.equal((await graph.ask(`/applications/${id}`, { method: "DELETE" })).status, 204);
  assert.equal((await graph.ask(`/servicePrincipals/${servicePrincipalId}`)).status, 404);
  assert.equal((await graph.ask(`/directory/deletedItems/${id}`, { method: "DELETE" })).status, 204);
});

test("17: null and empty members are answered; what was just made shows fractions of its second, what is read does not", async () => {
  const { body: made } = await graph.ask("/applications", { body: { displayName: "seventeen" } });
  const { body: read } = await graph.ask(`/applications/${made.id}`);
  assert.match(made.createdDateTime, /\.\d+Z$/);
  assert.match(read.createdDateTime, /:\d\dZ$/);
  assert.deepEqual(Object.keys(read), Object.keys(made));
  assert.deepEqual([read.notes, read.tags, read.web.homePageUrl, read.keyCredentials], [null, [], null, []]);
});

test("18: a password is shown once, then three characters of it", async () => {
  const { body } = await graph.ask(`/applications/${app.id}/addPassword`, { body: {} });
  const { passwordCredentials } = (await graph.ask(`/applications/${app.id}`)).body;
  const kept = passwordCredentials.find(({ keyId }: { keyId: string }) => keyId === body.keyId);
  assert.deepEqual([kept.secretText, kept.hint], [null, body.secretText.slice(0, 3)]);
});

test("19: users by id, by name, and by a name in quotes with its # encoded; paths ignore case", async () => {
  const name = "o#ext#@postern.test";
  const { id } = (await graph.ask("/users", { body: { ...person("nineteen"), userPrincipalName: name } })).body;
  for (const path of [
    `/users/${id}`,
    `/users('${id}')`,
    `/users/${encodeURIComponent(name)}`,
    "/users('o%23ext%23@postern.test')",
    "/USERS/o%23EXT%23@Postern.test",
  ])
    assert.equal((await graph.ask(path)).body.id, id, path);
  assert.equal((await graph.ask(`/serviceprincipals/${app.servicePrincipalId}`)).status, 200);
});

test("20: memberships are transitive; a group's securityIdentifier is made of its id", async () => {
  const outer = (await graph.ask("/groups", { body: groupBody("twenty") })).body;
  await graph.ask(`/groups/${outer.id}/members/$ref`, { body: ref(group) });
  const check = { body: { groupIds: [outer.id, group] } };
  assert.deepEqual((await graph.ask(`/users/${user}/checkMemberGroups`, check)).body.value, [outer.id, group]);
  const held = await graph.ask(`/users/${user}/getMemberGroups`, { body: { securityEnabledOnly: true } });
  assert.deepEqual(held.body.value, [outer.id, group].sort());
  assert.equal(outer.securityIdentifier, securityIdentifierOf(outer.id));
});

test("20: groups in a ring end", async () => {
  const ring = (await graph.ask("/groups", { body: groupBody("ring") })).body.id;
  await graph.ask(`/groups/${ring}/members/$ref`, { body: ref(group) });
  assert.equal((await graph.ask(`/groups/${group}/members/$ref`, { body: ref(ring) })).status, 204);
  const held = await graph.ask(`/groups/${ring}/getMemberGroups`, { body: { securityEnabledOnly: true } });
  assert.ok(held.body.value.includes(group) && held.body.value.includes(ring));
  const members = await graph.ask(`/groups/${ring}/transitiveMembers?$select=id`);
  assert.ok(members.body.value.some(({ id }: { id: string }) => id === user));
});

test("21: an application is its own tenant's, unless it says otherwise", async () => {
  assert.equal((await graph.ask(`/applications/${app.id}`)).body.signInAudience, "AzureADMyOrg");
});

test("22: without rights", async () => {
  assert.equal((await graph.ask("/applications", { as: "nobody's-token" })).status, 401);
  const denied = await graph.ask("/users", { body: person("x"), as: "observed" });
  assert.deepEqual(errorOf(denied), [403, "Authorization_RequestDenied", innerError]);
});
