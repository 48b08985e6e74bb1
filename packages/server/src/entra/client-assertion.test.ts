import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { put, remove } from "../state/change.ts";
import type { FederatedIdentityCredential, KeyCredential } from "../state/entities.ts";
import type { Guid } from "../state/identifiers.ts";
import { makeAssertion } from "../tokens/sample-assertion.ts";
import { makeSampleCertificate, type SampleCertificate } from "../tokens/sample-certificate.ts";
import { claimsOf } from "../tokens/sample-claims.ts";
import { application, ids, sampleTime, servicePrincipal } from "../tokens/sample-directory.ts";
import { jwtBearer } from "./client-assertion.ts";
import { type SampleServer, secrets, startSampleServer } from "./sample-server.ts";

const endpoint = `/${ids.tenant}/oauth2/v2.0/token`;
const publicEndpoint = `https://login.microsoftonline.com${endpoint}`;
const nowSeconds = sampleTime.getTime() / 1000;
const keyId = "77777777-0000-4000-8000-000000000001" as Guid;
const federationId = "77777777-0000-4000-8000-000000000002" as Guid;
const issuer = "https://issuer.example/tenant";
const github = "https://token.actions.githubusercontent.com";

let server: SampleServer;
let mine: SampleCertificate;
let foreign: SampleCertificate;

before(async () => {
  server = await startSampleServer();
  mine = await makeSampleCertificate();
  foreign = await makeSampleCertificate({ name: "CN=stranger, O=Elsewhere" });
});
after(() => server.close());

const key = (more: Partial<KeyCredential> = {}): KeyCredential => ({
  keyId,
  displayName: "CN=notes",
  customKeyIdentifier: mine.thumbprint,
  startDateTime: "2026-01-01T00:00:00.000Z",
  endDateTime: "2027-01-01T00:00:00.000Z",
  certificate: mine.key,
  ...more,
});

const federation = (more: Partial<FederatedIdentityCredential> = {}): FederatedIdentityCredential => ({
  id: federationId,
  parentKind: "application",
  parentId: ids.appObject,
  name: "main",
  issuer,
  subject: "repo:contoso/notes:ref:refs/heads/main",
  claimsMatchingExpression: null,
  audiences: ["api://AzureADTokenExchange"],
  description: null,
  ...more,
});

beforeEach(async () => {
  server.ports.time = sampleTime;
  await server.change(
    put("application", { ...application, keyCredentials: [key()] }),
    put("servicePrincipal", servicePrincipal),
    put("federatedIdentityCredential", federation()),
  );
});

const good = { aud: publicEndpoint, iss: ids.app, sub: ids.app, exp: nowSeconds + 600, nbf: nowSeconds, jti: "one" };
const sign = (claims: object = {}, header: object = {}) =>
  makeAssertion({ ...good, ...claims }, mine.privateKey, { x5t: mine.x5t, ...header });

const form = (assertion: string, more: Readonly<Record<string, string>> = {}) => ({
  grant_type: "client_credentials",
  client_id: ids.app,
  client_assertion_type: jwtBearer,
  client_assertion: assertion,
  scope: "https://management.azure.com/.default",
  ...more,
});

const post = (assertion: string, more: Readonly<Record<string, string>> = {}, target = endpoint) =>
  server.post(target, form(assertion, more));
const codeOf = async (assertion: string, more: Readonly<Record<string, string>> = {}) => {
  const { status, body } = await post(assertion, more);
  return status === 200 ? 0 : (body.error_codes[0] as number);
};

test("a certificate's assertion signs the application in, and the token says how", async () => {
  const { status, body } = await post(sign());
  assert.equal(status, 200, JSON.stringify(body));
  const claims = claimsOf(body.access_token);
  assert.equal(claims.appidacr, "2");
  assert.equal(claims.oid, ids.appPrincipal);
  const record = server.cloud.recorder.signIns().at(-1)!;
  assert.deepEqual([record.credentialKeyId, record.errorCode], [keyId, 0]);
});

