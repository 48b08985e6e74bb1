/**
 * Tokens, Graph reads and blobs a second of 1, 2 and 4 servers on one PostgreSQL, their blobs in one folder, all on this machine; and what bounds each:
 * the CPU of servers, database and client, or the disk. One server without a database stands beside them. Writes its part of docs/benchmarks.md.
 *
 * BENCH_ROUNDS (3) measures of BENCH_SECONDS (2) each, after a warm-up: so it takes less than three minutes on an idle machine of two cores.
 */
import { execFileSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import {
  assignRole,
  createAccount,
  createApp,
  PlaneClient,
  planeScopes,
  roleIds,
} from "../test/support/plane-client.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../test/support/postgres-server.ts";
import { type ServerProcess, startServer } from "../test/support/server-process.ts";
import { type Meanwhile, watchMachine } from "./machine-watch.ts";
import { describeMachine, median } from "./measure.ts";
import { writeSection } from "./report.ts";
import { runWrk, type WrkOrder } from "./wrk.ts";

// Each request is to cost a signature: an app that asks again is else given the token it has.
process.env.POSTERN_TOKEN_REUSE_SECONDS = "0";
if (postgresMissing !== false) throw new Error(postgresMissing);
const counts = [1, 2, 4];
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const seconds = Number(process.env.BENCH_SECONDS ?? 2);
const warmUpSeconds = 2;
const cores = availableParallelism();
const account = "benchaccount";
const blobHost = `${account}.blob.core.windows.net`;
const blobCount = 100;
const body = "x".repeat(1024);
/** Cores that had less to do than this, as a share of the time, bound nothing. */
const busyShare = 0.85;

type Server = { readonly process: ServerProcess; readonly client: PlaneClient };
/** What is asked over and over; `connections` over all servers. */
type Load = Omit<WrkOrder, "port" | "isTls" | "seconds"> & { readonly what: string };
type Figures = {
  readonly what: string;
  /** 0: one, without a database. */
  readonly servers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverUs: number;
  readonly databaseUs: number;
  readonly clientUs: number;
  readonly idleShare: number;
  readonly flushes: Meanwhile["flushes"];
};

const scratch = mkdtempSync(join(tmpdir(), "postern-bench-"));
let nextName = 0;

/** Makes what is asked for. @returns the loads. */
async function prepare(client: PlaneClient): Promise<Load[]> {
  const accountId = await createAccount(client, "bench", account);
  const app = await createApp(client, "loaded");
  await assignRole(client, randomUUID(), accountId, roleIds.blobDataContributor, app.principalId);
  const blobToken = await client.token(app.appId, app.secret, planeScopes.blob);
  const blobHeaders = {
    authorization: `Bearer ${blobToken}`,
    "x-ms-version": "2023-11-03",
    "x-ms-blob-type": "BlockBlob",
  };
  const put = (target: string, text?: string) =>
    client.send(blobHost, "PUT", target, { headers: blobHeaders, ...(text === undefined ? {} : { body: text }) });
  await put("/cont?restype=container");
  for (let index = 0; index < blobCount; index++) await put(`/cont/b${index}`, body);
  const form = {
    client_id: app.appId,
    client_secret: app.secret,
    grant_type: "client_credentials",
    scope: planeScopes.arm,
  };
  const graphToken = await client.operatorToken("graph");
  const blob = {
    serverName: blobHost,
    headers: [`Host: ${blobHost}`, ...Object.entries(blobHeaders).map(([name, value]) => `${name}: ${value}`)],
  };
  return [
    {
      ...{
        what: "fresh tokens",
        method: "POST",
        path: `/${client.status.tenantId}/oauth2/v2.0/token`,
        connections: 16,
      },
      headers: ["Host: login.microsoftonline.com", "Content-Type: application/x-www-form-urlencoded"],
      ...{ serverName: "login.microsoftonline.com", body: new URLSearchParams(form).toString() },
    },
    {
      ...{ what: "Graph reads", method: "GET", path: "/v1.0/organization", connections: 16, body: "" },
      ...{ serverName: "graph.microsoft.com" },
      headers: ["Host: graph.microsoft.com", `Authorization: Bearer ${graphToken}`],
    },
    {
      ...{ what: "GET, blobs of 1 KiB", method: "GET", path: "/cont/b{n}", connections: 16, body: "", ...blob },
      numbers: { below: blobCount },
    },
    { what: "PUT, blobs of 1 KiB", method: "PUT", path: "/cont/put-{n}", connections: 64, body, ...blob },
  ];
}

/** Loads all servers at once. */
async function loadAll(servers: readonly Server[], { what, ...load }: Load, ofSeconds: number) {
  const outcomes = await Promise.all(
    servers.map(({ client }) => {
      nextName += 10_000_000;
      return runWrk({
        ...load,
        ...(load.method === "PUT" ? { numbers: { first: nextName } } : {}),
        ...{ port: Number(new URL(client.status.baseUrl).port), isTls: true, seconds: ofSeconds },
        connections: load.connections / servers.length,
      });
    }),
  );
  const answers = outcomes.reduce((sum, one) => sum + one.answers, 0);
  return {
    answers,
    perSecond: outcomes.reduce((sum, one) => sum + (one.answers * 1000) / one.elapsedMs, 0),
    p50Ms: Math.max(...outcomes.map(({ p50Ms }) => p50Ms)),
    p99Ms: Math.max(...outcomes.map(({ p99Ms }) => p99Ms)),
    clientUs: outcomes.reduce((sum, one) => sum + one.clientCpuUs * one.answers, 0) / answers,
  };
}

async function measure(
  servers: readonly Server[],
  load: Load,
  database: number | undefined,
): Promise<Omit<Figures, "servers">> {
  await loadAll(servers, load, warmUpSeconds);
  const seen: Omit<Figures, "servers" | "what">[] = [];
  for (let round = 0; round < rounds; round++) {
    const end = watchMachine(
      servers.map(({ process: { status } }) => status.pid),
      database,
      scratch,
    );
    const { answers, ...rest } = await loadAll(servers, load, seconds);
    const { serversUs, databaseUs, idleShare, flushes } = end();
    seen.push({ ...rest, serverUs: serversUs / answers, databaseUs: databaseUs / answers, idleShare, flushes });
  }
  const of = (pick: (one: (typeof seen)[number]) => number) => median(seen.map(pick));
  return {
    what: load.what,
    ...{ perSecond: of((one) => one.perSecond), p50Ms: of((one) => one.p50Ms), p99Ms: of((one) => one.p99Ms) },
    ...{ serverUs: of((one) => one.serverUs), databaseUs: of((one) => one.databaseUs) },
    ...{ clientUs: of((one) => one.clientUs), idleShare: of((one) => one.idleShare) },
    flushes: seen.some(({ flushes }) => flushes === undefined)
      ? undefined
      : { perSecond: of(({ flushes }) => flushes!.perSecond), msPerSecond: of(({ flushes }) => flushes!.msPerSecond) },
  };
}

const figures: Figures[] = [];

async function measureAll(servers: readonly Server[], loads: readonly Load[], database?: number): Promise<void> {
  for (const load of loads) {
    const one = { ...(await measure(servers, load, database)), servers: database === undefined ? 0 : servers.length };
    figures.push(one);
    console.log(rowOf(one));
  }
}

/** Says what held it back: the cores, and who had most of them; the one thread of each server that answers; or that they waited. */
function boundOf({ servers, perSecond, serverUs, databaseUs, clientUs, idleShare, flushes }: Figures): string {
  const shareOf = (us: number) => (us * perSecond) / (cores * 1e6);
  if (idleShare <= 1 - busyShare) {
    const shares = { servers: shareOf(serverUs), "the database": shareOf(databaseUs), "the client": shareOf(clientUs) };
    const ours = Object.values(shares).reduce((sum, share) => sum + share, 0);
    const all = Object.entries({ ...shares, "other work": Math.max(0, 1 - idleShare - ours) });
    const [most, share] = all.sort(([, one], [, other]) => other - one)[0]!;
    return `cores; ${most} had ${(share * 100).toFixed(0)} %`;
  }
  if (shareOf(serverUs) * cores >= busyShare * Math.max(1, servers)) return "the thread that answers";
  return flushes !== undefined && flushes.msPerSecond > 500 ? "the disk's flushes" : "waiting for commits";
}

function rowOf(one: Figures): string {
  const { flushes } = one;
  const cells = [
    ...[one.what, one.servers === 0 ? "1, no database" : String(one.servers), one.perSecond.toFixed(0)],
    ...[one.p50Ms.toFixed(1), one.p99Ms.toFixed(1)],
    ...[one.serverUs, one.databaseUs, one.clientUs].map((value) => value.toFixed(0)),
    ...[`${(one.idleShare * 100).toFixed(0)} %`, flushes === undefined ? "" : flushes.perSecond.toFixed(0)],
    ...[flushes === undefined ? "" : flushes.msPerSecond.toFixed(0), boundOf(one)],
  ];
  return `| ${cells.join(" | ")} |`;
}

async function startOn(folder: string, options: readonly string[]): Promise<Server> {
  mkdirSync(folder, { recursive: true });
  const started = await startServer(folder, ["--offline", ...options]);
  return { process: started, client: new PlaneClient(started.status) };
}

async function endAll(servers: readonly Server[]): Promise<void> {
  for (const { process: started, client } of servers) {
    client.close();
    await started.stop();
  }
}

async function measureReplicas(postgres: PostgresServer): Promise<void> {
  const secretFile = (name: string, text: string) => {
    const file = join(scratch, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const place = new URL(await postgres.createDatabase());
  place.password = "";
  const options = [
    ...["--database", place.href, "--database-key-file", secretFile("key", randomBytes(32).toString("base64"))],
    ...["--database-password-file", secretFile("password", postgres.password)],
    ...["--blob-folder", join(scratch, "blobs")],
  ];
  const servers: Server[] = [];
  try {
    let loads: Load[] | undefined;
    for (const count of counts) {
      while (servers.length < count) servers.push(await startOn(join(scratch, `r${servers.length}`), options));
      loads ??= await prepare(servers[0]!.client);
      await measureAll(servers, loads, postgres.pid());
    }
  } finally {
    await endAll(servers);
  }
}

try {
  const alone = await startOn(join(scratch, "alone"), []);
  try {
    await measureAll([alone], await prepare(alone.client));
  } finally {
    await endAll([alone]);
  }
  const postgres = await startPostgres(true);
  try {
    await measureReplicas(postgres);
  } finally {
    postgres.dispose();
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

const signing = execFileSync("openssl", ["speed", "-seconds", "1", "rsa2048"], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "ignore"],
});
const signUs = 1e6 / Number(/^rsa +2048 bits +[\d.]+s +[\d.]+s +([\d.]+)/m.exec(signing)![1]);
const bars = (what: string) =>
  figures
    .filter((one) => one.what === what)
    .map(({ servers, perSecond }) => ({
      name: servers === 0 ? "Postern, 1, no database" : `Postern, ${servers} server${servers > 1 ? "s" : ""}`,
      value: perSecond,
    }));
const head = [
  "",
  "servers",
  "a second, together",
  "p50, ms",
  "p99, ms",
  "CPU each, µs: servers",
  "PostgreSQL",
  "client",
];
const heads = [...head, "cores idle", "flushes a second", "flushing, ms of each second", "bound by"];
writeSection({
  id: "replicas",
  title: "Several servers",
  text: `Servers on one PostgreSQL 15 with \`fsync\` on, their blobs in one folder ([decision 31](decisions/0031-blobs-on-every-replica.md)); 16 connections over all of them (64 for PUT), one request at a time on each, from wrk; medians of ${rounds} measures of ${seconds} s after ${warmUpSeconds} s of warm-up. Servers, client and database share the ${cores} cores of one machine, so more servers cannot do more here than its cores: the columns of CPU say what a request costs each of them, which machines of their own would scale by. An RSA 2048 signature alone took OpenSSL ${signUs.toFixed(0)} µs in the same minute. *Flushes* are of the disk (\`fdatasync\` of extents and of PostgreSQL's log), and how long they took of each second. *Waiting for commits*: cores were idle and the disk was not at its end; a write waits for its group's way to database and disk, and one group of a server is on its way at a time. Load average ${loadavg()[0]!.toFixed(1)}.\n\nMachine: ${describeMachine()}. Command: \`npm run bench -- replicas\`.\n\n| ${heads.join(" | ")} |\n|---|${heads
    .slice(1)
    .map(() => "---:|")
    .join("")}\n${figures.map(rowOf).join("\n")}`,
  charts: [...new Set(figures.map(({ what }) => what))].map((what) => ({
    title: `${what} a second`,
    bars: bars(what),
  })),
});
