import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { put } from "../state/change.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import { isArmAudience } from "../tokens/audiences.ts";
import { claimsOf } from "../tokens/sample-claims.ts";
import { application, ids, sampleTime, user } from "../tokens/sample-directory.ts";
import { impersonationConsent } from "./sample-consent.ts";
import { password, requestId, type SampleServer, secrets, startSampleServer } from "./sample-server.ts";

const v1 = "/organizations/oauth2/token";
const v2 = "/organizations/oauth2/v2.0/token";
const cli = firstPartyAppIds.azureCli;
const armScope = "https://management.core.windows.net//.default";
const oidc = "openid profile offline_access";
const signIn = {
  grant_type: "password",
  client_id: cli,
  username: "ada@contoso.test",
  password,
  scope: `${armScope} ${oidc}`,
};
const dayMs = 24 * 60 * 60 * 1000;

let server: SampleServer;
before(async () => {
  server = await startSampleServer();
});
after(() => server.close());

const codesOf = async (form: Record<string, string>, target = v2) => (await server.post(target, form)).body.error_codes;
const renew = (refresh_token: string, more: Record<string, string> = {}) =>
  server.post(v2, {
    grant_type: "refresh_token",
    client_id: cli,
    refresh_token,
    scope: `${armScope} ${oidc}`,
    ...more,
  });

test("a person signs in by password with the Azure CLI: every token it needs, and the cache keys MSAL looks up", async () => {
  const { status, body } = await server.post(v2, signIn);
  assert.equal(status, 200);
  const { access_token, refresh_token, id_token, client_info, ...rest } = body;
  assert.deepEqual(rest, {
    token_type: "Bearer",
    scope: `https://management.core.windows.net//user_impersonation ${armScope}`,
    expires_in: 3599,
    ext_expires_in: 3599,
    foci: "1",
  });
  const token = server.cloud.verifier.verify(access_token, (audience) => isArmAudience(audience, []));
  assert.deepEqual([token.kind, token.principalId, token.appId], ["user", ids.user, cli]);
  assert.deepEqual(token.scopes, ["user_impersonation"]);
  const account = JSON.parse(Buffer.from(client_info, "base64url").toString());
  assert.deepEqual(account, { uid: ids.user, utid: ids.tenant });
  const id = claimsOf(id_token);
  assert.deepEqual([id.aud, id.preferred_username, id.tid, id.ver], [cli, "Ada@contoso.test", ids.tenant, "2.0"]);
  assert.match(refresh_token, /^1\.[A-Za-z0-9_-]{100,}$/);
  const { time: _, correlationId: __, ...record } = server.cloud.recorder.signIns().at(-1)!;
  assert.deepEqual(record, {
    requestId,
    appId: cli,
    principalId: ids.user,
    userPrincipalName: "Ada@contoso.test",
    resource: "https://management.core.windows.net/",
    grant: "password",
    credentialKeyId: "",
    errorCode: 0,
  });
});

test("v1: the resource by name, everything as strings, a refresh token unasked", async () => {
  const resource = "https://management.core.windows.net/";
  const { status, body } = await server.post(v1, { ...signIn, scope: "openid", resource });
  assert.equal(status, 200);
  assert.deepEqual([body.expires_in, body.expires_on, body.resource], ["3599", "1772370000", resource]);
  assert.equal(body.scope, "user_impersonation");
  assert.equal(claimsOf(body.id_token).ver, "1.0");
  assert.ok(body.refresh_token && body.client_info && body.foci);
});

test("only what was asked for is issued", async () => {
  const { body } = await server.post(v2, { ...signIn, scope: armScope });
  assert.deepEqual([body.refresh_token, body.id_token], [undefined, undefined]);
  const onlyId = await server.post(v2, { ...signIn, scope: "openid" });
  assert.equal(claimsOf(onlyId.body.access_token).aud, firstPartyAppIds.microsoftGraph, "no resource: Graph's token");
});

