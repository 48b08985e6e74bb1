/**
 * Replicas and PostgreSQL in networks of their own: the wire between them unplugged, made to swallow everything, slowed down; PostgreSQL killed; and
 * each process killed at random. Nothing that was answered is lost, nothing is there twice.
 *
 * `POSTERN_TEST_KILL_SECONDS` says for how long processes are killed at random (30; ten minutes for the full proof).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { keepRecord, type LossRecord } from "../faults/record.ts";
import { networksMissing } from "../support/network.ts";
import { postgresMissing } from "../support/postgres-server.ts";
import { makeRandom } from "../support/random.ts";
import { balance, checkLog, createMany, describe, recoveryMs, type Tally } from "./application-load.ts";
import { layNetwork, type NetworkedGround, type NetworkedReplica } from "./networked-replicas.ts";
import { until } from "./replica-pair.ts";

const skip = postgresMissing || networksMissing;
const killSeconds = Number(process.env.POSTERN_TEST_KILL_SECONDS ?? 30);
let ground: NetworkedGround;
let a: NetworkedReplica;
let b: NetworkedReplica;

before(async () => {
  if (skip) return;
  ground = await layNetwork();
  [a, b] = ground.replicas;
});
after(async () => {
  await ground?.dispose();
});

/** After a kill the last of its processes must be gone before it starts again: that is soon, and shows by trying. */
const startPostgresAgain = () =>
  until(
    () =>
      ground.postgres.start().then(
        () => true,
        () => false,
      ),
    "PostgreSQL",
  );

