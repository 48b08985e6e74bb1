import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { firstPartyAppIds } from "../state/first-party.ts";
import { ids } from "../tokens/sample-directory.ts";
import { password, type SampleServer, secrets, startSampleServer } from "./sample-server.ts";

const path = `/${ids.tenant}/openid/userinfo`;
const token = `/${ids.tenant}/oauth2/v2.0/token`;
let server: SampleServer;
before(async () => {
  server = await startSampleServer();
});
after(() => server.close());

const signIn = async (scope: string, clientId: string = firstPartyAppIds.azureCli) => {
  const secret = clientId === ids.app ? { client_secret: secrets.ofApplication } : {};
  const form = {
    grant_type: "password",
    client_id: clientId,
    ...secret,
    username: "ada@contoso.test",
    password,
    scope,
  };
  return (await server.post(token, form)).body;
};
const ask = (bearer: string, method = "GET") =>
  server.send(path, { method, headers: { authorization: `Bearer ${bearer}` } });

test("says who the token is for, by the name that the client's id tokens have", async () => {
  const { access_token, id_token } = await signIn("openid email", ids.app);
  for (const method of ["GET", "POST"]) {
    const { status, body } = await ask(access_token, method);
    assert.equal(status, 200);
    const { sub } = JSON.parse(Buffer.from(id_token.split(".")[1], "base64url").toString());
    assert.deepEqual(body, {
      sub,
      name: "Ada Lovelace",
      family_name: "Lovelace",
      given_name: "Ada",
      preferred_username: "Ada@contoso.test",
      email: "ada@contoso.test",
    });
  }
  const byCli = await signIn("openid");
  assert.notEqual(
    (await ask(byCli.access_token)).body.sub,
    (await ask(access_token)).body.sub,
    "another name for each client",
  );
});

test("refuses what is no token, another resource's, or an application's own", async () => {
  const refused = async (bearer: string, status: number, error: string) => {
    const answer = await ask(bearer);
    assert.deepEqual([answer.status, answer.body.error], [status, error]);
    assert.match(String(answer.headers["www-authenticate"]), new RegExp(`^Bearer error="${error}"`));
  };
  await refused("x", 401, "invalid_token");
  const { access_token, id_token } = await signIn("https://management.azure.com/.default openid");
  await refused(access_token, 401, "invalid_token");
  await refused(id_token, 401, "invalid_token");
  const form = { grant_type: "client_credentials", client_id: ids.app, client_secret: secrets.ofApplication };
  const app = (await server.post(token, { ...form, scope: "https://graph.microsoft.com/.default" })).body;
  await refused(app.access_token, 403, "insufficient_scope");
  const none = await server.send(path);
  assert.deepEqual([none.status, none.headers["www-authenticate"] !== undefined], [401, true]);
});

test("is where the discovery documents say", async () => {
  const v1 = await server.send(`/${ids.tenant}/.well-known/openid-configuration`, { origin: "https://localhost:8443" });
  assert.equal(v1.body.userinfo_endpoint, `https://localhost:8443${path}`);
  const v2 = await server.send(`/${ids.tenant}/v2.0/.well-known/openid-configuration`, {
    origin: "https://localhost:8443",
  });
  assert.equal(v2.body.userinfo_endpoint, `https://localhost:8443${path}`);
  const proxied = await server.send(`/${ids.tenant}/v2.0/.well-known/openid-configuration`);
  assert.equal(proxied.body.userinfo_endpoint, "https://graph.microsoft.com/oidc/userinfo");
});
