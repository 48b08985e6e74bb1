/**
 * The store against a naive model of it: a map and a list. Changes one by one and many at once, refusals, reading the log, closing and opening, and
 * crashes, also while changes are under way: what was answered is there, what was not may be, and nothing else.
 *
 * On SQLite a crash is going on with a copy of the files as they are at that moment, as after kill -9; on PostgreSQL every connection is ended by the
 * server. test/crash kills real processes.
 */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { put, remove, systemActor } from "../../packages/server/src/state/change.ts";
import { Refusal, refuse } from "../../packages/server/src/state/fault.ts";
import type { GroupObjectId } from "../../packages/server/src/state/identifiers.ts";
import type { StateBackend } from "../../packages/server/src/store/backend.ts";
import { trialGroup } from "../../packages/server/src/store/backend-trial.ts";
import { openPostgresBackend } from "../../packages/server/src/store/postgres-backend.ts";
import { openConnection } from "../../packages/server/src/store/postgres-connection.ts";
import { openSqliteBackend } from "../../packages/server/src/store/sqlite-backend.ts";
import { type Rule, StateStore } from "../../packages/server/src/store/state-store.ts";
import { keepRecord } from "../faults/record.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.ts";

const runs = Number(process.env.POSTERN_TEST_RUNS ?? 30);
const ports = { now: () => new Date("2026-01-01T00:00:00Z") };

/** What is there, and how many changes made it so. */
type Model = { readonly names: Map<string, string>; revision: number };

/** A place to keep a store. */
type Ground = {
  readonly open: () => Promise<StateBackend>;
  /** Leaves the store as a crash would; `open` then finds what it left. */
  readonly crash: (backend: StateBackend) => Promise<void>;
};

class Real {
  readonly #ground: Ground;
  backend!: StateBackend;
  store!: StateStore;
  crashes = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  async open(): Promise<void> {
    this.backend = await this.#ground.open();
    this.store = await StateStore.open(this.backend, [], ports);
  }

  crash(): Promise<void> {
    this.crashes += 1;
    return this.#ground.crash(this.backend);
  }

  check(model: Model): void {
    const there = [...this.store.model.groups.values()].map(({ id, displayName }) => [id, displayName]);
    assert.deepEqual(new Map(there as [string, string][]), model.names);
    assert.equal(this.store.model.revision, model.revision);
  }
}

const create =
  (id: string, name: string): Rule<void> =>
  (model) => {
    if (model.groups.has(id as GroupObjectId))
      refuse({ kind: "value-taken", objectKind: "group", property: "id", value: id });
    return { changes: [put("group", trialGroup(id, name))], result: undefined };
  };
const rename =
  (id: string, name: string): Rule<void> =>
  (model) => {
    if (!model.groups.has(id as GroupObjectId)) refuse({ kind: "object-not-found", objectKind: "group", id });
    return { changes: [put("group", trialGroup(id, name))], result: undefined };
  };
const drop =
  (id: string): Rule<void> =>
  (model) => {
    if (!model.groups.has(id as GroupObjectId)) refuse({ kind: "object-not-found", objectKind: "group", id });
    return { changes: [remove("group", id)], result: undefined };
  };

type Act = { readonly kind: "create" | "rename" | "drop"; readonly id: string; readonly name: string };
const ruleOf = ({ kind, id, name }: Act) =>
  kind === "create" ? create(id, name) : kind === "rename" ? rename(id, name) : drop(id);

/** What an act comes to. @returns false when it is refused. */
function apply({ kind, id, name }: Act, model: Model): boolean {
  if (model.names.has(id) === (kind === "create")) return false;
  if (kind === "drop") model.names.delete(id);
  else model.names.set(id, name);
  model.revision += 1;
  return true;
}

class Together implements fc.AsyncCommand<Model, Real> {
  readonly acts: readonly Act[];
  constructor(acts: readonly Act[]) {
    this.acts = acts;
  }
  check = () => true;
  toString = () => `together ${JSON.stringify(this.acts)}`;
  async run(model: Model, real: Real): Promise<void> {
    // What is asked for together is judged in its order, each act seeing those before it.
    const outcomes = await Promise.allSettled(
      this.acts.map((act) => real.store.change(systemActor, act.kind, ruleOf(act))),
    );
    for (const [index, outcome] of outcomes.entries()) {
      const isDone = apply(this.acts[index]!, model);
      assert.equal(outcome.status === "fulfilled", isDone, JSON.stringify(this.acts[index]));
      if (outcome.status === "rejected") assert.ok(outcome.reason instanceof Refusal, String(outcome.reason));
    }
    real.check(model);
  }
}

class Reopen implements fc.AsyncCommand<Model, Real> {
  check = () => true;
  toString = () => "close and open";
  async run(model: Model, real: Real): Promise<void> {
    await real.store.close();
    await real.open();
    real.check(model);
  }
}

