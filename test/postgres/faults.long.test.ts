/** Two replicas and their PostgreSQL under load while one or the other is killed: nothing that was answered is lost, nothing is there twice. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { PlaneClient } from "../support/plane-client.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { prepareReplicas, type ReplicaGround, type TestReplica, until } from "./replica-pair.ts";

const skip = postgresMissing;
let postgres: PostgresServer;
let ground: ReplicaGround;
let a: TestReplica;
let b: TestReplica;

before(async () => {
  if (skip) return;
  postgres = await startPostgres();
  ground = await prepareReplicas(postgres);
  [a, b] = await ground.startTogether("a", "b");
});
after(async () => {
  await ground?.dispose();
  postgres?.dispose();
});

type Tally = {
  /** Names whose creation was answered 201. */
  readonly made: string[];
  /** Names put off with 503, or whose connection broke: they may be there or not, but once. */
  readonly open: string[];
};

/** Creates applications, some at a time, until told to stop or `count` are done. */
async function createMany(
  client: PlaneClient,
  prefix: string,
  count: number,
  isOver: () => boolean = () => false,
): Promise<Tally> {
  const tally: Tally = { made: [], open: [] };
  let next = 0;
  const worker = async () => {
    while (next < count && !isOver()) {
      const displayName = `${prefix} ${next++}`;
      const answer = await client.call("graph", "POST", "/v1.0/applications", { displayName }).catch(() => undefined);
      if (answer?.status === 201) tally.made.push(displayName);
      else {
        assert.ok(answer === undefined || answer.status === 503, `${answer?.status} ${answer?.text}`);
        tally.open.push(displayName);
        // As a client does that was told when to come again, only sooner.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return tally;
}

/** Every application's name, over all pages. */
async function namesOn(client: PlaneClient): Promise<string[]> {
  const names: string[] = [];
  let target: string | undefined = "/v1.0/applications?$select=displayName&$top=999";
  while (target !== undefined) {
    const page = (await client.must("graph", "GET", target)) as {
      value: { displayName: string }[];
      "@odata.nextLink"?: string;
    };
    names.push(...page.value.map(({ displayName }) => displayName));
    const next: string | undefined = page["@odata.nextLink"];
    target = next === undefined ? undefined : new URL(next).pathname.replace(/^\/graph/, "") + new URL(next).search;
  }
  return names;
}

/** Holds a tally against what both replicas and the database show. */
async function check(tallies: readonly Tally[], prefix: string, clients: readonly PlaneClient[]): Promise<string> {
  const made = tallies.flatMap((tally) => tally.made);
  const open = new Set(tallies.flatMap((tally) => tally.open));
  const rows = await postgres.query(ground.url, "SELECT value FROM postern_rows WHERE kind = 'application'");
  const kept = rows
    .map(({ value }) => (JSON.parse(String(value)) as { displayName: string }).displayName)
    .filter((name) => name.startsWith(prefix));
  for (const client of clients) {
    await until(async () => {
      const names = (await namesOn(client)).filter((name) => name.startsWith(prefix));
      return names.length === kept.length && names.every((name) => kept.includes(name));
    }, "the replica shows what the database holds");
  }
  assert.equal(new Set(kept).size, kept.length, "nothing is there twice");
  assert.deepEqual(
    made.filter((name) => !kept.includes(name)),
    [],
    "nothing that was answered is lost",
  );
  const extra = kept.filter((name) => !made.includes(name));
  assert.deepEqual(
    extra.filter((name) => !open.has(name)),
    [],
    "nothing is there that nobody asked for",
  );
  return `acknowledged ${made.length}, lost 0, duplicated 0, put off ${open.size} (${extra.length} of them are there)`;
}

/** The log has every revision once, and the head is its end. */
async function checkLog(): Promise<void> {
  const [row] = await postgres.query(
    ground.url,
    "SELECT count(*)::int AS entries, max(revision)::int AS last, (SELECT revision::int FROM postern_head) AS head FROM postern_log",
  );
  assert.equal(row!.entries, row!.last);
  assert.equal(row!.head, row!.last);
}

test("both replicas create 500 applications at once", { skip }, async (t) => {
  const startedMs = performance.now();
  const tallies = await Promise.all([createMany(a.client, "load a", 500), createMany(b.client, "load b", 500)]);
  const perSecond = 1000 / ((performance.now() - startedMs) / 1000);
  assert.deepEqual(
    tallies.map(({ made }) => made.length),
    [500, 500],
  );
  t.diagnostic(`${await check(tallies, "load", [a.client, b.client])}; ${perSecond.toFixed(0)} a second together`);
  await checkLog();
});

test("a replica is killed (kill -9) under load and started again", { skip }, async (t) => {
  let isOver = false;
  const load = [
    createMany(a.client, "kill a", 100_000, () => isOver),
    createMany(b.client, "kill b", 100_000, () => isOver || b.server.child.signalCode !== null),
  ];
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await b.server.kill();
    b = await ground.start("b");
    load.push(createMany(b.client, `kill again ${round}`, 100_000, () => isOver || b.server.child.signalCode !== null));
  }
  isOver = true;
  const tallies = await Promise.all(load);
  t.diagnostic(`3 kills: ${await check(tallies, "kill", [a.client, b.client])}`);
  await checkLog();
});

test("PostgreSQL is stopped as by a crash and started again, three times, under load", { skip }, async (t) => {
  let isOver = false;
  const load = [a, b].map(({ client }, index) => createMany(client, `crash ${index}`, 100_000, () => isOver));
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await postgres.stop("immediate");
    // Reads go on without it.
    for (const { client } of [a, b])
      assert.equal((await client.call("graph", "GET", "/v1.0/organization")).status, 200);
    for (const { client } of [a, b]) {
      const answer = await client.call("graph", "POST", "/v1.0/applications", { displayName: "without a database" });
      assert.equal(answer.status, 503, answer.text);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    await postgres.start();
    await until(async () => (await createMany(a.client, `back ${round} ${Date.now()}`, 1)).made.length === 1, "a");
    await until(async () => (await createMany(b.client, `back too ${round} ${Date.now()}`, 1)).made.length === 1, "b");
  }
  isOver = true;
  const tallies = await Promise.all(load);
  t.diagnostic(`3 crashes: ${await check(tallies, "crash", [a.client, b.client])}`);
  await checkLog();
});

test("a link that is held up for longer than anything is waited for: writes are put off, none hangs, none is lost", {
  skip,
}, async (t) => {
  let isOver = false;
  const load = [a, b].map(({ client }, index) => createMany(client, `held ${index}`, 100_000, () => isOver));
  await new Promise((resolve) => setTimeout(resolve, 500));
  b.link.hold();
  const putOff = await b.client.call("graph", "POST", "/v1.0/applications", { displayName: "held, one more" });
  assert.equal(putOff.status, 503, putOff.text);
  b.link.release();
  await until(async () => (await b.client.call("graph", "GET", "/v1.0/organization")).status === 200, "reads");
  await new Promise((resolve) => setTimeout(resolve, 500));
  isOver = true;
  const tallies = await Promise.all(load);
  tallies.push({ made: [], open: ["held, one more"] });
  t.diagnostic(await check(tallies, "held", [a.client, b.client]));
  await checkLog();
});
