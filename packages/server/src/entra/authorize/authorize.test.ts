import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { put } from "../../state/change.ts";
import { firstPartyAppIds } from "../../state/first-party.ts";
import { claimsOf } from "../../tokens/sample-claims.ts";
import { ids, sampleTime } from "../../tokens/sample-directory.ts";
import { localOrigin, type SamplePerson } from "../sample-person.ts";
import { type SampleServer, secrets } from "../sample-server.ts";
import {
  appRequest,
  armScope,
  authorizePath,
  cli,
  cliRedemption,
  cliRequest,
  codeOf,
  type Parameters,
  SampleClient,
  uris,
} from "./sample-client.ts";

let client: SampleClient;
let server: SampleServer;
let person: SamplePerson;
before(async () => {
  client = await SampleClient.start();
  server = client.server;
});
after(() => server.close());
beforeEach(() => {
  person = client.beginAnew();
});

const ask = (request: Parameters, change?: Parameters, tenant?: string) => client.ask(request, change, tenant);
const redeem: SampleClient["redeem"] = (...args) => client.redeem(...args);
const cliCode = (change?: Parameters) => client.cliCode(change);
const appCode = (change?: Parameters) => client.appCode(change);

test("a person signs in for the Azure CLI: pages, a code, and every token", async () => {
  await ask(cliRequest, { nonce: "n-1" });
  assert.deepEqual([person.answer?.status, person.title], [200, "Sign in"]);
  await person.press("Next", { username: "Ada@contoso.test" });
  assert.equal(person.title, "Enter your password");
  await person.press("Sign in", { password: "correct horse battery" });
  assert.equal(person.answer?.status, 303, "a POST is answered so that the browser comes by GET");
  assert.equal(person.location.origin + person.location.pathname, "http://localhost:8400/");
  assert.equal(person.response.get("state"), "st at&e=");
  const code = person.response.get("code")!;
  const { status, body } = await redeem({ ...cliRedemption(code), client_info: "1" });
  assert.equal(status, 200);
  assert.equal(claimsOf(body.access_token).aud, "https://management.azure.com");
  assert.deepEqual([claimsOf(body.id_token).aud, claimsOf(body.id_token).nonce], [cli, "n-1"]);
  assert.ok(body.refresh_token && body.client_info && body.foci === "1");
  const record = server.cloud.recorder.signIns().at(-1)!;
  assert.deepEqual(
    [record.grant, record.userPrincipalName, record.errorCode],
    ["authorization_code", "Ada@contoso.test", 0],
  );
});

test("who is signed in goes through without a page; prompt and login_hint say otherwise", async () => {
  await cliCode();
  await ask(cliRequest);
  assert.ok(person.response.get("code"), "one person is signed in: it is that one");
  await ask(cliRequest, { prompt: "none" });
  assert.ok(person.response.get("code"));
  await ask(cliRequest, { prompt: "select_account" });
  assert.equal(person.title, "Pick an account");
  await person.press(/Ada Lovelace/);
  assert.ok(person.response.get("code"));
  await ask(cliRequest, { prompt: "login" });
  assert.equal(person.title, "Sign in");
  server.ports.time = new Date(sampleTime.getTime() + 1000);
  await ask(cliRequest, { prompt: "login", login_hint: "ada@contoso.test" });
  assert.equal(person.title, "Enter your password");
  await person.press("Sign in", { password: "correct horse battery" });
  assert.ok(person.response.get("code"));
  await ask(cliRequest, { login_hint: "someone@contoso.test" });
  assert.equal(person.title, "Enter your password", "another person than the one signed in");
  server.ports.time = new Date(sampleTime.getTime() + 60_000);
  await ask(cliRequest, { max_age: "10" });
  assert.equal(person.title, "Enter your password", "signed in too long ago");
});

test("prompt=none never shows a page", async () => {
  await ask(cliRequest, { prompt: "none" });
  assert.deepEqual([person.answer?.status, person.response.get("error")], [302, "login_required"]);
  assert.match(person.response.get("error_description")!, /^AADSTS50058: /);
  await cliCode();
  await ask(appRequest, { prompt: "none" });
  assert.deepEqual(
    [person.response.get("error"), codeOf(person.response.get("error_description")!)],
    ["consent_required", 65001],
  );
  await ask(cliRequest, { prompt: "none", login_hint: "someone@contoso.test" });
  assert.equal(person.response.get("error"), "login_required");
});

