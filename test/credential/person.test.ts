/** People who sign in by a device code or a browser, at a stand-in for Entra ID. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CredentialError, DeviceCodeCredential, InteractiveBrowserCredential } from "@postern/credential";
import { entraError, failure, granted, type Script, standIn } from "./stand-in.ts";

const scope = "https://storage.azure.com/.default";
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const id_token = `${encode({ alg: "none" })}.${encode({ oid: "o", tid: "t", preferred_username: "ada@example.org" })}.x`;
const person = { refresh_token: "refresh-1", id_token };

test("a device code is shown, polled for, and renewed without asking again", async (context) => {
  let polls = 0;
  const script: Script = ({ url, form }) => {
    if (url.pathname.endsWith("/devicecode")) {
      return {
        body: { user_code: "ABC", device_code: "d", verification_uri: "https://v", message: "go", interval: 0.001 },
      };
    }
    if (form.grant_type === "refresh_token") return granted("renewed");
    return polls++ === 0 ? entraError(70016, "authorization_pending", "Waiting.") : granted("first", 3600, person);
  };
  const { url, asked } = await standIn(context, script);
  const shown: string[] = [];
  const credential = new DeviceCodeCredential({
    tenantId: "t",
    clientId: "app",
    authorityHost: url,
    userPromptCallback: ({ userCode }) => shown.push(userCode),
  });
  const record = await credential.authenticate(scope);
  assert.deepEqual([record?.username, record?.homeAccountId, record?.tenantId], ["ada@example.org", "o.t", "t"]);
  assert.equal((await credential.getToken(scope)).token, "first");
  assert.equal((await credential.getToken("https://graph.microsoft.com/.default")).token, "renewed");
  assert.deepEqual([shown, polls], [["ABC"], 2]);
  assert.equal(asked[0]?.form.scope, `${scope} openid profile offline_access`);
  assert.equal(asked.at(-1)?.form.refresh_token, "refresh-1");
});

test("without leave to ask, a person is not asked", async (context) => {
  const { url, asked } = await standIn(context, () => granted("one"));
  const options = { authorityHost: url, disableAutomaticAuthentication: true };
  const error = (await failure(new DeviceCodeCredential(options).getToken(scope))) as CredentialError;
  assert.deepEqual([error.name, error.code, asked.length], ["AuthenticationRequiredError", "interaction_required", 0]);
});

test("the browser's code is redeemed with its verifier; another sign-in's answer is refused", async (context) => {
  const { url, asked } = await standIn(context, () => granted("one", 3600, person));
  const make = (change: (state: string) => string) =>
    new InteractiveBrowserCredential({
      tenantId: "t",
      clientId: "app",
      authorityHost: url,
      openBrowser: async (address) => {
        const query = new URL(address).searchParams;
        assert.equal(query.get("code_challenge_method"), "S256");
        const answer = new URLSearchParams({ code: "the-code", state: change(query.get("state")!) });
        await (await fetch(`${query.get("redirect_uri")}/?${answer}`)).text();
      },
    });
  assert.equal((await make((state) => state).getToken(scope)).token, "one");
  const { grant_type, code, code_verifier, redirect_uri } = asked[0]!.form;
  assert.deepEqual([grant_type, code], ["authorization_code", "the-code"]);
  assert.match(code_verifier!, /^[\w-]{43}$/);
  assert.match(redirect_uri!, /^http:\/\/localhost:\d+$/);
  assert.match((await failure(make(() => "other").getToken(scope))).message, /the answer to another sign-in/);
  assert.equal(asked.length, 1);
});
