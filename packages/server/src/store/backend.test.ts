/** The conformance suite: every backend passes the same tests. PostgreSQL's, which needs a server, is run by test/postgres. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type TrialGround, tryManyRows, tryRowsAndLog } from "./backend-trial.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { openSqliteBackend } from "./sqlite-backend.ts";

function grounds(folder: string): TrialGround[] {
  return [
    { name: "memory", open: () => new MemoryBackend(), isKept: false },
    { name: "sqlite", open: () => openSqliteBackend(join(folder, "state.db")), isKept: true },
  ];
}

for (const name of ["memory", "sqlite"]) {
  const onGround = async (work: (ground: TrialGround) => Promise<void>) => {
    const folder = mkdtempSync(join(tmpdir(), "postern-store-"));
    await work(grounds(folder).find((ground) => ground.name === name)!);
    rmSync(folder, { recursive: true, force: true });
  };
  test(`${name}: rows are what the log leaves, the log reads back as written`, () => onGround(tryRowsAndLog));
  test(`${name}: thousands of rows in one commit`, () => onGround(tryManyRows));
}

test("sqlite: the file is 0600 and one from a newer Postern is refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-store-"));
  const file = join(folder, "state.db");
  await openSqliteBackend(file).close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(file);
  database.exec("PRAGMA user_version = 999");
  database.close();
  assert.throws(() => openSqliteBackend(file), /newer Postern/);
  rmSync(folder, { recursive: true, force: true });
});
