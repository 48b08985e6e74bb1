import assert from "node:assert/strict";
import { test } from "node:test";

import { put, remove } from "../state/change.ts";
import { directoryRoleTemplateIds, firstPartyAppIds } from "../state/first-party.ts";
import type { AppId, ApplicationObjectId, Guid, ServicePrincipalObjectId } from "../state/identifiers.ts";
import { openKeyKeeper } from "../tokens/key-keeper.ts";
import { claimsOf } from "../tokens/sample-claims.ts";
import { application, ids, SamplePorts, servicePrincipal, user, withStateFolder } from "../tokens/sample-directory.ts";
import { password, secrets, startSampleServer } from "./sample-server.ts";

const v1 = `/${ids.tenant}/oauth2/token`;
const v2 = `/${ids.tenant}/oauth2/v2.0/token`;
const good = {
  grant_type: "client_credentials",
  client_id: ids.app,
  client_secret: secrets.ofApplication,
  scope: "https://graph.microsoft.com/.default",
};

/** A server that gives the same token again for five minutes; it is closed after the test. */
async function start(context: { after(work: () => Promise<void>): void }) {
  const server = await startSampleServer({ reuseSeconds: 300 });
  context.after(() => server.close());
  const pass = (seconds: number) => {
    server.ports.time = new Date(server.ports.time.getTime() + seconds * 1000);
  };
  const take = async (form: Record<string, string> = good, target = v2) => {
    const { status, body } = await server.post(target, form);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const tokenOf = async (form: Record<string, string> = good) => (await take(form)).access_token as string;
  const refusal = async (form: Record<string, string> = good) => (await server.post(v2, form)).body.error_codes?.[0];
  const kept = () => server.cloud.model.applications.get(ids.appObject)!;
  return { server, pass, take, tokenOf, refusal, kept };
}

test("who asks again is given the same token, and is told truly how long it lasts", async (context) => {
  const { take, pass, server } = await start(context);
  const first = await take();
  assert.deepEqual([first.expires_in, first.ext_expires_in], [3599, 3599]);
  pass(100);
  const second = await take();
  assert.equal(second.access_token, first.access_token);
  assert.deepEqual([second.expires_in, second.ext_expires_in], [3499, 3499]);
  const v1Form = { ...good, scope: "", resource: "https://graph.microsoft.com" };
  const third = await take(v1Form, v1);
  assert.equal(third.access_token, first.access_token, "the same audience by the other endpoint");
  assert.equal(third.expires_in, "3499");
  assert.equal(Number(third.expires_on), claimsOf(first.access_token).exp);
  pass(200);
  const fourth = await take();
  assert.notEqual(fourth.access_token, first.access_token);
  assert.equal(fourth.expires_in, 3599);
  assert.equal(server.cloud.recorder.signIns().length, 4, "each one is a sign-in of its own in the log");
});

test("a token is shared with no other secret, client, audience, capability or proof", async (context) => {
  const { tokenOf, server } = await start(context);
  const otherAppId = "dddddddd-0000-4000-8000-000000000001" as AppId;
  const principalId = "dddddddd-0000-4000-8000-000000000003" as ServicePrincipalObjectId;
  const passwordCredentials = server.cloud.model.applications.get(ids.appObject)!.passwordCredentials;
  await server.change(
    put("application", {
      ...application,
      id: "dddddddd-0000-4000-8000-000000000002" as ApplicationObjectId,
      appId: otherAppId,
      passwordCredentials,
    }),
    put("servicePrincipal", { ...servicePrincipal, id: principalId, appId: otherAppId }),
  );
  const claims = '{"access_token":{"xms_cc":{"values":["CP1"]}}}';
  const forms = [
    good,
    { ...good, client_secret: secrets.ofPrincipal },
    { ...good, client_id: otherAppId },
    { ...good, scope: "https://graph.microsoft.com//.default" },
    { ...good, scope: "https://management.azure.com/.default" },
    { ...good, claims },
  ];
  const tokens: string[] = [];
  for (const form of forms) tokens.push(await tokenOf(form));
  assert.equal(new Set(tokens).size, forms.length);
  for (const [index, form] of forms.entries()) assert.equal(await tokenOf(form), tokens[index]);
  assert.equal(claimsOf(tokens[2]!).appid, otherAppId);
  assert.deepEqual(claimsOf(tokens[5]!).xms_cc, ["CP1"]);
});

test("a token that is remembered opens nothing to who cannot prove to be the client", async (context) => {
  const { tokenOf, refusal, server, kept } = await start(context);
  await tokenOf();
  assert.equal(await refusal({ ...good, client_secret: "wrong" }), 7000215);
  assert.equal(await refusal({ ...good, client_secret: secrets.expired }), 7000222);
  assert.equal(await refusal({ ...good, client_secret: "" }), 7000216);
  const { passwordCredentials } = kept();
  await server.change(put("application", { ...kept(), passwordCredentials: passwordCredentials.slice(1) }));
  assert.equal(await refusal(), 7000215, "the secret was removed");
  await server.change(put("application", { ...kept(), passwordCredentials }));
  await server.change(put("servicePrincipal", { ...servicePrincipal, accountEnabled: false }));
  assert.equal(await refusal(), 7000112, "the service principal is disabled");
  await server.change(remove("servicePrincipal", ids.appPrincipal));
  assert.equal(await refusal(), 7000229, "it is deleted");
  await server.change(remove("application", ids.appObject));
  assert.equal(await refusal(), 700016);
});

test("whatever a token says is said anew as soon as it changes", async (context) => {
  const { tokenOf, server } = await start(context);
  const before = await tokenOf();
  const roleTemplateId = directoryRoleTemplateIds.directoryReaders;
  const roleId = "cccccccc-0000-4000-8000-000000000009" as Guid;
  await server.change(put("directoryRoleAssignment", { id: roleId, principalId: ids.appPrincipal, roleTemplateId }));
  const withRole = await tokenOf();
  assert.notEqual(withRole, before);
  assert.ok((claimsOf(withRole).wids as string[]).includes(roleTemplateId));
  await server.change(remove("directoryRoleAssignment", roleId));
  assert.equal(await tokenOf(), before, "what the first one says is true again");
  const principal = server.cloud.model.servicePrincipals.get(ids.appPrincipal)!;
  await server.change(put("servicePrincipal", { ...principal, displayName: "Renamed" }));
  assert.equal(claimsOf(await tokenOf()).app_displayname, "Renamed");
});

test("a rotated key signs at once: no token of the old one is given out any more", async (context) => {
  const { tokenOf, server } = await start(context);
  const before = await tokenOf();
  const made = await withStateFolder((stateDir) => openKeyKeeper({ stateDir, ports: new SamplePorts() }));
  const kidOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[0]!, "base64url").toString()).kid;
  server.keys.ring.replace([made.ring.current]);
  const after = await tokenOf();
  assert.equal(kidOf(after), made.ring.current.kid);
  assert.notEqual(kidOf(before), kidOf(after));
  const { verifier } = server.cloud;
  assert.equal(verifier.verify(after, () => true).principalId, ids.appPrincipal);
  assert.throws(() => verifier.verify(before, () => true), /token-key-unknown/);
});

