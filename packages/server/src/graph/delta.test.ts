/** Following changes: everything once, then only what changed; by tokens nobody can make up. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { type TrialAnswer, TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
before(async () => {
  graph = await TrialGraph.start();
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

type Item = { readonly id: string; readonly "@removed"?: { readonly reason: string } } & Readonly<
  Record<string, unknown>
>;
const origin = "https://graph.microsoft.com";
const strip = (link: string) => link.slice(origin.length);

/** Follows next links to the delta link. */
async function follow(path: string, as = "operator"): Promise<{ items: Item[]; pages: number; delta: string }> {
  const items: Item[] = [];
  for (let pages = 1, next = path; ; pages++) {
    const { status, body, text }: TrialAnswer = await graph.ask(next, { as });
    assert.equal(status, 200, text);
    items.push(...body.value);
    const link: string | undefined = body["@odata.nextLink"];
    assert.equal(link === undefined, body["@odata.deltaLink"] !== undefined, "one link of the two");
    if (link === undefined) return { items, pages, delta: strip(body["@odata.deltaLink"]) };
    next = strip(link);
  }
}
const ids = (items: readonly Item[]) => items.map(({ id }) => id).sort();

test("applications: all of them, then what was made, changed and deleted", async () => {
  const [kept, changed, doomed] = [
    await graph.addApp("kept"),
    await graph.addApp("changed"),
    await graph.addApp("doomed"),
  ];
  const first = await follow("/applications/delta");
  assert.ok([kept, changed, doomed].every(({ id }) => ids(first.items).includes(id)));
  assert.equal(first.items.length, graph.cloud.model.applications.size);
  assert.equal((await follow(first.delta)).items.length, 0);

  await graph.ask(`/applications/${changed.id}`, { method: "PATCH", body: { displayName: "changed once" } });
  await graph.ask(`/applications/${changed.id}`, { method: "PATCH", body: { displayName: "changed twice" } });
  await graph.ask(`/applications/${doomed.id}`, { method: "DELETE" });
  const made = await graph.addApp("made");
  const gone = await graph.addApp("made and gone");
  await graph.ask(`/applications/${gone.id}`, { method: "DELETE" });
  await graph.addUser("unrelated");
  const second = await follow(first.delta);
  assert.deepEqual(ids(second.items), [changed.id, doomed.id, made.id, gone.id].sort());
  const byId = new Map(second.items.map((item) => [item.id, item]));
  assert.equal(byId.get(changed.id)!.displayName, "changed twice");
  assert.deepEqual(byId.get(doomed.id), { id: doomed.id, "@removed": { reason: "changed" } });
  assert.equal(byId.get(made.id)!.appId, made.appId);
  assert.deepEqual(byId.get(gone.id)!["@removed"], { reason: "changed" });
  assert.equal((await follow(second.delta)).items.length, 0);
  assert.equal((await follow(first.delta)).items.length, 4, "a delta link may be used again");
});

test("a secret that was added shows the application, and not itself", async () => {
  const { id } = await graph.addApp("with-secret");
  const { delta } = await follow("/applications/delta?$deltatoken=latest");
  const { body } = await graph.ask(`/applications/${id}/addPassword`, { body: {} });
  const { items } = await follow(delta);
  assert.deepEqual(ids(items), [id]);
  assert.equal(JSON.stringify(items).includes(body.secretText), false);
  assert.equal(JSON.stringify(items).includes("secretHash"), false);
});

test("latest tells nothing but where to go on from", async () => {
  const { items, delta } = await follow("/users/delta?$deltatoken=latest");
  assert.deepEqual(items, []);
  const user = await graph.addUser("latecomer");
  assert.deepEqual(ids((await follow(delta)).items), [user]);
});

test("the first request's columns hold for all that follow, until others are asked for", async () => {
  const first = await graph.ask("/users/delta?$select=displayName");
  assert.equal(first.body["@odata.context"], `${origin}/v1.0/$metadata#users(displayName)`);
  assert.deepEqual(Object.keys(first.body.value[0]).sort(), ["displayName", "id"]);
  const link = strip(first.body["@odata.deltaLink"]);
  assert.equal(link.includes("displayName"), false, "options are in the token");
  await graph.addUser("columned");
  const [item] = (await follow(link)).items;
  assert.deepEqual(Object.keys(item!).sort(), ["displayName", "id"]);
  const [other] = (await follow(`${link}&$select=mail`)).items;
  assert.deepEqual(Object.keys(other!).sort(), ["id", "mail"]);
});