test("the CLI holds its Graph permissions; an app of the tenant only what anyone may allow it", async () => {
  const graph = "https://graph.microsoft.com//.default";
  const byCli = await server.post(v2, { ...signIn, scope: graph });
  const held = String(claimsOf(byCli.body.access_token).scp).split(" ");
  assert.ok(held.includes("Directory.AccessAsUser.All") && held.includes("Application.ReadWrite.All"));
  assert.ok(byCli.body.scope.split(" ").includes(graph));
  const byApp = { ...signIn, client_id: ids.app, client_secret: secrets.ofApplication };
  const { body } = await server.post(v2, { ...byApp, scope: "https://graph.microsoft.com/.default" });
  assert.equal(claimsOf(body.access_token).scp, "email openid profile User.Read");
  assert.equal((await server.post(v2, { ...byApp, scope: "User.Read" })).status, 200);
  for (const scope of ["Application.ReadWrite.All", "https://graph.microsoft.com/Directory.AccessAsUser.All"]) {
    assert.deepEqual(await codesOf({ ...byApp, scope }), [65001], scope);
  }
  assert.deepEqual(await codesOf({ ...byApp, scope: `${ids.app}/.default` }), [65001]);
});

test("an app of the tenant is public when it says so, else it needs its secret", async () => {
  const byApp = { ...signIn, client_id: ids.app };
  assert.deepEqual(await codesOf({ ...byApp, client_secret: secrets.ofApplication }), [65001], "nobody consented");
  await server.change(...impersonationConsent(ids.appPrincipal, "arm"));
  assert.deepEqual(await codesOf(byApp), [7000218]);
  assert.deepEqual(await codesOf({ ...byApp, client_secret: "wrong" }), [7000215]);
  const confidential = await server.post(v2, { ...byApp, client_secret: secrets.ofApplication });
  assert.equal(claimsOf(confidential.body.access_token).appidacr, "1");
  assert.equal(confidential.body.foci, undefined);
  const row = server.cloud.model.applications.get(ids.appObject)!;
  await server.change(put("application", { ...row, isFallbackPublicClient: true }));
  const asPublic = await server.post(v2, byApp);
  assert.equal(claimsOf(asPublic.body.access_token).appidacr, "0");
  assert.deepEqual(await codesOf({ ...byApp, client_secret: "wrong" }), [7000215], "a secret shown is judged");
  assert.deepEqual(await codesOf({ ...signIn, client_secret: "any" }), [700025]);
  await server.change(put("application", row));
  assert.equal(row.displayName, application.displayName);
});

test("a wrong password and an unknown name are refused, the name withheld", async () => {
  assert.deepEqual(await codesOf({ ...signIn, password: "wrong" }), [50126]);
  assert.deepEqual(await codesOf({ ...signIn, password: `${password} ` }), [50126]);
  assert.deepEqual(await codesOf({ ...signIn, password: "x".repeat(10_000) }), [50126]);
  const unknown = await server.post(v2, { ...signIn, username: "nobody@contoso.test" });
  assert.deepEqual([unknown.body.error, unknown.body.error_codes], ["invalid_grant", [50034]]);
  assert.ok(!unknown.text.includes("nobody"));
  assert.deepEqual(await codesOf({ ...signIn, username: "" }), [900144]);
  assert.deepEqual(await codesOf({ ...signIn, password: "" }), [900144]);
  assert.equal((await server.post(v2, { ...signIn, username: "ADA@CONTOSO.TEST" })).status, 200);
});

test("a disabled person is told so only with the right password", async () => {
  const row = server.cloud.model.users.get(ids.user)!;
  await server.change(put("user", { ...row, accountEnabled: false }));
  assert.deepEqual(await codesOf(signIn), [50057]);
  assert.deepEqual(await codesOf({ ...signIn, password: "wrong" }), [50126]);
  await server.change(put("user", row));
});

test("scopes of a person: one resource, permissions that are granted, characters that are allowed", async () => {
  const scope = (text: string) => codesOf({ ...signIn, scope: text });
  assert.deepEqual(await scope("https://graph.microsoft.com/.default https://management.azure.com/.default"), [700022]);
  assert.deepEqual(await scope("https://management.azure.com/"), [70011]);
  assert.deepEqual(await scope("/x"), [700023]);
  assert.deepEqual(await scope("a\\b"), [70011]);
  assert.deepEqual(await scope("https://management.azure.com/Everything"), [65001]);
  assert.deepEqual(await scope("https://vault.azure.net/.default"), [500011]);
  assert.deepEqual(await scope(Array.from({ length: 101 }, (_, index) => `s${index}`).join(" ")), [70011]);
});

