/**
 * Tokens and reads a second of 1, 2 and 4 servers on one PostgreSQL, all on this machine, and what bounds them: the CPU of servers, clients and
 * database is counted. Blobs are of one server without a database. Writes its part of docs/benchmarks.md.
 */
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { prepareReplicas, type TestReplica } from "../test/postgres/replica-pair.ts";
import {
  assignRole,
  createAccount,
  createApp,
  PlaneClient,
  planeScopes,
  roleIds,
} from "../test/support/plane-client.ts";
import { postgresMissing, startPostgres } from "../test/support/postgres-server.ts";
import { startServer } from "../test/support/server-process.ts";
import type { LoadOrder as BlobOrder, LoadOutcome as BlobOutcome } from "./blob-load.ts";
import { cpuUsOf, describeMachine } from "./measure.ts";
import { writeSection } from "./report.ts";
import type { LoadOrder, LoadOutcome } from "./token-load.ts";

// Each request is to cost a signature: an app that asks again is else given the token it has.
process.env.POSTERN_TOKEN_REUSE_SECONDS = "0";
if (postgresMissing !== false) throw new Error(postgresMissing);
const counts = [1, 2, 4];
const measureMs = Number(process.env.BENCH_SECONDS ?? 4) * 1000;
/** Over all servers. */
const connections = 16;
const cores = availableParallelism();

type Figures = {
  readonly what: string;
  readonly servers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverUs: number;
  /** Share of all cores that servers and clients had. */
  readonly share: number;
};

/** Runs a load program; it reads its order as an argument or, with a secret in it, from standard input. */
function run<Outcome>(script: string, order: object, isSecret: boolean): Promise<Outcome> {
  const args = [join(import.meta.dirname, script), ...(isSecret ? [] : [JSON.stringify(order)])];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(isSecret ? JSON.stringify(order) : "");
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk;
    });
    child.once("exit", (code) =>
      code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`the load ended with ${code}`)),
    );
  });
}

type Seen = {
  readonly answers: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly clientCpuUs: number;
};

/** Loads all servers at once, after a warm-up, and counts. */
async function measure(
  what: string,
  pids: readonly number[],
  load: (index: number, ms: number) => Promise<Seen>,
): Promise<Figures> {
  await Promise.all(pids.map((_, index) => load(index, measureMs)));
  const before = pids.map(cpuUsOf);
  const started = performance.now();
  const seen = await Promise.all(pids.map((_, index) => load(index, measureMs)));
  const elapsedMs = performance.now() - started;
  const serverUs = pids.reduce((sum, pid, index) => sum + cpuUsOf(pid) - before[index]!, 0);
  const answers = seen.reduce((sum, one) => sum + one.answers, 0);
  if (seen.some(({ failures }) => failures > 0)) throw new Error(`${what}: refusals are no figure`);
  const clientUs = seen.reduce((sum, one) => sum + one.clientCpuUs * one.answers, 0);
  return {
    ...{ what, servers: pids.length, perSecond: (answers * 1000) / measureMs, serverUs: serverUs / answers },
    ...{ p50Ms: Math.max(...seen.map(({ p50Ms }) => p50Ms)), p99Ms: Math.max(...seen.map(({ p99Ms }) => p99Ms)) },
    share: (serverUs + clientUs) / (elapsedMs * 1000 * cores),
  };
}

const portOf = (client: PlaneClient) => Number(new URL(client.status.baseUrl).port);

async function measureTokens(
  what: string,
  clients: readonly PlaneClient[],
  app: { appId: string; secret: string },
): Promise<Figures> {
  const form = {
    client_id: app.appId,
    client_secret: app.secret,
    grant_type: "client_credentials",
    scope: planeScopes.arm,
  };
  const body = new URLSearchParams(form).toString();
  return measure(
    what,
    clients.map(({ status }) => status.pid),
    async (index, ms) => {
      const { status } = clients[index]!;
      const order: LoadOrder = {
        ...{ port: portOf(clients[index]!), isTls: true, path: `/${status.tenantId}/oauth2/v2.0/token`, body },
        ...{ connections: connections / clients.length, warmUpMs: 0, measureMs: ms },
      };
      const { tokens, ...rest } = await run<LoadOutcome>("token-load.ts", order, false);
      return { answers: tokens, ...rest };
    },
  );
}

