/**
 * The Blob service: Postern with TLS and without beside Azurite (on disk and in memory) and bare servers of Node, in one run, taking turns; then a
 * million blobs. Writes its part of docs/benchmarks.md.
 *
 * BENCH_ROUNDS (2), BENCH_SECONDS for each measure (1), BENCH_BLOBS (1,000,000), BENCH_FILL_SECONDS for Azurite's fill (60): so it takes about ten
 * minutes on an idle machine of two cores. 3, 4 and 180 make a steadier run of twenty.
 *
 * BENCH_MEASURES (such as `put-1048576,put-268435456`, or `many`: the million) takes only these, BENCH_SUBJECTS (parts of names, such as
 * `Postern;disk, plain`) only these: to look at something; nothing is written then.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadOrder } from "./blob-load.ts";
import { measureMany } from "./blob-many.ts";
import {
  azurite,
  bare,
  type Door,
  makeCertificate,
  postern,
  posternWithoutTls,
  preparePostern,
  runLoad,
  type Subject,
  start,
  tokenOf,
} from "./blob-subject.ts";
import { cpuUsOf, describeMachine, median } from "./measure.ts";
import { writeSection } from "./report.ts";
import { runWrk, type WrkOutcome } from "./wrk.ts";

const rounds = Number(process.env.BENCH_ROUNDS ?? 2);
const measureMs = Number(process.env.BENCH_SECONDS ?? 1) * 1000;
/** V8 goes on compiling for some seconds under load. */
const warmUpMs = Math.min(6000, measureMs * 2);
const cores = availableParallelism();
const scratch = mkdtempSync(join(tmpdir(), "postern-bench-"));
const [kib, mib] = [1024, 1024 * 1024];
const largeBytes = 256 * mib;
/** Blobs of 1 KiB that are read. */
const smallBlobs = 1000;

/** `bodyBytes` where bytes are what counts. */
type Outcome = WrkOutcome & { readonly bodyBytes?: number };
type Order = Pick<LoadOrder, "method" | "path"> & Partial<LoadOrder>;

type Measure = {
  readonly id: string;
  readonly title: string;
  /** What a bare server is asked instead. */
  readonly barePath: string;
  readonly unit: "/s" | "MiB/s";
  readonly order: Order;
};
const small = { path: "/bench/small-{n}", count: smallBlobs };
const put = { method: "PUT", path: "/bench/put-{n}" } as const;
const allMeasures: readonly Measure[] = [
  {
    id: "get-1k",
    title: "GET 1 KiB, 16 connections",
    barePath: "/small",
    unit: "/s",
    order: { method: "GET", ...small, connections: 16 },
  },
  {
    id: "put-1k",
    title: "PUT 1 KiB, 64 connections",
    barePath: "/put",
    unit: "/s",
    order: { ...put, bodyBytes: kib, connections: 64 },
  },
  ...[
    { size: "1 MiB", bytes: mib, connections: 4, maxAnswers: 1_000_000 },
    { size: "256 MiB", bytes: largeBytes, connections: 1, maxAnswers: 4 },
  ].flatMap(({ size, bytes, connections, maxAnswers }): Measure[] => {
    const title = `${size}, ${connections === 1 ? "1 connection" : `${connections} connections`}`;
    const get = { method: "GET", path: `/bench/file-${bytes}`, connections, maxAnswers } as const;
    const order = { ...put, bodyBytes: bytes, connections, maxAnswers };
    return [
      { id: `get-${bytes}`, title: `GET ${title}`, barePath: `/file/${bytes}`, unit: "MiB/s", order: get },
      { id: `put-${bytes}`, title: `PUT ${title}`, barePath: "/put", unit: "MiB/s", order },
    ];
  }),
];

const wantedMeasures = process.env.BENCH_MEASURES?.split(",");
const measures = allMeasures.filter(({ id }) => wantedMeasures?.includes(id) ?? true);
const wantedSubjects = process.env.BENCH_SUBJECTS?.split(";");
const isPart = (wantedMeasures ?? wantedSubjects) !== undefined;
const isManyWanted = !isPart || wantedMeasures?.includes("many") === true;

type Figures = {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUs: number;
  readonly clientCpuUs: number;
};

