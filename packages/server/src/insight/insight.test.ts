import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { roles, startTrialCloud, trial } from "../arm/trial-cloud.ts";
import { createPosternSurface } from "../postern-surface.ts";
import { put, remove, systemActor } from "../state/change.ts";
import type { Exchange } from "../wire/exchange.ts";
import { createInsightRows } from "./insight.ts";

const subscription = `/subscriptions/${trial.subscriptionId}`;
const group = `${subscription}/resourceGroups/rg1`;
const groupRead = "Microsoft.Resources/subscriptions/resourceGroups/read";
const modeName = "abababab-0000-4000-8000-000000000001";
const ownOrigin = "https://localhost:1";

async function start(test: TestContext) {
  const started = await startTrialCloud();
  const { cloud } = started;
  cloud.recorder.ownOrigin = ownOrigin;
  const clock = { now: new Date(trial.now) };
  Object.assign(cloud.ports, { now: () => clock.now });
  const surface = createPosternSurface(createInsightRows(cloud, { isAudience: () => true }));
  const requestId = "88888888-8888-4888-8888-888888888888";
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const [path = "", query = ""] = request.url!.split(/\?(.*)/s);
    const exchange: Exchange = {
      request,
      response,
      requestId,
      surface: "postern",
      origin: "",
      account: "",
      prefix: "",
      path,
      query,
    };
    surface.handle(exchange).catch((cause: unknown) => response.writeHead(599).end(String(cause)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(async () => {
    server.closeAllConnections();
    server.close();
    await started.close();
  });
  const { port } = server.address() as AddressInfo;
  const ask = async (
    method: string,
    target: string,
    { as = trial.operator as string | null, body = undefined as unknown } = {},
  ) => {
    const answer = await fetch(`http://127.0.0.1:${port}${target}`, {
      method,
      headers: as === null ? {} : { authorization: `Bearer ${as}` },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    // biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever JSON came back
    return { status: answer.status, json: (text.startsWith("{") ? JSON.parse(text) : undefined) as any };
  };
  const pass = (seconds: number) => {
    clock.now = new Date(clock.now.getTime() + seconds * 1000);
  };
  return { ...started, surface, ask, clock, pass };
}

const readGroup = (cloud: Awaited<ReturnType<typeof start>>) =>
  cloud.send("GET", `${group}?api-version=2021-04-01`, { as: trial.app });

test("every operation refuses a stranger, and one without a role about others", async (test) => {
  const { surface, ask } = await start(test);
  for (const { operation, method, permission, sample } of surface.operations) {
    if (permission === "public") continue;
    const stranger = await ask(method, sample.target, { as: null, body: sample.body });
    assert.equal(stranger.status, 401, operation);
  }
  const about = { principalId: trial.operator, operation: groupRead, scope: group };
  const query = new URLSearchParams(about);
  const refused = [
    await ask("POST", "/postern/access/explain", { as: trial.app, body: about }),
    await ask("GET", `/postern/access/who-can?${query}`, { as: trial.app }),
    await ask("GET", `/postern/access/what-can?${query}`, { as: trial.app }),
    await ask("GET", "/postern/access/diff?from=2026-01-01T00:00:00Z", { as: trial.app }),
    await ask("PUT", `/postern/access/softModes/${modeName}`, { as: trial.app, body: { scope: group, seconds: 5 } }),
  ];
  assert.deepEqual(
    refused.map(({ status, json }) => [status, json.error.code]),
    refused.map(() => [403, "AuthorizationFailed"]),
  );
});

test("a refusal points to its record, which says why and which role mends it", async (test) => {
  const cloud = await start(test);
  const refused = await readGroup(cloud);
  assert.equal(refused.status, 403);
  const link = refused.headers["x-postern-explain"]!;
  assert.ok(link.startsWith(`${ownOrigin}/postern/access/records/`));
  const path = link.slice(ownOrigin.length);
  for (const as of [trial.operator, trial.app]) {
    const { status, json } = await cloud.ask("GET", path, { as });
    assert.equal(status, 200);
    const [record] = json.value;
    assert.deepEqual(record.ask, { principalId: trial.app, operation: groupRead, isDataAction: false, scope: group });
    assert.deepEqual([record.outcome, record.decision.reason, record.surface], ["denied", "no-assignment", "arm"]);
    assert.ok(record.mending.length > 0);
  }
  const other = await cloud.ask("GET", path, { as: trial.group });
  assert.deepEqual([other.status, other.json.error.code], [404, "RecordNotFound"]);
});

test("explain answers for an Owner and a blob, with the plane found out, and for any principal about itself", async (test) => {
  const { ask } = await start(test);
  const body = { operation: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", scope: group };
  const { status, json } = await ask("POST", "/postern/access/explain", { body });
  assert.equal(status, 200);
  assert.deepEqual(
    [json.isDataAction, json.decision.isAllowed, json.decision.reason],
    [true, false, "data-action-not-granted"],
  );
  assert.equal(json.mending[0].roleName, "Storage Blob Data Reader");
  assert.equal(json.principal.displayName, "Operator");
  const own = await ask("POST", "/postern/access/explain", { as: trial.app, body });
  assert.deepEqual([own.status, own.json.decision.reason], [200, "no-assignment"]);
});

test("bad questions are refused in words", async (test) => {
  const { ask } = await start(test);
  const bad = [
    await ask("POST", "/postern/access/explain", { body: "[" }),
    await ask("POST", "/postern/access/explain", { body: { operation: "a/read" } }),
    await ask("POST", "/postern/access/explain", { body: { operation: "a/read", scope: "rg1" } }),
    await ask("POST", "/postern/access/explain", {
      body: { operation: "a/read", scope: group, isDataAction: "perhaps" },
    }),
    await ask("POST", "/postern/access/explain", { body: { operation: "a/read", scope: group, at: "Tuesday" } }),
    await ask("GET", "/postern/access/what-can?principalId=me"),
    await ask("GET", "/postern/access/what-can?revision=-1"),
    await ask("PUT", "/postern/access/softModes/mode", { body: { scope: group, seconds: 5 } }),
    await ask("PUT", `/postern/access/softModes/${modeName}`, { body: { scope: group, seconds: 1e9 } }),
  ];
  assert.deepEqual(
    bad.map(({ status, json }) => [status, json.error.code]),
    bad.map(() => [400, "InvalidRequestContent"]),
  );
  const large = await ask("POST", "/postern/access/explain", { body: JSON.stringify({ scope: "x".repeat(20_000) }) });
  assert.equal(large.status, 413);
});

test("who-can names the way by a group; what-can, as-of and diff tell what was when", async (test) => {
  const { ask, assign, cloud, clock, pass, send } = await start(test);
  await send("PUT", `${group}?api-version=2021-04-01`, { body: { location: "westeurope" } });
  const empty = clock.now.toISOString();
  const emptyRevision = cloud.model.revision;
  pass(60);
  await assign(trial.group, roles.reader, group);
  const member = put("groupMember", { groupId: trial.group, memberId: trial.app });
  await cloud.store.change(systemActor, "Add member", () => ({ changes: [member], result: undefined }));
  pass(60);
  const query = new URLSearchParams({ operation: groupRead, scope: group });
  const who = (await ask("GET", `/postern/access/who-can?${query}`)).json;
  const app = who.value.find((one: { principal: { id: string } }) => one.principal.id === trial.app);
  assert.deepEqual(app.ways[0].via, [trial.group]);
  assert.equal(app.ways[0].roleName, "Reader");
  assert.ok(!who.value.some((one: { principal: { type: string } }) => one.principal.type === "Group"));

  const what = (extra: string) => ask("GET", `/postern/access/what-can?principalId=${trial.app}${extra}`);
  assert.equal((await what("")).json.value.length, 1);
  for (const then of [`&at=${empty}`, `&revision=${emptyRevision}`]) {
    const { json } = await what(then);
    assert.deepEqual([json.value, json.at.revision], [[], emptyRevision]);
  }
  const past = await ask("POST", "/postern/access/explain", {
    body: { principalId: trial.app, operation: groupRead, scope: group, at: empty },
  });
  assert.equal(past.json.decision.isAllowed, false);
  const { json: diff } = await ask("GET", `/postern/access/diff?from=${empty}&scope=${group}`);
  assert.deepEqual(
    diff.access.map(({ change, principalId, roleName }: Record<string, string>) => [change, principalId, roleName]),
    [
      ["gained", trial.group, "Reader"],
      ["gained", trial.app, "Reader"],
    ],
  );
  const { json: same } = await ask("GET", `/postern/access/diff?from=${clock.now.toISOString()}`);
  assert.deepEqual([same.access, same.roles, same.denials], [[], [], []]);
});

test("diff names deny assignments that were made, altered and deleted, where they hold", async (test) => {
  const { ask, cloud, clock, pass, send } = await start(test);
  await send("PUT", `${group}?api-version=2021-04-01`, { body: { location: "westeurope" } });
  const empty = clock.now.toISOString();
  const name = "cdcdcdcd-0000-4000-8000-000000000001";
  const deny = (action: string) =>
    put("denyAssignment", {
      name,
      scope: group,
      denyAssignmentName: "no deletions",
      description: null,
      permissions: [{ actions: [action], notActions: [], dataActions: [], notDataActions: [] }],
      doNotApplyToChildScopes: false,
      principals: [{ id: trial.app, type: "ServicePrincipal" }],
      excludePrincipals: [],
      isSystemProtected: false,
      createdOn: empty,
      updatedOn: empty,
      createdBy: null,
      updatedBy: null,
    } as never);
  const change = async (what: ReturnType<typeof put>) => {
    pass(60);
    await cloud.store.change(systemActor, "Deny", () => ({ changes: [what], result: undefined }));
    pass(60);
  };
  const diff = async (from: string, scope: string) =>
    (await ask("GET", `/postern/access/diff?from=${from}&scope=${scope}`)).json;
  await change(deny("*/delete"));
  const made = await diff(empty, group);
  assert.deepEqual(
    made.denials.map((one: { before: unknown; after: { denyAssignmentName: string } }) => [
      one.before,
      one.after.denyAssignmentName,
    ]),
    [[null, "no deletions"]],
  );
  assert.ok(made.principals.some(({ id }: { id: string }) => id === trial.app));
  assert.equal((await diff(empty, `${group}0`)).denials.length, 0, "another place");
  const then = clock.now.toISOString();
  await change(deny("*/write"));
  assert.deepEqual((await diff(then, group)).denials[0].after.permissions[0].actions, ["*/write"]);
  await change(remove("denyAssignment", name));
  assert.deepEqual((await diff(empty, group)).denials, []);
  assert.equal((await diff(then, group)).denials[0].after, null);
});

test("soft mode lets one principal through at one scope, until it is over or off, and is in the change log", async (test) => {
  const cloud = await start(test);
  const { ask, send, pass } = cloud;
  await send("PUT", `${group}?api-version=2021-04-01`, { body: { location: "westeurope" } });
  assert.equal((await readGroup(cloud)).status, 403);
  const body = { scope: group, principalId: trial.app, seconds: 60 };
  const made = await ask("PUT", `/postern/access/softModes/${modeName}`, { body });
  assert.equal(made.status, 201);
  assert.equal((await readGroup(cloud)).status, 200);
  assert.equal(cloud.cloud.recorder.accesses().at(-1)!.outcome, "let-through");
  assert.equal(cloud.cloud.recorder.accesses().at(-1)!.decision.isAllowed, false);
  // Neither elsewhere, nor for another, nor about soft mode itself.
  const elsewhere = `${subscription}/resourceGroups/rg10?api-version=2021-04-01`;
  assert.equal((await send("GET", elsewhere, { as: trial.app })).status, 403);
  assert.equal((await send("GET", `${group}?api-version=2021-04-01`, { as: trial.group })).status, 403);
  const longer = await ask("PUT", `/postern/access/softModes/${modeName}`, {
    as: trial.app,
    body: { ...body, seconds: 600 },
  });
  assert.equal(longer.status, 403);
  pass(61);
  assert.equal((await readGroup(cloud)).status, 403);
  assert.deepEqual((await ask("GET", "/postern/access/softModes")).json.value, []);

  assert.equal((await ask("PUT", `/postern/access/softModes/${modeName}`, { body })).status, 200);
  assert.equal((await readGroup(cloud)).status, 200);
  assert.equal((await ask("DELETE", `/postern/access/softModes/${modeName}`)).status, 200);
  assert.equal((await ask("DELETE", `/postern/access/softModes/${modeName}`)).status, 204);
  assert.equal((await readGroup(cloud)).status, 403);
  const logged = (await cloud.cloud.store.readLog(0, 100)).map(({ operation }) => operation);
  assert.deepEqual(
    logged.filter((operation) => operation.endsWith("soft mode")),
    ["Create soft mode", "Create soft mode", "Delete soft mode"],
  );
});

test("learn answers with the role for what was used since a time, and with a custom role", async (test) => {
  const cloud = await start(test);
  await readGroup(cloud);
  cloud.pass(60);
  const since = cloud.clock.now.toISOString();
  const nothing = await cloud.ask("POST", "/postern/access/learn", { body: { principalId: trial.app, since } });
  assert.deepEqual([nothing.json.used, nothing.json.assignments], [[], []]);
  await readGroup(cloud);
  const { json } = await cloud.ask("POST", "/postern/access/learn", { body: { principalId: trial.app, since } });
  assert.deepEqual([json.used.length, json.used[0].deniedCount, json.uncovered], [1, 2, []]);
  assert.deepEqual([json.assignments.length, json.assignments[0].scope, json.isProved], [1, group, true]);
  assert.deepEqual(json.customRole.Actions, [groupRead]);
  assert.deepEqual(json.customRole.AssignableScopes, [subscription]);
});