function reads(clients: readonly PlaneClient[], place: { host: string; path: string; headers: readonly string[] }) {
  return async (index: number, ms: number): Promise<Seen> => {
    const order: BlobOrder = {
      ...{
        port: portOf(clients[index]!),
        isTls: true,
        serverName: place.host,
        method: "GET",
        path: place.path,
        count: 1,
        first: 0,
      },
      ...{
        headers: [`Host: ${place.host}`, ...place.headers],
        bodyBytes: 0,
        connections: connections / clients.length,
      },
      ...{ measureMs: ms, maxAnswers: 1e9 },
    };
    return run<BlobOutcome>("blob-load.ts", order, true);
  };
}

const figures: Figures[] = [];
const show = (one: Figures) => {
  figures.push(one);
  console.log(one.what, one.servers, Math.round(one.perSecond), `${one.serverUs.toFixed(0)} µs`, one.share.toFixed(2));
};

const postgres = await startPostgres(true);
const ground = await prepareReplicas(postgres);
try {
  const replicas: TestReplica[] = [];
  let app: { appId: string; secret: string } | undefined;
  for (const count of counts) {
    while (replicas.length < count) replicas.push(await ground.start(`r${replicas.length}`));
    const clients = replicas.map(({ client }) => client);
    app ??= await createApp(clients[0]!, "loaded");
    show(await measureTokens("fresh tokens", clients, app));
    const token = await clients[0]!.operatorToken("graph");
    const place = {
      host: "graph.microsoft.com",
      path: "/v1.0/organization",
      headers: [`Authorization: Bearer ${token}`],
    };
    show(
      await measure(
        "Graph reads",
        clients.map(({ status }) => status.pid),
        reads(clients, place),
      ),
    );
  }
} finally {
  await ground.dispose();
  postgres.dispose();
}

const stateDir = mkdtempSync(join(tmpdir(), "postern-bench-"));
const server = await startServer(stateDir, ["--offline"]);
const client = new PlaneClient(server.status);
try {
  const accountId = await createAccount(client, "bench", "benchaccount");
  const app = await createApp(client, "loaded");
  await assignRole(client, randomUUID(), accountId, roleIds.blobDataContributor, app.principalId);
  const token = await client.token(app.appId, app.secret, planeScopes.blob);
  const host = "benchaccount.blob.core.windows.net";
  const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" };
  await client.send(host, "PUT", "/cont?restype=container", { headers });
  await client.send(host, "PUT", "/cont/b", {
    headers: { ...headers, "x-ms-blob-type": "BlockBlob" },
    body: "x".repeat(1024),
  });
  const place = { host, path: "/cont/b", headers: [`Authorization: Bearer ${token}`, "x-ms-version: 2023-11-03"] };
  show(await measure("blobs of 1 KiB, read, embedded", [server.status.pid], reads([client], place)));
} finally {
  client.close();
  await server.stop();
  rmSync(stateDir, { recursive: true, force: true });
}

const signing = execFileSync("openssl", ["speed", "-seconds", "1", "rsa2048"], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "ignore"],
});
const signUs = 1e6 / Number(/^rsa +2048 bits +[\d.]+s +[\d.]+s +([\d.]+)/m.exec(signing)![1]);
const rows = figures.map(
  (one) =>
    `| ${one.what} | ${one.servers} | ${one.perSecond.toFixed(0)} | ${one.p50Ms.toFixed(1)} | ${one.p99Ms.toFixed(1)} | ${one.serverUs.toFixed(0)} | ${(one.share * 100).toFixed(0)} % |`,
);
const bars = (what: string) =>
  figures
    .filter((one) => one.what === what)
    .map((one) => ({ name: `Postern, ${one.servers} server${one.servers > 1 ? "s" : ""}`, value: one.perSecond }));
writeSection({
  id: "replicas",
  title: "Several servers",
  text: `Servers on one PostgreSQL 15 with \`fsync\` on, ${connections} connections over all of them, one request at a time on each; ${measureMs / 1000} s of warm-up, then ${measureMs / 1000} s measured. Servers, clients and database share the ${cores} cores of one machine, so more servers cannot do more here: the last column says how much of all cores servers and clients had, the rest was the database's, other work's, or idle. What a request costs a server (*CPU each*) is what machines of their own would scale by; an RSA 2048 signature alone took OpenSSL ${signUs.toFixed(0)} µs in the same minute. Load average ${loadavg()[0]!.toFixed(1)}.\n\nMachine: ${describeMachine()}. Command: \`npm run bench -- replicas\`.\n\n| | servers | a second, together | p50, ms | p99, ms | CPU each, µs | of all cores |\n|---|---:|---:|---:|---:|---:|---:|\n${rows.join("\n")}`,
  charts: [
    { title: "Fresh tokens a second", bars: bars("fresh tokens") },
    { title: "Graph reads a second", bars: bars("Graph reads") },
  ],
});