test("another account can be used beside the one that is signed in, and then one is picked", async () => {
  const row = server.cloud.model.users.get(ids.user)!;
  const grace = {
    ...row,
    id: "bbbbbbbb-0000-4000-8000-0000000000aa" as typeof row.id,
    userPrincipalName: "grace@contoso.test",
    displayName: 'Grace <b>Hopper</b> & "co" \u202e',
  };
  await server.change(put("user", grace));
  await cliCode();
  await ask(cliRequest, { prompt: "select_account" });
  await person.press("Use another account");
  assert.equal(person.title, "Sign in");
  await person.signIn("grace@contoso.test");
  const { body } = await redeem(cliRedemption(person.response.get("code")!));
  assert.equal(claimsOf(body.access_token).oid, grace.id);
  await ask(cliRequest);
  assert.equal(person.title, "Pick an account");
  assert.ok(
    person.page.includes("Grace &lt;b&gt;Hopper&lt;/b&gt; &amp; &quot;co&quot; </bdi>"),
    "a hostile name is text",
  );
  await ask(cliRequest, { prompt: "none" });
  assert.deepEqual(
    [person.response.get("error"), codeOf(person.response.get("error_description")!)],
    ["interaction_required", 16000],
  );
  await server.change({ kind: "user", op: "delete", key: grace.id });
  await ask(cliRequest);
  assert.ok(person.response.get("code"), "who is gone is no choice");
});

test("a wrong password and an unknown name say the same on the page, and are recorded", async () => {
  await ask(cliRequest);
  const problem = /The user name or the password is not right/;
  await person.signIn("ada@contoso.test", "wrong");
  assert.deepEqual([person.title, problem.test(person.page)], ["Enter your password", true]);
  assert.equal(server.cloud.recorder.signIns().at(-1)?.errorCode, 50126);
  await person.press("Use another account");
  await person.signIn("nobody@contoso.test", "wrong");
  assert.deepEqual([person.title, problem.test(person.page)], ["Enter your password", true]);
  await person.press("Use another account");
  await person.press("Next", { username: "not a name" });
  assert.match(person.page, /role="alert"[^>]*>Enter a user name/);
  await person.signIn();
  assert.ok(person.response.get("code"));
});

