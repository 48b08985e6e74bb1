import assert from "node:assert/strict";
import { test } from "node:test";
import { changeBlobService, keepsNothing } from "../resources/blob-service.ts";
import { put } from "../state/change.ts";
import type { CorsRule, ResourceGroup, Subscription } from "../state/entities.ts";
import { readServiceProperties } from "./service-properties-xml.ts";
import { startTrialSurface, subscriptionId } from "./testing/trial-surface.ts";
import { readXml } from "./xml-reader.ts";

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

const place = { subscriptionId, resourceGroup: "rg1", name: "acct" } as const;

test("a website and what is logged are kept and shown as they were set, and what is not said stays", async (test) => {
  const { model, send } = await startTrialSurface(test);
  const subscription = { subscriptionId, displayName: "S", managementGroupName: "M", createdDateTime: "" };
  model.apply(put("subscription", subscription as unknown as Subscription));
  const rest = { location: "westeurope", tags: {}, provisioningState: "Succeeded", managedBy: null };
  model.apply(put("resourceGroup", { subscriptionId, name: "rg1", ...rest } as unknown as ResourceGroup));
  const set = (xml: string) => {
    const given = readServiceProperties(
      readXml(Buffer.from(`<StorageServiceProperties>${xml}</StorageServiceProperties>`)),
    );
    for (const change of changeBlobService(model, place as never, given).changes) model.apply(change);
  };
  const get = async (version = "2025-07-05") =>
    (await send("GET", "/?restype=service&comp=properties", { headers: { "x-ms-version": version } })).text;
  assert.match(await get(), /<StaticWebsite><Enabled>false<\/Enabled><\/StaticWebsite>/);
  const website =
    "<StaticWebsite><Enabled>true</Enabled><IndexDocument>index.html</IndexDocument><ErrorDocument404Path>errors/404.html</ErrorDocument404Path></StaticWebsite>";
  set(website);
  assert.ok((await get()).includes(website));
  const logging =
    "<Logging><Version>2.0</Version><Delete>true</Delete><Read>true</Read><Write>false</Write><RetentionPolicy><Enabled>true</Enabled><Days>7</Days></RetentionPolicy></Logging>";
  set(logging);
  const metrics =
    "<HourMetrics><Version>1.0</Version><Enabled>true</Enabled><IncludeAPIs>true</IncludeAPIs><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></HourMetrics>";
  set(metrics);
  const all = await get();
  for (const part of [website, logging, metrics]) assert.ok(all.includes(part), part);
  assert.ok(!(await get("2017-11-09")).includes("StaticWebsite"));
  set("<StaticWebsite><Enabled>false</Enabled></StaticWebsite>");
  assert.ok(!(await get()).includes("index.html"));
  const refused = [
    "<StaticWebsite><Enabled>true</Enabled><IndexDocument>a/b.html</IndexDocument></StaticWebsite>",
    "<StaticWebsite><Enabled>true</Enabled><ErrorDocument404Path>/404.html</ErrorDocument404Path></StaticWebsite>",
    "<StaticWebsite><Enabled>true</Enabled><IndexDocument>a.html</IndexDocument><DefaultIndexDocumentPath>b.html</DefaultIndexDocumentPath></StaticWebsite>",
    "<Logging><Version>1.0</Version><RetentionPolicy><Enabled>true</Enabled><Days>0</Days></RetentionPolicy></Logging>",
    "<Logging><Version>9.0</Version></Logging>",
    "<Logging><Read>maybe</Read></Logging>",
  ];
  for (const xml of refused) assert.throws(() => set(xml), xml);
});
