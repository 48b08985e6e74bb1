/** Several stores on one log, against a naive model: whatever the order, and wherever an answer is lost, they are one store. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type LogEntry, put, systemActor } from "../state/change.ts";
import { Refusal, refuse } from "../state/fault.ts";
import { HistoryDiverged, LogMoved, type StateBackend, StoreUnavailable } from "./backend.ts";
import { trialGroup } from "./backend-trial.ts";
import { startFollower } from "./log-follower.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { type Rule, StateStore } from "./state-store.ts";

const ports = { now: () => new Date("2026-01-01T00:00:00Z") };

/** What happens to the next appends, one after another; `done` when there are no more. */
type Fate = "done" | "away" | "lost-answer";

/** One process's way to a log in memory. */
class SharedMemory implements StateBackend {
  readonly fates: Fate[] = [];
  isAway = false;
  readonly shared = {
    follow: async (after: number, limit: number) => {
      if (this.isAway) throw new StoreUnavailable("away");
      return this.#log.readLog(after, limit);
    },
    onHint: () => {},
  };
  readonly #log: MemoryBackend;
  constructor(log: MemoryBackend) {
    this.#log = log;
  }
  load: StateBackend["load"] = (apply) => this.#log.load(apply);
  readLog: StateBackend["readLog"] = (after, limit) => this.#log.readLog(after, limit);
  async append(entries: readonly LogEntry[]): Promise<void> {
    // Others may come between a store's look at the log and its append.
    await new Promise((resolve) => setImmediate(resolve));
    const fate = this.fates.shift() ?? "done";
    if (fate === "away") throw new StoreUnavailable("away");
    const [last] = await this.#log.readLog(entries[0]!.revision - 1, 1);
    if (last !== undefined) throw new LogMoved();
    await this.#log.append(entries);
    if (fate === "lost-answer") throw new StoreUnavailable("no answer", true);
  }
  async close(): Promise<void> {}
}

function createNamed(name: string, writer: number): Rule<string> {
  return (model) => {
    if (model.groups.findOne("displayName", name) !== undefined)
      refuse({ kind: "value-taken", objectKind: "group", property: "displayName", value: name });
    return { changes: [put("group", trialGroup(`${name} by ${writer}`, name))], result: name };
  };
}

const command = fc.record({
  writer: fc.nat({ max: 2 }),
  name: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  fate: fc.constantFrom<Fate>("done", "done", "done", "away", "lost-answer"),
});

test("three stores that create names at once: each name once, every answer true, and all models the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 30 }), async (commands) => {
      const log = new MemoryBackend();
      const ways = [0, 1, 2].map(() => new SharedMemory(log));
      const stores = await Promise.all(ways.map((way) => StateStore.open(way, [], ports)));
      const outcomes = await Promise.allSettled(
        commands.map(({ writer, name, fate }) => {
          ways[writer]!.fates.push(fate);
          return stores[writer]!.change(systemActor, "Create group", createNamed(name, writer));
        }),
      );
      for (const store of stores) await store.follow();
      const names = [...stores[0]!.model.groups.values()].map(({ displayName }) => displayName);
      assert.equal(new Set(names).size, names.length, "a name is there once");
      for (const store of stores) {
        assert.deepEqual([...store.model.groups.values()], [...stores[0]!.model.groups.values()]);
        assert.equal(store.model.revision, names.length);
      }
      const made = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
      assert.equal(new Set(made).size, made.length, "one creator of a name is told that it was the one");
      for (const name of made) assert.ok(names.includes(name));
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === "fulfilled") continue;
        if (outcome.reason instanceof Refusal) assert.ok(names.includes(commands[index]!.name), "taken means taken");
        else assert.ok(outcome.reason instanceof StoreUnavailable, String(outcome.reason));
      }
    }),
    { numRuns: 150 },
  );
});

test("a rule that refuses does so by what is there now, not by what its process saw last", async () => {
  const log = new MemoryBackend();
  const [one, other] = await Promise.all([0, 1].map(() => StateStore.open(new SharedMemory(log), [], ports)));
  await one!.change(systemActor, "Create group", createNamed("a", 0));
  assert.equal(other!.model.groups.size, 0);
  await assert.rejects(other!.change(systemActor, "Create group", createNamed("a", 1)), Refusal);
  assert.equal(other!.model.groups.size, 1);
});

test("a follower goes on when its log is away for a while, says so once, and ends at a history that is another", async () => {
  const log = new MemoryBackend();
  const way = new SharedMemory(log);
  const store = await StateStore.open(way, [], ports);
  const writer = await StateStore.open(new SharedMemory(log), [], ports);
  const said: string[] = [];
  let lost: HistoryDiverged | undefined;
  let looks = 0;
  let wake = () => {};
  const after = async (count: number) => {
    for (const goal = looks + count; looks < goal; ) await new Promise<void>((resolve) => (wake = resolve));
  };
  const follow = way.shared.follow;
  way.shared.follow = async (revision, limit) => {
    looks++;
    wake();
    return follow(revision, limit);
  };
  const diverged = new Promise<void>((resolve) => {
    startFollower({
      store,
      backend: way,
      intervalMs: 1,
      say: (line) => said.push(line),
      onDiverged: (cause) => {
        lost = cause;
        resolve();
      },
    });
  });
  way.isAway = true;
  await writer.change(systemActor, "Create group", createNamed("a", 0));
  await after(3);
  assert.equal(store.model.groups.size, 0);
  assert.equal(said.length, 1);
  assert.match(said[0]!, /^away; reads go on from memory/);
  way.isAway = false;
  await after(3);
  assert.equal(store.model.groups.size, 1);
  assert.deepEqual(said.slice(1), ["the database is back"]);
  way.shared.follow = async () => {
    throw new HistoryDiverged(1);
  };
  await diverged;
  assert.match(lost!.message, /lost changes/);
});

test("a store by itself is never old; one with others is as old as its last look", async () => {
  const alone = await StateStore.open(new MemoryBackend(), [], ports);
  assert.equal(alone.ageMs, 0);
  const way = new SharedMemory(new MemoryBackend());
  const store = await StateStore.open(way, [], ports);
  way.isAway = true;
  await assert.rejects(store.follow(), StoreUnavailable);
  const before = store.ageMs;
  assert.ok(before > 0);
  await assert.rejects(store.change(systemActor, "Create group", createNamed("a", 0)), StoreUnavailable);
  assert.ok(store.ageMs >= before, "a failed look makes nothing younger");
});
