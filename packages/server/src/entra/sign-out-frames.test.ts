/** Front-channel sign-out: the applications of a browser's session are told in frames of the last page, by the name their id tokens had. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { put } from "../state/change.ts";
import { claimsOf } from "../tokens/sample-claims.ts";
import { ids } from "../tokens/sample-directory.ts";
import { cliRedemption, SampleClient, uris } from "./authorize/sample-client.ts";
import { localOrigin, type SamplePerson, unescapeHtml } from "./sample-person.ts";
import { secrets } from "./sample-server.ts";

const logout = `/${ids.tenant}/oauth2/v2.0/logout`;
const issuer = `https://login.microsoftonline.com/${ids.tenant}/v2.0`;
const redemption = { client_id: ids.app, client_secret: secrets.ofApplication };
const sid = { name: "sid", source: null, essential: false, additionalProperties: [] };

let client: SampleClient;
let person: SamplePerson;
before(async () => {
  client = await SampleClient.start();
  await setUp("https://notes.test/signed-out?from=entra");
});
after(() => client.server.close());
beforeEach(() => {
  person = client.beginAnew();
});

function setUp(logoutUrl: string | null) {
  const row = client.server.cloud.model.applications.get(ids.appObject)!;
  const optionalClaims = { idToken: [sid], accessToken: [], saml2Token: [] };
  return client.server.change(put("application", { ...row, logoutUrl, optionalClaims }));
}

const framesOf = (page: string) =>
  [...page.matchAll(/<iframe [^>]*src="([^"]*)"/g)].map(([, src]) => unescapeHtml(src!));
const policyOf = ({ answer }: SamplePerson) => String(answer?.headers["content-security-policy"]);

async function signInToApp() {
  const form = {
    ...redemption,
    code: await client.appCode({ scope: "openid offline_access" }),
    redirect_uri: uris.web,
  };
  const { body } = await client.redeem(form);
  return { session: String(claimsOf(body.id_token).sid), refreshToken: String(body.refresh_token) };
}

test("an application that has an address for it is told, by the issuer and the name of the session in its id token", async () => {
  const { session } = await signInToApp();
  assert.match(session, /^[0-9a-f-]{36}$/);
  await person.open(logout);
  const address = `https://notes.test/signed-out?from=entra&iss=${encodeURIComponent(issuer)}&sid=${session}`;
  assert.deepEqual(framesOf(person.page), [address]);
  assert.match(person.page, /<iframe hidden sandbox="allow-scripts allow-same-origin" referrerpolicy="no-referrer"/);
  assert.match(policyOf(person), /; frame-src https:\/\/notes\.test; frame-ancestors 'none'/);
  assert.doesNotMatch(person.page, /http-equiv="refresh"/);
  await person.open(logout);
  assert.deepEqual(framesOf(person.page), [], "a second time there is no session");
});

test("a refresh keeps the session's name; another browser's has another; a program without a browser has none", async () => {
  const { session, refreshToken } = await signInToApp();
  const form = { ...redemption, grant_type: "refresh_token", refresh_token: refreshToken, scope: "openid" };
  const { body } = await client.server.post(`/${ids.tenant}/oauth2/v2.0/token`, form);
  assert.equal(claimsOf(body.id_token).sid, session);
  await client.person.open(`${logout}?x`);
  person = client.beginAnew();
  assert.notEqual((await signInToApp()).session, session);
  const alone = { ...redemption, username: "ada@contoso.test", password: "correct horse battery", scope: "openid" };
  const told = await client.server.post(`/${ids.tenant}/oauth2/v2.0/token`, { ...alone, grant_type: "password" });
  assert.equal(claimsOf(told.body.id_token).sid, undefined);
});

test("the browser goes on where it was asked to, after the frames", async () => {
  await signInToApp();
  const asked = { client_id: ids.app, post_logout_redirect_uri: uris.web, state: '2;url="https://evil.test' };
  await person.open(`${logout}?${new URLSearchParams(asked)}`);
  assert.equal(framesOf(person.page).length, 1);
  const [, next] = /<meta http-equiv="refresh" content="2;url=([^"]*)">/.exec(person.page)!;
  assert.equal(unescapeHtml(next!), `${uris.web}?state=2%3Burl%3D%22https%3A%2F%2Fevil.test`);
  assert.deepEqual([person.answer?.status, person.answer?.headers.location], [200, undefined]);
});

test("attack: an application whose address is this server's own gets no frame in the page's origin", async () => {
  for (const own of [
    `${localOrigin}/account/container/page.html`,
    "https://127.0.0.1:8443/x",
    "HTTPS://LocalHost:8443/x",
  ]) {
    await setUp(own);
    person = client.beginAnew();
    await signInToApp();
    await person.open(logout);
    assert.deepEqual([person.title, framesOf(person.page)], ["You have signed out", []], own);
  }
  await setUp("https://notes.test/signed-out?from=entra");
});

test("who was not signed in to, or has no address, is not told, and no session of another is named", async () => {
  const code = await client.cliCode();
  assert.equal((await client.redeem(cliRedemption(code))).status, 200);
  await person.open(`${logout}?${new URLSearchParams({ client_id: ids.app })}`);
  assert.deepEqual(framesOf(person.page), []);
  assert.doesNotMatch(policyOf(person), /frame-src/);
  await setUp(null);
  person = client.beginAnew();
  await signInToApp();
  await person.open(`${logout}?${new URLSearchParams({ client_id: ids.app, post_logout_redirect_uri: uris.web })}`);
  assert.equal(person.answer?.status, 302, "nobody to tell: on at once");
});
