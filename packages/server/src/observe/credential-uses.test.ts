import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { put } from "../state/change.ts";
import type { Guid } from "../state/identifiers.ts";
import { application, ids, makeSampleModel } from "../tokens/sample-directory.ts";
import { CredentialUses, maxCredentialUses, startUseWriter } from "./credential-uses.ts";
import { createExpiryWarnings, daysUntil } from "./expiry-warnings.ts";
import { Recorder, type SignInRecord } from "./records.ts";

const time = "2026-03-01T12:00:00.000Z";
const use = (keyId: string, at = time) => ({ keyId, appId: ids.app, time: at });

test("a sign-in with a proved credential is its last use; one without is nobody's", () => {
  const recorder = new Recorder();
  const record: SignInRecord = {
    time,
    requestId: "",
    correlationId: "",
    appId: ids.app,
    principalId: "",
    userPrincipalName: "",
    resource: "",
    grant: "client_credentials",
    credentialKeyId: "key 1",
    errorCode: 500011,
  };
  recorder.recordSignIn(record);
  recorder.recordSignIn({ ...record, credentialKeyId: "", errorCode: 7000215 });
  assert.equal(recorder.credentialUses.lastUse("key 1"), time);
  assert.equal(recorder.credentialUses.lastUse(""), undefined);
});

test("last uses outlive a restart, in a private file that is written only when there is something new", async () => {
  const folder = await mkdtemp(join(tmpdir(), "postern-uses-"));
  const file = join(folder, "uses.json");
  try {
    const uses = new CredentialUses();
    await startUseWriter(uses, file, assert.fail).close();
    assert.deepEqual(await readdir(folder), [], "nothing to write");
    const writer = startUseWriter(uses, file, assert.fail);
    uses.record(use("key 1"));
    uses.record(use("key 2"));
    uses.record(use("key 1", "2026-03-02T12:00:00.000Z"));
    await writer.close();
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ["uses.json"]);
    const reopened = new CredentialUses();
    reopened.load(await readFile(file, "utf8"));
    assert.equal(reopened.lastUse("key 1"), "2026-03-02T12:00:00.000Z");
    assert.equal(reopened.lastUse("key 2"), time);
    assert.equal(reopened.takeUnsaved(), undefined);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a write that fails is said, without what it held, and tried again", async () => {
  const lines: string[] = [];
  const uses = new CredentialUses();
  const writer = startUseWriter(uses, join(tmpdir(), "no such folder", "uses.json"), (line) => lines.push(line));
  uses.record(use("key 1"));
  await writer.close();
  assert.match(lines[0]!, /could not be written: ENOENT/);
  assert.match(uses.takeUnsaved() ?? "", /key 1/);
});

test("the memory is bounded, and a damaged file is refused whole", () => {
  const uses = new CredentialUses();
  for (let index = 0; index <= maxCredentialUses; index++) uses.record(use(`key ${index}`));
  assert.equal(uses.lastUse("key 0"), undefined);
  assert.equal(uses.lastUse(`key ${maxCredentialUses}`), time);
  for (const bad of [
    "",
    "{",
    "[]",
    '{"format":2,"uses":[]}',
    '{"format":1,"uses":[["a"]]}',
    '{"format":1,"uses":[null]}',
  ]) {
    assert.throws(() => new CredentialUses().load(bad), Error, bad);
  }
});

test("a credential that ends soon is warned of once a day, by ids alone", () => {
  const model = makeSampleModel();
  const keyId = "eeeeeeee-0000-4000-8000-000000000009" as Guid;
  const secret = {
    keyId,
    displayName: "a\nfree text",
    hint: "abc",
    startDateTime: "2026-01-01T00:00:00.000Z",
    endDateTime: "2026-03-31T12:00:00.000Z",
    secretHash: "",
  };
  model.apply(put("application", { ...application, displayName: "x\ny", passwordCredentials: [secret] }));
  const lines: string[] = [];
  const told = createExpiryWarnings(model, (line) => lines.push(line));
  told(use(keyId, "2026-03-01T12:00:00.000Z"));
  assert.deepEqual(lines, [], "30 days are left");
  told(use(keyId, "2026-03-02T00:00:00.000Z"));
  told(use(keyId, "2026-03-02T23:00:00.000Z"));
  told(use("of no application", "2026-03-02T23:00:00.000Z"));
  told(use(keyId, "2026-03-03T00:00:00.000Z"));
  const line = `warning: app ${ids.app} signs in with a secret (keyId ${keyId}) that ends on 2026-03-31T12:00:00.000Z`;
  assert.deepEqual(lines, [line, line]);
});

test("days left are whole ones, and negative after the end", () => {
  const now = new Date(time);
  assert.equal(daysUntil("2026-03-02T12:00:00.000Z", now), 1);
  assert.equal(daysUntil("2026-03-02T11:59:59.999Z", now), 0);
  assert.equal(daysUntil("2026-03-01T11:59:59.999Z", now), -1);
});
