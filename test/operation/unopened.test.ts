/** A start on what cannot be opened: said in a line that names the way out, never in a stack trace. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { startServer } from "../support/server-process.ts";

/** Starts a server on a folder that has just this file in it. @returns what it said as it ended. */
async function startOn(t: TestContext, file: string, fill: (path: string) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "postern-unopened-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  fill(join(folder, file));
  const ended = await startServer(folder).then(
    () => assert.fail("it started"),
    (cause: Error) => cause.message.replaceAll(folder, "FOLDER"),
  );
  assert.doesNotMatch(ended, /\n\s+at /);
  return ended;
}

function fillWithJunk(path: string): void {
  writeFileSync(path, "This is no database, and long enough to be taken for none.\n".repeat(20));
}

function fillAsNewer(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 99");
  database.close();
}

for (const file of ["state.db", "blobs/metadata.db"]) {
  test(`${file} that is no database`, async (t) => {
    const said = await startOn(t, file, fillWithJunk);
    assert.match(
      said,
      /ended with 1:\npostern: FOLDER\/\S+ cannot be opened: file is not a database\. `postern restore/,
    );
    assert.ok(said.includes(file));
  });

  test(`${file} of a newer version`, async (t) => {
    const said = await startOn(t, file, fillAsNewer);
    assert.match(said, /ended with 1:\npostern: the .* is of a newer Postern \(schema 99, .*`postern upgrade-check`/);
  });
}

test("a folder that another server has", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "postern-unopened-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const first = await startServer(folder);
  t.after(() => first.kill());
  await assert.rejects(startServer(folder), /another Postern is running on .*`postern down`/);
});
