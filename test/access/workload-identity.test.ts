/**
 * Workload identity federation end to end: an issuer of its own behind real TLS on this machine, a credential made through Graph, and tokens
 * exchanged at the token endpoint. What the server asks of the issuer is seen by the issuer.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeAssertion } from "../../packages/server/src/tokens/sample-assertion.ts";
import { makeSampleCertificate, type SampleCertificate } from "../../packages/server/src/tokens/sample-certificate.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { type Answer, createApp, planeHosts } from "../support/plane-client.ts";

/** As a client's own tracing makes it. */
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const subject = "system:serviceaccount:default:notes";

let folder: string;
let tls: SampleCertificate;
let key: SampleCertificate;
let server: Server;
let issuer: string;
const asked: string[] = [];
/** The trace that each of these requests said it belongs to. */
const traces: (string | string[] | undefined)[] = [];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "postern-issuer-"));
  tls = await makeSampleCertificate({ name: "CN=localhost", altName: "localhost", notAfter: new Date("2099-01-01") });
  key = await makeSampleCertificate();
  writeFileSync(join(folder, "ca.pem"), tls.pem);
  const privateKey = tls.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  server = createServer({ key: privateKey, cert: tls.pem }, (request, response) => {
    asked.push(request.url!);
    traces.push(request.headers.traceparent, request.headers.tracestate);
    const documents: Record<string, object> = {
      "/.well-known/openid-configuration": { issuer, jwks_uri: `${issuer}/keys` },
      "/keys": { keys: [{ ...key.publicKey.export({ format: "jwk" }), kid: "one", use: "sig" }] },
    };
    const body = documents[request.url!];
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? {}));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.close();
  await once(server, "close");
  rmSync(folder, { recursive: true, force: true });
});

async function addFederatedApp(cloud: TestCloud) {
  const app = await createApp(cloud.client, "pod");
  await cloud.client.must("graph", "POST", `/v1.0/applications/${app.objectId}/federatedIdentityCredentials`, {
    name: "pod",
    issuer,
    subject,
    audiences: ["api://AzureADTokenExchange"],
  });
  return app;
}

function exchange(cloud: TestCloud, appId: string, claims: object = {}): Promise<Answer> {
  const seconds = Math.floor(Date.now() / 1000);
  const assertion = makeAssertion(
    { iss: issuer, sub: subject, aud: ["api://AzureADTokenExchange"], iat: seconds, exp: seconds + 600, ...claims },
    key.privateKey,
    { kid: "one" },
  );
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: appId,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    scope: "https://graph.microsoft.com/.default",
  });
  return cloud.client.send(planeHosts.entra, "POST", `/${cloud.client.status.tenantId}/oauth2/v2.0/token`, {
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
      tracestate: "vendor=1",
    },
    body: form.toString(),
  });
}

const codeOf = ({ text }: Answer): number => JSON.parse(text).error_codes?.[0] ?? 0;

describe("workload identity federation", () => {
  it("fetches the issuer's keys over TLS once, and only for a token that matches", async () => {
    const cloud = await startTestCloud({ isOffline: false, systemCaFiles: [join(folder, "ca.pem")] });
    try {
      const app = await addFederatedApp(cloud);
      assert.equal(codeOf(await exchange(cloud, app.appId, { sub: `${subject}-other` })), 700213);
      assert.equal(codeOf(await exchange(cloud, app.appId, { iss: `${issuer}/` })), 700211);
      assert.deepEqual(asked, [], "nobody else's token makes the server ask");
      for (let count = 0; count < 3; count++) {
        const answer = await exchange(cloud, app.appId);
        assert.equal(answer.status, 200, answer.text);
      }
      assert.deepEqual(asked, ["/.well-known/openid-configuration", "/keys"]);
      assert.deepEqual(cloud.log, []);
      const own = new RegExp(`^00-${traceId}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`);
      assert.equal(traces.length, 4);
      for (const place of [0, 2]) assert.match(String(traces[place]), own, "the client's trace, and a span of ours");
      assert.deepEqual([traces[1], traces[3]], ["vendor=1", "vendor=1"]);
    } finally {
      await cloud.dispose();
    }
  });

  it("refuses an issuer whose certificate nobody here trusts", async () => {
    const cloud = await startTestCloud({ isOffline: false });
    try {
      const app = await addFederatedApp(cloud);
      assert.equal(codeOf(await exchange(cloud, app.appId)), 501661);
    } finally {
      await cloud.dispose();
    }
  });

  it("asks nobody when offline, and takes the keys from the state folder", async () => {
    const cloud = await startTestCloud({ systemCaFiles: [join(folder, "ca.pem")] });
    try {
      const app = await addFederatedApp(cloud);
      const before = asked.length;
      assert.equal(codeOf(await exchange(cloud, app.appId)), 501661);
      assert.equal(asked.length, before);
      const issuers = join(cloud.client.status.stateDir, "issuers");
      mkdirSync(issuers);
      const jwks = { keys: [{ ...key.publicKey.export({ format: "jwk" }), kid: "one" }] };
      writeFileSync(join(issuers, "pod.json"), JSON.stringify({ issuer, jwks }));
      assert.equal(codeOf(await exchange(cloud, app.appId)), 0);
      assert.equal(asked.length, before);
    } finally {
      await cloud.dispose();
    }
  });
});
