/** Microsoft's own library asks for tokens without its cache, and names each request: the server reads its head once for each connection all the same. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ConfidentialClientApplication } from "@azure/msal-node";
import { WholeRequest } from "../../packages/server/src/wire/whole-request.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { createApp, planeScopes } from "../support/plane-client.ts";

let cloud: TestCloud;
const trusted = getCACertificates("default");
before(async () => {
  cloud = await startTestCloud();
  setDefaultCACertificates([readFileSync(cloud.status.caBundle, "utf8")]);
});
after(async () => {
  setDefaultCACertificates(trusted);
  await cloud.dispose();
});

test("msal-node's requests under one head have it read once, and each is answered under its own name", async () => {
  const app = await createApp(cloud.client, "asking");
  const entra = cloud.surfaces.find(({ name }) => name === "entra")!;
  const handle = entra.handle.bind(entra);
  const names = new Set<string>();
  let repeatedCount = 0;
  entra.handle = (exchange) => {
    if (exchange.request instanceof WholeRequest) repeatedCount += 1;
    if (exchange.request.method === "POST") names.add(exchange.query);
    return handle(exchange);
  };
  const authority = `${cloud.status.baseUrl}/${cloud.status.tenantId}`;
  const auth = { clientId: app.appId, clientSecret: app.secret, authority };
  const client = new ConfidentialClientApplication({
    auth: { ...auth, knownAuthorities: [new URL(authority).host] },
  });
  const count = 12;
  for (let times = 0; times < count; times += 1) {
    const outcome = await client.acquireTokenByClientCredential({ scopes: [planeScopes.arm], skipCache: true });
    assert.ok(outcome?.accessToken);
    assert.equal(outcome.fromCache, false);
  }
  assert.ok(repeatedCount >= count / 2, `${repeatedCount} of ${count}`);
  assert.equal(names.size, count);
});
