/** `postern upgrade-check` as a person or a script runs it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";

const main = join(import.meta.dirname, "..", "..", "packages", "cli", "src", "main.ts");

function run(stateDir: string, ...args: string[]) {
  const words = ["--conditions=postern-source", main, "upgrade-check", "--state", stateDir, ...args];
  return spawnSync(process.execPath, words, { encoding: "utf8" });
}

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "postern-check-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("says in words, or as JSON, what a start would do, and makes nothing", (t) => {
  const folder = makeFolder(t);
  const words = run(folder);
  assert.equal(words.status, 0, words.stderr);
  assert.match(words.stdout, /^Version \S+ would start\.\n- There is no cloud here yet/);
  const report = JSON.parse(run(folder, "--output", "json").stdout) as { canStart: boolean; schemas: unknown[] };
  assert.deepEqual([report.canStart, report.schemas.length], [true, 2]);
  assert.deepEqual(readdirSync(folder), []);
});

test("ends with 1 where this version could not start, and with a word for what it cannot read", (t) => {
  const folder = makeFolder(t);
  const database = new DatabaseSync(join(folder, "state.db"));
  database.exec("PRAGMA user_version = 99");
  database.close();
  const newer = run(folder);
  assert.equal(newer.status, 1);
  assert.match(newer.stdout, /would not start\.[\s\S]*state\.db is of a newer Postern \(schema 99/);
  const refused = run(folder, "--database", "postgres://u:secret-of-somebody@h/d");
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /must not hold a password/);
  assert.doesNotMatch(refused.stdout + refused.stderr, /secret-of-somebody/);
});
