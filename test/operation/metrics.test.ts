/** The metrics of a whole cloud: what is counted, who may read it, and what is never in it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { startAdminListener } from "../../packages/server/src/observe/admin-listener.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { sendPlain, startMachineSession } from "../support/machine-client.ts";
import { createAccount, createApp, planeScopes } from "../support/plane-client.ts";

const account = "metricsdata";
const container = "very-private-container";
const blob = "very-private-blob.txt";
let cloud: TestCloud;
let app: Awaited<ReturnType<typeof createApp>>;
let text: string;
let sessionAddress: string;

before(async () => {
  cloud = await startTestCloud({ admin: { host: "127.0.0.1", port: 0, token: undefined } });
  await createAccount(cloud.client, "metrics-group", account);
  app = await createApp(cloud.client, "metrics");
  const { client } = cloud;
  const token = await client.token(app.appId, app.secret, planeScopes.blob);
  assert.equal((await client.askToken(app.appId, app.secret, planeScopes.blob)).status, 200);
  assert.equal((await client.askToken(app.appId, "wrong", planeScopes.blob)).status, 401);
  const blobHost = `${account}.blob.core.windows.net`;
  const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" };
  assert.equal((await client.send(blobHost, "GET", `/${container}/${blob}`, { headers })).status, 403);
  assert.equal((await client.send(blobHost, "GET", `/${container}?restype=nonsense`)).status, 400);
  assert.equal((await client.send("localhost", "GET", "/No-Such-Account/x")).status, 404);
  assert.equal((await sendPlain(client.status.baseUrl.replace("https:", "http:"))).status, 400);
  const endpoint = await startMachineSession(client, "metrics-group", "metered");
  sessionAddress = new URL(endpoint).pathname;
  const machine = `${endpoint}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net`;
  assert.notEqual((await sendPlain(machine)).status, 200, "without the header");
  // An answer is counted when the server has seen it go out, which is after the client has it.
  while (cloud.front.load.requestCount > 0) await setImmediate();
  text = (await read("/metrics")).text;
});
after(() => cloud.dispose());

type Answer = { readonly status: number; readonly text: string };

function read(
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
  origin = cloud.adminOrigin!,
): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, path, method, headers }, (answer) => {
      let body = "";
      answer.on("data", (chunk) => {
        body += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode!, text: body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** The value of one series; NaN when it is not there. */
function readSeries(series: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1));
}