test("only some objects may be followed", async () => {
  const [one, two] = [await graph.addUser("followed"), await graph.addUser("not-followed")];
  const first = await follow(`/users/delta?$filter=id eq '${one}'`);
  assert.deepEqual(ids(first.items), [one]);
  for (const id of [one, two]) await graph.ask(`/users/${id}`, { method: "PATCH", body: { jobTitle: "x" } });
  assert.deepEqual(ids((await follow(first.delta)).items), [one]);
});

test("groups tell their members as they come and go, a thousand at a time", async () => {
  const body = { displayName: "followed", mailNickname: "followed", mailEnabled: false, securityEnabled: true };
  const { id } = (await graph.ask("/groups", { as: "operator-app", body })).body;
  const people = [await graph.addUser("in"), await graph.addUser("out")];
  const ref = (member: string) => ({ "@odata.id": `${origin}/v1.0/directoryObjects/${member}` });
  await graph.ask(`/groups/${id}/members/$ref`, { body: ref(people[1]!) });
  const first = await follow("/groups/delta");
  assert.deepEqual(first.items.find((item) => item.id === id)!["members@delta"], [
    { "@odata.type": "#microsoft.graph.user", id: people[1] },
  ]);
  await graph.ask(`/groups/${id}/members/$ref`, { body: ref(people[0]!) });
  await graph.ask(`/groups/${id}/members/${people[1]}/$ref`, { method: "DELETE" });
  const [item] = (await follow(first.delta)).items;
  assert.deepEqual(item!["members@delta"], [
    { "@odata.type": "#microsoft.graph.user", id: people[0] },
    { "@odata.type": "#microsoft.graph.user", id: people[1], "@removed": { reason: "deleted" } },
  ]);
  assert.deepEqual((await follow(`${first.delta}&$select=displayName`)).items, [], "members were not asked for");

  const memberIds = Array.from(
    { length: 2_500 },
    (_, index) => `77777777-0000-4000-8000-${String(index).padStart(12, "0")}`,
  );
  await graph.cloud.store.change({ principalId: "x", displayName: "x" }, "Add many", () => ({
    changes: memberIds.map((memberId) => ({ kind: "groupMember", op: "put", row: { groupId: id, memberId } }) as never),
    result: undefined,
  }));
  const whole = await follow("/groups/delta");
  assert.equal(whole.pages, 3);
  const told = whole.items.filter((row) => row.id === id).flatMap((row) => row["members@delta"] as Item[]);
  assert.deepEqual(ids(told), [...memberIds, people[0]].sort());
});

test("a service principal is told of when its application changes it", async () => {
  const { id, servicePrincipalId } = await graph.addApp("with-uri");
  const { delta } = await follow("/servicePrincipals/delta?$deltatoken=latest");
  await graph.ask(`/applications/${id}`, {
    method: "PATCH",
    body: { identifierUris: ["api://postern.test/with-uri"] },
  });
  const [item] = (await follow(delta)).items;
  assert.equal(item!.id, servicePrincipalId);
  assert.ok((item!.servicePrincipalNames as string[]).includes("api://postern.test/with-uri"));
});

test("what is read while others write is complete in the end", async () => {
  for (let index = 0; index < 95; index++) await graph.addUser(`crowd${index}`);
  const seen = new Map<string, Item>();
  let next = "/users/delta?$select=jobTitle";
  for (let step = 0; ; step++) {
    const { body } = await graph.ask(next);
    for (const item of body.value) seen.set(item.id, item);
    if (step === 0) {
      const [first] = body.value;
      await graph.ask(`/users/${first.id}`, { method: "PATCH", body: { jobTitle: "changed behind the reader" } });
      await graph.addUser("behind-the-reader");
    }
    if (body["@odata.deltaLink"] !== undefined) {
      next = strip(body["@odata.deltaLink"]);
      break;
    }
    next = strip(body["@odata.nextLink"]);
  }
  for (const item of (await follow(next)).items) seen.set(item.id, item);
  for (const { id, jobTitle } of graph.cloud.model.users.values()) assert.equal(seen.get(id)?.jobTitle, jobTitle, id);
});

