/** Requests to the authorization endpoint that are refused: by a page, or at the client's own address once that is known to be its. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { put } from "../../state/change.ts";
import { ids } from "../../tokens/sample-directory.ts";
import type { SamplePerson } from "../sample-person.ts";
import type { SampleServer } from "../sample-server.ts";
import { appRequest, authorizePath, challenge, cli, codeOf, type Parameters, SampleClient } from "./sample-client.ts";

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

describe("requests that are refused", () => {
  const page = async (change: Parameters, tenant?: string) => {
    await ask(appRequest, change, tenant);
    assert.equal(
      person.answer?.headers.location,
      undefined,
      "nothing is sent to an address that is not known to be the client's",
    );
    assert.match(String(person.answer?.headers["content-type"]), /^text\/html/);
    return codeOf(person.page);
  };
  const told = async (request: Parameters, change: Parameters, tenant?: string) => {
    await ask(request, change, tenant);
    assert.equal(person.response.get("state"), "st at&e=");
    return codeOf(person.response.get("error_description")!);
  };

  test("by a page, as long as the redirect URI is not known to be the client's", async () => {
    assert.equal(await page({ client_id: undefined }), 900144);
    assert.equal(
      await page({ client_id: "dddddddd-0000-4000-8000-00000000dead" }),
      700016,
      "an application of another tenant",
    );
    assert.equal(await page({ redirect_uri: undefined }), 900971);
    assert.equal(await page({ redirect_uri: "https://evil.test/" }), 50011);
    assert.equal(await page({}, ids.otherTenant), 90002);
    assert.equal(await page({}, "consumers"), 700016);
    const disabled = { ...server.cloud.model.servicePrincipals.get(ids.appPrincipal)!, accountEnabled: false };
    await server.change(put("servicePrincipal", disabled));
    assert.equal(await page({}), 7000112);
    await server.change(put("servicePrincipal", { ...disabled, accountEnabled: true }));
    for (const more of [`&client_id=${cli}`, "&state=%ff", `&x=${"x".repeat(9000)}`]) {
      const unread = await person.open(`${authorizePath(appRequest)}${more}`);
      assert.deepEqual(
        [unread.answer?.status, unread.title, codeOf(unread.page)],
        [400, "Sign-in error", 9002313],
        more,
      );
    }
  });

  test("to the client, once it is", async () => {
    assert.equal(await told(appRequest, { response_type: undefined }), 900144);
    assert.equal(await told(appRequest, { scope: undefined }), 900144);
    assert.equal(await told(appRequest, { prompt: "none login" }), 90023);
    assert.equal(await told(appRequest, { prompt: "magic" }), 90023);
    assert.equal(await told(appRequest, { max_age: "-1" }), 90023);
    assert.equal(await told(appRequest, { claims: "[]" }), 9002313);
    assert.equal(await told(appRequest, { resource: "https://graph.microsoft.com" }), 901002);
    assert.equal(await told(appRequest, {}, "organizations"), 50194, "an application of one tenant at /organizations");
    assert.equal(await told(appRequest, { code_challenge: "short", code_challenge_method: "S256" }), 501491);
    assert.equal(await told(appRequest, { code_challenge: challenge, code_challenge_method: "S512" }), 90023);
    assert.equal(await told(appRequest, { scope: "https://vault.azure.net/.default" }), 500011);
    await ask(appRequest, { response_mode: "form_post", scope: undefined });
    assert.match(person.forms()[0]!.fields.error_description!, /^AADSTS900144: /, "and in the way it asked for");
  });
});
