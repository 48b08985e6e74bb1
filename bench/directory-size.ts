/**
 * What a directory of 10,000, 100,000 and 1,000,000 service principals costs a whole server: the start, memory, making one, reading one, a page of the
 * list, finding one by its appId; on SQLite and on PostgreSQL. Writes its part of docs/benchmarks.md.
 *
 * The rows go in by the store, thousands a commit: filling by requests is what `npm run bench -- store` tells of.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { servicePrincipalDefaults } from "../packages/server/src/directory/service-principal.ts";
import { type Change, put, systemActor } from "../packages/server/src/state/change.ts";
import type { ServicePrincipal } from "../packages/server/src/state/entities.ts";
import type { StateBackend } from "../packages/server/src/store/backend.ts";
import { openPostgresBackend } from "../packages/server/src/store/postgres-backend.ts";
import { openConnection } from "../packages/server/src/store/postgres-connection.ts";
import { openSqliteBackend } from "../packages/server/src/store/sqlite-backend.ts";
import { armVersion, PlaneClient } from "../test/support/plane-client.ts";
import { postgresMissing, startPostgres } from "../test/support/postgres-server.ts";
import { startServer } from "../test/support/server-process.ts";
import { cpuUsOf, describeMachine, median, residentMiB } from "./measure.ts";
import { writeSection } from "./report.ts";

const sizes = (process.env.POSTERN_BENCH_OBJECTS ?? "10000,100000,1000000").split(",").map(Number);
const perCommit = 5_000;
/** How long a started server is left alone before its memory is read, in milliseconds. */
const settleMs = 3_000;
const scratch = mkdtempSync(join(tmpdir(), "postern-bench-"));
const time = "2026-01-01T00:00:00.000Z";