test("a token whose key was withdrawn is refused, also by who has seen it before", async (context) => {
  const { tokenOf, server } = await start(context);
  const token = await tokenOf();
  const { verifier } = server.cloud;
  verifier.verify(token, () => true);
  const made = await withStateFolder((stateDir) => openKeyKeeper({ stateDir, ports: new SamplePorts() }));
  const { current } = server.keys.ring;
  server.keys.ring.replace([made.ring.current]);
  assert.throws(() => verifier.verify(token, () => true), /token-key-unknown/);
  server.keys.ring.replace([current, { ...made.ring.current, signsFrom: "2026-03-02T12:00:00.000Z" }]);
  verifier.verify(token, () => true);
});

test("a challenge is answered with a token that is as young as it asks", async (context) => {
  const { take, tokenOf, pass, refusal, server } = await start(context);
  const before = await tokenOf();
  pass(10);
  const nowSeconds = server.ports.time.getTime() / 1000;
  const challenge = (value: unknown) => JSON.stringify({ access_token: { nbf: { essential: true, value } } });
  const fresh = await take({ ...good, claims: challenge(String(nowSeconds - 5)) });
  assert.notEqual(fresh.access_token, before);
  assert.equal(claimsOf(fresh.access_token).nbf, nowSeconds - 5);
  assert.equal(fresh.expires_in, 3599);
  for (const bad of ["soon", "-1", nowSeconds + 301, `${nowSeconds + 301}`, 1.5, {}, null]) {
    assert.equal(await refusal({ ...good, claims: challenge(bad) }), 9002313, JSON.stringify(bad));
  }
  for (const bad of ["", "{", "[]", "5", '"x"', "null"]) {
    if (bad !== "") assert.equal(await refusal({ ...good, claims: bad }), 9002313, bad);
  }
});

test("capabilities are read with care: anything odd declares nothing", async (context) => {
  const { tokenOf } = await start(context);
  const capabilitiesOf = async (claims: unknown) =>
    claimsOf(await tokenOf({ ...good, claims: JSON.stringify(claims) })).xms_cc;
  assert.deepEqual(await capabilitiesOf({ access_token: { xms_cc: { values: ["cp1", "later"] } } }), ["CP1"]);
  const odd = [{}, { access_token: null }, { access_token: { xms_cc: { values: "CP1" } } }];
  for (const claims of [...odd, { access_token: { xms_cc: { values: [["CP1"], 1] } } }, { id_token: { x: null } }]) {
    assert.equal(await capabilitiesOf(claims), undefined, JSON.stringify(claims));
  }
});

test("a person's token is shared within one sign-in, not with another one, and not across a revocation", async (context) => {
  const { take, server, pass } = await start(context);
  const cli = firstPartyAppIds.azureCli;
  const scope = "https://management.azure.com/.default openid offline_access";
  const signIn = { grant_type: "password", client_id: cli, username: "ada@contoso.test", password, scope };
  const target = "/organizations/oauth2/v2.0/token";
  const renew = (refresh_token: string) =>
    take({ grant_type: "refresh_token", client_id: cli, refresh_token, scope }, target);
  const one = await take(signIn, target);
  const other = await take(signIn, target);
  assert.notEqual(one.access_token, other.access_token);
  const renewed = await renew(one.refresh_token);
  const again = await renew(renewed.refresh_token);
  assert.equal(again.access_token, renewed.access_token);
  assert.notEqual(again.refresh_token, renewed.refresh_token);
  assert.notEqual((await renew(other.refresh_token)).access_token, renewed.access_token);
  pass(1);
  const kept = server.cloud.model.users.get(user.id)!;
  await server.change(put("user", { ...kept, signInSessionsValidFromDateTime: server.ports.time.toISOString() }));
  const { body } = await server.post(target, {
    grant_type: "refresh_token",
    client_id: cli,
    refresh_token: again.refresh_token,
    scope,
  });
  assert.deepEqual(body.error_codes, [50173]);
});
