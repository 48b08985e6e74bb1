/** Each kind of secret, in each place that a text may have it from. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { maxLoggedChars, redacted, redactField, redactQuery, redactText } from "./redaction.ts";

const secret = "Zx9_kQ.hidden-Value~42";
const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl";
const refreshToken = `1.${"Ab-_".repeat(40)}`;

const texts: Readonly<Record<string, string>> = {
  "form field": `grant_type=client_credentials&client_secret=${secret}&scope=x`,
  "first form field": `password=${secret}&username=u`,
  "encoded equals sign": `client_secret%3D${secret}`,
  "signature in a URL": `https://a.blob.core.windows.net/c/b?sv=2023&sig=${secret}&se=1`,
  "JSON member": `{"clientSecret":"${secret}","x":1}`,
  "JSON member with spaces": `{ "secretText" : "${secret} ${secret}" }`,
  "JSON within JSON": JSON.stringify({ body: JSON.stringify({ password: secret }) }),
  passwordProfile: `{"passwordProfile":{"password":"${secret}"}}`,
  "header line": `Authorization: Bearer ${secret}\r\nHost: x`,
  "header in lower case": `authorization: SharedKey account:${secret}`,
  "header as JSON": `{"authorization":"Basic ${secret}"}`,
  "scheme alone": `sent Bearer ${secret} there`,
  "proxy's header": `proxy-authorization: Basic ${secret}`,
  "copy source's header": `x-ms-copy-source-authorization: Bearer ${secret}`,
  cookies: `Cookie: a=b; flow=${secret}; c=d`,
  "set cookie": `set-cookie: flow=${secret}; HttpOnly`,
  "database URL": `connect postgres://postern:${secret}@db.example.org/postern failed`,
  "proxy URL": `via http://user:${secret}@proxy:3128/`,
  "connection string": `host=db user=postern password=${secret} sslmode=require`,
  "storage connection string": `AccountName=a;AccountKey=${secret};EndpointSuffix=x`,
  "environment line": `AZURE_CLIENT_SECRET=${secret}`,
  "quoted environment line": `PGPASSWORD='${secret} ${secret}' psql`,
  assertion: `client_assertion=${jwt}`,
  "token in a sentence": `the token ${jwt} is not good`,
  "refresh token in a sentence": `the refresh token ${refreshToken} was used`,
  "private key": `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
  "cut private key": `-----BEGIN EC PRIVATE KEY-----\n${secret}`,
  "device code": `device_code=${secret}`,
  "identity header": `X-IDENTITY-HEADER: ${secret}`,
  "JSON member that was cut": `{"password":"of ${secret}`,
  "JSON member with a quote in it": JSON.stringify({ password: `a"b ${secret}`, x: 1 }),
  "JSON member that ends with a backslash": JSON.stringify({ password: `${secret} a\\`, x: 1 }),
  "JSON within JSON with a quote in it": JSON.stringify({ body: JSON.stringify({ password: `a"b ${secret}` }) }),
  "JSON within JSON that was cut": `"{\\"password\\":\\"of ${secret}`,
  "single quotes with one in it": `password='a\\'b ${secret}'`,
  "form field with what a browser leaves as it is": `password=a'b)c(d!*${secret}&x=1`,
  "header as JSON with a quote in it": JSON.stringify({ authorization: `Digest a="b", c="${secret}"` }),
};

test("a secret is taken out of a text, wherever it stands", () => {
  for (const [what, text] of Object.entries(texts)) {
    const clean = redactText(text);
    for (const hidden of [secret, jwt, refreshToken]) assert.ok(!clean.includes(hidden), `${what}: ${clean}`);
    assert.ok(clean.includes(redacted), what);
  }
});

test("what is beside it stays readable", () => {
  const json = JSON.stringify({ a: 1, password: `q"${secret}`, b: 2 });
  assert.equal(redactText(json), `{"a":1,"password":${redacted},"b":2}`);
  assert.equal(redactText(`a=1&sig=${secret}&b=2`), `a=1&sig=${redacted}&b=2`);
  assert.equal(redactText(`postgres://u:${secret}@h/d refused`), `postgres://${redacted}@h/d refused`);
  for (const plain of [
    "connect ECONNREFUSED 127.0.0.1:5432, code: ECONNREFUSED",
    "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value",
    "warning: app 11111111-2222-4333-8444-555555555555 signs in with a secret (keyId 1) that ends on 2026-01-01",
    "at Object.<anonymous> (/srv/postern/dist/main.js:10:20)",
    "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a",
  ])
    assert.equal(redactText(plain), plain);
});

test("a field by its name, whatever it holds", () => {
  for (const name of [
    "password",
    "client_secret",
    "clientSecret",
    "Authorization",
    "sig",
    "refresh_token",
    "code",
    "cookie",
  ])
    assert.equal(redactField(name, "anything"), redacted, name);
  assert.equal(redactField("status", 200), 200);
  assert.equal(redactField("note", `sig=${secret}`), `sig=${redacted}`);
});

test("a query keeps its names", () => {
  assert.equal(redactQuery(`sv=1&SIG=${secret}&code=${secret}&x&=`), `sv=1&SIG=${redacted}&code=${redacted}&x&=`);
  assert.equal(redactQuery(`si%67=${secret}`), `si%67=${redacted}`, "an encoded name is the same name");
  assert.equal(redactQuery(`redirect=${jwt}&%E0%A4=1`), `redirect=${redacted}&%E0%A4=1`);
  assert.equal(redactQuery(""), "");
});

test("a value of any form goes, and long texts are cut", () => {
  const value = fc.stringMatching(/^[A-Za-z0-9._~+/=-]{8,60}$/);
  fc.assert(
    fc.property(value, fc.constantFrom("client_secret", "password", "sig", "assertion"), (text, name) => {
      assert.equal(redactText(`a=1&${name}=${text}&b=2`), `a=1&${name}=${redacted}&b=2`);
    }),
  );
  assert.ok(redactText("x".repeat(100_000)).length <= maxLoggedChars + 1);
});
