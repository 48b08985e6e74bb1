/** What is said of a folder before, while and after a server has it, and of one that another version left. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { quietOptions } from "./cloud-fixture.ts";
import { startCloud } from "./compose.ts";
import { checkUpgrade } from "./upgrade-check.ts";
import { ownVersion } from "./version-record.ts";

function makeFolder(t: TestContext): string {
  const stateDir = mkdtempSync(join(tmpdir(), "postern-upgrade-"));
  t.after(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

const start = (stateDir: string) => startCloud(quietOptions(stateDir));

function setSchema(file: string, version: number): void {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}

test("an empty folder: nothing is there, and nothing is made", async (t) => {
  const stateDir = makeFolder(t);
  const report = await checkUpgrade({ stateDir });
  assert.deepEqual([report.canStart, report.canGoBack, report.isInUse, report.lastVersion], [true, true, false, null]);
  assert.match(report.findings.join(), /no cloud here yet/);
  assert.deepEqual(readdirSync(stateDir), []);
});

test("a folder that a server has, and has had", async (t) => {
  const stateDir = makeFolder(t);
  const cloud = await start(stateDir);
  const running = await checkUpgrade({ stateDir });
  await cloud.stop();
  assert.equal(running.isInUse, true);
  assert.match(running.findings.join(), /stop it before/);
  const stopped = await checkUpgrade({ stateDir });
  assert.equal(stopped.isInUse, false);
  for (const report of [running, stopped]) {
    assert.equal(report.lastVersion, ownVersion.version);
    assert.deepEqual([report.canStart, report.canGoBack], [true, true]);
    assert.deepEqual(
      report.schemas.map(({ place, schema, pending }) => [place, schema, pending]),
      [
        ["state.db", ownVersion.schemas.state, 0],
        ["blobs/metadata.db", ownVersion.schemas.blobs, 0],
      ],
    );
  }
});

test("a folder of an older version is migrated, with no way back but a backup; one of a newer is not opened", async (t) => {
  const stateDir = makeFolder(t);
  await (await start(stateDir)).stop();
  const file = join(stateDir, "blobs", "metadata.db");
  setSchema(file, ownVersion.schemas.blobs - 1);
  const record = join(stateDir, "postern-version.json");
  writeFileSync(record, readFileSync(record, "utf8").replace(ownVersion.version, "0.0.9"));
  const older = await checkUpgrade({ stateDir });
  assert.deepEqual([older.canStart, older.canGoBack, older.lastVersion], [true, false, "0.0.9"]);
  assert.equal(older.schemas[1]?.pending, 1);
  assert.match(older.findings.join(), /0\.0\.9 used the folder last.*will be migrated.*make a backup first/);
  setSchema(file, ownVersion.schemas.blobs + 1);
  const newer = await checkUpgrade({ stateDir });
  assert.equal(newer.canStart, false);
  assert.match(newer.findings.join(), /newer Postern.*cannot start/);
  writeFileSync(record, "not a record");
  assert.equal((await checkUpgrade({ stateDir })).lastVersion, null);
});