class ReadLog implements fc.AsyncCommand<Model, Real> {
  check = () => true;
  toString = () => "read the log";
  async run(model: Model, real: Real): Promise<void> {
    const log = await real.store.readLog(0, 10_000);
    assert.deepEqual(
      log.map(({ revision }) => revision),
      Array.from({ length: model.revision }, (_, index) => index + 1),
    );
    const replayed = new Map<string, string>();
    for (const change of log.flatMap(({ changes }) => changes)) {
      if (change.kind !== "group") continue;
      if (change.op === "put") replayed.set(change.row.id, change.row.displayName);
      else replayed.delete(change.key);
    }
    assert.deepEqual(replayed, model.names, "the log replayed is what is there");
  }
}

class Crash implements fc.AsyncCommand<Model, Real> {
  readonly acts: readonly Act[];
  /** Turns of the event loop that the changes have had. */
  readonly turns: number;
  constructor(acts: readonly Act[], turns: number) {
    this.acts = acts;
    this.turns = turns;
  }
  check = () => true;
  toString = () => `crash after ${this.turns} turns of ${JSON.stringify(this.acts)}`;
  async run(model: Model, real: Real): Promise<void> {
    const told = this.acts.map((): boolean | undefined => undefined);
    for (const [index, act] of this.acts.entries()) {
      const note = (isDone: boolean) => () => {
        told[index] = isDone;
      };
      real.store.change(systemActor, act.kind, ruleOf(act)).then(note(true), (cause) => {
        if (cause instanceof Refusal) note(false)();
      });
    }
    for (let turn = 0; turn < this.turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    const before = [...told];
    await real.crash();
    await real.open();
    // They went in by their order: as many of them as there are revisions more.
    const came = real.store.model.revision - model.revision;
    let done = 0;
    for (const [index, act] of this.acts.entries()) {
      if (done === came) {
        assert.ok(before[index] !== true, `what was answered is lost: ${JSON.stringify(act)}`);
        continue;
      }
      const isDone = apply(act, model);
      if (isDone) done += 1;
      assert.ok(before[index] === undefined || before[index] === isDone);
    }
    real.check(model);
  }
}

const act = fc.record({
  kind: fc.constantFrom<Act["kind"]>("create", "create", "rename", "drop"),
  id: fc.integer({ min: 1, max: 8 }).map((number) => `id ${number}`),
  name: fc.string({ maxLength: 6, unit: "binary" }),
});
const acts = fc.array(act, { minLength: 1, maxLength: 12 });
const commands = fc.commands(
  [
    acts.map((some) => new Together(some)),
    acts.map((some) => new Together(some)),
    fc.constant(new Reopen()),
    fc.constant(new ReadLog()),
    fc.tuple(acts, fc.nat(6)).map(([some, turns]) => new Crash(some, turns)),
  ],
  { maxCommands: 14 },
);

/** @param share of the runs: a database for each takes its time. */
async function tryAgainstModel(name: string, layGround: () => Promise<Ground>, share = 1): Promise<string> {
  let [crashes, changes] = [0, 0];
  const numRuns = Math.ceil(runs * share);
  await fc.assert(
    fc.asyncProperty(commands, async (some) => {
      const real = new Real(await layGround());
      await real.open();
      const model: Model = { names: new Map(), revision: 0 };
      await fc.asyncModelRun(() => ({ model, real }), some);
      crashes += real.crashes;
      changes += model.revision;
      await real.store.close();
    }),
    { numRuns, seed: 9 },
  );
  keepRecord(`model-${name}`, {
    ...{ section: "burden", source: "test/store/model.test.ts" },
    fault: `the store on ${name} against a naive model, ${numRuns} sequences of commands with crashes in them`,
    held: "what was answered is there, what was not may be, nothing else; the log replays to what is there",
    figures: `${changes} changes, ${crashes} crashes, no difference`,
  });
  return `${changes} changes, ${crashes} crashes`;
}

let folder: string;
let postgres: PostgresServer | undefined;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "postern-model-"));
  if (!postgresMissing) postgres = await startPostgres();
});
after(() => {
  postgres?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test("the store on SQLite is what the naive model is, whatever happens", async (t) => {
  let files = 0;
  const layGround = async (): Promise<Ground> => {
    let file = join(folder, `${++files}.db`);
    return {
      open: async () => openSqliteBackend(file),
      crash: async (backend) => {
        const copy = join(folder, `${++files}.db`);
        for (const part of ["", "-wal"]) if (existsSync(file + part)) copyFileSync(file + part, copy + part);
        file = copy;
        await backend.close();
      },
    };
  };
  t.diagnostic(await tryAgainstModel("SQLite", layGround));
});

test("the store on PostgreSQL is what the naive model is, whatever happens", { skip: postgresMissing }, async (t) => {
  const layGround = async (): Promise<Ground> => {
    const url = await postgres!.createDatabase();
    return {
      open: async () => openPostgresBackend(await openConnection({ url })),
      crash: async (backend) => {
        // A process that is gone asks nothing more, and the server ends what it had begun.
        await Promise.all([
          backend.close().catch(() => undefined),
          postgres!.query(
            url,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
          ),
        ]);
      },
    };
  };
  t.diagnostic(await tryAgainstModel("PostgreSQL", layGround, 0.25));
});
