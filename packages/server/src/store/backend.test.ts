/** The conformance suite: every backend passes the same tests. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Change, type LogEntry, put, remove, systemActor } from "../state/change.ts";
import type { Group } from "../state/entities.ts";
import type { GroupObjectId } from "../state/identifiers.ts";
import type { StateBackend } from "./backend.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { openSqliteBackend } from "./sqlite-backend.ts";

function group(id: string, displayName: string): Group {
  return {
    id: id as GroupObjectId,
    displayName,
    description: null,
    mailNickname: "g",
    mailEnabled: false,
    securityEnabled: true,
    createdDateTime: "2026-01-01T00:00:00.000Z",
  };
}

function entry(revision: number, changes: readonly Change[]): LogEntry {
  return { revision, time: "2026-01-01T00:00:00.000Z", actor: systemActor, operation: "test", changes };
}

async function rowsOf(backend: StateBackend): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  await backend.load((change) => {
    assert.equal(change.op, "put");
    if (change.kind === "group" && change.op === "put") names.set(change.row.id, change.row.displayName);
  });
  return names;
}

/** Each way to open a backend twice over the same ground. */
function backends(): { name: string; open: () => StateBackend; isKept: boolean; dispose: () => void }[] {
  const folder = mkdtempSync(join(tmpdir(), "postern-store-"));
  return [
    { name: "memory", open: () => new MemoryBackend(), isKept: false, dispose: () => {} },
    {
      name: "sqlite",
      open: () => openSqliteBackend(join(folder, "state.db")),
      isKept: true,
      dispose: () => rmSync(folder, { recursive: true, force: true }),
    },
  ];
}

for (const { name, open, isKept, dispose } of backends()) {
  test(`${name}: rows are what the log leaves, the log reads back as written`, async () => {
    const backend = open();
    assert.equal(await backend.load(() => assert.fail("an empty store has no rows")), 0);
    const entries = [
      entry(1, [put("group", group("a", "A")), put("group", group("b", "B"))]),
      entry(2, [put("group", group("a", "A again"))]),
      entry(3, [remove("group", "b")]),
    ];
    await backend.append(entries.slice(0, 2));
    await backend.append(entries.slice(2));
    assert.deepEqual(await rowsOf(backend), new Map([["a", "A again"]]));
    assert.deepEqual(await backend.readLog(0, 10), entries);
    assert.deepEqual(await backend.readLog(1, 1), [entries[1]]);

    await assert.rejects(backend.append([entry(5, [put("group", group("x", "gap"))])]));
    await assert.rejects(backend.append([entry(3, [put("group", group("x", "again"))])]));
    await assert.rejects(backend.append([entry(4, [put("group", group("x", "half"))]), entry(6, [])]));
    assert.deepEqual(await rowsOf(backend), new Map([["a", "A again"]]), "a refused append leaves nothing behind");
    await backend.close();

    if (isKept) {
      const again = open();
      assert.equal(await again.load(() => {}), 3);
      assert.deepEqual(await rowsOf(again), new Map([["a", "A again"]]));
      await again.close();
    }
    dispose();
  });
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
