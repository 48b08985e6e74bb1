import assert from "node:assert/strict";
import { test } from "node:test";
import type { Guid } from "../state/identifiers.ts";
import { addPassword, keepPasswords, removePassword } from "./credential.ts";
import { addKey } from "./key-credential.ts";
import { faultOf, SampleDirectory, sampleTime } from "./sample-directory.ts";

const nothing = { displayName: null, startDateTime: null, endDateTime: null };

function setUp() {
  const directory = new SampleDirectory();
  const holder = { kind: "application", id: directory.start.operatorApplication.id } as const;
  const made = () => ({ keyId: directory.id(), hint: "abc", secretHash: "hash", now: sampleTime });
  const kept = () => directory.model.applications.get(holder.id)!.passwordCredentials;
  return { directory, holder, made, kept };
}

test("a secret starts now and ends two years later, beside the one that is there", () => {
  const { directory, holder, made, kept } = setUp();
  const credential = directory.apply(addPassword(directory.model, holder, nothing, made()));
  assert.equal(credential.startDateTime, "2026-03-01T12:00:00.000Z");
  assert.equal(credential.endDateTime, "2028-03-01T12:00:00.000Z");
  assert.equal(kept().length, 2);
});

test("an end in the past is taken as given; the end before the start is not", () => {
  const { directory, holder, made, kept } = setUp();
  const past = { startDateTime: new Date("2020-01-01"), endDateTime: new Date("2021-01-01"), displayName: null };
  assert.equal(
    directory.apply(addPassword(directory.model, holder, past, made())).endDateTime,
    "2021-01-01T00:00:00.000Z",
  );
  const upsideDown = { ...past, startDateTime: past.endDateTime, endDateTime: past.startDateTime };
  assert.equal(faultOf(() => addPassword(directory.model, holder, upsideDown, made())).property, "endDateTime");
  const empty = { ...past, endDateTime: past.startDateTime };
  assert.equal(faultOf(() => addPassword(directory.model, holder, empty, made())).property, "endDateTime");
  assert.equal(kept().length, 2);
});

test("service principals carry secrets of their own", () => {
  const { directory, made } = setUp();
  const holder = { kind: "servicePrincipal", id: directory.start.operatorServicePrincipal.id } as const;
  const { keyId } = directory.apply(addPassword(directory.model, holder, nothing, made()));
  assert.equal(directory.model.servicePrincipals.get(holder.id)?.passwordCredentials[0]?.keyId, keyId);
  directory.apply(removePassword(directory.model, holder, keyId));
  assert.deepEqual(directory.model.servicePrincipals.get(holder.id)?.passwordCredentials, []);
});

test("nobody gets a secret to sign in as one of Microsoft's own applications", () => {
  const { directory, made } = setUp();
  const id = [...directory.model.servicePrincipals.values()].find((row) => row.appOwnerOrganizationId === null)!.id;
  const fault = faultOf(() => addPassword(directory.model, { kind: "servicePrincipal", id }, nothing, made()));
  assert.deepEqual([fault.property, fault.why], ["appOwnerOrganizationId", "not-allowed"]);
  const key = { keyId: directory.id<Guid>(), key: "AAAA", displayName: null, startDateTime: null, endDateTime: null };
  const ofKey = faultOf(() => addKey(directory.model, { kind: "servicePrincipal", id }, key));
  assert.deepEqual([ofKey.property, ofKey.why], ["appOwnerOrganizationId", "not-allowed"]);
});

test("removing names one secret; what is not there is refused", () => {
  const { directory, holder, kept } = setUp();
  const fault = faultOf(() => removePassword(directory.model, holder, directory.id()));
  assert.deepEqual([fault.kind, fault.property], ["reference-not-found", "passwordCredentials"]);
  directory.apply(removePassword(directory.model, holder, kept()[0]!.keyId));
  assert.deepEqual(kept(), []);
  const nobody = { kind: "application", id: "nobody" } as const;
  assert.equal(faultOf(() => removePassword(directory.model, nobody, "x" as Guid)).kind, "object-not-found");
});

test("keeping some drops the others and makes none", () => {
  const { kept } = setUp();
  assert.deepEqual(keepPasswords("application", kept(), []), []);
  assert.deepEqual(keepPasswords("application", kept(), [kept()[0]!.keyId]), kept());
  assert.equal(faultOf(() => keepPasswords("application", kept(), ["x" as Guid])).why, "not-allowed");
});