test("the audience is the token endpoint by any of its names, or the issuer", async () => {
  const domain = server.cloud.model.tenant.domains[0];
  for (const aud of [
    publicEndpoint,
    `https://login.microsoftonline.com/${ids.tenant}/oauth2/token`,
    `https://login.windows.net/${ids.tenant}/oauth2/v2.0/token`,
    `https://login.microsoftonline.com/${domain}/oauth2/v2.0/token`,
    `https://login.microsoftonline.com/${ids.tenant}/v2.0`,
    `https://sts.windows.net/${ids.tenant}/`,
  ])
    assert.equal(await codeOf(sign({ aud })), 0, aud);
  const own = { origin: "https://localhost:8443" };
  const aud = `https://localhost:8443${endpoint}`;
  assert.equal((await server.post(endpoint, form(sign({ aud })), own)).status, 200);
  assert.equal(await codeOf(sign({ aud })), 700023, "not when we were not addressed so");
});

test("an assertion for another audience is refused", async () => {
  for (const aud of [
    "https://management.azure.com",
    `https://login.microsoftonline.com/${ids.otherTenant}/oauth2/v2.0/token`,
    `https://login.microsoftonline.us${endpoint}`,
    `https://login.microsoftonline.com.evil.test${endpoint}`,
    `https://evil.test@login.microsoftonline.com${endpoint}`,
    `http://login.microsoftonline.com${endpoint}`,
    `${publicEndpoint}/`,
    `https://login.microsoftonline.com/${ids.tenant}`,
    "api://AzureADTokenExchange",
    [publicEndpoint, "https://evil.test"],
    undefined,
  ])
    assert.equal(await codeOf(sign({ aud })), 700023, String(aud));
});

test("an assertion of another client is refused, and one client's serves no other", async () => {
  assert.equal(await codeOf(sign({ sub: ids.otherTenant })), 700021);
  assert.equal(await codeOf(sign({ iss: ids.otherTenant, sub: ids.otherTenant })), 700021);
  assert.equal(await codeOf(sign({ iss: undefined })), 50027);
  const other = "aaaaaaaa-0000-4000-8000-000000000009" as typeof ids.app;
  const otherIds = { id: "aaaaaaaa-0000-4000-8000-00000000000a" as never, appId: other };
  await server.change(
    put("application", { ...application, ...otherIds, identifierUris: [], keyCredentials: [] }),
    put("servicePrincipal", { ...servicePrincipal, id: "aaaaaaaa-0000-4000-8000-00000000000b" as never, appId: other }),
  );
  assert.equal(await codeOf(sign(), { client_id: other }), 700021);
  assert.equal(await codeOf(sign({ iss: other, sub: other }), { client_id: other }), 700027);
});

test("attack: replayed assertions: one holds for its time, and a replay after it is refused", async () => {
  const assertion = sign();
  assert.equal(await codeOf(assertion), 0);
  assert.equal(await codeOf(assertion), 0, "within it every MSAL sends the same one again");
  server.ports.time = new Date(sampleTime.getTime() + 899_000);
  assert.equal(await codeOf(assertion), 0, "clocks may be five minutes apart");
  server.ports.time = new Date(sampleTime.getTime() + 900_000);
  assert.equal(await codeOf(assertion), 700024);
  server.ports.time = new Date(sampleTime.getTime() - 301_000);
  assert.equal(await codeOf(assertion), 700024);
});

test("a lifetime must be told, and be of a day at most", async () => {
  assert.equal(await codeOf(sign({ exp: undefined })), 50027);
  assert.equal(await codeOf(sign({ exp: String(nowSeconds + 60) })), 50027);
  assert.equal(await codeOf(sign({ nbf: "x" })), 50027);
  assert.equal(await codeOf(sign({ nbf: undefined })), 0);
  assert.equal(await codeOf(sign({ exp: nowSeconds + 90_000 })), 700024);
  assert.equal(await codeOf(sign({ exp: 1e300 })), 50027);
});

test("a certificate that was taken away, expired or replaced signs nobody in", async () => {
  const assertion = sign();
  const withKeys = (keyCredentials: readonly KeyCredential[]) =>
    server.change(put("application", { ...application, keyCredentials }));
  await withKeys([key({ endDateTime: "2026-02-01T00:00:00.000Z" })]);
  const expired = await post(assertion);
  assert.equal(expired.status, 401);
  assert.match(expired.body.error_description, /AADSTS700027: .*The key used is expired\., Thumbprint of key used/);
  await withKeys([]);
  assert.match((await post(assertion)).body.error_description, new RegExp(`not found\\..*'${mine.thumbprint}'`));
  await withKeys([key({ certificate: foreign.key })]);
  assert.equal(await codeOf(assertion), 700027);
  await withKeys([key({ startDateTime: "2026-04-01T00:00:00.000Z" })]);
  assert.equal(await codeOf(assertion), 700027);
});

