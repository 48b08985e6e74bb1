import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { put, remove } from "../state/change.ts";
import type { Application, PermissionScope, ServicePrincipal } from "../state/entities.ts";
import type { AppId, ApplicationObjectId, Guid, ServicePrincipalObjectId } from "../state/identifiers.ts";
import { claimsOf } from "../tokens/sample-claims.ts";
import { application, ids, sampleTime, servicePrincipal, user } from "../tokens/sample-directory.ts";
import { impersonationConsent } from "./sample-consent.ts";
import { password, type SampleServer, secrets, startSampleServer } from "./sample-server.ts";

/** The sample application is the client a person uses; this is the API it calls, which calls on. */
const api = {
  appId: "dddddddd-0000-4000-8000-000000000001" as AppId,
  id: "dddddddd-0000-4000-8000-000000000002" as ApplicationObjectId,
  principal: "dddddddd-0000-4000-8000-000000000003" as ServicePrincipalObjectId,
};
const target = `/${ids.tenant}/oauth2/v2.0/token`;
const jwtBearerGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const consentId = "dddddddd-0000-4000-8000-000000000004" as Guid;

const scope = (value: string, more: Partial<PermissionScope> = {}): PermissionScope => ({
  id: "dddddddd-0000-4000-8000-000000000005" as Guid,
  value,
  adminConsentDescription: value,
  adminConsentDisplayName: value,
  userConsentDescription: null,
  userConsentDisplayName: null,
  isEnabled: true,
  type: "User",
  ...more,
});

let server: SampleServer;
before(async () => {
  server = await startSampleServer();
});
after(() => server.close());

async function setUp(more: Partial<Application> = {}, principal: Partial<ServicePrincipal> = {}): Promise<void> {
  const { passwordCredentials } = server.cloud.model.applications.get(ids.appObject)!;
  await server.change(
    put("application", {
      ...application,
      id: api.id,
      appId: api.appId,
      displayName: "Notes API",
      identifierUris: ["api://notes"],
      oauth2PermissionScopes: [scope("Notes.Read")],
      passwordCredentials,
      ...more,
    }),
    put("servicePrincipal", {
      ...servicePrincipal,
      id: api.principal,
      appId: api.appId,
      displayName: "Notes API",
      passwordCredentials: [],
      ...principal,
    }),
    put("oauth2PermissionGrant", {
      id: consentId,
      clientId: ids.appPrincipal,
      consentType: "AllPrincipals",
      principalId: null,
      resourceId: api.principal,
      scopes: ["Notes.Read"],
    }),
    ...impersonationConsent(api.principal, "storage"),
    ...impersonationConsent(ids.appPrincipal, "arm"),
  );
}

beforeEach(async () => {
  server.ports.time = sampleTime;
  await server.change(put("user", { ...server.cloud.model.users.get(ids.user)!, accountEnabled: true }));
  await setUp();
});

/** A person's token for the API (or another resource), as the client gets it. */
async function personToken(scopeText = "api://notes/.default") {
  const answer = await server.post(target, {
    grant_type: "password",
    client_id: ids.app,
    client_secret: secrets.ofApplication,
    username: user.userPrincipalName,
    password,
    scope: scopeText,
  });
  return answer;
}

const exchange = (assertion: string, more: Readonly<Record<string, string>> = {}) =>
  server.post(target, {
    grant_type: jwtBearerGrant,
    requested_token_use: "on_behalf_of",
    client_id: api.appId,
    client_secret: secrets.ofApplication,
    assertion,
    scope: "https://storage.azure.com/.default",
    ...more,
  });
const codeOf = async (assertion: string, more: Readonly<Record<string, string>> = {}) => {
  const { status, body } = await exchange(assertion, more);
  return status === 200 ? 0 : (body.error_codes[0] as number);
};
test("an API gets a token of the next one for the person who called it", async () => {
  const { body: first } = await personToken();
  assert.equal(claimsOf(first.access_token).scp, "Notes.Read");
  const { status, body } = await exchange(first.access_token, { scope: "https://storage.azure.com/.default openid" });
  assert.equal(status, 200, JSON.stringify(body));
  const claims = claimsOf(body.access_token);
  assert.deepEqual(
    [claims.oid, claims.appid, claims.appidacr, claims.scp, claims.aud],
    [ids.user, api.appId, "1", "user_impersonation", "https://storage.azure.com"],
  );
  assert.equal(claimsOf(body.id_token).aud, api.appId);
  const record = server.cloud.recorder.signIns().at(-1)!;
  assert.deepEqual([record.grant, record.appId, record.principalId], [jwtBearerGrant, api.appId, ids.user]);
});

test("an API that nobody consented to gets no token of Azure's for the person who called it", async () => {
  const { body } = await personToken();
  assert.equal(await codeOf(body.access_token, { scope: "https://management.azure.com/.default" }), 65001);
  assert.equal(await codeOf(body.access_token, { scope: "https://management.azure.com/user_impersonation" }), 65001);
});