async function seed(door: Door): Promise<void> {
  const container = { method: "PUT", path: "/bench?restype=container", maxAnswers: 1 } as const;
  await runLoad(door, container).catch((cause: Error) => {
    if (!cause.message.includes(" 409 ")) throw cause;
  });
  await runLoad(door, { ...put, path: small.path, bodyBytes: kib, connections: 8, maxAnswers: smallBlobs });
  for (const bodyBytes of [mib, largeBytes]) {
    await runLoad(door, { ...put, path: `/bench/file-${bodyBytes}`, bodyBytes, maxAnswers: 1 });
  }
}

/** Names that no run before has written. */
let nextName = Date.now() * 1000;

/** Small requests come from wrk, whose share of the machine is smaller; it counts whole seconds. */
function runSmall(
  door: Door,
  { method, path, count = 1, bodyBytes = 0, connections = 1 }: Order,
  milliseconds: number,
) {
  const numbers = method === "PUT" ? { first: nextName } : { below: count };
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  return runWrk({
    ...door,
    method,
    path: door.target(path),
    body: "x".repeat(bodyBytes),
    connections,
    seconds,
    numbers,
  });
}

async function measure(subject: Subject, only: (id: string) => boolean): Promise<Map<string, Figures>> {
  const { door, pid, stop } = await start(subject);
  const figures = new Map<string, Figures>();
  try {
    if (subject.kind !== "bare") await seed(door);
    for (const { id, barePath, unit, order } of measures) {
      if (!only(id)) continue;
      const path = subject.kind === "bare" ? barePath : order.path;
      const run = (bounds: { measureMs: number; maxAnswers?: number }): Promise<Outcome> => {
        nextName += 1_000_000;
        return unit === "/s"
          ? runSmall(door, { ...order, path }, bounds.measureMs)
          : runLoad(door, { ...order, ...bounds, path, first: nextName });
      };
      await run(
        unit === "/s"
          ? { measureMs: warmUpMs }
          : { measureMs: warmUpMs / 3, maxAnswers: order.maxAnswers === 4 ? 1 : 1_000_000 },
      );
      const before = cpuUsOf(pid);
      const outcome = await run({ measureMs });
      const used = cpuUsOf(pid) - before;
      const { answers, elapsedMs, p50Ms, p99Ms, clientCpuUs } = outcome;
      const rate = ((outcome.bodyBytes === undefined ? answers : outcome.bodyBytes / mib) * 1000) / elapsedMs;
      figures.set(id, { rate, p50Ms, p99Ms, cpuUs: used / answers, clientCpuUs });
      console.log(
        `${subject.name}: ${id} ${rate.toFixed(0)} ${unit}, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, CPU ${(used / answers).toFixed(0)} us (client ${clientCpuUs.toFixed(0)})`,
      );
    }
  } finally {
    await stop();
  }
  return figures;
}

makeCertificate(scratch);
const prepared = await preparePostern(join(scratch, "postern"));
const { stop: stopPreparing } = await start(postern(prepared));
const token = await tokenOf(prepared);
await stopPreparing();
const folder = (name: string) => {
  mkdirSync(join(scratch, name), { recursive: true });
  return join(scratch, name);
};
const names = {
  bearer: "Azurite 3.37.0, disk, bearer over TLS",
  disk: "Azurite 3.37.0, disk, plain HTTP",
  memory: "Azurite 3.37.0, memory, plain HTTP",
};
const allSubjects: readonly { readonly subject: Subject; readonly only: (id: string) => boolean }[] = [
  { subject: postern(prepared), only: () => true },
  { subject: posternWithoutTls(prepared), only: () => true },
  {
    subject: azurite(names.bearer, folder("azurite-bearer"), { token, folder: scratch }),
    only: (id) => id === "get-1k",
  },
  { subject: azurite(names.disk, folder("azurite-disk")), only: () => true },
  { subject: azurite(names.memory, null), only: () => true },
  { subject: bare(scratch, true), only: () => true },
  { subject: bare(scratch, false), only: () => true },
];
const subjects = allSubjects.filter(
  ({ subject: { name } }) => wantedSubjects?.some((part) => name.includes(part)) ?? true,
);
const measured = subjects.map(({ subject }) => ({ name: subject.name, rounds: [] as Map<string, Figures>[] }));
const loads: number[] = [];
for (let round = 1; round <= rounds && measures.length > 0; round++) {
  loads.push(loadavg()[0]!);
  console.log(`round ${round} of ${rounds}`);
  for (const [index, { subject, only }] of subjects.entries())
    measured[index]!.rounds.push(await measure(subject, only));
}
const many = isManyWanted ? await measureMany({ scratch, azuriteFolder: folder("azurite-many") }) : undefined;
rmSync(scratch, { recursive: true, force: true });
if (isPart || many === undefined) process.exit(0);

