import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { after, before, test } from "node:test";
import { ids } from "../tokens/sample-directory.ts";
import { absentPaths, operations } from "./operations.ts";
import { requestId, type SampleServer, startSampleServer } from "./sample-server.ts";
import { matchPath } from "./surface.ts";

const local = "https://localhost:8443";
const pub = "https://login.microsoftonline.com";
let server: SampleServer;
before(async () => {
  server = await startSampleServer();
});
after(() => server.close());

test("every row's sample reaches its own row, and its answer carries the surface's headers", async () => {
  for (const { operation, match, method, sample, audience } of operations) {
    const path = sample.target.split("?")[0]!;
    const first = operations.find((row) => matchPath(row.match, path) !== undefined);
    assert.equal(first?.match, match, `${operation}: another row's match comes first`);
    assert.equal(operations.filter((row) => row.match === match && row.method === method).length, 1, operation);
    assert.notEqual(matchPath(match, path), undefined);
    const answer = await server.send(sample.target, { method, origin: local, ...sample });
    const isExpected = [200, 302, 303, 400, 401, 403].includes(answer.status);
    assert.ok(isExpected, `${operation}: ${answer.status} ${answer.text}`);
    assert.equal(answer.headers["x-ms-request-id"], requestId);
    assert.equal(answer.headers["x-content-type-options"], "nosniff");
    assert.equal(answer.headers["access-control-allow-origin"], audience === "client" ? "*" : undefined, operation);
  }
});

test("the v2 document names the tenant's id, however it was asked for, and Azure's issuer", async () => {
  for (const tenant of [ids.tenant, ids.tenant.toUpperCase(), "contoso.test", "CONTOSO.onmicrosoft.com"]) {
    const { status, body, headers } = await server.send(`/${tenant}/v2.0/.well-known/openid-configuration`);
    assert.equal(status, 200);
    assert.equal(headers["cache-control"], "max-age=86400, private");
    assert.equal(body.issuer, `${pub}/${ids.tenant}/v2.0`);
    assert.equal(body.token_endpoint, `${pub}/${ids.tenant}/oauth2/v2.0/token`);
    assert.equal(body.authorization_endpoint, `${pub}/${ids.tenant}/oauth2/v2.0/authorize`);
    assert.equal(body.device_authorization_endpoint, `${pub}/${ids.tenant}/oauth2/v2.0/devicecode`);
    assert.equal(body.jwks_uri, `${pub}/${ids.tenant}/discovery/v2.0/keys`);
    assert.equal(body.tenant_region_scope, "WW");
  }
});

test("documents name the origin the client came by when that is this machine, never the issuer", async () => {
  const v2 = await server.send(`/${ids.tenant}/v2.0/.well-known/openid-configuration`, { origin: local });
  assert.equal(v2.body.token_endpoint, `${local}/${ids.tenant}/oauth2/v2.0/token`);
  assert.equal(v2.body.issuer, `${pub}/${ids.tenant}/v2.0`);
  assert.equal(v2.headers["strict-transport-security"], undefined, "never for localhost");
  const v1 = await server.send("/contoso.test/.well-known/openid-configuration", { origin: local });
  assert.equal(v1.body.token_endpoint, `${local}/${ids.tenant}/oauth2/token`);
  assert.equal(v1.body.issuer, `https://sts.windows.net/${ids.tenant}/`);
});

test("common, organizations and consumers have documents of their own", async () => {
  const issuerOf = async (name: string, version: string) =>
    (await server.send(`/${name}${version}/.well-known/openid-configuration`)).body.issuer;
  assert.equal(await issuerOf("common", "/v2.0"), `${pub}/{tenantid}/v2.0`);
  assert.equal(await issuerOf("Organizations", "/v2.0"), `${pub}/{tenantid}/v2.0`);
  assert.equal(await issuerOf("consumers", "/v2.0"), `${pub}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`);
  assert.equal(await issuerOf("common", ""), "https://sts.windows.net/{tenantid}/");
  const { body } = await server.send("/organizations/v2.0/.well-known/openid-configuration");
  assert.equal(body.token_endpoint, `${pub}/organizations/oauth2/v2.0/token`);
  assert.equal(body.tenant_region_scope, null);
});

