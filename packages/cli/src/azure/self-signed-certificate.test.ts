import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { makeSelfSignedCertificate } from "./self-signed-certificate.ts";

test("the certificate verifies by its own key, and lasts as long as was said, also past 2049", () => {
  for (const end of ["2027-03-01T00:00:00Z", "2055-01-02T03:04:05Z"]) {
    const { pem, certificate } = makeSelfSignedCertificate(
      "CLI-Login",
      new Date("2026-01-02T03:04:05Z"),
      new Date(end),
    );
    const read = new X509Certificate(Buffer.from(certificate, "base64"));
    assert.equal(read.subject, "CN=CLI-Login");
    assert.equal(read.verify(read.publicKey), true);
    assert.equal(read.checkPrivateKey(createPrivateKey(pem)), true);
    assert.equal(new Date(read.validFrom).toISOString(), "2026-01-02T03:04:05.000Z");
    assert.equal(Date.parse(read.validTo), Date.parse(end));
    assert.ok(new X509Certificate(pem).fingerprint256 === read.fingerprint256);
  }
});
