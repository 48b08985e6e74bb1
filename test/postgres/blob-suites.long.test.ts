/** Every test of the blob engine and of its surface, as it is, on rows in PostgreSQL: what one process keeps in a file beside its extents, replicas keep there. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { cleanEnvironment } from "../clients/cloud.ts";
import { execute } from "../clients/execution.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.ts";

const room = join(import.meta.dirname, "..", "..", "packages", "server", "src", "blob");
/** What is about the file of rows, or looks for its own files. */
const aboutFiles = /^migration\.test\.ts$/;
const skipped = "anywhere on disk";

const suitesOf = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".test.ts") && !aboutFiles.test(name))
    .map((name) => join(folder, name));

/** Files of one run, which ends well within what a program is given. */
const filesPerRun = 8;

const files = [join(room, "engine"), room, join(room, "ways-in"), join(room, "analytics")].flatMap(suitesOf);
let postgres: PostgresServer;
before(async () => {
  if (!postgresMissing) postgres = await startPostgres();
});
after(() => postgres?.dispose());

for (let from = 0; from < files.length; from += filesPerRun) {
  const run = files.slice(from, from + filesPerRun);
  const names = run.map((file) => basename(file, ".test.ts")).join(", ");
  test(`on rows in PostgreSQL: ${names}`, { skip: postgresMissing }, async (t) => {
    const env = cleanEnvironment({ POSTERN_TEST_BLOB_DATABASE: await postgres.createDatabase() });
    const options = ["--conditions=postern-source", "--test", "--test-concurrency=2", `--test-skip-pattern=${skipped}`];
    const { code, stdout } = await execute([process.execPath, ...options, "--test-reporter=tap", ...run], { env });
    const failed = stdout.split("\n").filter((line) => /^\s*not ok /.test(line));
    t.diagnostic(`${/^# pass (\d+)$/m.exec(stdout)?.[1]} tests passed`);
    assert.deepEqual([code, failed], [0, []]);
  });
}
