/** Who asks too much and when there is too much to do: each plane says so as Azure does, and nothing else stops. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { after, before, describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { defaultLoadLimits, noRates } from "../../packages/server/src/front.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { type Answer, createAccount, createApp, planeHosts, planeScopes } from "../support/plane-client.ts";

const account = "limitsdata";
const blobHost = `${account}.blob.core.windows.net`;
const version = { "x-ms-version": "2023-11-03" };

function assertRetry(answer: Answer, status: number, words: RegExp): void {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.text, words);
  assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/);
  assert.match(String(answer.headers["x-ms-request-id"]), /^[0-9a-f-]{36}$/);
}

/** The server sees an answer go out after the client has it. */
async function settle({ front: { load } }: TestCloud): Promise<void> {
  while (load.requestCount > 0) await setImmediate();
}

describe("a principal that asks too much", () => {
  let cloud: TestCloud;
  const bearers: Record<string, string> = {};
  before(async () => {
    const once = { perSecond: 0.001, burst: 40 };
    cloud = await startTestCloud({ front: { rates: { tokens: once, planes: once } } });
    await createAccount(cloud.client, "limits-group", account);
    const app = await createApp(cloud.client, "limits");
    for (const plane of ["graph", "arm", "blob"] as const)
      bearers[plane] = `Bearer ${await cloud.client.token(app.appId, app.secret, planeScopes[plane])}`;
  });
  after(() => cloud.dispose());

  const ask = (plane: "graph" | "arm" | "blob", authorization = bearers[plane]!) => {
    const host = plane === "blob" ? blobHost : planeHosts[plane];
    const target = { graph: "/v1.0/organization", arm: "/subscriptions?api-version=2022-12-01", blob: "/?comp=list" }[
      plane
    ];
    return cloud.client.send(host, "GET", target, { headers: { ...version, authorization } });
  };

  test("is put off on every plane, in each plane's shape, and others are not", async () => {
    for (let count = 0; count < 40; count++) assert.notEqual((await ask("arm")).status, 429);
    assertRetry(await ask("arm"), 429, /"code":"TooManyRequests"/);
    assertRetry(await ask("graph"), 429, /"code":"TooManyRequests".*"innerError"/);
    assertRetry(await ask("blob"), 503, /<Code>ServerBusy<\/Code>/);
    const batch = await cloud.client.send(planeHosts.graph, "POST", "/v1.0/$batch", {
      headers: { authorization: bearers.graph!, "content-type": "application/json" },
      body: JSON.stringify({ requests: [{ id: "1", method: "GET", url: "/organization" }] }),
    });
    assertRetry(batch, 429, /TooManyRequests/);
    assert.equal((await ask("arm", `Bearer ${await cloud.client.operatorToken("arm")}`)).status, 200);
    assert.equal((await ask("arm", "Bearer not.a.token")).status, 401, "a token that is none is nobody's share");
    assert.equal(cloud.front.rateLimits.refused.planes, 4);
  });

  test("a client is put off at the token endpoint before its secret is looked at", async () => {
    const guess = () => cloud.client.askToken("11111111-2222-4333-8444-555555555555", "guess", planeScopes.arm);
    for (let count = 0; count < 40; count++) assert.equal((await guess()).status, 400);
    const refused = await guess();
    assertRetry(refused, 429, /AADSTS90055/);
    assert.equal((JSON.parse(refused.text) as { error: string }).error, "temporarily_unavailable");
  });

  test("who shows nothing is put off by address", async () => {
    const ask = () => cloud.client.send(blobHost, "GET", "/public?restype=container", { headers: version });
    const statuses = new Set<number>();
    for (let count = 0; count < 41; count++) statuses.add((await ask()).status);
    assertRetry(await ask(), 503, /ServerBusy/);
    assert.ok(statuses.size === 2, [...statuses].join());
  });

  test("no plane is left out: our own, the portal's and the pages to sign in on count, too; health does not", async () => {
    const arm = { authorization: bearers.arm! };
    const own: [method: string, target: string][] = [
      ["GET", "/postern/access/what-can"],
      ["GET", "/postern/keys"],
      ["POST", "/postern/identitySessions"],
    ];
    for (const [method, target] of own) {
      assertRetry(await cloud.client.send("localhost", method, target, { headers: arm }), 429, /TooManyRequests/);
      assertRetry(await cloud.client.send("localhost", method, target), 429, /TooManyRequests/);
    }
    const { refused } = cloud.front.rateLimits;
    const strangers: [host: string, target: string, words: RegExp][] = [
      [planeHosts.entra, "/common/discovery/v2.0/keys", /AADSTS90055/],
      [planeHosts.entra, "/common/oauth2/v2.0/authorize", /AADSTS90055/],
      [planeHosts.entra, "/nowhere", /AADSTS90055/],
      [planeHosts.graph, "/v1.0/organization", /TooManyRequests/],
      [planeHosts.arm, "/subscriptions?api-version=2022-12-01", /TooManyRequests/],
      ["main.iam.ad.ext.azure.com", "/api/RegisteredApplications/x/Consent", /TooManyRequests/],
      ["localhost", "/portal", /TooManyRequests/],
    ];
    for (const [host, target, words] of strangers)
      assertRetry(await cloud.client.send(host, "GET", target), 429, words);
    assert.equal(cloud.front.rateLimits.refused.planes - refused.planes, strangers.length);
    assert.equal((await cloud.client.send("localhost", "GET", "/healthz")).status, 200);
  });
});

