/** The conformance tests that every backend passes, for the tests of each; no part of the server. */
import assert from "node:assert/strict";
import { type Change, type LogEntry, put, remove, systemActor } from "../state/change.ts";
import type { Group, GroupMember } from "../state/entities.ts";
import type { GroupObjectId } from "../state/identifiers.ts";
import type { StateBackend } from "./backend.ts";

export function trialGroup(id: string, displayName: string): Group {
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

export function trialEntry(revision: number, changes: readonly Change[]): LogEntry {
  return { revision, time: "2026-01-01T00:00:00.000Z", actor: systemActor, operation: "test", changes };
}

/** Names of the groups that a backend's rows hold, by id. */
export async function rowsOf(backend: StateBackend): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  await backend.load((change) => {
    assert.equal(change.op, "put");
    if (change.kind === "group" && change.op === "put") names.set(change.row.id, change.row.displayName);
  });
  return names;
}

export type TrialGround = {
  readonly name: string;
  /** Opens the same ground again and again. */
  readonly open: () => StateBackend | Promise<StateBackend>;
  /** Whether what was written is there when it is opened again. */
  readonly isKept: boolean;
};

/** Texts that stores stumble over: quotes, controls, NUL, half of a pair, beyond the basic plane. */
const awkwardNames = ["'\";--", "\u0000\u0001\n", "\ud800", "𐍈 ñ ß", "\\u0000", "%s $1 ?"];

export async function tryRowsAndLog({ open, isKept }: TrialGround): Promise<void> {
  const backend = await open();
  assert.equal(await backend.load(() => assert.fail("an empty store has no rows")), 0);
  const group = (id: string, name: string) => put("group", trialGroup(id, name));
  const entries = [
    trialEntry(1, [group("a", "A"), group("b", "B")]),
    // The same row twice, and one that comes and goes, in one commit.
    trialEntry(2, [group("a", "A for a moment"), group("a", "A again"), group("c", "C"), remove("group", "c")]),
    trialEntry(3, [remove("group", "b"), remove("group", "never there")]),
  ];
  await backend.append(entries.slice(0, 2));
  await backend.append(entries.slice(2));
  const left = new Map([["a", "A again"]]);
  assert.deepEqual(await rowsOf(backend), left);
  assert.deepEqual(await backend.readLog(0, 10), entries);
  assert.deepEqual(await backend.readLog(1, 1), [entries[1]]);

  await assert.rejects(backend.append([trialEntry(5, [group("x", "gap")])]));
  await assert.rejects(backend.append([trialEntry(3, [group("x", "again")])]));
  await assert.rejects(backend.append([trialEntry(4, [group("x", "half")]), trialEntry(6, [])]));
  assert.deepEqual(await rowsOf(backend), left, "a refused append leaves nothing behind");

  const awkward = awkwardNames.map((name, index) => group(`awkward ${index}`, name));
  await backend.append([trialEntry(4, awkward)]);
  assert.deepEqual(await backend.readLog(3, 1), [trialEntry(4, awkward)]);
  for (const [index, name] of awkwardNames.entries()) left.set(`awkward ${index}`, name);
  assert.deepEqual(await rowsOf(backend), left);
  await backend.close();
  if (!isKept) return;
  const again = await open();
  assert.equal(await again.load(() => {}), 4);
  assert.deepEqual(await rowsOf(again), left);
  await again.close();
}

/** More rows than any one statement of a backend takes or gives. */
export async function tryManyRows({ open }: TrialGround): Promise<void> {
  const backend = await open();
  const count = 5_500;
  const ids = Array.from({ length: count }, (_, index) => `row ${index}`);
  await backend.append([
    trialEntry(
      1,
      ids.map((id) => put("group", trialGroup(id, id))),
    ),
  ]);
  assert.equal((await rowsOf(backend)).size, count);
  await backend.append([
    trialEntry(
      2,
      ids.slice(1).map((id) => remove("group", id)),
    ),
  ]);
  assert.deepEqual([...(await rowsOf(backend)).keys()], ["row 0"]);
  const members = ids
    .slice(0, 1_200)
    .map((memberId) => put("groupMember", { groupId: "row 0", memberId } as GroupMember));
  await backend.append([trialEntry(3, members)]);
  const kinds: string[] = [];
  assert.equal(await backend.load(({ kind }) => kinds.push(kind)), 3);
  assert.deepEqual(kinds.sort(), ["group", ...members.map(() => "groupMember")]);
  await backend.close();
}
