import assert from "node:assert/strict";
import { test } from "node:test";
import { put, systemActor } from "../state/change.ts";
import type { Group } from "../state/entities.ts";
import { Refusal, refuse } from "../state/fault.ts";
import type { GroupObjectId } from "../state/identifiers.ts";
import type { StateBackend } from "./backend.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { type Rule, StateStore } from "./state-store.ts";

const ports = { now: () => new Date("2026-01-01T00:00:00Z") };

/** A rule with a uniqueness check: two of the same name can never both pass. */
function createGroup(name: string): Rule<string> {
  return (model) => {
    if (model.groups.findOne("displayName", name) !== undefined) {
      refuse({ kind: "value-taken", objectKind: "group", property: "displayName", value: name });
    }
    const row: Group = {
      id: `id-of-${name}` as GroupObjectId,
      displayName: name,
      description: null,
      mailNickname: name,
      mailEnabled: false,
      securityEnabled: true,
      createdDateTime: "2026-01-01T00:00:00.000Z",
    };
    return { changes: [put("group", row)], result: row.id };
  };
}

test("rules of one group see their predecessors: of 50 creators of one name, one wins", async () => {
  const store = await StateStore.open(new MemoryBackend(), [], ports);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, () => store.change(systemActor, "Create group", createGroup("same"))),
  );
  assert.equal(outcomes.filter((outcome) => outcome.status === "fulfilled").length, 1);
  for (const outcome of outcomes) if (outcome.status === "rejected") assert.ok(outcome.reason instanceof Refusal);
  assert.equal(store.model.groups.size, 1);
  assert.equal(store.model.revision, 1);
});

test("nothing is visible before it is on disk, and a failed commit leaves the model as it was", async () => {
  const inner = new MemoryBackend();
  let seenDuringAppend = -1;
  let isFailing = false;
  const backend: StateBackend = {
    load: (apply) => inner.load(apply),
    readLog: (after, limit) => inner.readLog(after, limit),
    close: () => inner.close(),
    append: async (entries) => {
      seenDuringAppend = store.model.groups.size;
      if (isFailing) throw new Error("disk full");
      await inner.append(entries);
    },
  };
  const store: StateStore = await StateStore.open(backend, [], ports);
  await store.change(systemActor, "Create group", createGroup("first"));
  assert.equal(seenDuringAppend, 0);
  assert.equal(store.model.groups.size, 1);

  isFailing = true;
  await assert.rejects(store.change(systemActor, "Create group", createGroup("second")), /disk full/);
  assert.equal(store.model.groups.size, 1);
  assert.equal(store.model.groups.findOne("displayName", "second"), undefined);

  isFailing = false;
  await store.change(systemActor, "Create group", createGroup("second"));
  assert.equal(store.model.groups.size, 2);
  assert.equal(store.model.revision, 2);
});

test("a model opened again from the backend equals the one that wrote", async () => {
  const backend = new MemoryBackend();
  const store = await StateStore.open(backend, [], ports);
  for (const name of ["a", "b", "c"]) await store.change(systemActor, "Create group", createGroup(name));
  const again = await StateStore.open(backend, [], ports);
  assert.deepEqual([...again.model.groups.values()], [...store.model.groups.values()]);
  assert.equal(again.model.revision, 3);
});

test("a closed store takes no change", async () => {
  const store = await StateStore.open(new MemoryBackend(), [], ports);
  await store.close();
  await assert.rejects(store.change(systemActor, "Create group", createGroup("late")), /closed/);
});

test("a change asked for some microtasks after another was answered is carried out, whenever that is", async () => {
  const store = await StateStore.open(new MemoryBackend(), [], ports);
  for (let delay = 0; delay < 12; delay++) {
    await store.change(systemActor, "Create group", createGroup(`first ${delay}`));
    for (let step = 0; step < delay; step++) await undefined;
    await store.change(systemActor, "Create group", createGroup(`second ${delay}`));
  }
  assert.equal(store.model.groups.size, 24);
});
