import assert from "node:assert/strict";
import { test } from "node:test";
import { type LogEntry, put, remove, systemActor } from "../state/change.ts";
import type { RoleAssignment } from "../state/entities.ts";
import { readAssignmentHistory } from "./assignment-history.ts";

const entryCount = 5000;
const time = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
const row = (name: string, scope: string) => put("roleAssignment", { name, scope } as RoleAssignment);

/** Entry r is of second r; assignment n is written at 1 + n and deleted at 2000 + n, for each n below 10. */
function makeLog() {
  const entries = Array.from({ length: entryCount }, (_, index): LogEntry => {
    const revision = index + 1;
    const changes =
      revision <= 10
        ? [row(`a${revision - 1}`, "/old"), row(`a${revision - 1}`, "/")]
        : revision >= 2000 && revision < 2010
          ? [remove("roleAssignment", `a${revision - 2000}`)]
          : [remove("group", "g")];
    return { revision, time: time(revision), actor: systemActor, operation: "x", changes };
  });
  const log = {
    model: { revision: entryCount },
    readCount: 0,
    readLog: async (after: number, limit: number) => {
      const read = entries.slice(after, after + limit);
      log.readCount += read.length;
      return read;
    },
  };
  return log;
}

test("writes and deletions of a time are listed, oldest first, a deletion with what was there", async () => {
  const log = makeLog();
  const all = await readAssignmentHistory(log, time(0), time(entryCount));
  assert.deepEqual(
    all.map(({ kind, assignment }) => `${kind} ${assignment.name}`),
    [
      ...Array.from({ length: 20 }, (_, n) => `write a${n >> 1}`),
      ...Array.from({ length: 10 }, (_, n) => `delete a${n}`),
    ],
  );
  const some = await readAssignmentHistory(log, time(2003), time(2005));
  assert.deepEqual(
    some.map(({ revision, kind, assignment }) => [revision, kind, assignment.name, assignment.scope]),
    [3, 4, 5].map((n) => [2000 + n, "delete", `a${n}`, "/"]),
  );
  assert.deepEqual(await readAssignmentHistory(log, time(10), time(11)).then((found) => found.length), 2);
});

test("the log is not read but for the time asked about", async () => {
  const log = makeLog();
  assert.deepEqual(await readAssignmentHistory(log, time(4900), time(entryCount)), []);
  assert.ok(log.readCount < 200, `${log.readCount} entries were read`);
});