describe("a server that has too much to do", () => {
  test("refuses at once what it would only keep waiting, in each plane's shape; health and who is inside go on", async (t) => {
    const cloud = await startTestCloud({ front: { rates: noRates, load: { ...defaultLoadLimits, maxRequests: 5 } } });
    t.after(() => cloud.dispose());
    const { load } = cloud.front;
    const authorization = `Bearer ${await cloud.client.operatorToken("arm")}`;
    load.requestCount += 5;
    for (const [host, words, target = "/subscriptions?api-version=2022-12-01"] of [
      [planeHosts.entra, /AADSTS90033/],
      [planeHosts.graph, /serviceNotAvailable/],
      [planeHosts.arm, /ServiceUnavailable/],
      [blobHost, /ServerBusy/],
      ["localhost", /ServiceUnavailable/, "/postern/v1/who-can"],
    ] as const)
      assertRetry(await cloud.client.send(host, "GET", target, { headers: { authorization } }), 503, words);
    assert.equal((await cloud.client.send("localhost", "GET", "/readyz")).status, 200);
    load.requestCount -= 5;
    assert.equal((await cloud.client.call("arm", "GET", "/subscriptions?api-version=2022-12-01")).status, 200);
    assert.equal(load.shedCounts.requests, 5);
    await settle(cloud);
    assert.equal(load.bodyBytes, 0);
  });

  test("bodies are counted while they come, whatever becomes of them", async (t) => {
    const cloud = await startTestCloud({ front: { load: { ...defaultLoadLimits, maxBodyBytes: 1000 } } });
    t.after(() => cloud.dispose());
    const { load } = cloud.front;
    load.bodyBytes += 1001;
    assertRetry(await cloud.client.askToken("a", "b", planeScopes.arm), 503, /AADSTS90033/);
    load.bodyBytes -= 1001;
    assert.equal((await cloud.client.askToken("a", "b", planeScopes.arm)).status, 400);
    await settle(cloud);
    assert.equal(load.bodyBytes, 0);
    assert.deepEqual(load.shedCounts, { requests: 0, "body-bytes": 1, "event-loop": 0, heap: 0 });
  });

  test("bodies that do not come to an end are not collected without bound: the next one is refused", async (t) => {
    const cloud = await startTestCloud({ front: { load: { ...defaultLoadLimits, maxBodyBytes: 8 * 1024 * 1024 } } });
    t.after(() => cloud.dispose());
    const { load } = cloud.front;
    // Without a length each may become as large as any body that is collected: 4 MiB.
    const stalled = [1, 2, 3].map(() => {
      const sent = request({
        host: "127.0.0.1",
        port: new URL(cloud.status.baseUrl).port,
        servername: "localhost",
        ca: readFileSync(cloud.status.caBundle),
        method: "POST",
        path: "/common/oauth2/v2.0/token",
        headers: { host: planeHosts.entra, "content-type": "application/x-www-form-urlencoded" },
      });
      sent.on("error", () => {});
      sent.write("grant_type=");
      return sent;
    });
    while (load.requestCount < 3) await setImmediate();
    assertRetry(await cloud.client.askToken("a", "b", planeScopes.arm), 503, /AADSTS90033/);
    for (const sent of stalled) sent.destroy();
    await settle(cloud);
    assert.equal(load.bodyBytes, 0, "who went away takes up nothing");
    assert.equal((await cloud.client.askToken("a", "b", planeScopes.arm)).status, 400);
  });
});
