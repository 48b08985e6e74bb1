import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { KeyCredential } from "../state/entities.ts";
import type { Guid } from "../state/identifiers.ts";
import { judgeCertificateProof } from "./certificate-proof.ts";
import { maxForeignTokenChars, parseForeignJws } from "./foreign-jws.ts";
import { makeAssertion } from "./sample-assertion.ts";
import { makeSampleCertificate, type SampleCertificate } from "./sample-certificate.ts";

const now = new Date("2026-03-01T12:00:00Z");
const keyId = "aaaaaaaa-0000-4000-8000-000000000001" as Guid;
const claims = { iss: "app", sub: "app", aud: "us" };

let mine: SampleCertificate;
let foreign: SampleCertificate;
before(async () => {
  mine = await makeSampleCertificate();
  foreign = await makeSampleCertificate({ name: "CN=stranger" });
});

const registered = (more: Partial<KeyCredential> = {}): KeyCredential => ({
  keyId,
  displayName: null,
  customKeyIdentifier: mine.thumbprint,
  startDateTime: "2026-01-01T00:00:00.000Z",
  endDateTime: "2027-01-01T00:00:00.000Z",
  certificate: mine.key,
  ...more,
});

const judge = (token: string, credentials: readonly KeyCredential[] = [registered()]) =>
  judgeCertificateProof(parseForeignJws(token)!, credentials, now);

test("a certificate is named by x5t, x5t#S256, or kid in hex or base64url, with or without padding", () => {
  const names = [
    { x5t: mine.x5t },
    { x5t: `${mine.x5t}=` },
    { "x5t#S256": mine.x5tS256 },
    { x5t: mine.x5t, "x5t#S256": mine.x5tS256, kid: "whatever" },
    { kid: mine.thumbprint },
    { kid: mine.thumbprint.toLowerCase() },
    { kid: mine.x5t },
  ];
  for (const name of names) {
    assert.deepEqual(judge(makeAssertion(claims, mine.privateKey, name)), { kind: "valid", keyId });
    assert.equal(judge(makeAssertion(claims, mine.privateKey, { ...name, alg: "PS256" })).kind, "valid");
  }
});

test("two names must be the same certificate's", () => {
  const header = { x5t: mine.x5t, "x5t#S256": foreign.x5tS256 };
  assert.equal(judge(makeAssertion(claims, mine.privateKey, header)).kind, "key-unknown");
});

test("alg confusion: no algorithm, the public key as a secret, a key of another kind", async () => {
  const elliptic = await makeSampleCertificate({ curve: "P-256" });
  for (const [alg, key] of [
    ["none", mine.privateKey],
    ["HS256", mine.publicKey],
    ["ES256", elliptic.privateKey],
    ["rs256", mine.privateKey],
    ["RS1", mine.privateKey],
  ] as const)
    assert.equal(judge(makeAssertion(claims, key, { alg, x5t: mine.x5t })).kind, "algorithm", alg);
  // Signed by one algorithm and said to be of another.
  const [, body, signature] = makeAssertion(claims, mine.privateKey, { alg: "PS256", x5t: mine.x5t }).split(".");
  const head = Buffer.from(JSON.stringify({ alg: "RS256", x5t: mine.x5t })).toString("base64url");
  assert.equal(judge(`${head}.${body}.${signature}`).kind, "signature");
});

test("a foreign certificate under a registered one's name, or one that begins alike, proves nothing", () => {
  assert.equal(judge(makeAssertion(claims, foreign.privateKey, { x5t: mine.x5t })).kind, "signature");
  for (const length of [8, 20, 26]) {
    // Two digests may be alike in one place by chance; the character after the common part must not be.
    const other = mine.x5t[length] === "A" ? "Q" : "A";
    const alike = mine.x5t.slice(0, length) + other + foreign.x5t.slice(length + 1);
    const proof = judge(makeAssertion(claims, foreign.privateKey, { x5t: alike }));
    assert.equal(proof.kind, "key-unknown", String(length));
    assert.equal(judge(makeAssertion(claims, mine.privateKey, { x5t: mine.x5t.slice(0, length) })).kind, "key-unknown");
    assert.equal(
      judge(makeAssertion(claims, mine.privateKey, { kid: mine.thumbprint.slice(0, length) })).kind,
      "key-unknown",
    );
  }
  assert.equal(judge(makeAssertion(claims, mine.privateKey)).kind, "key-unknown", "no name at all");
});

test("what a token brings along in place of a certificate is told from a certificate", () => {
  for (const x5c of [["bm9uZQ=="], "bm9uZQ==", [], [1], ["A".repeat(20_000)], { 0: foreign.key }])
    assert.equal(judge(makeAssertion(claims, foreign.privateKey, { x5c, x5t: foreign.x5t })).kind, "chain");
  assert.equal(judge(makeAssertion(claims, mine.privateKey, { x5c: ["bm9uZQ=="], x5t: mine.x5t })).kind, "valid");
});

test("a key in the token itself is never used", () => {
  const jwk = foreign.publicKey.export({ format: "jwk" });
  const inside = { jwk, x5c: [foreign.key], jku: "https://evil.test", x5u: "https://evil.test" };
  const proof = judge(makeAssertion(claims, foreign.privateKey, { ...inside, x5t: foreign.x5t }));
  assert.equal(proof.kind, "key-unknown");
  assert.ok(proof.kind === "key-unknown" && proof.presented?.subject === "CN=stranger", "but it is told who asks");
  const lie = judge(makeAssertion(claims, mine.privateKey, { x5c: [foreign.key], x5t: foreign.x5t }));
  assert.ok(lie.kind === "key-unknown" && lie.presented === undefined);
});

test("a certificate counts between its dates; of two registrations one that counts will do", () => {
  const token = makeAssertion(claims, mine.privateKey, { x5t: mine.x5t });
  const old = registered({ endDateTime: now.toISOString() });
  const next = registered({ startDateTime: "2026-03-01T12:00:01.000Z" });
  assert.equal(judge(token, [old]).kind, "key-expired");
  assert.equal(judge(token, [next]).kind, "key-not-yet-valid");
  assert.equal(judge(token, []).kind, "key-unknown");
  assert.equal(judge(token, [old, next, registered()]).kind, "valid");
});

test("a changed claim breaks the signature", () => {
  const [head, , signature] = makeAssertion(claims, mine.privateKey, { x5t: mine.x5t }).split(".");
  const body = Buffer.from(JSON.stringify({ ...claims, sub: "other" })).toString("base64url");
  assert.equal(judge(`${head}.${body}.${signature}`).kind, "signature");
});

test("what is no signed token is not read", () => {
  const good = makeAssertion(claims, mine.privateKey, { x5t: mine.x5t });
  const [head, body, signature] = good.split(".") as [string, string, string];
  const part = (text: string) => Buffer.from(text).toString("base64url");
  for (const text of [
    "",
    "a.b",
    `${good}.x`,
    `${head}.${body}`,
    `${head}=.${body}.${signature}`,
    `${head} .${body}.${signature}`,
    `${part("[]")}.${body}.${signature}`,
    `${part("{}")}.${body}.${signature}`,
    `${head}.${part("null")}.${signature}`,
    `${head}.${part("{")}.${signature}`,
    `${head}.${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}.${signature}`,
    makeAssertion(claims, mine.privateKey, { crit: ["exp"] }),
    makeAssertion(claims, mine.privateKey, { b64: false }),
    `${head}.${part(JSON.stringify({ ...claims, pad: "x".repeat(maxForeignTokenChars) }))}.${signature}`,
  ])
    assert.equal(parseForeignJws(text), undefined, text.slice(0, 40));
});