test("an API of version 2 presents its version 2 token", async () => {
  await setUp({ requestedAccessTokenVersion: 2 });
  const { body } = await personToken();
  const claims = claimsOf(body.access_token);
  assert.deepEqual([claims.ver, claims.aud, claims.azp], ["2.0", api.appId, ids.app]);
  assert.equal(await codeOf(body.access_token), 0);
});

test("only a token for this application, of a person, unchanged and current, is taken", async () => {
  const { body } = await personToken();
  const token = body.access_token as string;
  assert.equal(await codeOf((await personToken("https://management.azure.com/.default")).body.access_token), 500131);
  const own = await server.post(target, {
    grant_type: "client_credentials",
    client_id: ids.app,
    client_secret: secrets.ofApplication,
    scope: "api://notes/.default",
  });
  assert.equal(await codeOf(own.body.access_token), 7000114, "an application's own token");
  const [head, claims, signature] = token.split(".") as [string, string, string];
  const forged = Buffer.from(JSON.stringify({ ...claimsOf(token), oid: ids.appPrincipal })).toString("base64url");
  assert.equal(await codeOf(`${head}.${forged}.${signature}`), 50013);
  assert.equal(await codeOf("a.b.c"), 50027);
  assert.equal(await codeOf(`${head}.${claims}.`), 50013);
  server.ports.time = new Date(sampleTime.getTime() + 3_901_000);
  assert.equal(await codeOf(token), 500133);
});

test("the application must prove itself, public or not", async () => {
  const { body } = await personToken();
  const form = {
    grant_type: jwtBearerGrant,
    requested_token_use: "on_behalf_of",
    client_id: api.appId,
    assertion: body.access_token,
    scope: "https://storage.azure.com/.default",
  };
  await setUp({ isFallbackPublicClient: true });
  assert.equal((await server.post(target, form)).body.error_codes[0], 7000218);
  assert.equal(await codeOf(body.access_token, { client_secret: "wrong" }), 7000215);
  assert.equal(await codeOf(body.access_token, { requested_token_use: "" }), 900144);
  assert.equal(await codeOf(body.access_token, { requested_token_use: "other" }), 90023);
});

test("a disabled person, and one whose sessions were ended, is not acted for", async () => {
  const { body } = await personToken();
  const row = server.cloud.model.users.get(ids.user)!;
  const later = new Date(sampleTime.getTime() + 60_000);
  await server.change(put("user", { ...row, signInSessionsValidFromDateTime: later.toISOString() }));
  assert.equal(await codeOf(body.access_token), 50173);
  await server.change(put("user", { ...row, accountEnabled: false }));
  assert.equal(await codeOf(body.access_token), 50013, "its token is good for nothing");
  await server.change(put("user", row));
  assert.equal(await codeOf(body.access_token), 0);
});

test("without consent there is no token for the tenant's API", async () => {
  await server.change(remove("oauth2PermissionGrant", consentId));
  assert.equal((await personToken()).body.error_codes[0], 65001);
  assert.equal((await personToken("api://notes/Notes.Read")).body.error_codes[0], 65001);
});

test("a permission that was disabled is in no token", async () => {
  await setUp({ oauth2PermissionScopes: [scope("Notes.Read", { isEnabled: false })] });
  assert.equal((await personToken()).body.error_codes[0], 65001);
});

test("a client that the API's owner authorized in advance needs no consent", async () => {
  await server.change(remove("oauth2PermissionGrant", consentId));
  const delegatedPermissionIds = [scope("Notes.Read").id];
  await setUp({ preAuthorizedApplications: [{ appId: ids.app, delegatedPermissionIds }] });
  await server.change(remove("oauth2PermissionGrant", consentId));
  assert.equal(claimsOf((await personToken()).body.access_token).scp, "Notes.Read");
});

test("an application that asks for itself names itself by its id alone", async () => {
  const before = server.cloud.model.applications.get(ids.appObject)!;
  const ask = async () => (await personToken(`api://${ids.app}/.default`)).body.error_codes[0];
  assert.equal(await ask(), 500011, "it is no name before it is registered");
  await server.change(put("application", { ...before, identifierUris: [`api://${ids.app}`] }));
  assert.equal(await ask(), 90009);
  await server.change(put("application", before));
});

test("where assignment is required, people who have none are refused", async () => {
  await setUp({}, { appRoleAssignmentRequired: true });
  const { body } = await personToken();
  assert.equal(body.error_codes[0], 50105);
  assert.match(body.error_description, /Notes API/);
  const row = {
    id: consentId,
    appRoleId: "00000000-0000-0000-0000-000000000000" as Guid,
    principalId: ids.user,
    principalType: "User",
    resourceId: api.principal,
    createdDateTime: sampleTime.toISOString(),
  } as const;
  await server.change(put("appRoleAssignment", row));
  assert.equal((await personToken()).status, 200);
});

test("a foreign client's consent serves no other client", async () => {
  const other = { id: consentId, clientId: api.principal, consentType: "AllPrincipals", principalId: null } as const;
  await server.change(put("oauth2PermissionGrant", { ...other, resourceId: api.principal, scopes: ["Notes.Read"] }));
  assert.equal((await personToken()).body.error_codes[0], 65001);
});