test("a tenant that is not here, and a name that can be none's, are told apart", async () => {
  for (const path of ["v2.0/.well-known/openid-configuration", ".well-known/openid-configuration", "discovery/keys"]) {
    for (const tenant of [ids.otherTenant, "fabrikam.test"]) {
      const { status, body, headers } = await server.send(`/${tenant}/${path}`);
      assert.deepEqual([status, body.error, body.error_codes], [400, "invalid_tenant", [90002]]);
      assert.match(body.error_description, new RegExp(`^AADSTS90002: Tenant '${tenant}' not found\\. Check `));
      assert.equal(headers["cache-control"], "no-store, no-cache");
    }
    for (const tenant of ["nodots", "bad_name.test", "%00", "a..b", "-a.test", "%7Btenantid%7D", "x".repeat(300)]) {
      const { status, body } = await server.send(`/${tenant}/${path}`);
      assert.deepEqual([status, body.error_codes], [400, [900023]], tenant);
      assert.ok(body.error_description.length < 700, "an over-long name is not echoed whole");
      assert.ok(!body.error_description.includes("\0"));
    }
  }
});

test("the key sets verify what the token endpoint signs", async () => {
  const form = { grant_type: "client_credentials", client_id: ids.app, client_secret: "good-secret.1" };
  const scope = "https://graph.microsoft.com/.default";
  const { body } = await server.post(`/${ids.tenant}/oauth2/v2.0/token`, { ...form, scope });
  const [head, payload, signature] = body.access_token.split(".");
  const { kid, alg, typ, x5t } = JSON.parse(Buffer.from(head, "base64url").toString());
  assert.deepEqual([alg, typ, x5t], ["RS256", "JWT", kid]);
  for (const path of [`/${ids.tenant}/discovery/keys`, "/common/discovery/v2.0/keys"]) {
    const { keys } = (await server.send(path)).body;
    const jwk = keys.find((key: { kid: string }) => key.kid === kid);
    const publicKey = createPublicKey({ key: jwk, format: "jwk" });
    assert.ok(verify("RSA-SHA256", Buffer.from(`${head}.${payload}`), publicKey, Buffer.from(signature, "base64url")));
    assert.ok(!("d" in jwk) && !("alg" in jwk));
  }
  const issuer = async (tenant: string) => (await server.send(`/${tenant}/discovery/v2.0/keys`)).body.keys[0].issuer;
  assert.equal(await issuer("common"), `${pub}/{tenantid}/v2.0`);
  assert.equal(await issuer(ids.tenant), `${pub}/${ids.tenant}/v2.0`);
});

test("instance discovery knows Entra's hosts and their aliases, for v1 and v2 authorities", async () => {
  const ask = (endpoint: string, origin?: string) =>
    server.send(
      `/common/discovery/instance?api-version=1.1&authorization_endpoint=${encodeURIComponent(endpoint)}`,
      origin === undefined ? {} : { origin },
    );
  const v1 = await ask(`${pub}/common/oauth2/authorize`);
  assert.equal(v1.status, 200);
  assert.equal(v1.body.tenant_discovery_endpoint, `${pub}/common/.well-known/openid-configuration`);
  assert.equal(v1.body["api-version"], "1.1");
  assert.deepEqual(v1.body.metadata[0], {
    preferred_network: "login.microsoftonline.com",
    preferred_cache: "login.windows.net",
    aliases: ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
  });
  const v2 = await ask(`${pub}/${ids.tenant}/oauth2/v2.0/authorize`);
  assert.equal(v2.body.tenant_discovery_endpoint, `${pub}/${ids.tenant}/v2.0/.well-known/openid-configuration`);
  const own = await ask(`${local}/${ids.tenant}/oauth2/v2.0/authorize`, local);
  assert.equal(own.body.tenant_discovery_endpoint, `${local}/${ids.tenant}/v2.0/.well-known/openid-configuration`);
  assert.ok(own.body.metadata.some((entry: { aliases: string[] }) => entry.aliases.includes("localhost:8443")));
  const unknown = ["https://evil.test/common/oauth2/authorize", `${local}/common/oauth2/authorize`, "x", "", `${pub}/`];
  for (const endpoint of [
    ...unknown,
    "http://login.microsoftonline.com/common",
    "https://u:p@login.microsoftonline.com/c",
  ]) {
    const { status, body } = await ask(endpoint);
    assert.equal(status, 400, endpoint);
    assert.deepEqual(body.error_codes, endpoint === "" ? [900144] : [50049], endpoint);
    if (endpoint !== "") assert.equal(body.error, "invalid_instance");
  }
});

test("user realm: the tenant's domains are managed, others unknown; the path's case does not count", async () => {
  const ada = await server.send("/common/userrealm/ada%40contoso.test?api-version=1.0");
  assert.deepEqual([ada.status, ada.body.account_type, ada.body.domain_name], [200, "Managed", "contoso.test"]);
  const upper = await server.send("/common/UserRealm/nobody@CONTOSO.test?api-version=1.0");
  assert.equal(upper.body.account_type, "Managed", "whether the account exists is not told");
  assert.equal((await server.send("/common/userrealm/ada@fabrikam.test")).body.account_type, "Unknown");
  assert.equal((await server.send("/common/userrealm/nonsense")).body.account_type, "Unknown");
});

