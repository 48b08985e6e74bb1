/** Sealed on the disk: what is there without the key, with another one, and when the key changes. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { quietOptions } from "./cloud-fixture.ts";
import { startCloud } from "./compose.ts";
import { SealFault, SecretFiles } from "./secret-files.ts";

const key = randomBytes(32);
const other = randomBytes(32);
const content = "the secret of somebody";

function open(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), "postern-seal-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "keys"));
  const file = join(root, "keys", "one");
  const with_ = (keys: ConstructorParameters<typeof SecretFiles>[1]) => new SecretFiles(root, keys);
  return { root, file, with_, raw: () => readFileSync(file, "utf8") };
}

test("what is written with a key is sealed, and opens with it alone", (t) => {
  const { root, file, with_, raw } = open(t);
  with_({ key }).write(file, content);
  assert.match(raw(), /^postern-sealed-1 /);
  assert.doesNotMatch(raw(), /secret|somebody/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(with_({ key }).read(file), content);
  assert.throws(() => with_({ key: other }).read(file), SealFault);
  assert.throws(() => with_({ key: undefined }).read(file), /is sealed: name the key with --key-file/);
  assert.equal(with_({ key }).read(join(root, "keys", "none")), undefined);
});

test("a file that was changed, cut, or is another's does not open", (t) => {
  const { root, file, with_, raw } = open(t);
  const files = with_({ key });
  files.write(file, content);
  const sealed = raw();
  copyFileSync(file, join(root, "keys", "two"));
  assert.throws(() => files.read(join(root, "keys", "two")), SealFault, "sealed for another place");
  const changed = `${sealed.slice(0, 30)}${sealed[30] === "A" ? "B" : "A"}${sealed.slice(31)}`;
  for (const bad of [changed, sealed.slice(0, 40), "postern-sealed-1 "]) {
    writeFileSync(file, bad);
    assert.throws(() => files.read(file), SealFault);
  }
});

test("clear files are sealed when there is a key, sealed anew when it changes, and opened when it goes", (t) => {
  const { file, with_, raw } = open(t);
  with_({ key: undefined }).write(file, content);
  assert.equal(raw(), content);
  assert.equal(with_({ key }).read(file), content);
  assert.match(raw(), /^postern-sealed-1 /);
  assert.equal(with_({ key: other, previousKey: key }).read(file), content);
  assert.throws(() => with_({ key }).read(file), SealFault);
  assert.equal(with_({ key: undefined, previousKey: other }).read(file), content);
  assert.equal(raw(), content);
});

test("a whole cloud's folder holds no key in the clear, opens with its key, and with no other", async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), "postern-sealed-cloud-"));
  t.after(() => rmSync(stateDir, { recursive: true, force: true }));
  const start = (sealingKey?: Buffer) => startCloud({ ...quietOptions(stateDir), sealingKey });
  const first = await start(key);
  const { kid } = first.keyRing.current;
  const authority = readFileSync(join(stateDir, "ca", "ca.pem"), "utf8");
  await first.stop();
  const secretFiles = ["keys", "ca"].flatMap((folder) =>
    readdirSync(join(stateDir, folder))
      .filter((name) => !name.endsWith(".pem"))
      .map((name) => join(stateDir, folder, name)),
  );
  assert.equal(secretFiles.length, 6, secretFiles.join());
  for (const file of secretFiles) assert.match(readFileSync(file, "utf8"), /^postern-sealed-1 /, file);
  await assert.rejects(start(), SealFault);
  await assert.rejects(start(other), SealFault);
  const again = await start(key);
  assert.equal(again.keyRing.current.kid, kid);
  assert.equal(readFileSync(join(stateDir, "ca", "ca.pem"), "utf8"), authority);
  await again.stop();
});
