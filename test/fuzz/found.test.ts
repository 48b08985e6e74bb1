/** What the fuzz runs found, each by its name and what it has to come to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseXml } from "../../packages/cli/src/blob/xml.ts";
import { readCertificate } from "../../packages/credential/src/certificate.ts";
import { CredentialError } from "../../packages/credential/src/errors.ts";
import { parseBatch } from "../../packages/server/src/blob/batch-body.ts";
import { StorageError } from "../../packages/server/src/blob/errors.ts";
import { readXml } from "../../packages/server/src/blob/xml-reader.ts";
import { judgeCertificateProof } from "../../packages/server/src/tokens/certificate-proof.ts";
import { makeSampleCertificate } from "../../packages/server/src/tokens/sample-certificate.ts";

test("a PEM file with something else than base64 is a mistake of configuration, not an exception of the decoder", async () => {
  const certificate = "-----BEGIN CERTIFICATE-----\n%%%%\n-----END CERTIFICATE-----";
  const key = "-----BEGIN PRIVATE KEY-----\n%%%%\n-----END PRIVATE KEY-----";
  await assert.rejects(
    readCertificate("ClientCertificateCredential", `${key}\n${certificate}`),
    (cause) => cause instanceof CredentialError && cause.code === "misconfigured",
  );
});

test("a PEM file of beginnings without ends is read through once, not once for each", async () => {
  const beginnings = "-----BEGIN CERTIFICATE-----".repeat(400_000);
  await assert.rejects(readCertificate("ClientCertificateCredential", beginnings), CredentialError);
});

test("XML with characters that no XML can hold is refused, written out or as references", () => {
  for (const text of ["\u0000", "a\u0008b", "\u001f", "\ufffe", "\uffff", "&#0;", "&#xFFFF;", "&#x110000;"]) {
    assert.throws(
      () => readXml(Buffer.from(`<a>${text}</a>`)),
      (cause) => cause instanceof StorageError && cause.code === "InvalidXmlDocument",
      JSON.stringify(text),
    );
  }
  assert.equal(readXml(Buffer.from("<a>\t&#x9;\r\n</a>")).text, "\t\t\r\n");
});

test("a reference past Unicode in an answer is left as it stands", () => {
  assert.equal(parseXml("<a>&#x110000;&#99999999;&#x41;</a>")?.text, "&#x110000;&#99999999;A");
});

test("a token that brings a certificate whose key cannot be read is refused like one whose certificate cannot", async () => {
  const { key } = await makeSampleCertificate();
  const der = Buffer.from(key, "base64");
  const kinds = new Set<string>();
  for (let at = 0; at < der.length; at++) {
    const broken = Buffer.from(der);
    broken[at]! ^= 0x01;
    const header = { alg: "RS256", x5c: [broken.toString("base64")] };
    const jws = { header, claims: {}, algorithm: "RS256", signedContent: "a.b", signature: Buffer.alloc(256) };
    kinds.add(judgeCertificateProof(jws, [], new Date(0)).kind);
  }
  assert.deepEqual([...kinds].sort(), ["chain", "key-unknown"]);
});

test("a part of a batch with blanks or empty lines without end is read through once, not once for each", () => {
  const blanks = " ".repeat(1_000_000);
  const [own, line] = ["--b\r\nContent-Type: application/http\r\n", "DELETE /c/b HTTP/1.1\r\n"];
  const kept = parseBatch(
    Buffer.from(`${own}\r\n${line}a:${blanks}b${blanks}c\u00a0${blanks}\r\n\r\n--b--`, "latin1"),
    "b",
  );
  assert.deepEqual(kept[0]?.rawHeaders, ["a", `b${blanks}c\u00a0`]);
  for (const bad of [`a:${blanks}\u0001\r\n`, `a: b${blanks}\u0001\r\n`, `\r\n${line}${"\r\n".repeat(500_000)}x`]) {
    assert.throws(() => parseBatch(Buffer.from(`${own}${bad}\r\n\r\n${line}\r\n--b--`, "latin1"), "b"), StorageError);
  }
});