describe("the metrics", () => {
  test("count what was done", () => {
    const is = (series: string, expected: number) => assert.equal(readSeries(series), expected, series);
    is('postern_requests_total{surface="blob",operation="Get Blob",status="4xx"}', 1);
    is('postern_requests_total{surface="graph",operation="Create application",status="2xx"}', 1);
    is('postern_sign_in_failures_total{code="AADSTS7000215"}', 1);
    is('postern_decisions_total{surface="blob",outcome="denied"}', 1);
    is('postern_tokens_issued_total{origin="reused"}', 1);
    is('postern_requests_total{surface="machines",operation="Get token (instance metadata)",status="4xx"}', 1);
    is('postern_edge_refused_total{reason="unknown-path"}', 1);
    is('postern_edge_refused_total{reason="proxy-policy"}', 1);
    is('postern_edge_refused_total{reason="unreadable"}', 0);
    is("postern_store_revision", cloud.model.revision);
    is("postern_store_lag_seconds", 0);
    is("postern_ready", 1);
    is("postern_requests_in_flight", 0);
    is('postern_requests_shed_total{reason="heap"}', 0);
    is('postern_requests_throttled_total{limit="planes"}', 0);
    assert.ok(readSeries('postern_tokens_issued_total{origin="fresh"}') >= 3);
    assert.ok(readSeries('postern_decisions_total{surface="arm",outcome="allowed"}') >= 2);
    assert.ok(readSeries("postern_connections") >= 1);
    assert.ok(readSeries("process_resident_memory_bytes") > 1e6);
  });

  test("a histogram adds up", () => {
    const labels = 'surface="entra",operation="Token v2.0"';
    const buckets = text
      .split("\n")
      .filter((line) => line.startsWith(`postern_request_duration_seconds_bucket{${labels},`))
      .map((line) => Number(line.split(" ").at(-1)));
    assert.equal(buckets.length, 13);
    assert.deepEqual(
      buckets,
      [...buckets].sort((a, b) => a - b),
    );
    assert.equal(buckets.at(-1), readSeries(`postern_request_duration_seconds_count{${labels}}`));
    const commits = readSeries("postern_store_commit_size_count");
    assert.ok(commits > 0 && readSeries("postern_store_commit_size_sum") >= commits);
    assert.equal(readSeries('postern_store_commit_size_bucket{le="+Inf"}'), commits);
  });

  test("hold no secret, no name of anybody's data, no id, and few labels", () => {
    const operator = readFileSync(join(cloud.status.stateDir, "operator.json"), "utf8");
    const { clientSecret, clientId } = JSON.parse(operator) as Record<string, string>;
    for (const hidden of [
      clientSecret!,
      clientId!,
      app.secret,
      app.appId,
      app.principalId,
      account,
      container,
      blob,
      "metrics-group",
      sessionAddress,
    ])
      assert.ok(!text.includes(hidden), hidden);
    assert.doesNotMatch(text.replace(/^nodejs_.*$/gm, ""), /[0-9a-f]{8}-[0-9a-f]{4}/);
    const names = new Set([...text.matchAll(/([a-z_]+)="/g)].map(([, name]) => name!));
    const own = ["surface", "operation", "status", "le", "code", "outcome", "origin", "reason", "limit", "version"];
    const runtime = ["kind", "space", "type", "major", "minor", "patch"];
    for (const name of names) assert.ok(own.includes(name) || runtime.includes(name), name);
  });
});

describe("who reads the metrics", () => {
  test("nobody on the port that everybody uses", async () => {
    for (const path of ["/metrics", "/postern/metrics"]) {
      const answer = await cloud.client.send("localhost", "GET", path);
      assert.equal(answer.status, 404);
      assert.doesNotMatch(answer.text, /postern_/);
    }
  });

  test("on loopback, who calls it by a loopback name; a page that was led here does not", async () => {
    for (const host of ["localhost", "127.0.0.1", "[::1]", "localhost:9464"])
      assert.equal((await read("/metrics", { host })).status, 200, host);
    for (const host of ["evil.example", "127.0.0.1.evil.example", "10.0.0.1"])
      assert.equal((await read("/metrics", { host })).status, 421, host);
  });

  test("with a token, only who shows it", async (t) => {
    const token = "a-token-for-the-scraper";
    const other = await startTestCloud({ admin: { host: "127.0.0.1", port: 0, token } });
    t.after(() => other.dispose());
    const ask = async (authorization?: string) =>
      (await read("/metrics", authorization === undefined ? {} : { authorization }, "GET", other.adminOrigin!)).status;
    assert.deepEqual(
      [
        await ask(),
        await ask("Bearer wrong"),
        await ask(`Basic ${token}`),
        await ask(`Bearer ${token}x`),
        await ask(`Bearer ${token}`),
      ],
      [401, 401, 401, 401, 200],
    );
    const parts = { metrics: assert.fail, readiness: assert.fail, onFault: () => assert.fail() };
    const open = startAdminListener({ host: "0.0.0.0", port: 0, token: undefined, ...parts });
    await assert.rejects(open, /a token is needed/);
  });

  test("health answers anyone there, and nothing else is there", async () => {
    assert.deepEqual(await read("/healthz", { host: "evil.example" }), { status: 200, text: "ok\n" });
    assert.deepEqual(await read("/readyz"), { status: 200, text: "ok\n" });
    assert.equal((await read("/metrics", {}, "POST")).status, 405);
    assert.equal((await read("/postern/keys")).status, 404);
    assert.equal((await read("/metrics", {}, "HEAD")).text, "");
  });
});