test("a certificate on the service principal serves as well", async () => {
  await server.change(
    put("application", application),
    put("servicePrincipal", { ...servicePrincipal, keyCredentials: [key()] }),
  );
  assert.equal(await codeOf(sign()), 0);
});

test("a forged signature, another's key, another algorithm: refused, each by its number", async () => {
  const by = (certificate: SampleCertificate, header: object) =>
    makeAssertion(good, certificate.privateKey, header as never);
  assert.equal(await codeOf(by(foreign, { x5t: mine.x5t })), 700027);
  assert.equal(await codeOf(by(foreign, { x5t: foreign.x5t })), 700027);
  assert.equal(await codeOf(makeAssertion(good, mine.publicKey, { alg: "HS256", x5t: mine.x5t })), 5002738);
  assert.equal(await codeOf(makeAssertion(good, mine.privateKey, { alg: "none", x5t: mine.x5t })), 5002738);
  for (const text of ["a.b.c", "x", `${sign()}.y`]) assert.equal(await codeOf(text), 50027, text);
});

test("a certificate of the right name but another key is no certificate of the application", async () => {
  const named = await post(makeAssertion(good, foreign.privateKey, { x5t: foreign.x5t, x5c: [foreign.key] }));
  assert.equal(named.body.error_codes[0], 700030);
  assert.match(named.body.error_description, /'O=Elsewhere, CN=stranger'|'CN=stranger, O=Elsewhere'/);
});

test("one proof is enough: an assertion beside a secret, or half of one, is refused", async () => {
  assert.equal(await codeOf(sign(), { client_secret: secrets.ofApplication }), 9002313);
  assert.equal(await codeOf(sign(), { client_assertion_type: "urn:other" }), 90023);
  const { client_assertion: _, ...typeOnly } = form("");
  assert.equal((await server.post(endpoint, typeOnly)).body.error_codes[0], 900144);
  const { client_assertion_type: __, ...assertionOnly } = form(sign());
  assert.equal((await server.post(endpoint, assertionOnly)).body.error_codes[0], 900144);
});

test("Microsoft's own clients, unknown applications and disabled ones are refused", async () => {
  assert.equal(await codeOf(sign(), { client_id: "04b07795-8ddb-461a-bbee-02f9e1bf7b46" }), 700025);
  assert.equal(await codeOf(sign(), { client_id: ids.otherTenant }), 700016);
  await server.change(put("servicePrincipal", { ...servicePrincipal, accountEnabled: false }));
  assert.equal(await codeOf(sign()), 7000112);
  await server.change(
    put("servicePrincipal", servicePrincipal),
    put("application", { ...application, keyCredentials: [key()], signInAudience: "PersonalMicrosoftAccount" }),
  );
  assert.equal(await codeOf(sign()), 9002331);
});

// --- tokens of outside issuers

type Asked = { readonly url: string };
let asked: Asked[] = [];

/** Puts an issuer's keys where the server looks for them. */
function publish(certificate: SampleCertificate, kid: string, of = issuer): void {
  asked = [];
  const documents: Record<string, unknown> = {
    [`${of}/.well-known/openid-configuration`]: { issuer: of, jwks_uri: `${of}/keys` },
    [`${of}/keys`]: { keys: [{ ...certificate.publicKey.export({ format: "jwk" }), kid, use: "sig" }] },
  };
  const { externalIssuers } = server.cloud.tokens;
  const findKey = async (name: string, wanted: string | undefined) => {
    asked.push({ url: name });
    if (!(`${name}/keys` in documents)) return { kind: "unreachable" } as const;
    return wanted === kid
      ? ({ kind: "found", key: certificate.publicKey } as const)
      : ({ kind: "key-unknown" } as const);
  };
  externalIssuers.findKey = findKey;
}

const outside = {
  iss: issuer,
  sub: "repo:contoso/notes:ref:refs/heads/main",
  aud: "api://AzureADTokenExchange",
  exp: nowSeconds + 300,
  iat: nowSeconds,
};
const outsideToken = (claims: object = {}, header: object = {}, by = foreign) =>
  makeAssertion({ ...outside, ...claims }, by.privateKey, { kid: "k1", ...header });

