/**
 * A managed identity in the place of an application's secret: its token for the token exchange signs in the application that trusts the identity,
 * and no other token of the tenant signs anything in.
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { claimsOf } from "../../packages/server/src/tokens/sample-claims.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { sendPlain } from "../support/machine-client.ts";
import { type Answer, armVersion, createApp, planeHosts, planeScopes } from "../support/plane-client.ts";

type Identity = {
  readonly id: string;
  readonly properties: { readonly principalId: string; readonly clientId: string };
};
type App = Awaited<ReturnType<typeof createApp>>;

const exchangeResource = "api://AzureADTokenExchange";

let cloud: TestCloud;
let groupId: string;
let worker: Identity;
let app: App;
let issuer: string;

const makeIdentity = async (name: string) =>
  (await cloud.client.must(
    "arm",
    "PUT",
    `${groupId}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}?api-version=2023-01-31`,
    { location: "westeurope" },
  )) as Identity;

before(async () => {
  cloud = await startTestCloud();
  groupId = `/subscriptions/${cloud.status.subscriptionId}/resourceGroups/issuers`;
  await cloud.client.must("arm", "PUT", `${groupId}?${armVersion}`, { location: "westeurope" });
  worker = await makeIdentity("worker");
  issuer = `https://login.microsoftonline.com/${cloud.status.tenantId}/v2.0`;
  app = await createApp(cloud.client, "trusts-worker");
  await trust(app, worker.properties.principalId);
});
after(() => cloud.dispose());

async function trust(of: App, subject: string): Promise<void> {
  const credential = { name: `trust-${subject}`, issuer, subject, audiences: [exchangeResource] };
  await cloud.client.must(
    "graph",
    "POST",
    `/v1.0/applications/${of.objectId}/federatedIdentityCredentials`,
    credential,
  );
}

/** What a program on the identity's machine is answered. */
async function askIdentity(identity: Identity, resource: string): Promise<Answer> {
  const authorization = `Bearer ${await cloud.client.operatorToken("arm")}`;
  const started = await cloud.client.send("localhost", "POST", "/postern/identitySessions", {
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ resourceId: identity.id, form: "Imds" }),
  });
  assert.equal(started.status, 201, started.text);
  const { endpoint } = JSON.parse(started.text) as { endpoint: string };
  const query = `api-version=2018-02-01&resource=${encodeURIComponent(resource)}`;
  return sendPlain(`${endpoint}/metadata/identity/oauth2/token?${query}`, { metadata: "true" });
}

async function identityToken(identity: Identity, resource = exchangeResource): Promise<string> {
  const answer = await askIdentity(identity, resource);
  assert.equal(answer.status, 200, answer.text);
  return (JSON.parse(answer.text) as { access_token: string }).access_token;
}

function signIn(appId: string, assertion: string, tenant: string = cloud.status.tenantId): Promise<Answer> {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: appId,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    scope: planeScopes.arm,
  });
  return cloud.client.send(planeHosts.entra, "POST", `/${tenant}/oauth2/v2.0/token`, {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
}

const codeOf = async (appId: string, assertion: string): Promise<number> => {
  const { status, text } = await signIn(appId, assertion);
  return status === 200 ? 0 : (JSON.parse(text) as { error_codes: number[] }).error_codes[0]!;
};

describe("a managed identity's token for the token exchange", () => {
  it("is a token of the second version, of the identity", async () => {
    const { iss, aud, sub, oid, azp, ver } = claimsOf(await identityToken(worker));
    const { principalId, clientId } = worker.properties;
    assert.deepEqual(
      [iss, aud, sub, oid, azp, ver],
      [issuer, "fb60f99c-7a34-4190-8149-302f77469936", principalId, principalId, clientId, "2.0"],
    );
  });

  it("signs in the application that trusts the identity, which then acts as itself", async () => {
    const answer = await signIn(app.appId, await identityToken(worker));
    assert.equal(answer.status, 200, answer.text);
    const { access_token } = JSON.parse(answer.text) as { access_token: string };
    const { oid, appid, appidacr } = claimsOf(access_token);
    assert.deepEqual([oid, appid, appidacr], [app.principalId, app.appId, "2"]);
    const target = `/subscriptions?${armVersion}`;
    const listed = await cloud.client.send(planeHosts.arm, "GET", target, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    assert.equal(listed.status, 200, listed.text);
  });

  it("signs in no other application, and another identity's not this one", async () => {
    const stranger = await createApp(cloud.client, "trusts-nobody");
    assert.equal(await codeOf(stranger.appId, await identityToken(worker)), 70021);
    const other = await makeIdentity("other");
    assert.equal(await codeOf(app.appId, await identityToken(other)), 700213);
  });

  it("is the only token of the tenant that serves: none for another resource, none of an application", async () => {
    assert.equal(await codeOf(app.appId, await identityToken(worker, "https://management.azure.com")), 700222);
    assert.equal(await codeOf(app.appId, await identityToken(worker, app.appId)), 700222, "of the first version");
    await cloud.client.must("graph", "PATCH", `/v1.0/applications/${app.objectId}`, {
      api: { requestedAccessTokenVersion: 2 },
    });
    assert.equal(await codeOf(app.appId, await identityToken(worker, app.appId)), 700212);
    await trust(app, app.principalId);
    const own = await cloud.client.token(app.appId, app.secret, `${exchangeResource}/.default`);
    assert.equal(claimsOf(own).iss, issuer);
    assert.equal(await codeOf(app.appId, own), 700222);
  });

  it("is worth nothing with a bit changed", async () => {
    const [head, body, signature] = (await identityToken(worker)).split(".") as [string, string, string];
    const flipped = signature.startsWith("A") ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    assert.equal(await codeOf(app.appId, `${head}.${body}.${flipped}`), 50013);
    const claims = { ...claimsOf(`.${body}.`), exp: Math.floor(Date.now() / 1000) + 999_999 };
    const forged = Buffer.from(JSON.stringify(claims)).toString("base64url");
    assert.equal(await codeOf(app.appId, `${head}.${forged}.${signature}`), 50013);
    const none = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
    assert.equal(await codeOf(app.appId, `${none}.${body}.`), 5002738);
  });

  it("is not given for an API that an administrator has disabled", async () => {
    const api = await createApp(cloud.client, "disabled-api");
    await cloud.client.must("graph", "PATCH", `/v1.0/servicePrincipals/${api.principalId}`, { accountEnabled: false });
    const { status, text } = await askIdentity(worker, api.appId);
    assert.equal(status, 400);
    assert.match(text, /AADSTS500014: /);
  });

  it("ends with the identity", async () => {
    const doomed = await makeIdentity("doomed");
    await trust(app, doomed.properties.principalId);
    const token = await identityToken(doomed);
    assert.equal(await codeOf(app.appId, token), 0);
    const { id } = doomed;
    await cloud.client.must("arm", "DELETE", `${id}?api-version=2023-01-31`);
    assert.equal(await codeOf(app.appId, token), 50027);
  });
});