/** The longest time in which a server told nobody of a change. */
function longestPauseMs({ madeAtMs }: Tally): number {
  const gaps = madeAtMs.slice(1).map((time, index) => time - madeAtMs[index]!);
  return Math.round(Math.max(0, ...gaps));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Loads both replicas while something is done to them. @param work tells the moments at which a fault was over. */
async function underLoad(prefix: string, work: (end: () => void) => Promise<void>): Promise<[Tally[], number[]]> {
  let isOver = false;
  const ends: number[] = [];
  const loads = ground.replicas.map((replica, index) =>
    createMany({ client: () => replica.client, prefix: `${prefix} ${index}`, isOver: () => isOver }),
  );
  try {
    await pause(500);
    await work(() => ends.push(performance.now()));
    for (const { client } of ground.replicas)
      await until(
        async () =>
          (await client.call("graph", "POST", "/v1.0/applications", { displayName: "after" }).catch(() => undefined))
            ?.status === 201,
        "writes",
      );
  } finally {
    isOver = true;
  }
  return [await Promise.all(loads), ends];
}

async function check(
  id: string,
  fault: Pick<LossRecord, "fault" | "times" | "othersPausedMs">,
  prefix: string,
  tallies: Tally[],
  ends: number[],
) {
  const { postgres, url, replicas } = ground;
  const clients = replicas.map(({ client }) => client);
  const account = await balance({ tallies, prefix, clients, database: postgres, url });
  await checkLog(postgres, url);
  const recoveredMs =
    ends.length === 0
      ? {}
      : {
          recoveredMs: Math.max(
            ...tallies.filter(({ made }) => made.length > 0).map((tally) => recoveryMs([tally], ends)),
          ),
        };
  const load = "two servers in networks of their own, 16 clients on each";
  keepRecord(id, {
    section: "loss",
    source: "test/postgres/networks.long.test.ts",
    ...fault,
    load,
    ...account,
    ...recoveredMs,
  });
  return `${describe(account)}${ends.length === 0 ? "" : `, at it again after ${recoveredMs.recoveredMs} ms at most`}${fault.othersPausedMs === undefined ? "" : `, the other paused for ${fault.othersPausedMs} ms at most`}`;
}

test("the wire to the database is unplugged three times", { skip, timeout: 120_000 }, async (t) => {
  const [tallies, ends] = await underLoad("unplug", async (end) => {
    for (let round = 0; round < 3; round++) {
      b.wire.unplug();
      await pause(1500);
      // Reads go on, and the other one is not concerned.
      assert.equal((await b.client.call("graph", "GET", "/v1.0/organization")).status, 200);
      assert.equal(
        (await a.client.call("graph", "POST", "/v1.0/applications", { displayName: "meanwhile" })).status,
        201,
      );
      b.wire.mend();
      end();
      await pause(1500);
    }
  });
  t.diagnostic(
    await check(
      "net-unplugged",
      {
        fault: "one server's wire to the database unplugged for 1.5 s",
        times: 3,
        othersPausedMs: longestPauseMs(tallies[0]!),
      },
      "unplug",
      tallies,
      ends,
    ),
  );
});

test("the wire swallows everything for longer than an answer is waited for", { skip, timeout: 120_000 }, async (t) => {
  const [tallies, ends] = await underLoad("swallow", async (end) => {
    b.wire.swallow();
    const putOff = await b.client.call("graph", "POST", "/v1.0/applications", { displayName: "swallow more" });
    assert.equal(putOff.status, 503, putOff.text);
    assert.equal(putOff.headers["retry-after"], "2");
    assert.equal(
      (await a.client.call("graph", "POST", "/v1.0/applications", { displayName: "meanwhile" })).status,
      201,
    );
    b.wire.mend();
    end();
    await pause(1000);
  });
  const othersPausedMs = longestPauseMs(tallies[0]!);
  tallies.push({ made: [], open: ["swallow more"], madeAtMs: [] });
  t.diagnostic(
    await check(
      "net-swallowed",
      {
        fault: "one server's wire to the database swallows every packet until answers are given up",
        times: 1,
        othersPausedMs,
      },
      "swallow",
      tallies,
      ends,
    ),
  );
});

test("a slow wire makes one server slow, not the other", { skip, timeout: 120_000 }, async (t) => {
  let words = "";
  const [tallies] = await underLoad("slow", async () => {
    words = b.wire.hamper();
    await pause(4000);
    b.wire.mend();
  });
  const share = tallies.map(({ made }) => made.length);
  assert.ok(share[0]! > share[1]!, `the server with the good wire did more: ${share}`);
  t.diagnostic(
    `${words}: ${share}; ${await check("net-slow", { fault: `one server's wire to the database ${words} for 4 s`, times: 1 }, "slow", tallies, [])}`,
  );
});

test("PostgreSQL is killed (kill -9) under load", { skip, timeout: 120_000 }, async (t) => {
  const [tallies, ends] = await underLoad("primary", async (end) => {
    for (let round = 0; round < 3; round++) {
      process.kill(ground.postgres.pid(), "SIGKILL");
      await pause(700);
      await startPostgresAgain();
      end();
      await pause(1000);
    }
  });
  t.diagnostic(
    await check(
      "net-primary",
      { fault: "PostgreSQL killed (`kill -9`), 0.7 s and its recovery away", times: 3 },
      "primary",
      tallies,
      ends,
    ),
  );
});

test(`each process is killed (kill -9) at random for ${killSeconds} s`, {
  skip,
  timeout: (killSeconds + 120) * 1000,
}, async (t) => {
  const random = makeRandom(9);
  const kills = { servers: 0, postgres: 0 };
  const [tallies, ends] = await underLoad("random", async (end) => {
    const untilMs = performance.now() + killSeconds * 1000;
    while (performance.now() < untilMs) {
      await pause(300 + random() * 1500);
      const victim = Math.floor(random() * 3);
      if (victim === 2) {
        process.kill(ground.postgres.pid(), "SIGKILL");
        kills.postgres += 1;
        await pause(200 + random() * 600);
        await startPostgresAgain();
      } else {
        const replica = ground.replicas[victim]!;
        await replica.server.kill();
        kills.servers += 1;
        await replica.start();
      }
      end();
    }
    await pause(2000);
  });
  const fault = {
    fault: `a server (${kills.servers} times) or PostgreSQL (${kills.postgres} times) killed at random, for ${killSeconds} s`,
    times: kills.servers + kills.postgres,
  };
  t.diagnostic(`${kills.servers + kills.postgres} kills: ${await check("net-random", fault, "random", tallies, ends)}`);
});