function guid(kind: number, index: number): string {
  return `${kind.toString(16).padStart(8, "0")}-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
}

function principalAt(index: number): Change {
  const row = {
    ...servicePrincipalDefaults,
    ...{ id: guid(1, index), appId: guid(2, index), displayName: `Service ${index}`, createdDateTime: time },
    appOwnerOrganizationId: guid(3, 0),
  };
  return put("servicePrincipal", row as unknown as ServicePrincipal);
}

/** Fills straight into the backend: the model is the server's affair, and it is the server's that is measured. @returns rows a second. */
async function fill(backend: StateBackend, objects: number): Promise<number> {
  let revision = await backend.load(() => undefined);
  const started = performance.now();
  for (let from = 0; from < objects; from += perCommit) {
    const changes = Array.from({ length: Math.min(perCommit, objects - from) }, (_, offset) =>
      principalAt(from + offset),
    );
    await backend.append([{ revision: ++revision, time, actor: systemActor, operation: "Fill", changes }]);
  }
  const perSecond = objects / ((performance.now() - started) / 1000);
  await backend.close();
  return perSecond;
}

type Outcome = {
  readonly engine: string;
  readonly objects: number;
  readonly fillPerSecond: number;
  readonly readyMs: number;
  readonly readyCpuMs: number;
  readonly residentMiB: number;
  readonly createMs: number;
  readonly readMs: number;
  readonly findMs: number;
  readonly pageMs: number;
};

async function medianMs(
  count: number,
  act: (index: number) => Promise<{ status: number; text: string }>,
  wanted: number,
): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    const { status, text } = await act(index);
    times.push(performance.now() - started);
    if (status !== wanted) throw new Error(`${status} ${text.slice(0, 300)}`);
  }
  return median(times);
}

async function measure(
  engine: string,
  objects: number,
  stateDir: string,
  options: readonly string[],
  open: () => Promise<StateBackend>,
): Promise<Outcome> {
  // The first start makes the cloud that the rows are put into.
  await (await startServer(stateDir, ["--offline", ...options])).stop();
  const fillPerSecond = await fill(await open(), objects);
  const started = performance.now();
  const server = await startServer(stateDir, ["--offline", ...options]);
  const readyMs = performance.now() - started;
  const { pid } = server.status;
  const readyCpuMs = cpuUsOf(pid) / 1000;
  const client = new PlaneClient(server.status, 2);
  try {
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const resident = residentMiB(pid);
    const get = (path: string) => client.call("graph", "GET", `/v1.0/servicePrincipals${path}`);
    await get("?$top=1");
    const some = (index: number) => Math.floor(((index * 0.618034) % 1) * objects);
    return {
      ...{ engine, objects, fillPerSecond, readyMs, readyCpuMs, residentMiB: resident },
      // Of what has no quota in the directory: at the largest size that is full, as a tenant of Entra's would be.
      createMs: await medianMs(
        40,
        (index) => client.call("arm", "PUT", `${groupOf(client, index)}?${armVersion}`, { location: "westeurope" }),
        201,
      ),
      readMs: await medianMs(200, (index) => get(`/${guid(1, some(index))}`), 200),
      findMs: await medianMs(100, (index) => get(`?$filter=appId%20eq%20'${guid(2, some(index))}'`), 200),
      pageMs: await medianMs(30, () => get("?$top=100"), 200),
    };
  } finally {
    client.close();
    await server.stop();
  }
}

const groupOf = ({ status }: PlaneClient, index: number) =>
  `/subscriptions/${status.subscriptionId}/resourceGroups/made-${index}`;

const results: Outcome[] = [];

function write(): void {
  const rows = results.map((one) =>
    [
      ...[
        one.engine,
        one.objects.toLocaleString("en"),
        one.readyMs.toFixed(0),
        one.readyCpuMs.toFixed(0),
        one.residentMiB.toFixed(0),
      ],
      ...[
        one.createMs.toFixed(1),
        one.readMs.toFixed(2),
        one.findMs.toFixed(2),
        one.pageMs.toFixed(1),
        one.fillPerSecond.toFixed(0),
      ],
    ].join(" | "),
  );
  const bars = (pick: (one: Outcome) => number) =>
    results.map((one) => ({
      name: `Postern on ${one.engine}, ${one.objects.toLocaleString("en")} objects`,
      value: pick(one),
    }));
  writeSection({
    id: "directory-size",
    title: "A directory as it grows",
    text: `Service principals in the directory of a whole server; times are of requests over TLS by one client, medians. *Ready* is from starting the process until it takes requests (*CPU* is what it used for that, on all its threads), *resident* its memory 3 s later. *Make* is a resource group made over Resource Manager, on disk (it has no quota in the directory, which holds 300,000 objects made by requests); *read* one service principal by its id; *find* by \`$filter=appId eq …\`; *page* the first 100 of the list. *Fill* is rows a second, ${perCommit.toLocaleString("en")} a commit, with their change log. PostgreSQL 15 runs on the same machine, \`fsync\` on. One run a line, on a machine with other work (load average ${loadavg()[0]!.toFixed(1)}).\n\nMachine: ${describeMachine()}. Command: \`npm run bench -- directory-size\`; \`POSTERN_BENCH_OBJECTS=10000\` for other sizes.\n\n| engine | objects | ready, ms | CPU, ms | resident, MiB | make, ms | read, ms | find, ms | page, ms | rows a second, fill |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n${rows.map((row) => `| ${row} |`).join("\n")}`,
    charts: [
      { title: "Ready, ms", bars: bars(({ readyMs }) => readyMs) },
      { title: "Resident, MiB", bars: bars((one) => one.residentMiB) },
      { title: "Make, ms", bars: bars(({ createMs }) => createMs) },
      { title: "Page of 100, ms", bars: bars(({ pageMs }) => pageMs) },
    ],
  });
}

const postgres = postgresMissing === false ? await startPostgres(true) : undefined;
if (postgres === undefined) console.log(`PostgreSQL is left out: ${postgresMissing}`);
try {
  for (const objects of sizes) {
    const stateDir = join(scratch, `sqlite-${objects}`);
    results.push(
      await measure("SQLite", objects, stateDir, [], async () => openSqliteBackend(join(stateDir, "state.db"))),
    );
    rmSync(stateDir, { recursive: true, force: true });
    console.log(results.at(-1));
    write();
    if (postgres === undefined) continue;
    const url = await postgres.createDatabase();
    const secretFile = (name: string, text: string) => {
      const file = join(scratch, name);
      writeFileSync(file, text, { mode: 0o600 });
      return file;
    };
    const place = new URL(url);
    place.password = "";
    const options = [
      ...["--database", place.href, "--database-key-file", secretFile("key", randomBytes(32).toString("base64"))],
      ...["--database-password-file", secretFile("password", postgres.password)],
    ];
    const open = async () => openPostgresBackend(await openConnection({ url }));
    results.push(await measure("PostgreSQL 15", objects, join(scratch, `postgres-${objects}`), options, open));
    console.log(results.at(-1));
    write();
  }
} finally {
  postgres?.dispose();
  rmSync(scratch, { recursive: true, force: true });
}
