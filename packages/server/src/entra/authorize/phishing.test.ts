/** Links that a person is sent: to an application of another tenant, to a consent that says what it is not, and to another server's answer. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { put } from "../../state/change.ts";
import { ids } from "../../tokens/sample-directory.ts";
import type { SamplePerson } from "../sample-person.ts";
import { secrets } from "../sample-server.ts";
import { appRequest, authorizePath, codeOf, SampleClient, uris } from "./sample-client.ts";

/** An application that somebody registered in a tenant of their own. */
const foreignApp = "dddddddd-0000-4000-8000-00000000dead";

let client: SampleClient;
let person: SamplePerson;
before(async () => {
  client = await SampleClient.start();
});
after(() => client.server.close());
beforeEach(() => {
  person = client.beginAnew();
});

describe("attack: consent phishing to a foreign tenant", () => {
  test("an application of another tenant gets no page, no code and no consent here, signed in or not", async () => {
    await client.cliCode();
    const { model } = client.server.cloud;
    const { revision } = model;
    for (const tenant of [ids.tenant, "organizations", "common"])
      for (const prompt of [undefined, "consent", "select_account"]) {
        await client.ask(appRequest, { client_id: foreignApp, redirect_uri: "https://evil.test/", prompt }, tenant);
        assert.deepEqual([person.answer?.status, codeOf(person.page)], [400, 700016], `${tenant} ${prompt}`);
        assert.equal(person.answer?.headers.location, undefined);
        assert.equal(person.forms().length, 0);
      }
    const form = { client_id: foreignApp, scope: "openid User.Read" };
    const device = await client.server.post(`/${ids.tenant}/oauth2/v2.0/devicecode`, form);
    assert.deepEqual(device.body.error_codes, [700016]);
    assert.equal(model.revision, revision, "nothing was written");
  });

  test("our application, by a link to another tenant's sign-in: there is no such tenant", async () => {
    await client.ask(appRequest, {}, ids.otherTenant);
    assert.deepEqual([person.answer?.status, codeOf(person.page)], [400, 90002]);
    const token = await client.redeem({ client_id: ids.app, code: "x", redirect_uri: uris.web }, {}, ids.otherTenant);
    assert.deepEqual(token.body.error_codes, [90002]);
  });

  test("the consent page says who asks by what the directory has, whatever the link and the name say", async () => {
    const row = client.server.cloud.model.applications.get(ids.appObject)!;
    const principal = client.server.cloud.model.servicePrincipals.get(ids.appPrincipal)!;
    const displayName = 'Microsoft <b>Teams</b>" \u202etpircs';
    await client.server.change(
      put("application", { ...row, displayName }),
      put("servicePrincipal", { ...principal, displayName }),
    );
    const said = { client_name: "Azure Portal", app_name: "Azure Portal", publisher: "Microsoft Corporation" };
    await client.ask(appRequest, { ...said, prompt: "consent" });
    await person.signIn();
    assert.equal(person.title, "Permissions requested");
    for (const truth of [ids.app, "Contoso", "Microsoft &lt;b&gt;Teams&lt;/b&gt;&quot; tpircs"])
      assert.ok(person.page.includes(truth), truth);
    for (const lie of ["Azure Portal", "Microsoft Corporation", "\u202e", "<b>"])
      assert.ok(!person.page.includes(lie), lie);
    await client.server.change(put("application", row), put("servicePrincipal", principal));
  });

  test("no link makes an administrator consent for everybody: the box is theirs to tick", async () => {
    await client.ask(appRequest, { prompt: "admin_consent", state: "s" });
    assert.equal(codeOf(person.response.get("error_description")), 90023);
    await client.ask(appRequest, { prompt: "consent", for_all: "yes" });
    await person.signIn();
    assert.equal(person.title, "Permissions requested");
    await person.press("Accept");
    const grants = [...client.server.cloud.model.oauth2PermissionGrants.values()];
    assert.deepEqual(
      grants.map(({ consentType }) => consentType),
      ["Principal"],
    );
  });
});

describe("attack: mix-up of authorization servers", () => {
  test("as at Entra no iss comes with the answer, and none is announced; the id token that comes with a code names the issuer and the code", async () => {
    const { body } = await client.server.send(`/${ids.tenant}/v2.0/.well-known/openid-configuration`);
    assert.equal(body.authorization_response_iss_parameter_supported, undefined);
    const row = client.server.cloud.model.applications.get(ids.appObject)!;
    await client.server.change(put("application", { ...row, isIdTokenIssuanceEnabled: true }));
    const hybrid = { response_type: "code id_token", response_mode: "fragment", nonce: "n", scope: "openid User.Read" };
    await person.open(authorizePath({ ...appRequest, ...hybrid }));
    await person.signIn();
    if (person.title === "Permissions requested") await person.press("Accept");
    assert.equal(person.response.get("iss"), null);
    const claims = JSON.parse(Buffer.from(person.response.get("id_token")!.split(".")[1]!, "base64url").toString());
    assert.equal(claims.iss, body.issuer);
    assert.ok(claims.c_hash);
    const redeemed = await client.redeem({
      client_id: ids.app,
      client_secret: secrets.ofApplication,
      code: person.response.get("code")!,
      redirect_uri: uris.web,
    });
    assert.equal(redeemed.status, 200, redeemed.text);
    await client.server.change(put("application", row));
  });
});
