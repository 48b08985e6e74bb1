import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { ExternalIssuers, keyLifetimeMs, retryPauseMs } from "./external-issuers.ts";
import { createJsonFetch, maxDocumentBytes } from "./json-fetch.ts";
import { makeSampleCertificate, type SampleCertificate } from "./sample-certificate.ts";

const issuer = "https://issuer.example/tenant";
const start = new Date("2026-03-01T12:00:00Z");
const later = (ms: number) => new Date(start.getTime() + ms);

let first: SampleCertificate;
let second: SampleCertificate;
before(async () => {
  first = await makeSampleCertificate();
  second = await makeSampleCertificate();
});

const jwk = (certificate: SampleCertificate, kid: string, more = {}) => ({
  ...certificate.publicKey.export({ format: "jwk" }),
  kid,
  use: "sig",
  ...more,
});

/** An issuer whose documents a test can change, and what was asked of it. */
function setUp() {
  const asked: string[] = [];
  const documents: Record<string, unknown> = {
    [`${issuer}/.well-known/openid-configuration`]: { issuer, jwks_uri: "https://keys.example/jwks" },
    "https://keys.example/jwks": { keys: [jwk(first, "one")] },
  };
  const fetchJson = async (url: URL) => {
    asked.push(url.href);
    if (!(url.href in documents)) throw new Error("not found");
    return documents[url.href];
  };
  const issuers = new ExternalIssuers({ folder: "/nonexistent", fetchJson });
  const kindOf = async (kid: string | undefined, now = start) => (await issuers.findKey(issuer, kid, now)).kind;
  return { asked, documents, issuers, kindOf };
}

test("keys are fetched by discovery once, and remembered", async () => {
  const { asked, issuers, kindOf } = setUp();
  const found = await issuers.findKey(issuer, "one", start);
  assert.ok(found.kind === "found" && found.key.equals(first.publicKey));
  assert.equal(await kindOf("one", later(keyLifetimeMs - 1)), "found");
  assert.deepEqual(asked, [`${issuer}/.well-known/openid-configuration`, "https://keys.example/jwks"]);
  assert.equal(await kindOf("one", later(keyLifetimeMs)), "found");
  assert.equal(asked.length, 4);
});

test("an unknown key makes us ask again, but not at will", async () => {
  const { asked, documents, kindOf } = setUp();
  assert.equal(await kindOf("one"), "found");
  documents["https://keys.example/jwks"] = { keys: [jwk(second, "two")] };
  for (let count = 0; count < 5; count++) assert.equal(await kindOf("two", later(retryPauseMs - 1)), "key-unknown");
  assert.equal(asked.length, 2);
  assert.equal(await kindOf("two", later(retryPauseMs)), "found");
  assert.equal(await kindOf("one", later(retryPauseMs)), "key-unknown", "a withdrawn key counts no more");
});

test("requests that come together share one look at the issuer", async () => {
  const { asked, kindOf } = setUp();
  await Promise.all([kindOf("one"), kindOf("one"), kindOf("one")]);
  assert.equal(asked.length, 2);
});

test("an issuer that fails is left alone for a while, and keys from before go on", async () => {
  const { asked, documents, kindOf } = setUp();
  const discovery = `${issuer}/.well-known/openid-configuration`;
  const saved = documents[discovery];
  delete documents[discovery];
  assert.equal(await kindOf("one"), "unreachable");
  assert.equal(await kindOf("one", later(1000)), "unreachable");
  assert.equal(asked.length, 1);
  documents[discovery] = saved;
  assert.equal(await kindOf("one", later(retryPauseMs)), "found");
  delete documents[discovery];
  assert.equal(await kindOf("one", later(2 * keyLifetimeMs)), "found");
});

