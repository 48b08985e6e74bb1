/**
 * PostgreSQL fails over under load: Patroni promotes the synchronous standby when the primary's machine is gone, and when its server is. Two servers
 * that reach it by a balancer lose nothing that was answered, and neither ends.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { keepRecord } from "../faults/record.ts";
import { balance, checkLog, createMany, describe, recoveryMs, type Tally } from "./application-load.ts";
import { type PatroniCluster, patroniMissing, startPatroni } from "./patroni-cluster.ts";
import { prepareReplicas, type ReplicaGround, type TestReplica, until } from "./replica-pair.ts";

const skip = patroniMissing;
/** A primary that says nothing is believed in for 20 s; then comes the promotion. */
const givenUpAfterMs = 90_000;
let cluster: PatroniCluster;
let ground: ReplicaGround;
let replicas: readonly TestReplica[];

before(async () => {
  if (skip) return;
  cluster = await startPatroni();
  ground = await prepareReplicas(cluster);
  replicas = await ground.startTogether("a", "b");
});
after(async () => {
  await ground?.dispose();
  cluster?.dispose();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function failOver(prefix: string, machine: boolean): Promise<[Tally[], number]> {
  let isOver = false;
  const loads = replicas.map(({ client }, index) =>
    createMany({ client: () => client, prefix: `${prefix} ${index}`, isOver: () => isOver }),
  );
  await pause(1500);
  const primary = await cluster.findPrimary();
  await cluster.killPrimary(machine);
  const killedAtMs = performance.now();
  for (const { client } of replicas) {
    const create = () => client.call("graph", "POST", "/v1.0/applications", { displayName: "afterwards" });
    await until(async () => (await create()).status === 201, "writes", givenUpAfterMs);
  }
  await pause(1500);
  isOver = true;
  const tallies = await Promise.all(loads);
  assert.notEqual(await cluster.findPrimary(true), primary, "the other one is primary now");
  for (const { server } of replicas) assert.equal(server.child.exitCode, null, "no server ended");
  return [tallies, killedAtMs];
}

async function check(id: string, fault: string, prefix: string, tallies: Tally[], killedAtMs: number): Promise<string> {
  const clients = replicas.map(({ client }) => client);
  const account = await balance({ tallies, prefix, clients, database: cluster, url: ground.url });
  await checkLog(cluster, ground.url);
  const recoveredMs = recoveryMs(tallies, [killedAtMs]);
  const load = "two servers behind HAProxy and Patroni, 16 clients on each";
  const source = "test/postgres/failover.long.test.ts";
  keepRecord(id, { section: "loss", source, fault, times: 1, load, ...account, recoveredMs });
  return `${describe(account)}, at it again after ${recoveredMs} ms`;
}

test("the primary's machine is gone: the synchronous standby takes over", { skip, timeout: 240_000 }, async (t) => {
  const [tallies, killedAtMs] = await failOver("machine", true);
  const fault = "the primary's machine gone (server and Patroni killed), the synchronous standby promoted";
  t.diagnostic(await check("failover-machine", fault, "machine", tallies, killedAtMs));
});

test("it comes back as standby, and takes over in its turn", { skip, timeout: 240_000 }, async (t) => {
  cluster.startNode((await cluster.findPrimary(true)) === "one" ? "other" : "one");
  await cluster.findPrimary();
  const [tallies, killedAtMs] = await failOver("server", false);
  const fault = "the primary's server killed, the standby that had come back promoted";
  t.diagnostic(await check("failover-server", fault, "server", tallies, killedAtMs));
});
