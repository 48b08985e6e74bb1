/** Two replicas and their PostgreSQL under load while one or the other is killed: nothing that was answered is lost, nothing is there twice. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { keepRecord, type LossRecord } from "../faults/record.ts";
import type { PlaneClient } from "../support/plane-client.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { balance, checkLog, createMany, describe, type Tally } from "./application-load.ts";
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

const load = (client: PlaneClient, prefix: string, isOver: () => boolean) =>
  createMany({ client: () => client, prefix, isOver });

async function canWrite(client: PlaneClient): Promise<boolean> {
  return (await client.call("graph", "POST", "/v1.0/applications", { displayName: "back" })).status === 201;
}

async function check(
  id: string,
  fault: Pick<LossRecord, "fault" | "times">,
  tallies: readonly Tally[],
  prefix: string,
) {
  const account = await balance({
    tallies,
    prefix,
    clients: [a.client, b.client],
    database: postgres,
    url: ground.url,
  });
  await checkLog(postgres, ground.url);
  const source = "test/postgres/faults.long.test.ts";
  keepRecord(id, { section: "loss", source, ...fault, load: "two servers, 16 clients on each", ...account });
  return describe(account);
}

test("both replicas create 500 applications at once", { skip }, async (t) => {
  const tallies = await Promise.all(
    [a, b].map(({ client }, index) => createMany({ client: () => client, prefix: `load ${index}`, count: 500 })),
  );
  assert.deepEqual(
    tallies.map(({ made }) => made.length),
    [500, 500],
  );
  t.diagnostic(await check("pair-none", { fault: "none, 500 on each", times: 1 }, tallies, "load"));
});

test("a replica is killed (kill -9) under load and started again", { skip }, async (t) => {
  let isOver = false;
  const ofB = (prefix: string, { client, server }: TestReplica) =>
    load(client, prefix, () => isOver || server.child.signalCode !== null);
  const loads = [load(a.client, "kill a", () => isOver), ofB("kill b", b)];
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await b.server.kill();
    b = await ground.start("b");
    loads.push(ofB(`kill again ${round}`, b));
  }
  isOver = true;
  const tallies = await Promise.all(loads);
  t.diagnostic(await check("pair-kill", { fault: "a server killed (`kill -9`)", times: 3 }, tallies, "kill"));
});

test("PostgreSQL is stopped as by a crash and started again, three times, under load", { skip }, async (t) => {
  let isOver = false;
  const loads = [a, b].map(({ client }, index) => load(client, `crash ${index}`, () => isOver));
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
    for (const { client } of [a, b]) await until(() => canWrite(client), "writes");
  }
  isOver = true;
  const tallies = await Promise.all(loads);
  const fault = { fault: "PostgreSQL ended as by a crash, half a second away", times: 3 };
  t.diagnostic(await check("pair-crash", fault, tallies, "crash"));
});

test("a link that is held up for longer than anything is waited for: writes are put off, none hangs, none is lost", {
  skip,
}, async (t) => {
  let isOver = false;
  const loads = [a, b].map(({ client }, index) => load(client, `held ${index}`, () => isOver));
  await new Promise((resolve) => setTimeout(resolve, 500));
  b.link.hold();
  const putOff = await b.client.call("graph", "POST", "/v1.0/applications", { displayName: "held, one more" });
  assert.equal(putOff.status, 503, putOff.text);
  b.link.release();
  await until(async () => (await b.client.call("graph", "GET", "/v1.0/organization")).status === 200, "reads");
  await new Promise((resolve) => setTimeout(resolve, 500));
  isOver = true;
  const tallies = [...(await Promise.all(loads)), { made: [], open: ["held, one more"], madeAtMs: [] }];
  const fault = { fault: "one server's link held up until every bound is over", times: 1 };
  t.diagnostic(await check("pair-held", fault, tallies, "held"));
});