test("a token of a trusted issuer signs the application in", async () => {
  publish(foreign, "k1");
  const { status, body } = await post(outsideToken());
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(claimsOf(body.access_token).appidacr, "2");
  assert.equal(server.cloud.recorder.signIns().at(-1)!.credentialKeyId, federationId);
  assert.equal(await codeOf(outsideToken({ aud: ["api://AzureADTokenExchange"] })), 0, "Kubernetes writes a list");
});

test("issuer, subject and audience are compared byte by byte, before anything is fetched", async () => {
  publish(foreign, "k1");
  for (const [claims, code] of [
    [{ iss: `${issuer}/` }, 700211],
    [{ iss: issuer.toUpperCase().replace("HTTPS", "https") }, 700211],
    [{ iss: "https://issuer.example" }, 700211],
    [{ iss: ` ${issuer}` }, 700021],
    [{ iss: "http://issuer.example/tenant" }, 700021],
    [{ sub: "repo:Contoso/notes:ref:refs/heads/main" }, 700213],
    [{ sub: "repo:contoso/notes:ref:refs/heads/main " }, 700213],
    [{ sub: "repo:contoso/notes:ref:refs/heads/*" }, 700213],
    [{ sub: undefined }, 50027],
    [{ aud: "api://azureadtokenexchange" }, 700212],
    [{ aud: [] }, 700212],
    [{ aud: undefined }, 700212],
  ] as const)
    assert.equal(await codeOf(outsideToken(claims)), code, JSON.stringify(claims));
  assert.deepEqual(asked, []);
});

test("an application without federated credentials trusts nobody", async () => {
  await server.change(remove("federatedIdentityCredential", federationId));
  const { body } = await post(outsideToken());
  assert.equal(body.error_codes[0], 70021);
  assert.match(
    body.error_description,
    /Assertion Issuer: 'https:\/\/issuer\.example\/tenant'\. Assertion Subject: 'repo:/,
  );
});

test("an issuer's signature must be its own, by RS256, with a key it publishes", async () => {
  publish(foreign, "k1");
  assert.equal(await codeOf(outsideToken({}, {}, mine)), 50013);
  assert.equal(await codeOf(outsideToken({}, { kid: "k2" })), 50013);
  assert.equal(await codeOf(outsideToken({}, { alg: "PS256" })), 5002738);
  assert.equal(await codeOf(outsideToken({}, { alg: "none" })), 5002738);
  assert.equal(await codeOf(makeAssertion(outside, foreign.publicKey, { alg: "HS256", kid: "k1" })), 5002738);
  const jwk = mine.publicKey.export({ format: "jwk" });
  assert.equal(await codeOf(outsideToken({}, { jwk, x5c: [mine.key] }, mine)), 50013);
});

test("an expired token of an issuer, and an issuer that cannot be asked", async () => {
  publish(foreign, "k1");
  assert.equal(await codeOf(outsideToken({ exp: nowSeconds - 301 })), 700024);
  assert.equal(await codeOf(outsideToken({ nbf: nowSeconds + 301 })), 700024);
  publish(foreign, "k1", "https://elsewhere.example");
  assert.equal(await codeOf(outsideToken()), 501661);
});

test("an expression takes the subjects it describes and no others", async () => {
  publish(foreign, "k1", github);
  const value = "claims['sub'] matches 'repo:contoso/*:ref:refs/heads/main'";
  const claimsMatchingExpression = { value, languageVersion: 1 };
  await server.change(
    put("federatedIdentityCredential", federation({ issuer: github, subject: null, claimsMatchingExpression })),
  );
  const from = (sub: string) => codeOf(outsideToken({ iss: github, sub }));
  assert.equal(await from("repo:contoso/other:ref:refs/heads/main"), 0);
  assert.equal(await from("repo:contoso-evil/other:ref:refs/heads/main"), 7002138);
  assert.equal(await from("repo:contoso/other:ref:refs/heads/main2"), 7002138);
  assert.equal(await from(value), 7002138);
});

test("Entra's own tokens are no tokens of an outside issuer", async () => {
  const own = await server.post(endpoint, {
    grant_type: "client_credentials",
    client_id: ids.app,
    client_assertion_type: jwtBearer,
    client_assertion: sign(),
    scope: "https://management.azure.com/.default",
  });
  assert.equal(await codeOf(own.body.access_token), 700222);
});
