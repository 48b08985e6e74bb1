import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startTrialSurface, type TrialAnswer, type TrialSurface } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const mine = "11111111-2222-4333-8444-555555555555";
const theirs = "99999999-2222-4333-8444-555555555555";

type Clocked = TrialSurface & {
  lease(target: string, action: string, headers?: Record<string, string>): Promise<TrialAnswer>;
  pass(seconds: number): void;
};

async function start(test: TestContext): Promise<Clocked> {
  let timeMs = Date.parse("2026-01-02T03:04:05.678Z");
  const trial = await startTrialSurface(test, { now: () => new Date(timeMs) });
  await trial.send("PUT", "/box?restype=container");
  await trial.send("PUT", "/box/b", { headers: blockBlob, body: "x" });
  const lease: Clocked["lease"] = (target, action, headers = {}) =>
    trial.send("PUT", `${target}${target.includes("?") ? "&" : "?"}comp=lease`, {
      headers: { "x-ms-lease-action": action, ...headers },
    });
  return {
    ...trial,
    lease,
    pass: (seconds) => {
      timeMs += seconds * 1000;
    },
  };
}

const acquire = (id: string, seconds = "15"): Record<string, string> => ({
  "x-ms-lease-duration": seconds,
  "x-ms-proposed-lease-id": id,
});

test("a leased blob is changed by its holder only", async (test) => {
  const { send, lease } = await start(test);
  const before = await send("HEAD", "/box/b");
  const acquired = await lease("/box/b", "acquire", acquire(mine));
  assert.deepEqual([acquired.status, acquired.headers["x-ms-lease-id"]], [201, mine]);
  const changes: [method: string, target: string, headers: Record<string, string>, body?: string][] = [
    ["PUT", "/box/b", blockBlob, "y"],
    ["PUT", "/box/b?comp=metadata", { "x-ms-meta-a": "1" }],
    ["PUT", "/box/b?comp=properties", {}],
    ["PUT", "/box/b?comp=block&blockid=MDE%3D", {}, "y"],
    ["PUT", "/box/b?comp=blocklist", {}, "<BlockList><Uncommitted>MDE=</Uncommitted></BlockList>"],
    ["PUT", "/box/b?comp=tags", {}, "<Tags><TagSet /></Tags>"],
    ["DELETE", "/box/b", {}],
  ];
  for (const [method, target, headers, body] of changes) {
    const ask = (more: Record<string, string>) =>
      send(method, target, { headers: { ...headers, ...more }, ...(body === undefined ? {} : { body }) });
    assert.equal((await ask({})).code, "LeaseIdMissing", target);
    assert.equal((await ask({ "x-ms-lease-id": theirs })).code, "LeaseIdMismatchWithBlobOperation", target);
  }
  const during = await send("HEAD", "/box/b");
  assert.equal(during.headers.etag, before.headers.etag);
  assert.deepEqual(
    ["status", "state", "duration"].map((name) => during.headers[`x-ms-lease-${name}`]),
    ["locked", "leased", "fixed"],
  );
  assert.equal((await send("GET", "/box/b", { headers: { "x-ms-lease-id": theirs } })).status, 412);
  assert.equal((await send("PUT", "/box/b?comp=snapshot", {})).status, 201);
  for (const [method, target, headers, body] of changes.slice(0, -1)) {
    const done = await send(method, target, {
      headers: { ...headers, "x-ms-lease-id": mine },
      ...(body === undefined ? {} : { body }),
    });
    assert.ok(done.status < 300, `${target}: ${done.text}`);
  }
  assert.equal((await send("HEAD", "/box/b")).headers["x-ms-lease-state"], "leased");
});

