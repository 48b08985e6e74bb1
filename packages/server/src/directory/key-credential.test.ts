import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Guid } from "../state/identifiers.ts";
import { makeSampleCertificate, type SampleCertificate } from "../tokens/sample-certificate.ts";
import { createApplication, updateApplication } from "./application.ts";
import { readCertificate } from "./certificate.ts";
import { addKey, type KeyRequest, removeKey } from "./key-credential.ts";
import { faultOf, SampleDirectory, sampleTime } from "./sample-directory.ts";

let certificate: SampleCertificate;
let other: SampleCertificate;
before(async () => {
  certificate = await makeSampleCertificate({ name: "C=US, O=Contoso, CN=notes" });
  other = await makeSampleCertificate();
});

const request = (directory: SampleDirectory, key: string | null, more: Partial<KeyRequest> = {}): KeyRequest => ({
  keyId: directory.id(),
  key,
  displayName: null,
  startDateTime: null,
  endDateTime: null,
  ...more,
});

function setUp() {
  const directory = new SampleDirectory();
  const { id } = directory.start.operatorApplication;
  const holder = { kind: "application", id } as const;
  const add = (key: string | null, more: Partial<KeyRequest> = {}) =>
    directory.apply(addKey(directory.model, holder, request(directory, key, more)));
  return { directory, model: directory.model, id, holder, add };
}

test("a certificate is read as DER, as PEM, and as az sends it", () => {
  const { key, pem, thumbprint } = certificate;
  const forms = [key, Buffer.from(pem).toString("base64"), pem.replace(/-+[A-Z ]+-+/g, "").trim()];
  for (const form of forms) {
    const read = readCertificate(form);
    assert.equal(read?.certificate, key);
    assert.equal(read.thumbprint, thumbprint);
    assert.equal(read.subject, "CN=notes, O=Contoso, C=US");
    assert.equal(read.validTo.toISOString(), "2027-01-01T00:00:00.000Z");
  }
});

test("what is no certificate of an RSA key of 2048 bits is refused", async () => {
  const elliptic = await makeSampleCertificate({ curve: "P-256" });
  const weak = await makeSampleCertificate({ modulusLength: 1024 });
  const secret = certificate.privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
  const texts = ["", "AAAA", "not base64!", secret, elliptic.key, weak.key, certificate.key.slice(0, -8)];
  for (const text of [...texts, "A".repeat(20_000)]) assert.equal(readCertificate(text), undefined, text.slice(0, 20));
});

test("a certificate gives its name, thumbprint and dates when the caller gives none", () => {
  const { directory, model, id, add } = setUp();
  const made = add(certificate.key);
  assert.equal(made.displayName, "CN=notes, O=Contoso, C=US");
  assert.equal(made.customKeyIdentifier, certificate.thumbprint);
  assert.equal(made.startDateTime, "2026-01-01T00:00:00.000Z");
  assert.equal(made.endDateTime, "2027-01-01T00:00:00.000Z");
  assert.deepEqual(model.applications.get(id)?.keyCredentials, [made]);
  directory.apply(removeKey(model, { kind: "application", id }, made.keyId));
  assert.deepEqual(model.applications.get(id)?.keyCredentials, []);
  assert.equal(faultOf(() => removeKey(model, { kind: "application", id }, made.keyId)).kind, "reference-not-found");
});

test("a credential ends no later than its certificate, and starts no earlier", () => {
  const { add } = setUp();
  const end = faultOf(() => add(certificate.key, { endDateTime: new Date("2028-01-01T00:00:00Z") }));
  assert.equal(end.property, "keyCredentials/endDateTime");
  const start = faultOf(() => add(certificate.key, { startDateTime: new Date("2025-01-01T00:00:00Z") }));
  assert.equal(start.property, "keyCredentials/startDateTime");
  assert.equal(
    add(certificate.key, { endDateTime: new Date("2026-06-01T00:00:00Z") }).endDateTime,
    "2026-06-01T00:00:00.000Z",
  );
});

test("an update keeps what it names, adds what it brings, and drops the rest", () => {
  const { directory, model, id, add } = setUp();
  const [first, second] = [add(certificate.key), add(other.key)];
  const update = (...keys: readonly KeyRequest[]) =>
    directory.apply(updateApplication(model, id, {}, { keys })).keyCredentials;
  const named = (keyId: Guid, key: string | null = null) => request(directory, key, { keyId });
  assert.deepEqual(update(named(second.keyId), named(first.keyId, certificate.key)), [second, first]);
  assert.equal(update(named(first.keyId), request(directory, other.key)).length, 2);
  assert.deepEqual(
    update(named(first.keyId)).map(({ keyId }) => keyId),
    [first.keyId],
  );
  assert.equal(faultOf(() => update(named(first.keyId), named(first.keyId))).why, "malformed");
  assert.equal(faultOf(() => update(named(first.keyId, other.key))).why, "read-only");
  assert.equal(faultOf(() => update(named(second.keyId))).why, "not-allowed");
  assert.deepEqual(update(), []);
});

test("an application can be made with its certificate", () => {
  const { directory, model } = setUp();
  const by = { id: directory.id(), appId: directory.id(), now: sampleTime };
  const outcome = createApplication(model, { displayName: "with key" }, by as never, [
    request(directory, certificate.key),
  ]);
  assert.equal(directory.apply(outcome).keyCredentials[0]?.customKeyIdentifier, certificate.thumbprint);
});