describe("consent", () => {
  test("an application of the tenant shows what it asks for; Accept is kept, Cancel is told", async () => {
    await ask(appRequest, { scope: "openid profile User.Read offline_access" });
    await person.signIn();
    assert.equal(person.title, "Permissions requested");
    for (const text of ["Notes", "Contoso", ids.app, "User.Read", "openid", "offline_access"])
      assert.ok(person.page.includes(text), text);
    await person.press("Cancel");
    assert.deepEqual(
      [person.response.get("error"), codeOf(person.response.get("error_description")!)],
      ["access_denied", 65004],
    );
    await ask(appRequest);
    await person.press("Accept");
    assert.ok(person.response.get("code"));
    await ask(appRequest);
    assert.ok(person.response.get("code"), "asked once");
    await ask(appRequest, { prompt: "consent" });
    assert.equal(person.title, "Permissions requested", "asked again when the client wants it");
    await person.press("Accept");
    assert.ok(person.response.get("code"));
    const [grant] = [...server.cloud.model.oauth2PermissionGrants.values()];
    assert.deepEqual(
      [grant?.consentType, grant?.principalId, grant?.scopes],
      ["Principal", ids.user, ["openid", "User.Read"]],
    );
  });

  test("what needs an administrator is an administrator's to give, and then the token has it", async () => {
    const admin = [...server.cloud.model.directoryRoleAssignments.values()][0]!;
    await server.change({ kind: "directoryRoleAssignment", op: "delete", key: admin.id });
    await ask(appRequest, { scope: "openid Group.ReadWrite.All" });
    await person.signIn();
    assert.equal(person.title, "Need admin approval");
    assert.ok(!person.page.includes(">Accept<"));
    const forged = person.forms()[0]!;
    await person.press(/^Return to the application/);
    assert.deepEqual(
      [person.response.get("error"), codeOf(person.response.get("error_description")!)],
      ["consent_required", 90094],
    );
    await person.post(forged.action, { ...forged.fields, step: "consent", answer: "accept" });
    assert.match(
      person.response.get("error_description")!,
      /^AADSTS90094: /,
      "a forged acceptance is refused by the rule",
    );
    await server.change(put("directoryRoleAssignment", admin));
    await ask(appRequest, { scope: "openid Group.ReadWrite.All" });
    assert.equal(person.title, "Permissions requested");
    await person.press("Accept", { for_all: "yes" });
    const code = person.response.get("code")!;
    const { body } = await redeem({
      client_id: ids.app,
      client_secret: secrets.ofApplication,
      code,
      redirect_uri: uris.web,
    });
    assert.ok(claimsOf(body.access_token).scp.split(" ").includes("Group.ReadWrite.All"));
    const grants = [...server.cloud.model.oauth2PermissionGrants.values()];
    assert.ok(
      grants.some(
        ({ consentType, scopes }) => consentType === "AllPrincipals" && scopes.includes("Group.ReadWrite.All"),
      ),
    );
  });

  test(".default is what the registration lists, and refused when it lists nothing of the resource", async () => {
    await ask(appRequest, { scope: armScope });
    assert.deepEqual(
      [person.response.get("error"), codeOf(person.response.get("error_description")!)],
      ["invalid_resource", 650057],
    );
    const row = server.cloud.model.applications.get(ids.appObject)!;
    const listed = {
      resourceAppId: firstPartyAppIds.azureResourceManager,
      resourceAccess: [{ id: "41094075-9dad-400e-a0bd-54e686782033", type: "Scope" }],
    };
    await server.change(put("application", { ...row, requiredResourceAccess: [listed] }));
    await ask(appRequest, { scope: armScope });
    await person.signIn();
    assert.ok(person.page.includes("user_impersonation"));
    await server.change(put("application", row));
  });

  test("a scope that the resource does not have is refused", async () => {
    await ask(appRequest, { scope: "openid Mail.Send.Shared.Everything" });
    assert.deepEqual(
      [person.response.get("error"), codeOf(person.response.get("error_description")!)],
      ["invalid_scope", 70011],
    );
  });
});

test("an application that wants people assigned refuses who is not, whatever they consented to", async () => {
  const row = server.cloud.model.servicePrincipals.get(ids.appPrincipal)!;
  await appCode();
  await server.change(put("servicePrincipal", { ...row, appRoleAssignmentRequired: true }));
  await ask(appRequest);
  assert.equal(person.response.get("error"), "access_denied");
  assert.equal(codeOf(person.response.get("error_description")), 50105);
  await server.change(put("servicePrincipal", row));
});

