import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { put } from "../state/change.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import { ids } from "../tokens/sample-directory.ts";
import { SamplePerson } from "./sample-person.ts";
import { type SampleServer, secrets, startSampleServer } from "./sample-server.ts";

const home = "https://notes.test/home";
const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const question = {
  client_id: firstPartyAppIds.azureCli,
  response_type: "code",
  redirect_uri: "http://localhost",
  scope: "openid",
  code_challenge: challenge,
  code_challenge_method: "S256",
};
const authorize = `/organizations/oauth2/v2.0/authorize?${new URLSearchParams(question)}`;
const logout = `/${ids.tenant}/oauth2/v2.0/logout`;

let server: SampleServer;
let person: SamplePerson;
before(async () => {
  server = await startSampleServer();
  const row = server.cloud.model.applications.get(ids.appObject)!;
  await server.change(
    put("application", {
      ...row,
      webRedirectUris: [home, "https://notes.test/in?x=1"],
      publicClientRedirectUris: ["notes://out"],
    }),
  );
});
after(() => server.close());
beforeEach(async () => {
  person = await new SamplePerson(server).open(authorize);
  await person.signIn();
});

const idToken = async (): Promise<string> => {
  const form = {
    grant_type: "password",
    client_id: ids.app,
    client_secret: secrets.ofApplication,
    username: "ada@contoso.test",
    password: "correct horse battery",
    scope: "openid",
  };
  return (await server.post(`/${ids.tenant}/oauth2/v2.0/token`, form)).body.id_token;
};

test("signing out ends the session, by GET and by POST, in both versions", async () => {
  for (const path of [logout, "/common/oauth2/logout"]) {
    for (const isPost of [false, true]) {
      const other = await new SamplePerson(server).open(authorize);
      await other.signIn();
      const cookie = [...other.cookies.values()][0]!;
      if (isPost) await other.post(path, {});
      else await other.open(path);
      assert.deepEqual([other.answer?.status, other.title, other.cookies.size], [200, "You have signed out", 0]);
      other.cookies.set("__Host-postern", cookie);
      assert.equal((await other.open(authorize)).title, "Sign in", "the name is nobody's any more");
    }
  }
});

test("the browser goes on to an address that is registered with the application the request names", async () => {
  const hint = await idToken();
  for (const named of [{ client_id: ids.app }, { id_token_hint: hint }]) {
    await person.open(`${logout}?${new URLSearchParams({ ...named, post_logout_redirect_uri: home, state: "a b&c" })}`);
    assert.equal(person.answer?.status, 302);
    assert.equal(person.location.href, `${home}?state=a%20b%26c`);
  }
  const query = { client_id: ids.app, post_logout_redirect_uri: "https://notes.test/in?x=1", state: "s" };
  await person.open(`${logout}?${new URLSearchParams(query)}`);
  assert.equal(person.location.href, "https://notes.test/in?x=1&state=s");
});

test("attack: open redirect by post_logout_redirect_uri", async () => {
  const hint = await idToken();
  const forged = `${hint.slice(0, -4)}AAAA`;
  const stays = async (parameters: Record<string, string>) => {
    await person.open(`${logout}?${new URLSearchParams(parameters)}`);
    assert.deepEqual(
      [person.answer?.status, person.answer?.headers.location],
      [200, undefined],
      JSON.stringify(parameters),
    );
  };
  await stays({ post_logout_redirect_uri: home });
  await stays({ post_logout_redirect_uri: home, client_id: firstPartyAppIds.azureCli });
  await stays({ post_logout_redirect_uri: home, id_token_hint: forged });
  await stays({ post_logout_redirect_uri: home, id_token_hint: "x", client_id: ids.app });
  await stays({ post_logout_redirect_uri: "notes://out", client_id: ids.app });
  for (const evil of [
    "https://evil.test",
    "//evil.test",
    "https://notes.test@evil.test/home",
    "https://notes.test/home/../x",
    "https://notes.test/HOME",
    "javascript:alert(1)",
    `${home}#x`,
    `${home}\r\nx: y`,
  ]) {
    await stays({ post_logout_redirect_uri: evil, client_id: ids.app });
  }
});

test("without a name, an application the session was signed in to may be gone back to", async () => {
  const graph = {
    ...server.cloud.model.servicePrincipals.get(ids.appPrincipal)!,
    id: ids.user as never,
    appId: firstPartyAppIds.microsoftGraph,
  };
  await server.change(put("servicePrincipal", graph));
  const asked = { client_id: ids.app, response_type: "code", redirect_uri: home, scope: "openid" };
  await person.open(`/${ids.tenant}/oauth2/v2.0/authorize?${new URLSearchParams(asked)}`);
  await person.press("Accept");
  await person.open(`${logout}?${new URLSearchParams({ post_logout_redirect_uri: home })}`);
  assert.equal(person.location.href, home);
  await person.open(`${logout}?${new URLSearchParams({ post_logout_redirect_uri: home })}`);
  assert.equal(person.answer?.status, 200, "a second time there is no session to say so");
});