test("a lease ends by itself, is renewed, changed, released and broken", async (test) => {
  const { send, lease, pass } = await start(test);
  const state = async (): Promise<unknown> => (await send("HEAD", "/box/b")).headers["x-ms-lease-state"];
  await lease("/box/b", "acquire", acquire(mine));
  assert.equal((await lease("/box/b", "acquire", acquire(theirs))).code, "LeaseAlreadyPresent");
  pass(14);
  assert.equal((await lease("/box/b", "renew", { "x-ms-lease-id": mine })).status, 200);
  pass(14);
  assert.equal(await state(), "leased");
  pass(1);
  assert.equal(await state(), "expired");
  const late = await send("PUT", "/box/b?comp=metadata", { headers: { "x-ms-lease-id": mine } });
  assert.equal(late.code, "LeaseLost");
  assert.equal((await lease("/box/b", "renew", { "x-ms-lease-id": mine })).status, 200, "while nobody wrote");
  pass(20);
  assert.equal((await send("PUT", "/box/b?comp=metadata")).status, 200);
  assert.equal(await state(), "available");
  assert.equal((await lease("/box/b", "renew", { "x-ms-lease-id": mine })).code, "LeaseNotPresentWithLeaseOperation");

  await lease("/box/b", "acquire", acquire(mine, "-1"));
  const changed = await lease("/box/b", "change", { "x-ms-lease-id": mine, "x-ms-proposed-lease-id": theirs });
  assert.equal(changed.headers["x-ms-lease-id"], theirs);
  assert.equal((await lease("/box/b", "release", { "x-ms-lease-id": mine })).code, "LeaseIdMismatchWithLeaseOperation");
  const broken = await lease("/box/b", "break", { "x-ms-lease-break-period": "10" });
  assert.deepEqual([broken.status, broken.headers["x-ms-lease-time"]], [202, "10"]);
  assert.equal(await state(), "breaking");
  assert.equal((await lease("/box/b", "acquire", acquire(theirs))).code, "LeaseIsBreakingAndCannotBeAcquired");
  assert.equal((await send("DELETE", "/box/b")).code, "LeaseIdMissing");
  const later = await lease("/box/b", "break", { "x-ms-lease-break-period": "60" });
  assert.equal(later.headers["x-ms-lease-time"], "10");
  pass(10);
  assert.equal(await state(), "broken");
  assert.equal((await lease("/box/b", "renew", { "x-ms-lease-id": theirs })).code, "LeaseIsBrokenAndCannotBeRenewed");
  assert.equal((await lease("/box/b", "release", { "x-ms-lease-id": theirs })).status, 200);
  assert.equal((await send("DELETE", "/box/b")).status, 202);
});

test("a leased container is deleted by its holder only; its blobs are free", async (test) => {
  const { send, lease } = await start(test);
  const container = "/box?restype=container";
  assert.equal((await lease(container, "acquire", acquire(mine, "-1"))).status, 201);
  assert.equal((await send("HEAD", container)).headers["x-ms-lease-duration"], "infinite");
  assert.match((await send("GET", "/?comp=list")).text, /<LeaseState>leased<\/LeaseState><LeaseDuration>infinite</);
  assert.equal((await send("PUT", "/box/b", { headers: blockBlob, body: "y" })).status, 201);
  assert.equal((await send("DELETE", container)).code, "LeaseIdMissing");
  const wrong = await send("DELETE", container, { headers: { "x-ms-lease-id": theirs } });
  assert.equal(wrong.code, "LeaseIdMismatchWithContainerOperation");
  assert.equal((await send("DELETE", container, { headers: { "x-ms-lease-id": mine } })).status, 202);
});

test("bad lease requests are refused", async (test) => {
  const { send, lease } = await start(test);
  const rows: [action: string, headers: Record<string, string>, code: string][] = [
    ["borrow", {}, "InvalidHeaderValue"],
    ["acquire", {}, "MissingRequiredHeader"],
    ["acquire", acquire(mine, "14"), "InvalidHeaderValue"],
    ["acquire", acquire(mine, "61"), "InvalidHeaderValue"],
    ["acquire", acquire("no-guid"), "InvalidHeaderValue"],
    ["renew", {}, "MissingRequiredHeader"],
    ["renew", { "x-ms-lease-id": mine }, "LeaseNotPresentWithLeaseOperation"],
    ["break", { "x-ms-lease-break-period": "61" }, "InvalidHeaderValue"],
    ["acquire", { ...acquire(mine), "if-match": '"0x1"' }, "ConditionNotMet"],
  ];
  for (const [action, headers, code] of rows) assert.equal((await lease("/box/b", action, headers)).code, code, action);
  assert.equal((await lease("/box/none", "acquire", acquire(mine))).code, "BlobNotFound");
  assert.equal((await send("PUT", "/box/b?comp=lease")).code, "MissingRequiredHeader");
});