describe("the answer", () => {
  test("in the query, after a query that is there; in the fragment; as a form", async () => {
    await appCode({ redirect_uri: uris.webWithQuery });
    assert.match(person.location.href, /^https:\/\/notes\.test\/in\?from=entra&code=0\./);
    await ask(appRequest, { response_mode: "fragment" });
    assert.match(person.location.href, /^https:\/\/notes\.test\/signed-in#code=/);
    await ask(appRequest, { response_mode: "form_post", state: `"><script>alert(1)</script>` });
    assert.equal(person.answer?.status, 200);
    const [form] = person.forms();
    assert.equal(form?.action, uris.web);
    assert.equal(form?.fields.state, `"><script>alert(1)</script>`);
    assert.ok(form?.fields.code?.startsWith("0."));
    assert.equal(person.page.match(/<script/g)?.length, 1, "the state stays text");
    const policy = String(person.answer?.headers["content-security-policy"]);
    assert.ok(policy.includes("form-action 'self' https://notes.test"), policy);
    const script = /<script src="([^"]+)"/.exec(person.page)![1]!;
    assert.ok(policy.includes(`script-src ${localOrigin}${script}`), policy);
    const { headers, text } = await server.send(script);
    assert.deepEqual([headers["content-type"], text.includes("submit()")], ["text/javascript; charset=utf-8", true]);
  });

  test("an id token by itself and with a code, once the application allows it", async () => {
    await ask(appRequest, { response_type: "id_token", nonce: "n" });
    assert.deepEqual(
      [person.response.get("error"), codeOf(person.response.get("error_description")!)],
      ["unsupported_response_type", 700054],
    );
    const row = server.cloud.model.applications.get(ids.appObject)!;
    const authTime = { name: "auth_time", source: null, essential: false, additionalProperties: [] };
    const optionalClaims = { idToken: [authTime], accessToken: [], saml2Token: [] };
    await server.change(put("application", { ...row, isIdTokenIssuanceEnabled: true, optionalClaims }));
    await appCode();
    const read = async (change: Parameters) => {
      await ask(appRequest, { scope: "openid profile", nonce: "n-2", response_mode: "form_post", ...change });
      if (person.title === "Permissions requested") await person.press("Accept");
      return person.forms()[0]!.fields;
    };
    const hybrid = await read({ response_type: "code id_token" });
    const claims = claimsOf(hybrid.id_token!);
    const half = createHash("sha256").update(hybrid.code!).digest().subarray(0, 16).toString("base64url");
    assert.deepEqual(
      [claims.c_hash, claims.nonce, claims.aud, claims.preferred_username, claims.auth_time],
      [half, "n-2", ids.app, "Ada@contoso.test", Math.floor(sampleTime.getTime() / 1000)],
    );
    const alone = await read({ response_type: "id_token" });
    assert.equal(alone.code, undefined);
    assert.equal(claimsOf(alone.id_token!).c_hash, undefined);
    const refused = async (change: Parameters) => {
      await ask(appRequest, { response_type: "id_token", nonce: "n", ...change });
      return codeOf(person.response.get("error_description")!);
    };
    assert.equal(await refused({ nonce: undefined }), 900144);
    assert.equal(await refused({ scope: "User.Read" }), 90023);
    assert.equal(await refused({ response_mode: "query" }), 70007, "a token never stands in a query");
    await server.change(put("application", row));
  });

  test("tokens by way of the address bar, and types that are none, are refused", async () => {
    const error = async (responseType: string) => {
      await ask(appRequest, { response_type: responseType });
      return codeOf(person.response.get("error_description")!);
    };
    assert.equal(await error("token"), 700054);
    assert.equal(await error("id_token token"), 700054);
    assert.equal(await error("secret"), 70005);
    await ask(appRequest, { response_mode: "web_message" });
    assert.equal(codeOf(person.response.get("error_description")!), 70007);
  });

  test("a POST of the request is sent on by GET, so that the browser's cookie comes along", async () => {
    const { status, headers } = await server.post(
      `/${ids.tenant}/oauth2/v2.0/authorize`,
      cliRequest as Record<string, string>,
    );
    assert.equal(status, 303);
    assert.ok(
      String(headers.location).startsWith(`https://login.microsoftonline.com/${ids.tenant}/oauth2/v2.0/authorize?`),
    );
    const trick = await server.post("/\\evil.test/oauth2/authorize", cliRequest as Record<string, string>);
    assert.deepEqual([trick.status, trick.headers.location], [400, undefined], "a path that is another host's address");
    await cliCode();
    await person.open(String(headers.location).replace(/^https:\/\/[^/]+/, ""));
    assert.ok(person.response.get("code"));
  });

  test("the AD FS form, on localhost only", async () => {
    await person.open(authorizePath(cliRequest, "", "adfs"));
    assert.equal(person.title, "Sign in");
    const { status } = await server.send(authorizePath(cliRequest, "", "adfs"));
    assert.equal(status, 404);
  });

  test("v1: a resource, or none", async () => {
    const path = (change: Parameters) => authorizePath({ ...cliRequest, scope: "openid", ...change }, "");
    await person.open(path({ resource: "https://management.core.windows.net/" }));
    await person.signIn();
    const form = { grant_type: "authorization_code", ...cliRedemption(person.response.get("code")!) };
    const { status, body } = await server.post(`/${ids.tenant}/oauth2/token`, form);
    assert.deepEqual([status, body.resource, body.token_type], [200, "https://management.core.windows.net/", "Bearer"]);
    assert.equal(claimsOf(body.id_token).ver, "1.0");
    await person.open(path({}));
    const plain = await server.post(`/${ids.tenant}/oauth2/token`, { ...form, code: person.response.get("code")! });
    assert.equal(plain.body.resource, firstPartyAppIds.microsoftGraph);
  });
});
