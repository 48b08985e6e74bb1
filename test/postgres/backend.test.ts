/** The shared store on a real PostgreSQL: conformance, two writers, lost connections, lost history. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { put } from "../../packages/server/src/state/change.ts";
import type { StateBackend } from "../../packages/server/src/store/backend.ts";
import { HistoryDiverged, LogMoved, StoreUnavailable } from "../../packages/server/src/store/backend.ts";
import {
  rowsOf,
  trialEntry,
  trialGroup,
  tryManyRows,
  tryRowsAndLog,
} from "../../packages/server/src/store/backend-trial.ts";
import { openPostgresBackend } from "../../packages/server/src/store/postgres-backend.ts";
import { openConnection } from "../../packages/server/src/store/postgres-connection.ts";
import {
  type Link,
  openLink,
  type PostgresServer,
  postgresMissing,
  startPostgres,
} from "../support/postgres-server.ts";

const skip = postgresMissing;
let postgres: PostgresServer;
before(async () => {
  if (!skip) postgres = await startPostgres();
});
after(() => postgres?.dispose());

async function open(url: string, answerTimeoutMs?: number): Promise<StateBackend> {
  return openPostgresBackend(await openConnection({ url, answerTimeoutMs }));
}

function groups(revision: number, ...names: string[]) {
  return trialEntry(
    revision,
    names.map((name) => put("group", trialGroup(name, name))),
  );
}

/** The same database, reached over a link. */
function over(link: Link, url: string): string {
  return url.replace(/:\d+\//, `:${link.port}/`);
}

test("postgresql: rows are what the log leaves, the log reads back as written", { skip }, async () => {
  const url = await postgres.createDatabase();
  await tryRowsAndLog({ name: "postgresql", open: () => open(url), isKept: true });
});

test("postgresql: thousands of rows in one commit", { skip }, async () => {
  const url = await postgres.createDatabase();
  await tryManyRows({ name: "postgresql", open: () => open(url), isKept: true });
});

test("eight that open an empty database at once make one schema; a newer one is refused", { skip }, async () => {
  // Which of them meets which, and how the catalogue refuses it, is chance: several rounds.
  for (let round = 0; round < 6; round++) {
    const empty = await postgres.createDatabase();
    for (const backend of await Promise.all([0, 1, 2].map(() => open(empty)))) await backend.close();
  }
  const url = await postgres.createDatabase();
  const opened = await Promise.all(Array.from({ length: 8 }, () => open(url)));
  await opened[0]!.append([groups(1, "a")]);
  for (const backend of opened) {
    assert.deepEqual([...(await rowsOf(backend)).keys()], ["a"]);
    await backend.close();
  }
  await postgres.query(url, "INSERT INTO postern_schema (version) VALUES (999)");
  await assert.rejects(open(url), /newer Postern/);
});

test("of two that write one revision at once, one is told that the log moved, always", { skip }, async () => {
  const url = await postgres.createDatabase();
  const writers = await Promise.all([open(url), open(url)]);
  for (let revision = 1; revision <= 60; revision++) {
    const outcomes = await Promise.allSettled(
      writers.map((writer, index) => writer.append([groups(revision, `${revision} of ${index}`)])),
    );
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    assert.equal(refused.length, 1);
    assert.ok(refused[0]!.reason instanceof LogMoved);
  }
  const log = await writers[0]!.readLog(0, 100);
  assert.deepEqual(
    log.map(({ revision }) => revision),
    Array.from({ length: 60 }, (_, index) => index + 1),
  );
  assert.equal((await rowsOf(writers[1]!)).size, 60, "the refused left no row");
  for (const writer of writers) await writer.close();
});

test("every backend connection ended in the middle of commits: each is either whole and answered, or not there", {
  skip,
}, async () => {
  const url = await postgres.createDatabase();
  const backend = await open(url);
  let isOver = false;
  const killer = (async () => {
    let ended = 0;
    while (!isOver) {
      const rows = await postgres.query(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'postern' AND datname = current_database()",
      );
      ended += rows.length;
    }
    return ended;
  })();
  const answered: string[] = [];
  let unavailable = 0;
  for (let revision = 1, attempt = 0; answered.length < 60 && attempt < 2_000; attempt++) {
    try {
      await backend.append([groups(revision, `name ${revision}`)]);
      answered.push(`name ${revision}`);
      revision++;
    } catch (cause) {
      assert.ok(cause instanceof StoreUnavailable, String(cause));
      assert.ok(!cause.isOutcomeUnknown, "the database was there to be asked");
      unavailable++;
    }
  }
  isOver = true;
  const ended = await killer;
  assert.equal(answered.length, 60);
  assert.ok(ended > 0, "connections were ended");
  const fresh = await open(url);
  assert.deepEqual([...(await rowsOf(fresh)).keys()].sort(), answered.sort(), `${ended} ended, ${unavailable} refused`);
  assert.equal((await fresh.readLog(0, 1_000)).length, 60);
  await fresh.close();
  await backend.close();
});

test("a link that is cut or held up ends in StoreUnavailable within the bound, and is used again when it is back", {
  skip,
}, async () => {
  const url = await postgres.createDatabase();
  const link = await openLink(postgres.port);
  const backend = await open(over(link, url), 300);
  await backend.append([groups(1, "before")]);
  link.cut();
  await assert.rejects(backend.append([groups(2, "cut")]), StoreUnavailable);
  await assert.rejects(backend.shared!.follow(1, 10), StoreUnavailable);
  link.release();
  await backend.append([groups(2, "after")]);
  link.hold();
  await assert.rejects(backend.readLog(0, 10), StoreUnavailable);
  link.release();
  await backend.append([groups(3, "again")]);
  assert.deepEqual([...(await rowsOf(backend)).keys()].sort(), ["after", "again", "before"]);
  await backend.close();
  link.close();
});

test("a commit whose answer is lost is found again by its id, and not written twice", { skip }, async () => {
  const url = await postgres.createDatabase();
  // A trigger at the end of the transaction holds COMMIT's answer back until after the client gave the connection up.
  const backend = await open(url, 400);
  await postgres.query(
    url,
    `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$;
     CREATE CONSTRAINT TRIGGER late AFTER INSERT ON postern_log DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW WHEN (NEW.revision = 1) EXECUTE FUNCTION dawdle()`,
  );
  await backend.append([groups(1, "late")]);
  assert.deepEqual(
    (await backend.readLog(0, 10)).map(({ revision }) => revision),
    [1],
  );
  await backend.append([groups(2, "next")]);
  await backend.close();
});

test("a log that lost what was read from it is noticed", { skip }, async () => {
  const url = await postgres.createDatabase();
  const backend = await open(url);
  const other = await open(url);
  await backend.append([groups(1, "a"), groups(2, "b")]);
  assert.deepEqual(await backend.shared!.follow(2, 10), []);
  await postgres.query(url, "DELETE FROM postern_log WHERE revision = 2");
  await postgres.query(url, "UPDATE postern_head SET revision = 1");
  await assert.rejects(backend.shared!.follow(2, 10), HistoryDiverged);
  await other.append([groups(2, "another b")]);
  await assert.rejects(backend.shared!.follow(2, 10), HistoryDiverged, "the same number is not the same entry");
  await backend.close();
  await other.close();
});

test("no failure says the password or the address", { skip }, async () => {
  const url = await postgres.createDatabase();
  const wrong = url.replace(/:[^:@]*@/, ":not-the-password@");
  await assert.rejects(open(wrong), (cause: Error) => {
    assert.match(cause.message, /the database refuses \(28P01/);
    assert.doesNotMatch(`${cause.stack} ${JSON.stringify(cause)}`, /not-the-password/);
    return true;
  });
  await assert.rejects(openConnection({ url: "mysql://user:not-the-password@host/db" }), (cause: Error) => {
    assert.doesNotMatch(String(cause.stack), /not-the-password|host\/db/);
    return true;
  });
});