test("a refresh token serves for another resource, at the tenant, and for another client of the family", async () => {
  const { refresh_token } = (await server.post(v2, signIn)).body;
  const graph = await server.post(`/${ids.tenant}/oauth2/v2.0/token`, {
    grant_type: "refresh_token",
    client_id: firstPartyAppIds.azurePowerShell,
    refresh_token,
    scope: `https://graph.microsoft.com//.default ${oidc}`,
  });
  assert.equal(graph.status, 200);
  assert.equal(claimsOf(graph.body.access_token).aud, "https://graph.microsoft.com/");
  assert.equal(claimsOf(graph.body.access_token).appid, firstPartyAppIds.azurePowerShell);
  assert.notEqual(graph.body.refresh_token, refresh_token);
  const { refreshTokens } = server.cloud.tokens;
  assert.equal(
    refreshTokens.open(graph.body.refresh_token)?.familyId,
    refreshTokens.open(refresh_token)?.familyId,
    "all of one sign-in can be told",
  );
  assert.equal(
    (await server.post("/common/oauth2/v2.0/token", { ...signIn, grant_type: "refresh_token", refresh_token })).status,
    200,
  );
});

test("a refresh token that is not ours, not this client's, or a token of another kind is refused", async () => {
  const { refresh_token, access_token, id_token } = (await server.post(v2, signIn)).body;
  for (const token of ["x", `${refresh_token}A`, refresh_token.slice(0, -2), access_token, id_token]) {
    const { status, body } = await renew(token);
    assert.deepEqual([status, body.error, body.error_codes], [400, "invalid_grant", [70000]]);
  }
  const other = { client_id: ids.app, client_secret: secrets.ofApplication };
  assert.deepEqual((await renew(refresh_token, other)).body.error_codes, [70000]);
  assert.deepEqual((await renew(refresh_token, { client_id: ids.app })).body.error_codes, [7000218]);
  assert.deepEqual((await renew("")).body.error_codes, [900144]);
  const consumers = await server.post("/consumers/oauth2/v2.0/token", {
    ...signIn,
    grant_type: "refresh_token",
    refresh_token,
  });
  assert.deepEqual(consumers.body.error_codes, [70000]);
});

test("a refresh token dies after 90 days without use, and lives on when used", async () => {
  const { refresh_token } = (await server.post(v2, signIn)).body;
  server.ports.time = new Date(sampleTime.getTime() + 90 * dayMs - 1);
  const renewed = await renew(refresh_token);
  assert.equal(renewed.status, 200);
  server.ports.time = new Date(sampleTime.getTime() + 90 * dayMs);
  const { body } = await renew(refresh_token);
  assert.deepEqual([body.error, body.error_codes], ["invalid_grant", [700082]]);
  assert.match(body.error_description, /issued on 2026-03-01T12:00:00\.0000000Z and was inactive for 90\.00:00:00\./);
  assert.equal((await renew(renewed.body.refresh_token)).status, 200);
  server.ports.time = sampleTime;
});

test("a refresh token is void once its person's sessions are revoked, disabled or gone", async () => {
  const { refresh_token } = (await server.post(v2, signIn)).body;
  const row = server.cloud.model.users.get(ids.user)!;
  const at = (offsetMs: number) => new Date(sampleTime.getTime() + offsetMs).toISOString();
  await server.change(put("user", { ...row, signInSessionsValidFromDateTime: at(0) }));
  assert.equal((await renew(refresh_token)).status, 200, "issued at that very moment");
  await server.change(put("user", { ...row, signInSessionsValidFromDateTime: at(1) }));
  assert.deepEqual((await renew(refresh_token)).body.error_codes, [50173]);
  await server.change(put("user", { ...row, accountEnabled: false }));
  assert.deepEqual((await renew(refresh_token)).body.error_codes, [50057]);
  await server.change({ kind: "user", op: "delete", key: ids.user });
  assert.deepEqual((await renew(refresh_token)).body.error_codes, [50034]);
  assert.deepEqual(await codesOf(signIn), [50034]);
  await server.change(put("user", row));
  assert.equal((await renew(refresh_token)).status, 200);
  assert.equal(row.displayName, user.displayName);
});
