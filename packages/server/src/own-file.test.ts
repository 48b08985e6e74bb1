/** Files of secrets: read where nobody else can, and named, never quoted, where they are not taken. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { OwnFileFault, readOwnFile } from "./own-file.ts";

const secret = "hidden-1";

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "postern-own-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a file that its owner alone may read is read, by a link, too", (t) => {
  const file = join(place(t), "key");
  writeFileSync(file, secret, { mode: 0o600 });
  symlinkSync(file, `${file}.link`);
  for (const path of [file, `${file}.link`]) assert.equal(readOwnFile(path), secret);
  chmodSync(file, 0o400);
  assert.equal(readOwnFile(file), secret);
});

test("one that others may read is not, whichever others; what it holds is not said", (t) => {
  const file = join(place(t), "key");
  writeFileSync(file, secret);
  for (const mode of [0o644, 0o640, 0o604, 0o660, 0o620, 0o602]) {
    chmodSync(file, mode);
    assert.throws(
      () => readOwnFile(file),
      (fault: Error) =>
        fault instanceof OwnFileFault && /chmod 600/.test(fault.message) && !fault.message.includes(secret),
      mode.toString(8),
    );
  }
});

test("one that is not there, and what is no file, are named", (t) => {
  const folder = place(t);
  chmodSync(folder, 0o700);
  assert.throws(() => readOwnFile(join(folder, "none")), /none is not there/);
  assert.throws(() => readOwnFile(folder), /cannot be read: EISDIR/);
});
