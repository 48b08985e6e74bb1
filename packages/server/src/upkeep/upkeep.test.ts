import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { roles, startTrialCloud, trial } from "../arm/trial-cloud.ts";
import { createPosternSurface } from "../postern-surface.ts";
import { put, systemActor } from "../state/change.ts";
import type { Application, PasswordCredential } from "../state/entities.ts";
import { directoryRoleTemplateIds } from "../state/first-party.ts";
import type { AppId, ApplicationObjectId, Guid } from "../state/identifiers.ts";
import { openKeyKeeper } from "../tokens/key-keeper.ts";
import { application as plain, servicePrincipal } from "../tokens/sample-directory.ts";
import { pageSize } from "./credentials.ts";
import { createUpkeepRows } from "./upkeep.ts";

const now = new Date(trial.now);
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000).toISOString();

async function start(context: TestContext) {
  const trialCloud = await startTrialCloud();
  const { cloud } = trialCloud;
  const stateDir = await mkdtemp(join(tmpdir(), "postern-upkeep-"));
  const keys = await openKeyKeeper({ stateDir, ports: cloud.ports });
  const said: string[] = [];
  let finishCheck = (): void => undefined;
  const checking = new Promise<void>((resolve) => {
    finishCheck = resolve;
  });
  const surface = createPosternSurface(
    createUpkeepRows(cloud, {
      keys,
      isArmAudience: (audience) => audience === "https://management.azure.com",
      isGraphAudience: () => true,
      backUp: async () => ({ folder: "/backups/one", files: [{ sizeBytes: 3 }, { sizeBytes: 4 }] }),
      checkStorage: async () => {
        await checking;
        return { isSound: false, findingCount: 1, findings: [{ kind: "extent-missing" }] };
      },
      say: (line) => said.push(line),
    }),
  );
  const server = createServer((request, response) => {
    const [path = "", query = ""] = request.url!.split(/\?(.*)/s);
    const exchange = {
      request,
      response,
      requestId: "r",
      surface: "postern",
      origin,
      account: "",
      prefix: "",
      path,
      query,
    };
    surface.handle(exchange as never).catch((cause: unknown) => response.writeHead(599).end(String(cause)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  context.after(async () => {
    server.closeAllConnections();
    server.close();
    await trialCloud.close();
    await rm(stateDir, { recursive: true });
  });
  const role = {
    id: "12121212-0000-4000-8000-000000000001" as Guid,
    principalId: trial.operator,
    roleTemplateId: directoryRoleTemplateIds.globalAdministrator,
  };
  await cloud.store.change(systemActor, "Prepare", () => {
    const principal = { ...servicePrincipal, id: trial.app, appId: trial.appId };
    return { changes: [put("directoryRoleAssignment", role), put("servicePrincipal", principal)], result: undefined };
  });
  const ask = async (method: string, target: string, as: string | null = trial.operator, body?: string) => {
    const headers = as === null ? {} : { authorization: `Bearer ${as}` };
    const url = target.startsWith("http") ? target : origin + target;
    const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      // biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever JSON came back
      json: (text.startsWith("{") ? JSON.parse(text) : text) as any,
    };
  };
  const rotate = (kind: unknown, as: string = trial.operator) =>
    ask("POST", "/postern/keys/rotate", as, JSON.stringify({ kind }));
  return { ...trialCloud, cloud, keys, surface, said, ask, rotate, finishCheck: () => finishCheck() };
}

/** An application with secrets that end so many days from now. */
function appWith(index: number, ends: readonly number[]): Application {
  const suffix = String(index).padStart(12, "0");
  const credential = (days: number, at: number): PasswordCredential => ({
    keyId: `77777777-0000-4000-8${String(at).padStart(3, "0")}-${suffix}` as Guid,
    displayName: `secret ${at}`,
    hint: "abc",
    startDateTime: inDays(-300),
    endDateTime: inDays(days),
    secretHash: "never-shown",
  });
  return {
    ...plain,
    id: `88888888-0000-4000-8000-${suffix}` as ApplicationObjectId,
    appId: `99999999-0000-4000-8000-${suffix}` as AppId,
    displayName: `App ${index}`,
    passwordCredentials: ends.map(credential),
  };
}

test("every operation refuses a stranger and one without a right, and says whose token it takes", async (context) => {
  const { surface, ask, keys } = await start(context);
  const { kid } = keys.ring.current;
  for (const { operation, method, permission, sample } of surface.operations) {
    if (permission === "public") continue;
    const stranger = await ask(method, sample.target, null, sample.body);
    assert.equal(stranger.status, 401, operation);
    assert.match(stranger.headers.get("www-authenticate") ?? "", /^Bearer authorization_uri=/);
    assert.equal((await ask(method, sample.target, "token-expired", sample.body)).status, 401, operation);
    assert.equal((await ask(method, sample.target, trial.app, sample.body)).status, 403, operation);
  }
  assert.deepEqual(
    keys.ring.keys.map((key) => key.kid),
    [kid],
  );
});

test("keys are rotated by who may give roles at the root, looked at by its readers, and a Contributor is neither's equal", async (context) => {
  const { assign, rotate, ask, said, cloud } = await start(context);
  await assign(trial.app, roles.owner, `/subscriptions/${trial.subscriptionId}`);
  assert.equal((await rotate("now", trial.app)).status, 403, "an Owner of a subscription only");
  await assign(trial.app, roles.contributor, "/");
  assert.equal((await rotate("now", trial.app)).status, 403);
  assert.equal((await ask("GET", "/postern/keys", trial.app)).status, 200);
  assert.deepEqual(said, []);
  await assign(trial.app, roles.userAccessAdministrator, "/");
  const { status, json } = await rotate("scheduled", trial.app);
  assert.equal(status, 200);
  assert.deepEqual(
    json.value.map(({ state }: { state: string }) => state),
    ["current", "next"],
  );
  assert.equal(said.length, 1);
  assert.match(
    said[0]!,
    new RegExp(`rotated \\(scheduled\\) by ${trial.app}: key ${json.kid} signs from 2026-01-03T03:04:05`),
  );
  const record = cloud.recorder.accesses().at(-1)!;
  assert.deepEqual([record.operation, record.outcome, record.ask.scope], ["Rotate signing keys", "allowed", "/"]);
});

test("a rotation says what it did, and what it would not do", async (context) => {
  const { rotate, ask, keys } = await start(context);
  const old = keys.ring.current.kid;
  const { json } = await rotate("scheduled");
  assert.equal((await rotate("scheduled")).json.error.code, "RotationUnderWay");
  assert.equal((await rotate("now")).json.kid, json.kid);
  const listed = (await ask("GET", "/postern/keys")).json.value;
  assert.deepEqual(listed[0], {
    kid: old,
    state: "retired",
    created: trial.now,
    signsFrom: trial.now,
    verifiesUntil: "2026-01-03T03:14:05.678Z",
  });
  assert.ok(!JSON.stringify(listed).includes("privateKey"));
  const { json: last } = await rotate("compromised");
  assert.equal(last.value.length, 1);
  assert.notEqual(last.kid, json.kid);
  const bad = [undefined, "Now", "", 1, null, { kind: "now" }];
  for (const kind of bad) assert.equal((await rotate(kind)).status, 400, JSON.stringify(kind));
  for (const body of ["", "{", "[]", "null", "5"]) {
    assert.equal((await ask("POST", "/postern/keys/rotate", trial.operator, body)).status, 400, body);
  }
  const large = JSON.stringify({ kind: "now", more: "x".repeat(5000) });
  assert.equal((await ask("POST", "/postern/keys/rotate", trial.operator, large)).status, 413);
  assert.equal((await ask("GET", "/postern/keys")).json.value[0].kid, last.kid, "nothing of this rotated");
});

test("credentials are listed by their end, with the days left and the last use, and without their hashes", async (context) => {
  const { cloud, ask } = await start(context);
  const rows = [appWith(1, [400, 10]), appWith(2, [-5])].map((row) => put("application", row));
  await cloud.store.change(systemActor, "Prepare", () => ({ changes: rows, result: undefined }));
  const used = rows[0]!;
  assert.ok(used.op === "put" && used.kind === "application");
  const { keyId } = used.row.passwordCredentials[1]!;
  cloud.recorder.credentialUses.record({ keyId, appId: used.row.appId, time: trial.now });
  const { json } = await ask("GET", "/postern/credentials");
  assert.deepEqual(
    json.value.map((one: { daysLeft: number }) => one.daysLeft),
    [-5, 10, 400],
  );
  assert.deepEqual(json.value[1], {
    appId: used.row.appId,
    appDisplayName: "App 1",
    ownerType: "application",
    ownerId: used.row.id,
    kind: "secret",
    keyId,
    displayName: "secret 1",
    hint: "abc",
    startDateTime: inDays(-300),
    endDateTime: inDays(10),
    daysLeft: 10,
    lastUsedDateTime: trial.now,
  });
  assert.equal(json.value[0].lastUsedDateTime, null);
  assert.ok(!JSON.stringify(json).includes("never-shown"));
  const soon = await ask("GET", "/postern/credentials?expiringWithinDays=30");
  assert.equal(soon.json.value.length, 2);
  const ofOne = await ask("GET", `/postern/credentials?appId=${used.row.appId.toUpperCase()}`);
  assert.deepEqual(
    ofOne.json.value.map((one: { daysLeft: number }) => one.daysLeft),
    [10, 400],
  );
  assert.equal((await ask("GET", "/postern/credentials?appId=notes")).status, 400);
  for (const bad of ["-1", "x", "", "1.5", "99999", "3654"]) {
    assert.equal((await ask("GET", `/postern/credentials?expiringWithinDays=${bad}`)).status, 400, bad);
  }
});

test("a long list comes in pages, each credential once", async (context) => {
  const { cloud, ask } = await start(context);
  const count = pageSize + 3;
  const changes = Array.from({ length: count }, (_, index) => put("application", appWith(index, [index % 7])));
  await cloud.store.change(systemActor, "Prepare", () => ({ changes, result: undefined }));
  const first = await ask("GET", "/postern/credentials?expiringWithinDays=90");
  assert.equal(first.json.value.length, pageSize);
  const second = await ask("GET", first.json.nextLink);
  assert.equal(second.json.nextLink, undefined);
  const keyIds = [...first.json.value, ...second.json.value].map(({ keyId }: { keyId: string }) => keyId);
  assert.equal(new Set(keyIds).size, count);
});
test("a backup is made for who may give roles at the root; a Contributor, who may not, would find every key in it", async (context) => {
  const { assign, ask, said } = await start(context);
  await assign(trial.app, roles.contributor, "/");
  assert.equal((await ask("POST", "/postern/backup", trial.app)).status, 403);
  const made = await ask("POST", "/postern/backup");
  assert.deepEqual([made.status, made.json], [200, { folder: "/backups/one", fileCount: 2, sizeBytes: 7 }]);
  assert.equal(said.length, 1);
});

test("the blob store is checked for who may give roles at the root, once at a time", async (context) => {
  const { assign, ask, said, finishCheck } = await start(context);
  await assign(trial.app, roles.contributor, "/");
  assert.equal((await ask("POST", "/postern/storage/check", null)).status, 401);
  assert.equal((await ask("POST", "/postern/storage/check", trial.app)).status, 403);
  const first = ask("POST", "/postern/storage/check");
  const second = ask("POST", "/postern/storage/check");
  const early = await Promise.race([first, second]);
  assert.deepEqual([early.status, early.json.error.code], [409, "CheckUnderWay"]);
  finishCheck();
  const answers = (await Promise.all([first, second])).sort((a, b) => a.status - b.status);
  assert.deepEqual([answers[0]!.status, answers[0]!.json.findings], [200, [{ kind: "extent-missing" }]]);
  assert.match(said.at(-1)!, /^blob store checked by .*: 1 findings$/);
});
