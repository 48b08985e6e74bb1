import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import type { Exchange, SurfaceName } from "../wire/exchange.ts";
import { type DrillFault, type DrillSurface, Drills } from "./drills.ts";
import { strike } from "./strike.ts";

const now = new Date("2026-01-02T03:04:05.678Z");
const oid = "aaaaaaaa-0000-4000-8000-000000000001";
const tokenOf = (payload: object) => `Bearer x.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.x`;

async function start(test: TestContext) {
  const drills = new Drills({ now: () => now });
  const server = createServer(async (request, response) => {
    const surface = request.headers["x-surface"] as SurfaceName;
    const exchange: Exchange = {
      request,
      response,
      requestId: oid,
      surface,
      origin: "",
      account: "",
      prefix: "",
      path: request.url!,
      query: "",
    };
    if (!(await strike(drills, exchange, () => now))) response.end("went on");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const ask = async (surface: SurfaceName, path: string, authorization = "") => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { "x-surface": surface, authorization },
      body: "x".repeat(100_000),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const begin = (surface: DrillSurface, fault: DrillFault, principalId: string | null = null) =>
    drills.start({
      name: surface,
      surface,
      principalId,
      fault,
      probability: 1,
      seed: 0,
      retryAfterSeconds: 7,
      delayMs: 1,
      maxFaults: null,
      expiresOn: "2027-01-01T00:00:00.000Z",
    });
  return { ask, begin, drills };
}

const tokenPath = "/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token";
const cases: readonly [DrillSurface, SurfaceName, string, DrillFault, number, RegExp][] = [
  ["arm", "arm", "/subscriptions", "throttled", 429, /^\{"error":\{"code":"TooManyRequests"/],
  ["arm", "arm", "/subscriptions", "unavailable", 503, /"ServiceUnavailable"/],
  ["graph", "graph", "/v1.0/users", "throttled", 429, /"innerError":\{"date":"2026-01-02T03:04:05"/],
  ["blob", "blob", "/box/b", "throttled", 503, /<Code>ServerBusy<\/Code>/],
  ["token", "entra", tokenPath, "unavailable", 503, /"error_codes":\[90033\]/],
  ["entra", "entra", tokenPath, "throttled", 429, /"error_codes":\[90055\]/],
];

for (const [drill, surface, path, fault, status, body] of cases) {
  test(`${drill}, ${fault}: ${status} in the shape of ${surface}, with Retry-After`, async (test) => {
    const { ask, begin } = await start(test);
    assert.equal((await ask(surface, path)).text, "went on");
    begin(drill, fault);
    const answer = await ask(surface, path);
    assert.deepEqual([answer.status, answer.headers.get("retry-after")], [status, "7"]);
    assert.match(answer.text, body);
  });
}

test("a drill of the token endpoints leaves the rest of Entra alone, and none meets our own planes", async (test) => {
  const { ask, begin } = await start(test);
  for (const surface of ["token", "arm", "graph", "blob"] as const) begin(surface, "unavailable");
  assert.equal((await ask("entra", "/common/discovery/instance")).text, "went on");
  for (const surface of ["postern", "portal", "machines"] as const)
    assert.equal((await ask(surface, "/")).text, "went on");
});

test("a drill of one principal meets the tokens of that one, and a token that cannot be read meets none", async (test) => {
  const { ask, begin } = await start(test);
  begin("arm", "throttled", oid);
  assert.equal((await ask("arm", "/", tokenOf({ oid: oid.toUpperCase() }))).status, 429);
  for (const other of [tokenOf({ oid: "other" }), tokenOf({}), "Bearer x.%%.x", "Bearer x", "Basic eDp5", ""]) {
    assert.equal((await ask("arm", "/", other)).text, "went on", other);
  }
});

test("a slow answer comes all the same", async (test) => {
  const { ask, begin, drills } = await start(test);
  begin("blob", "slow");
  assert.equal((await ask("blob", "/box/b")).text, "went on");
  assert.equal(drills.list()[0]!.faultCount, 1);
});
