/** A password that an administrator gave out: good for nothing but to be changed. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { lockoutThreshold } from "../../directory/failed-sign-ins.ts";
import { verifyPassword } from "../../directory/passwords.ts";
import { put } from "../../state/change.ts";
import { firstPartyAppIds } from "../../state/first-party.ts";
import { ids } from "../../tokens/sample-directory.ts";
import { SamplePerson } from "../sample-person.ts";
import { password, type SampleServer, startSampleServer } from "../sample-server.ts";

const client_id = firstPartyAppIds.azureCli;
const authorize = `/organizations/oauth2/v2.0/authorize?${new URLSearchParams({
  client_id,
  response_type: "code",
  redirect_uri: "http://localhost:8400",
  scope: "openid",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
})}`;
const token = "/organizations/oauth2/v2.0/token";
const wanted = "Tidal-Harbour-27";
const buttonText = "Sign in";

let server: SampleServer;
let person: SamplePerson;
before(async () => {
  server = await startSampleServer();
});
after(() => server.close());

const userNow = () => server.cloud.model.users.get(ids.user)!;
const original = () => ({ ...userNow(), passwordHash: firstHash, forceChangePasswordNextSignIn: false });
let firstHash = "";

beforeEach(async () => {
  server.ports.time = new Date(server.ports.time.getTime() + 1000);
  firstHash ||= userNow().passwordHash;
  await server.change(put("user", { ...original(), forceChangePasswordNextSignIn: true }));
  person = await new SamplePerson(server).open(authorize);
  await person.signIn();
});

const signInDirectly = (secret: string, more: Record<string, string> = {}) => {
  const form = { grant_type: "password", client_id, scope: "openid offline_access", username: "ada@contoso.test" };
  return server.post(token, { ...form, password: secret, ...more });
};
const change = (filled: Record<string, string> = {}) =>
  person.press(buttonText, { password, new_password: wanted, confirmation: wanted, ...filled });
const problem = () => /<p class="alert"[^>]*>([^<]*)/.exec(person.page)?.[1];

describe("a client that presents the password itself", () => {
  test("is told that it has expired (AADSTS50055), but only when it is the right one", async () => {
    const { status, body } = await signInDirectly(password);
    assert.deepEqual([status, body.error, body.error_codes], [400, "invalid_grant", [50055]]);
    assert.equal(body.suberror, "user_password_expired");
    assert.deepEqual((await signInDirectly("wrong")).body.error_codes, [50126]);
  });
});

describe("the page", () => {
  test("follows the right password, and nobody is signed in by it", async () => {
    assert.equal(person.title, "Update your password");
    assert.equal(server.cloud.recorder.signIns().at(-1)!.errorCode, 50055);
    await person.open(authorize);
    assert.equal(person.title, "Sign in");
  });

  test("takes the new password: the sign-in goes on, and the new one serves where the old one did", async () => {
    await change();
    assert.ok(person.response.has("code"), person.page);
    assert.equal(userNow().forceChangePasswordNextSignIn, false);
    assert.equal(await verifyPassword(wanted, userNow().passwordHash), true);
    assert.equal((await signInDirectly(wanted)).status, 200);
    assert.deepEqual((await signInDirectly(password)).body.error_codes, [50126]);
    assert.equal(
      server.cloud.recorder.signIns().some(({ errorCode }) => errorCode === 0),
      true,
    );
    const code = person.response.get("code")!;
    const redeemed = await server.post(token, {
      grant_type: "authorization_code",
      client_id,
      code,
      redirect_uri: "http://localhost:8400",
      code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    });
    assert.equal(redeemed.status, 200, redeemed.text);
  });

  test("ends what was signed in with the password before it", async () => {
    await server.change(put("user", original()));
    const { refresh_token } = (await signInDirectly(password)).body;
    assert.ok(refresh_token);
    await server.change(put("user", { ...original(), forceChangePasswordNextSignIn: true }));
    server.ports.time = new Date(server.ports.time.getTime() + 1000);
    await change();
    const renewed = await server.post(token, { grant_type: "refresh_token", client_id, refresh_token });
    assert.deepEqual(renewed.body.error_codes, [50173]);
  });

  for (const [name, filled, expected] of [
    ["two new passwords that differ", { confirmation: "Tidal-Harbour-28" }, /not the same/],
    ["the same password again", { new_password: password, confirmation: password }, /another than the current one/],
    ["a weak one", { new_password: "password1", confirmation: "password1" }, /too easy to guess/],
    ["one with the person's name", { new_password: "Lovelace-1a", confirmation: "Lovelace-1a" }, /too easy to guess/],
    ["an empty one", { new_password: "", confirmation: "" }, /too easy to guess/],
    ["a wrong current password", { password: "wrong" }, /user name or the password is not right/],
  ] as const)
    test(`refuses ${name}, and asks again`, async () => {
      const before = userNow();
      await change(filled);
      assert.equal(person.title, "Update your password");
      assert.match(problem() ?? "", expected);
      assert.equal(person.page.includes(filled.new_password || wanted), false, "no password is sent back");
      assert.deepEqual(userNow(), before);
      await change();
      assert.ok(person.response.has("code"));
    });

  test("is no place to guess: what fails there counts as everywhere", async () => {
    for (let index = 0; index < lockoutThreshold; index++) await change({ password: `wrong ${index}` });
    await change();
    assert.match(problem() ?? "", /account is locked/);
    assert.deepEqual((await signInDirectly(password)).body.error_codes, [50053]);
    server.ports.time = new Date(server.ports.time.getTime() + 61_000);
    await change();
    assert.ok(person.response.has("code"));
  });

  test("changes nothing for who need not change, or is disabled meanwhile", async () => {
    await server.change(put("user", original()));
    await change();
    assert.equal(person.title, "Enter your password");
    assert.equal(userNow().passwordHash, firstHash);
    await server.change(put("user", { ...original(), accountEnabled: false, forceChangePasswordNextSignIn: true }));
    await person.open(authorize);
    await person.signIn();
    assert.match(problem() ?? "", /disabled/);
    assert.equal(userNow().passwordHash, firstHash);
    await server.change(put("user", { ...original(), accountEnabled: true }));
  });

  test("keeps the wish to stay signed in", async () => {
    await person.open(authorize);
    await person.signIn("ada@contoso.test", password, { stay: "yes" });
    await change();
    assert.match(String(person.answer?.headers["set-cookie"]), /Max-Age=/);
  });
});