test("/adfs is there on this machine only", async () => {
  const document = await server.send("/adfs/.well-known/openid-configuration", { origin: local });
  assert.equal(document.body.token_endpoint, `${local}/adfs/oauth2/token`);
  assert.equal((await server.send("/adfs/.well-known/openid-configuration")).status, 404);
  assert.equal((await server.post("/adfs/oauth2/token", { grant_type: "password" })).status, 404);
  assert.equal((await server.send("/adfs/discovery/keys")).status, 404);
});

test("what Entra has and we do not yet is 501 in words; what nobody has is 404; neither says OK", async () => {
  for (const pattern of absentPaths) {
    const path = pattern.replace("{tenant}", "common");
    for (const method of ["GET", "POST"]) {
      const { status, body } = await server.send(path, { method });
      assert.deepEqual([status, body.error], [501, "not_implemented"], path);
      assert.match(body.error_description, /does not implement this endpoint yet/);
    }
  }
  for (const path of [
    "/",
    "/common",
    "/common/oauth2/v2.0/token/",
    "/a/b/c/d/e",
    "/%ff/discovery/keys",
    "//oauth2/token",
  ]) {
    assert.equal((await server.send(path)).status, 404, path);
  }
});

test("a wrong method is 405 with AADSTS900561 and Allow", async () => {
  const { status, body, headers } = await server.send(`/${ids.tenant}/oauth2/v2.0/token`);
  assert.deepEqual([status, body.error_codes, headers.allow], [405, [900561], "POST, OPTIONS"]);
  assert.match(body.error_description, /only accepts POST, OPTIONS requests\. Received a GET request\./);
  const put = await server.send("/common/discovery/keys", { method: "DELETE" });
  assert.deepEqual([put.status, put.headers.allow], [405, "GET, OPTIONS"]);
});

test("HEAD answers as GET without a body", async () => {
  const { status, text, headers } = await server.send("/common/discovery/keys", { method: "HEAD" });
  assert.deepEqual([status, text], [200, ""]);
  assert.ok(Number(headers["content-length"]) > 500);
});

test("a browser's preflight is answered on every row, and asked-for headers only when they are names", async () => {
  for (const { sample, match, audience } of operations) {
    const headers = { origin: "https://app.test", "access-control-request-headers": "content-type,client-request-id" };
    const answer = await server.send(sample.target, { method: "OPTIONS", headers, origin: local });
    if (audience === "person") {
      assert.equal(answer.status, 405, "no other site's script may ask for a page");
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
      continue;
    }
    assert.equal(answer.status, 200);
    const methods = operations.filter((row) => row.match === match).map((row) => row.method);
    assert.equal(answer.headers["access-control-allow-methods"], [...methods, "OPTIONS"].join(", "));
    assert.equal(answer.headers["access-control-allow-headers"], "content-type,client-request-id");
  }
  const odd = await server.send("/common/oauth2/token", {
    method: "OPTIONS",
    headers: { "access-control-request-headers": "a b; c" },
  });
  assert.equal(odd.headers["access-control-allow-headers"], undefined);
});

test("the correlation id is the client's when it is a GUID, from the header or the query, else ours", async () => {
  const path = `/${ids.otherTenant}/v2.0/.well-known/openid-configuration`;
  const given = "ABCDEF00-0000-4000-8000-000000000001";
  const byHeader = await server.send(path, { headers: { "client-request-id": given } });
  assert.equal(byHeader.body.correlation_id, given.toLowerCase());
  assert.equal(byHeader.headers["client-request-id"], given.toLowerCase());
  assert.equal(byHeader.body.trace_id, byHeader.headers["x-ms-request-id"]);
  const byQuery = await server.send(`${path}?client-request-id=${given}`);
  assert.equal(byQuery.body.correlation_id, given.toLowerCase());
  const bad = await server.send(path, { headers: { "client-request-id": "x <script>" } });
  assert.match(bad.body.correlation_id, /^99999999-0000-4000-8000-\d{12}$/);
});

test("queries and paths that are broken or too long are refused", async () => {
  for (const query of [
    "a=%zz",
    "a=1&a=2",
    "a=%ff",
    `a=${"x".repeat(9000)}`,
    Array.from({ length: 101 }, (_, i) => `p${i}=1`).join("&"),
  ]) {
    const { status, body } = await server.send(`/common/discovery/keys?${query}`);
    assert.deepEqual([status, body.error_codes], [400, [9002313]], query.slice(0, 20));
  }
  assert.equal((await server.send(`/${"a".repeat(2000)}/discovery/keys`)).status, 400);
});