test("a document of another issuer, and keys behind plain http, are not taken", async () => {
  for (const document of [
    { issuer: "https://issuer.example/other", jwks_uri: "https://keys.example/jwks" },
    { issuer: `${issuer}/`, jwks_uri: "https://keys.example/jwks" },
    { issuer, jwks_uri: "http://keys.example/jwks" },
    { issuer, jwks_uri: "https://user:pass@keys.example/jwks" },
    { issuer },
    null,
    [],
  ]) {
    const { documents, kindOf } = setUp();
    documents[`${issuer}/.well-known/openid-configuration`] = document;
    assert.equal(await kindOf("one"), "unreachable", JSON.stringify(document));
  }
});

test("only RSA keys for signatures count, and one bad key does not spoil the others", async () => {
  const { documents, kindOf } = setUp();
  const elliptic = await makeSampleCertificate({ curve: "P-256" });
  const weak = await makeSampleCertificate({ modulusLength: 1024 });
  documents["https://keys.example/jwks"] = {
    keys: [
      null,
      "key",
      { kty: "RSA", kid: "broken", n: 5 },
      { kty: "oct", kid: "secret", k: "AAAA" },
      jwk(elliptic, "elliptic"),
      jwk(weak, "weak"),
      jwk(first, "for encryption", { use: "enc" }),
      jwk(first, "for another algorithm", { alg: "RS512" }),
      jwk(first, "good", { alg: "RS256" }),
    ],
  };
  for (const kid of ["broken", "secret", "elliptic", "weak", "for encryption", "for another algorithm"])
    assert.equal(await kindOf(kid), "key-unknown", kid);
  assert.equal(await kindOf("good"), "found");
  assert.equal(await kindOf(undefined), "found", "the only key there is");
});

test("offline, a file serves, and nothing else", async () => {
  const root = await mkdtemp(join(tmpdir(), "postern-issuers-"));
  try {
    const folder = join(root, "issuers");
    const issuers = new ExternalIssuers({ folder, fetchJson: undefined });
    const kindOf = async (of = issuer) => (await issuers.findKey(of, "one", start)).kind;
    assert.equal(await kindOf(), "unreachable");
    await mkdir(folder);
    await writeFile(join(folder, "a.json"), "{ broken");
    await writeFile(join(folder, "b.json"), JSON.stringify({ issuer, jwks: { keys: [jwk(first, "one")] } }));
    assert.equal(await kindOf(), "found");
    assert.equal(await kindOf(`${issuer}/`), "unreachable");
    await writeFile(join(folder, "b.json"), JSON.stringify({ issuer, jwks: { keys: [jwk(second, "two")] } }));
    assert.equal(await kindOf(), "key-unknown");
  } finally {
    await rm(root, { recursive: true });
  }
});

test("documents are fetched over https only, without redirects, within bounds, from a trusted server", async () => {
  const server = await makeSampleCertificate({
    name: "CN=localhost",
    notAfter: new Date("2099-01-01T00:00:00Z"),
    altName: "localhost",
  });
  const key = server.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const answers: Record<string, [number, Record<string, string>, string]> = {
    "/good": [200, {}, '{"a":1}'],
    "/moved": [302, { location: "/good" }, ""],
    "/broken": [200, {}, "{"],
    "/large": [200, {}, JSON.stringify({ a: "x".repeat(maxDocumentBytes) })],
  };
  const listener = createServer({ key, cert: server.pem }, (request, response) => {
    const [status, headers, body] = answers[request.url!] ?? [404, {}, "{}"];
    response.writeHead(status, headers).end(body);
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  try {
    const origin = `https://localhost:${(listener.address() as AddressInfo).port}`;
    const fetchJson = createJsonFetch([server.pem]);
    assert.deepEqual(await fetchJson(new URL(`${origin}/good`)), { a: 1 });
    for (const path of ["/moved", "/broken", "/large", "/none"])
      await assert.rejects(fetchJson(new URL(origin + path)), Error, path);
    await assert.rejects(fetchJson(new URL("http://localhost/good")), /only https/);
    await assert.rejects(createJsonFetch([])(new URL(`${origin}/good`)), /certificate/);
  } finally {
    listener.close();
    await once(listener, "close");
  }
});
