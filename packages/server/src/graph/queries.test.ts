/** `$search`, `$expand`, `$count`, casts and references over HTTP, with what each may and may not be combined with. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertError, type TrialAnswer, TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
let team: string;
let inner: string;
let app: { id: string; appId: string; servicePrincipalId: string };
const people: string[] = [];

const ref = (id: string) => ({ "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
const eventual = { headers: { ConsistencyLevel: "eventual" } };
const context = (name: string) => `https://graph.microsoft.com/v1.0/$metadata#${name}`;

async function makeGroup(displayName: string): Promise<string> {
  const body = { displayName, mailNickname: displayName, mailEnabled: false, securityEnabled: true };
  return (await graph.ask("/groups", { as: "operator-app", body })).body.id;
}

before(async () => {
  graph = await TrialGraph.start();
  team = await makeGroup("QueryTeam");
  inner = await makeGroup("inner");
  app = await graph.addApp("query-app");
  for (let index = 0; index < 25; index++) people.push(await graph.addUser(`member${index}`));
  for (const id of [...people, inner, app.servicePrincipalId])
    await graph.ask(`/groups/${team}/members/$ref`, { body: ref(id) });
  await graph.ask(`/groups/${team}/owners/$ref`, { body: ref(people[0]!) });
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

function assertRejected(answer: TrialAnswer, code: string, message: RegExp, status = 400): void {
  assertError(answer, status, code, message);
}

const idsOf = ({ body }: TrialAnswer): string[] => body.value.map((row: { id: string }) => row.id);

test("$search looks for words, with the header alone, and together with a filter", async () => {
  const found = await graph.ask('/groups?$search="displayName:team"', eventual);
  assert.deepEqual(idsOf(found), [team]);
  assert.equal(found.body["@odata.count"], undefined);
  const both = await graph.ask(
    `/groups?$search="displayName:team" OR "displayName:inner"&$filter=id ne '${team}'&$count=true`,
    eventual,
  );
  assert.deepEqual([idsOf(both), both.body["@odata.count"]], [[inner], 1]);
  const member = await graph.ask(`/groups/${team}/members?$search="displayName:query"`, eventual);
  assert.deepEqual(idsOf(member), [app.servicePrincipalId]);
  assertRejected(
    await graph.ask('/groups?$search="displayName:team"'),
    "Request_UnsupportedQuery",
    /special request header/,
  );
  assertRejected(
    await graph.ask("/groups?$search=displayName:team", eventual),
    "BadRequest",
    /^Syntax error: character 'd'/,
  );
  assertRejected(await graph.ask('/groups?$search="colour:red"', eventual), "BadRequest", /property named 'colour'/);
});

test("who owns nothing and what nobody owns is found, as is what one owns", async () => {
  const alone = (await graph.ask("/applications", { as: "operator-app", body: { displayName: "owned by none" } })).body;
  // Its maker is its owner.
  const owned = (await graph.ask("/applications", { body: { displayName: "owned by one" } })).body;
  const found = async (path: string, filter: string) =>
    idsOf(await graph.ask(`${path}?$filter=${encodeURIComponent(filter)}&$count=true&$top=999`, eventual));
  const none = await found("/applications", "owners/$count eq 0");
  assert.deepEqual([none.includes(alone.id), none.includes(owned.id)], [true, false]);
  const one = await found("/applications", "owners/$count eq 1 and startswith(displayName,'owned')");
  assert.deepEqual(one, [owned.id]);
  const few = await found("/applications", "owners/$count eq 0 or owners/$count eq 1");
  assert.ok(few.includes(alone.id) && few.includes(owned.id));
  assert.ok(!(await found("/applications", "federatedIdentityCredentials/$count ne 0")).includes(owned.id));
  assert.ok((await found("/servicePrincipals", "owners/$count eq 0")).includes(app.servicePrincipalId));
  assert.deepEqual(await found("/groups", "owners/$count ne 0 and displayName eq 'QueryTeam'"), [team]);
  const owners = await found("/users", "not(ownedObjects/$count eq 0)");
  assert.deepEqual([owners.includes(people[0]!), owners.includes(people[1]!)], [true, false]);
  const unsupported = /^Unsupported or invalid query filter clause specified for property 'owners(?:\/\$count)?'/;
  for (const query of [
    "$filter=owners/$count eq 0",
    "$filter=owners/$count eq 2&$count=true",
    "$filter=owners/$count ge 1&$count=true",
    "$filter=owners/any(o:o/id eq 'x')&$count=true",
    "$filter=owners eq 'x'&$count=true",
  ])
    assertRejected(await graph.ask(`/applications?${query}`, eventual), "Request_UnsupportedQuery", unsupported);
});

test("/$count is a number as text, and needs its header", async () => {
  const all = await graph.ask("/users/$count", eventual);
  assert.equal(all.text, "26");
  assert.equal(all.headers.get("content-type"), "text/plain");
  assert.equal((await graph.ask("/users/$count?$filter=startswith(displayName,'member1')", eventual)).text, "11");
  assert.equal((await graph.ask(`/groups/${team}/members/$count`, eventual)).text, "27");
  assert.equal((await graph.ask(`/groups/${team}/members/microsoft.graph.user/$count`, eventual)).text, "25");
  assertRejected(await graph.ask("/users/$count"), "Request_BadRequest", /^\$count is not currently supported\.$/);
  assert.equal((await graph.ask("/users/$count", { ...eventual, as: "" })).status, 401);
  await graph.addApp("uncounted");
  assert.equal((await graph.ask("/users/$count", { ...eventual, as: "uncounted" })).status, 403);
});

test("a cast leaves one type, which can be asked as itself", async () => {
  const users = await graph.ask(`/groups/${team}/members/microsoft.graph.user?$select=id&$top=10`);
  assert.equal(users.body["@odata.context"], context("users(id)"));
  assert.equal(users.body.value.length, 10);
  assert.deepEqual(Object.keys(users.body.value[0]), ["id"]);
  assert.ok(users.body["@odata.nextLink"].includes("microsoft.graph.user"));
  const filter = "$filter=startswith(userPrincipalName,'member24')&$count=true";
  const filtered = await graph.ask(`/groups/${team}/members/microsoft.graph.user?${filter}`, eventual);
  assert.deepEqual(idsOf(filtered), [people[24]]);
  assert.deepEqual(idsOf(await graph.ask(`/groups/${team}/members/microsoft.graph.group`)), [inner]);
  assert.deepEqual(idsOf(await graph.ask(`/groups/${team}/members/microsoft.graph.device`)), []);
  const roles = await graph.ask("/me/memberOf/microsoft.graph.directoryRole");
  assert.equal(roles.body.value[0].displayName, "Global Administrator");
  assert.deepEqual(idsOf(await graph.ask("/me/memberOf/microsoft.graph.group")), []);
});

test("members by reference are addresses", async () => {
  const { body } = await graph.ask(`/groups/${inner}/memberOf/$ref`);
  assert.equal(body["@odata.context"], context("Collection($ref)"));
  assert.deepEqual(body.value, [{ "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${team}` }]);
});

test("members of several types are filtered and ordered by what they share, through the index", async () => {
  const path = `/groups/${team}/members`;
  const query =
    "$filter=startswith(displayName,'member2')&$orderby=displayName desc&$count=true&$select=displayName&$top=4";
  const first = await graph.ask(`${path}?${query}`, eventual);
  assert.equal(first.body["@odata.count"], 6);
  assert.deepEqual(
    first.body.value.map((row: { displayName: string }) => row.displayName),
    ["member24", "member23", "member22", "member21"],
  );
  const rest = await graph.ask(first.body["@odata.nextLink"].slice("https://graph.microsoft.com".length), eventual);
  assert.equal(rest.body.value.length, 2);
  assertRejected(
    await graph.ask(`${path}?$filter=displayName eq 'x'`),
    "Request_UnsupportedQuery",
    /'displayName' of resource/,
  );
  assertRejected(await graph.ask(`${path}?$orderby=displayName`), "Request_UnsupportedQuery", /^Sorting not supported/);
});

test("ordering needs the index where Graph's plain store has none", async () => {
  assert.equal((await graph.ask("/users?$orderby=userPrincipalName")).status, 200);
  assert.equal((await graph.ask("/groups?$orderby=displayName desc")).status, 200);
  for (const path of ["/applications?$orderby=displayName", "/users?$orderby=createdDateTime", "/users?$orderby=mail"])
    assertRejected(await graph.ask(path), "Request_UnsupportedQuery", /^Sorting not supported/);
  assert.equal((await graph.ask("/applications?$orderby=createdDateTime&$count=true", eventual)).status, 200);
  const together = "/users?$filter=accountEnabled eq true&$orderby=displayName";
  assertRejected(await graph.ask(together), "Request_UnsupportedQuery", /^Sorting not supported/);
  assert.equal((await graph.ask(`${together}&$count=true`, eventual)).status, 200);
});

test("$expand shows twenty of a relationship, each with its type", async () => {
  const one = await graph.ask(`/groups/${team}?$select=id&$expand=members($select=id,displayName)`);
  assert.equal(one.body["@odata.context"], context("groups(id,members(id,displayName))/$entity"));
  assert.equal(one.body.members.length, 20);
  assert.ok(Object.keys(one.body.members[0]).every((name) => ["@odata.type", "id", "displayName"].includes(name)));
  assert.equal(one.body["members@odata.nextLink"], undefined);
  const list = await graph.ask("/groups?$expand=owners,memberOf");
  assert.equal(list.body["@odata.context"], context("groups(owners(),memberOf())"));
  const row = list.body.value.find(({ id }: { id: string }) => id === team);
  assert.ok(row.owners.some(({ id }: { id: string }) => id === people[0]));
  assert.equal(row.owners[0]["@odata.type"], "#microsoft.graph.user");
  const mine = await graph.ask("/me?$expand=memberOf");
  assert.equal(mine.body.memberOf[0]["@odata.type"], "#microsoft.graph.directoryRole");
});

test("$expand shows what app roles a principal has, and whom a resource gave them to", async () => {
  const graphPrincipal = (await graph.ask("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')")).body;
  const role = graphPrincipal.appRoles.find(({ value }: { value: string }) => value === "User.Read.All");
  const body = { principalId: app.servicePrincipalId, resourceId: graphPrincipal.id, appRoleId: role.id };
  const made = await graph.ask(`/servicePrincipals/${app.servicePrincipalId}/appRoleAssignments`, {
    as: "operator-app",
    body,
  });
  assert.equal(made.status, 201, made.text);
  const { body: given } = await graph.ask(`/servicePrincipals/${app.servicePrincipalId}?$expand=appRoleAssignments`);
  assert.deepEqual(
    given.appRoleAssignments.map((row: { appRoleId: string }) => row.appRoleId),
    [role.id],
  );
  assert.equal(given.appRoleAssignments[0]["@odata.type"], undefined);
  const { body: giver } = await graph.ask(
    `/servicePrincipals/${graphPrincipal.id}?$select=id&$expand=appRoleAssignedTo($select=principalId)`,
  );
  assert.deepEqual(giver.appRoleAssignedTo, [{ principalId: app.servicePrincipalId }]);
});

test("$expand reads nothing that the caller could not read by itself", async () => {
  const { servicePrincipalId } = await graph.addApp("app-reader");
  graph.addCaller("app-reader", {
    kind: "app",
    principalId: servicePrincipalId as never,
    roles: ["Application.Read.All"],
  });
  assert.equal(
    (await graph.ask(`/servicePrincipals/${app.servicePrincipalId}?$expand=owners`, { as: "app-reader" })).status,
    200,
  );
  graph.addCaller("role-reader", { kind: "app", principalId: servicePrincipalId as never, roles: ["User.Read.All"] });
  const denied = await graph.ask(`/groups/${team}?$expand=members`, { as: "role-reader" });
  assert.equal(denied.status, 403);
});

test("$expand is not for advanced queries, and shortens pages", async () => {
  assertRejected(
    await graph.ask("/groups?$expand=members&$count=true", eventual),
    "Request_UnsupportedQuery",
    /^Expand is not/,
  );
  for (let index = 0; index < 99; index++) await makeGroup(`filler-${index}`);
  const { body } = await graph.ask("/groups?$expand=owners&$top=999&$select=id");
  assert.equal(body.value.length, 100);
  assert.match(body["@odata.nextLink"], /\$expand=owners.*\$skiptoken=/);
});

test("a next link keeps what was asked, and is good for nothing else", async () => {
  const first = await graph.ask('/users?$search="displayName:member"&$top=3&$select=displayName&$count=true', eventual);
  const link = new URL(first.body["@odata.nextLink"]);
  assert.equal(link.searchParams.get("$select"), "displayName");
  const next = await graph.ask(`${link.pathname}${link.search}`, eventual);
  assert.deepEqual(Object.keys(next.body.value[0]), ["displayName"]);
  const token = encodeURIComponent(link.searchParams.get("$skiptoken")!);
  for (const query of [
    `$search="displayName:member2"&$skiptoken=${token}`,
    `$skiptoken=${token}`,
    `$filter=id ne null&$count=true&$skiptoken=${token}`,
  ])
    assertRejected(await graph.ask(`/users?${query}`, eventual), "Request_BadRequest", /skip token/);
});

test("a page of another origin may call and read, and its browser is told so without a token", async () => {
  const preflight = await graph.ask("/users", {
    as: "",
    method: "OPTIONS",
    headers: {
      origin: "https://app.example",
      "access-control-request-method": "GET",
      "access-control-request-headers": "authorization,consistencylevel, bad name",
    },
  });
  assert.equal(preflight.status, 200);
  assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
  assert.match(preflight.headers.get("access-control-allow-methods") ?? "", /PATCH/);
  assert.equal(preflight.headers.get("access-control-allow-headers"), "authorization, consistencylevel");
  assert.equal(preflight.headers.get("access-control-allow-credentials"), null);
  assert.equal(preflight.text, "");
  const refused = await graph.ask("/users", { as: "", headers: { origin: "https://app.example" } });
  assert.deepEqual([refused.status, refused.headers.get("access-control-allow-origin")], [401, "*"]);
  const plain = await graph.ask("/users", { as: "", method: "OPTIONS" });
  assert.equal(plain.status, 401, "only a preflight goes without a token");
});
