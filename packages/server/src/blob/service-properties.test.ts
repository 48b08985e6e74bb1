import assert from "node:assert/strict";
import { test } from "node:test";
import { keepsNothing } from "../resources/blob-service.ts";
import { put } from "../state/change.ts";
import type { CorsRule } from "../state/entities.ts";
import { startTrialSurface } from "./testing/trial-surface.ts";

const rule = (over: Partial<CorsRule> = {}): CorsRule => ({
  allowedOrigins: ["https://app.example"],
  allowedMethods: ["GET", "PUT"],
  allowedHeaders: ["x-ms-meta-a*", "content-type"],
  exposedHeaders: ["x-ms-request-id"],
  maxAgeSeconds: 200,
  ...over,
});

async function withRules(trial: Awaited<ReturnType<typeof startTrialSurface>>, corsRules: readonly CorsRule[]) {
  const account = trial.model.storageAccount("acct")!;
  trial.model.apply(put("storageAccount", { ...account, blobService: { ...keepsNothing, corsRules } }));
  return trial;
}

test("a preflight is answered by the first rule that fits, and refused without one", async (test) => {
  const trial = await startTrialSurface(test);
  const ask = (origin: string, method: string, headers?: string) =>
    trial.send("OPTIONS", "/box/b", {
      as: null,
      headers: {
        origin,
        "access-control-request-method": method,
        ...(headers === undefined ? {} : { "access-control-request-headers": headers }),
      },
    });
  assert.deepEqual((await ask("https://app.example", "GET")).code, "CorsPreflightFailure");
  await withRules(trial, [rule(), rule({ allowedOrigins: ["*"], allowedMethods: ["HEAD"] })]);
  const allowed = await ask("https://app.example", "PUT", "Content-Type, X-MS-Meta-Abc");
  assert.equal(allowed.status, 200);
  assert.equal(allowed.headers["access-control-allow-origin"], "https://app.example");
  assert.equal(allowed.headers["access-control-allow-methods"], "PUT");
  assert.equal(allowed.headers["access-control-allow-headers"], "Content-Type, X-MS-Meta-Abc");
  assert.equal(allowed.headers["access-control-max-age"], "200");
  assert.equal(allowed.headers["access-control-allow-credentials"], "true");
  const anyone = await ask("https://other.example", "HEAD");
  assert.deepEqual([anyone.status, anyone.headers["access-control-allow-origin"]], [200, "*"]);
  assert.equal(anyone.headers["access-control-allow-credentials"], undefined);
  for (const [origin, method, headers] of [
    ["https://other.example", "GET", undefined],
    ["https://app.example.evil", "GET", undefined],
    ["http://app.example", "GET", undefined],
    ["https://app.example", "DELETE", undefined],
    ["https://app.example", "GET", "authorization"],
  ] as const) {
    const refused = await ask(origin, method, headers);
    assert.deepEqual([refused.status, refused.code], [403, "CorsPreflightFailure"], `${origin} ${method} ${headers}`);
  }
});

test("a wildcard origin is a name below, and nothing else", async (test) => {
  const trial = await withRules(await startTrialSurface(test), [rule({ allowedOrigins: ["https://*.example.org"] })]);
  const allowed = async (origin: string) => {
    const got = await trial.send("GET", "/?comp=list", { headers: { origin } });
    return got.headers["access-control-allow-origin"];
  };
  assert.equal(await allowed("https://a.example.org"), "https://a.example.org");
  for (const origin of [
    "https://example.org",
    "https://a.example.org.evil",
    "https://evil/.example.org",
    "https://.example.org",
    "null",
  ]) {
    assert.equal(await allowed(origin), undefined, origin);
  }
});

test("answers and refusals say which pages may read them, and are decided all the same", async (test) => {
  const trial = await withRules(await startTrialSurface(test), [rule()]);
  const headers = { origin: "https://app.example" };
  const good = await trial.send("GET", "/?comp=list", { headers });
  assert.equal(good.headers["access-control-allow-origin"], "https://app.example");
  assert.equal(good.headers["access-control-expose-headers"], "x-ms-request-id");
  const refused = await trial.send("GET", "/?comp=list", { headers, as: null });
  assert.deepEqual([refused.status, refused.headers["access-control-allow-origin"]], [401, "https://app.example"]);
  const foreign = await trial.send("GET", "/?comp=list", { headers: { origin: "https://other.example" } });
  assert.deepEqual(
    [foreign.status, foreign.headers["access-control-allow-origin"], foreign.headers.vary],
    [200, undefined, "Origin"],
  );
});
