import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { checkStopped } from "./blob/check/check-folder.ts";
import { restMs } from "./blob/engine/compactor.ts";
import { openScratchEngine, putBytes, readBytes } from "./blob/testing/scratch-engine.ts";
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

test("a backup that fails leaves nothing behind", async (context) => {
  const root = makeRoot(context);
  const broken = backUpState(root, new Date(), () => Promise.reject(new Error("disk full")));
  await assert.rejects(broken, /disk full/);
  assert.deepEqual(readdirSync(join(root, "backups")), []);
});

test("what compaction would take away while a backup is made is in it, whole", async (context) => {
  let timeMs = Date.now();
  const options = { extentLimitBytes: 128 * 1024, now: () => new Date(timeMs) };
  const { engine, stateDir } = await openScratchEngine(context, options);
  const place = { account: "acct", container: "c" };
  await engine.createContainer(place, []);
  const names = Array.from({ length: 60 }, (_, index) => `b${index}`);
  const bytesOf = (blob: string) => Buffer.alloc(8000, blob);
  for (const blob of names) await putBytes(engine, { ...place, blob }, bytesOf(blob));
  const rest = async () => {
    timeMs += restMs + 1;
    return engine.compact();
  };
  const { folder } = await engine.holdExtents(() =>
    backUpState(stateDir, new Date(), async (to) => {
      writeFileSync(to, "state");
      for (const blob of names) await engine.deleteBlob({ ...place, blob });
      for (let round = 0; round < 3; round++) assert.equal((await rest()).removedExtents, 0, "held");
    }),
  );
  let removed = 0;
  for (let round = 0; round < 3; round++) removed += (await rest()).removedExtents;
  assert.ok(removed > 0, "and is taken away afterwards");
  assert.deepEqual((await checkStopped(folder)).findings, []);
  const restored = await openScratchEngine(context, { stateDir: folder });
  for (const blob of names) {
    assert.ok((await readBytes(restored.engine, { ...place, blob }))?.equals(bytesOf(blob)), blob);
  }
  assert.deepEqual(restored.problems, []);
});