function figure(name: string, id: string, member: keyof Figures): number {
  const found = measured.find((one) => one.name === name)!.rounds.flatMap((round) => round.get(id)?.[member] ?? []);
  return found.length === 0 ? Number.NaN : median(found);
}
const show = (value: number, digits = 0): string => (Number.isNaN(value) ? "–" : value.toFixed(digits));

function tableOf({ id, title, unit }: Measure): string {
  const rows = measured
    .filter(({ name }) => !Number.isNaN(figure(name, id, "rate")))
    .map(({ name }) => {
      const rate = figure(name, id, "rate");
      const ratio = (other: string) => show(rate / figure(other, id, "rate"), 2);
      const cells = [
        show(rate),
        ratio(id === "get-1k" ? names.bearer : names.disk),
        ratio(names.memory),
        ratio(name.includes("TLS)") || name.endsWith("https") ? "bare node:https" : "bare node:http"),
        show(figure(name, id, "p50Ms"), 2),
        show(figure(name, id, "p99Ms"), 2),
        show(figure(name, id, "cpuUs")),
        show(figure(name, id, "clientCpuUs")),
      ];
      return `| ${name} | ${cells.join(" | ")} |`;
    });
  const azure = id === "get-1k" ? "to Azurite with bearer" : "to Azurite on disk";
  return `**${title}**\n\n| | ${unit} | ${azure} | to Azurite in memory | to bare | p50, ms | p99, ms | CPU each, µs | client's CPU each, µs |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n${rows.join("\n")}`;
}

const aims = [
  "GET 1 KiB with bearer 10 times Azurite and 0.5 of bare; durable PUT 1 KiB 10 times Azurite on disk; 1 MiB and 256 MiB 2 times Azurite and 0.7 of",
  "a plain stream to or from a file with the same sum; listing 50 times Azurite; no stall of 50 ms, under 200 MB and a start under 1 s with a million blobs.",
].join(" ");
const text = [
  `Aims: ${aims}`,
  `Every connection is kept and has one request at a time; the load (wrk for small blobs, a lean client of ours for large ones) is a process of its own on the same ${cores} cores, so a rate is of server and client together; CPU is the server's alone, with all its threads. Medians of ${rounds} rounds of ${measureMs / 1000} s each, the subjects taking turns; load average at the start of a round: ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}. Postern's PUT is answered when the blob and its row are synced to disk, however many connections share that; Azurite syncs nothing and writes its metadata every 5 s. Postern always judges a token and the roles; Azurite reads a bearer token without checking its signature, and over plain HTTP is asked with an account's signature. The bare servers know no rights: GET 1 KiB from memory, files streamed with CRC-32 of every 64 KiB, PUT to a file of its own with the sums that the answer tells (MD5 and CRC-64, by the same code) and fdatasync. "To bare" compares like with like: TLS with TLS, plain with plain.`,
  `Machine: ${describeMachine()}. Command: \`npm run bench -- blob\`.`,
  ...measures.map(tableOf),
  many.text,
].join("\n\n");
const bars = (id: string) => measured.map(({ name }) => ({ name, value: figure(name, id, "rate") }));
writeSection({
  id: "blob",
  title: "Blob service",
  text,
  charts: [
    ...measures.map(({ id, title, unit }) => ({
      title: `${title}: ${unit === "/s" ? "a second" : unit}`,
      bars: bars(id).filter(({ value }) => !Number.isNaN(value)),
    })),
    many.chart,
  ],
});
