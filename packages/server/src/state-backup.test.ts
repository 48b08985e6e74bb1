import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  existsSync,
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
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { backUpState } from "./state-backup.ts";
import { copyDatabase } from "./store/sqlite-copy.ts";

function makeRoot(context: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), "postern-backup-"));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "blobs", "extents"), { recursive: true });
  mkdirSync(join(root, "keys"));
  writeFileSync(join(root, "keys", "signing.json"), "key");
  writeFileSync(join(root, "operator.json"), "{}");
  writeFileSync(join(root, "blobs", "extents", "1"), "first");
  const metadata = new DatabaseSync(join(root, "blobs", "metadata.db"));
  metadata.exec("PRAGMA journal_mode = WAL; CREATE TABLE blob (name TEXT); INSERT INTO blob VALUES ('a')");
  context.after(() => metadata.close());
  return root;
}

test("a backup holds databases, extents and keys, each with its sum, and only its owner may read it", async (context) => {
  const root = makeRoot(context);
  const state = new DatabaseSync(join(root, "state.db"));
  context.after(() => state.close());
  state.exec(
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; CREATE TABLE log (n); INSERT INTO log VALUES (1)",
  );
  const { folder, files } = await backUpState(root, new Date("2026-01-02T03:04:05Z"), (to) => copyDatabase(state, to));
  assert.deepEqual(
    files.map(({ path }) => path),
    ["blobs/extents/1", "blobs/metadata.db", "keys/signing.json", "operator.json", "state.db"],
  );
  for (const { path, sha256, sizeBytes } of files) {
    const bytes = readFileSync(join(folder, path));
    assert.deepEqual([createHash("sha256").update(bytes).digest("hex"), bytes.length], [sha256, sizeBytes]);
    assert.equal(statSync(join(folder, path)).mode & 0o777, 0o600, path);
  }
  const copy = new DatabaseSync(join(folder, "state.db"), { readOnly: true });
  assert.deepEqual({ ...copy.prepare("SELECT n FROM log").get() }, { n: 1 });
  copy.close();
  assert.equal(JSON.parse(readFileSync(join(folder, "backup.json"), "utf8")).files.length, files.length);
});

test("an extent that is unlinked while rows are copied is in the backup; a backup that fails leaves nothing behind", async (context) => {
  const root = makeRoot(context);
  const { folder } = await backUpState(root, new Date(), async (to) => {
    rmSync(join(root, "blobs", "extents", "1"));
    writeFileSync(to, "state");
  });
  assert.equal(readFileSync(join(folder, "blobs", "extents", "1"), "utf8"), "first");
  const broken = backUpState(root, new Date(), () => Promise.reject(new Error("disk full")));
  await assert.rejects(broken, /disk full/);
  assert.equal(readdirSync(join(root, "backups")).length, 1);
  assert.equal(existsSync(folder), true);
});