test("a reader who stays away for long is told page by page", async () => {
  const { delta } = await follow("/applications/delta?$deltatoken=latest");
  const { id } = await graph.addApp("busy");
  const changes = Array.from({ length: 2_100 }, (_, index) =>
    graph.cloud.store.change({ principalId: "x", displayName: "x" }, "Touch", (model) => ({
      changes: [
        { kind: "application", op: "put", row: { ...model.applications.get(id)!, notes: String(index) } } as never,
      ],
      result: undefined,
    })),
  );
  await Promise.all(changes);
  const { items, pages } = await follow(delta);
  assert.equal(pages, 3);
  assert.equal(items.at(-1)!.notes, "2099");
});

test("a token of another set, made up, or changed in any character, is refused", async () => {
  const { delta } = await follow("/applications/delta?$deltatoken=latest");
  const token = new URL(`${origin}${delta}`).searchParams.get("$deltatoken")!;
  const refusedAt = async (path: string) => {
    const answer = await graph.ask(path);
    assert.deepEqual([answer.status, answer.body.error.code], [400, "Request_BadRequest"], path);
    assert.match(answer.body.error.message, /delta token/);
  };
  await refusedAt(`/users/delta?$deltatoken=${token}`);
  await refusedAt("/applications/delta?$skiptoken=");
  await refusedAt(
    `/applications/delta?$deltatoken=${Buffer.from('["log",0,null,null,null,null]').toString("base64url")}.x`,
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(..."Ab0-_."), async (at, character) => {
      fc.pre(token[at] !== character);
      await refusedAt(`/applications/delta?$deltatoken=${token.slice(0, at)}${character}${token.slice(at + 1)}`);
    }),
    { numRuns: 40 },
  );
  const page = await graph.ask("/applications?$top=1");
  await refusedAt(
    `/applications/delta?$skiptoken=${new URL(page.body["@odata.nextLink"]).searchParams.get("$skiptoken")}`,
  );
});

test("a delta is read with the right to what it tells of, at every step", async () => {
  const { delta } = await follow("/applications/delta");
  await graph.addApp("without-rights");
  for (const path of ["/applications/delta", delta])
    assert.equal((await graph.ask(path, { as: "without-rights" })).status, 403);
  assert.equal((await graph.ask(delta, { as: "" })).status, 401);
});

test("options a delta does not have", async () => {
  const { delta } = await follow("/users/delta?$deltatoken=latest");
  for (const option of ["$top=5", "$orderby=displayName", '$search="displayName:x"', "$expand=manager", "$count=true"])
    assert.equal((await graph.ask(`/users/delta?${option}`)).status, 400, option);
  assert.equal((await graph.ask(`${delta}&$filter=id eq 'x'`)).status, 400);
  for (const filter of ["displayName eq 'x'", "not id eq 'x'", "startswith(id,'x')", "id eq 'x' and id eq 'y'"])
    assert.equal((await graph.ask(`/users/delta?$filter=${filter}`)).status, 400, filter);
});

test("a state folder put back to an older time says so", async () => {
  const { delta } = await follow("/applications/delta?$deltatoken=latest");
  const { model } = graph.cloud;
  const { revision } = model;
  model.revision = revision - 1;
  const answer = await graph.ask(delta);
  model.revision = revision;
  assert.deepEqual([answer.status, answer.body.error.code], [410, "syncStateNotFound"]);
});

test("a change under If-Match is made to what was seen, or not at all", async () => {
  const { id } = await graph.addApp("tagged");
  const seen = (await graph.ask(`/applications/${id}`)).headers.get("etag")!;
  assert.match(seen, /^W\/"[\w-]{43}"$/);
  const patch = (tag: string, displayName: string) =>
    graph.ask(`/applications/${id}`, { method: "PATCH", headers: { "if-match": tag }, body: { displayName } });
  assert.equal((await patch(seen, "tagged once")).status, 204);
  const stale = await patch(seen, "tagged twice");
  assert.deepEqual([stale.status, stale.body.error.code], [412, "PreconditionFailed"]);
  assert.equal((await graph.ask(`/applications/${id}`)).body.displayName, "tagged once");
  assert.equal(
    (await graph.ask(`/applications/${id}`, { method: "DELETE", headers: { "if-match": seen } })).status,
    412,
  );
  assert.equal((await patch("*", "tagged thrice")).status, 204);
  const fresh = (await graph.ask(`/applications/${id}`)).headers.get("etag")!;
  assert.equal((await patch(`"x", ${fresh}`, "tagged at last")).status, 204);
  const racing = (await graph.ask(`/applications/${id}`)).headers.get("etag")!;
  const statuses = (await Promise.all(["a", "b", "c"].map((name) => patch(racing, name)))).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [204, 412, 412], "of three at once one is made");
});
