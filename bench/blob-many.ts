/** What a million blobs cost: listing beside Azurite with as many as it was given, start, memory, and how long the event loop is ever kept. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, unlinkSync } from "node:fs";
import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { join } from "node:path";
import {
  account,
  azurite,
  bare,
  type Door,
  mainOf,
  postern,
  preparePostern,
  type Running,
  root,
  runLoad,
  start,
} from "./blob-subject.ts";
import { cpuUsOf, measureStart, median, residentMiB } from "./measure.ts";

const blobs = Number(process.env.BENCH_BLOBS ?? 1_000_000);
const fillMs = Number(process.env.BENCH_FILL_SECONDS ?? 60) * 1000;
/** Azurite is compared at this many, when it takes them in time. */
const azuriteBlobs = Math.min(50_000, blobs);
const pages = 60;
/** Before them: both ends compile what they run, and the client's share of the first pages is greater than a warm page's whole time. */
const warmupPages = 100;
const starts = 3;
const mixMs = 10_000;

type Page = {
  readonly milliseconds: number;
  readonly bytes: number;
  readonly items: number;
  readonly marker: string | undefined;
};

/** Asks once; a listing is long enough for an ordinary client to be lost in it. */
function ask(door: Door, method: string, path: string): Promise<{ readonly text: string; readonly status: number }> {
  const headers = Object.fromEntries(door.headers.map((line) => line.split(/: (.*)/s).slice(0, 2))) as Record<
    string,
    string
  >;
  const options = { host: "127.0.0.1", port: door.port, method, path: door.target(path), headers };
  return new Promise((resolve, reject) => {
    const send = door.isTls ? requestTls : requestPlain;
    const secure = door.isTls ? { servername: door.serverName, rejectUnauthorized: false } : {};
    const sent = send({ ...options, ...secure }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("error", reject);
      answer.on("end", () => resolve({ text: Buffer.concat(pieces).toString(), status: answer.statusCode ?? 0 }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

async function listPage(door: Door, container: string, marker: string, more = ""): Promise<Page> {
  const begun = performance.now();
  const query = `restype=container&comp=list&maxresults=1000${marker && `&marker=${encodeURIComponent(marker)}`}${more}`;
  const { text, status } = await ask(door, "GET", `/${container}?${query}`);
  const milliseconds = performance.now() - begun;
  if (status !== 200) throw new Error(`the listing answered ${status}: ${text.slice(0, 500)}`);
  const items = text.match(/<Blob>|<BlobPrefix>/g)?.length ?? 0;
  return {
    milliseconds,
    bytes: Buffer.byteLength(text),
    items,
    marker: /<NextMarker>([^<]+)<\/NextMarker>/.exec(text)?.[1],
  };
}

/** Medians of pages, in ms, and CPU time of the server with all its threads for one, in us. */
type Pages = {
  /** Asked for by the marker of the page before. */
  readonly walkMs: number;
  readonly walkCpuUs: number;
  /** What the client takes between the end of a page and its next request. */
  readonly betweenMs: number;
  /** The first page, asked for again and again. */
  readonly firstMs: number;
  readonly firstCpuUs: number;
  readonly bytes: number;
};

/** Full pages one after the other: of a walk by markers, then the first one only. */
async function listPages({ door, pid }: Running, container: string): Promise<Pages> {
  const between: number[] = [];
  let bytes = 0;
  let endedAt = performance.now();
  const walk = async (count: number): Promise<number[]> => {
    const times: number[] = [];
    // A last page that is not full does not count; after it comes the first again.
    for (let marker = ""; times.length < count; ) {
      const beganAt = performance.now();
      const listed = await listPage(door, container, marker);
      marker = listed.marker ?? "";
      if (listed.items !== 1000) continue;
      between.push(beganAt - endedAt);
      times.push(listed.milliseconds);
      endedAt = beganAt + listed.milliseconds;
      bytes = listed.bytes;
    }
    return times;
  };
  const first = async (count: number): Promise<number[]> => {
    const times: number[] = [];
    while (times.length < count) times.push((await listPage(door, container, "")).milliseconds);
    return times;
  };
  const measure = async (ask: (count: number) => Promise<number[]>) => {
    await ask(warmupPages);
    between.length = 0;
    const before = cpuUsOf(pid);
    const ms = median(await ask(pages));
    return { ms, cpuUs: (cpuUsOf(pid) - before) / pages };
  };
  const walked = await measure(walk);
  const betweenMs = median(between);
  const alone = await measure(first);
  return { walkMs: walked.ms, walkCpuUs: walked.cpuUs, betweenMs, firstMs: alone.ms, firstCpuUs: alone.cpuUs, bytes };
}

/** What a server that knows nothing takes to send as many bytes out of memory, to the same client. @param folder where its certificate is. */
async function measureBare(folder: string, bytes: number): Promise<number> {
  const { door, stop } = await start(bare(folder, true));
  try {
    const times: number[] = [];
    for (let page = 0; page < warmupPages + pages; page++) {
      const begun = performance.now();
      const { text } = await ask(door, "GET", `/memory/${bytes}`);
      if (page >= warmupPages) times.push(performance.now() - begun);
      if (text.length !== bytes) throw new Error(`the bare server sent ${text.length} bytes`);
    }
    return median(times);
  } finally {
    await stop();
  }
}

/** The longest that a server's event loop was kept since it was asked last. */
async function readStall(pid: number, file: string): Promise<number> {
  if (existsSync(file)) unlinkSync(file);
  process.kill(pid, "SIGUSR2");
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  return (JSON.parse(readFileSync(file, "utf8")) as { maxMs: number }).maxMs;
}

/** An idle process that is watched in the same way: how long the machine itself keeps one from running. */
function startIdle(watch: readonly string[], stallFile: string) {
  const script = "setInterval(() => {}, 1000); console.log('ready');";
  const env = { ...process.env, BENCH_STALL_FILE: stallFile };
  const child = spawn(process.execPath, [...watch, "-e", script], { env, stdio: ["ignore", "pipe", "inherit"] });
  return new Promise<{ readonly pid: number; stop(): void }>((resolve) => {
    child.stdout.once("data", () => resolve({ pid: child.pid!, stop: () => void child.kill() }));
  });
}

/** Everything at once, at a million: reads, writes, listings, listings by folder; then the container goes. @returns longest stalls, in ms. */
async function mix({ door, pid }: Running, stallFile: string, watch: readonly string[]) {
  const idleFile = `${stallFile}-idle`;
  const idle = await startIdle(watch, idleFile);
  await readStall(idle.pid, idleFile);
  await readStall(pid, stallFile);
  const end = performance.now() + mixMs;
  const list = async (more: string) => {
    let marker = "";
    while (performance.now() < end) marker = (await listPage(door, "many", marker, more)).marker ?? "";
  };
  const read = { method: "GET", path: "/bench/small-{n}", count: 1000, connections: 8 } as const;
  await Promise.all([
    runLoad(door, { ...read, measureMs: mixMs }),
    runLoad(door, { method: "PUT", path: "/many/new-{n}", bodyBytes: 1024, connections: 8, measureMs: mixMs }),
    list(""),
    list("&delimiter=/"),
  ]);
  const inMix = await readStall(pid, stallFile);
  const highMiB = residentMiB(pid, "VmHWM");
  const reading = runLoad(door, { ...read, measureMs: mixMs });
  const { status } = await ask(door, "DELETE", "/many?restype=container");
  if (status !== 202) throw new Error(`the deletion answered ${status}`);
  await reading;
  const inDeletion = await readStall(pid, stallFile);
  const ofIdle = await readStall(idle.pid, idleFile);
  idle.stop();
  return { inMix, inDeletion, ofIdle, highMiB };
}

async function measureAzurite(folder: string) {
  const running = await start(azurite("Azurite", folder));
  const { door, stop } = running;
  try {
    await runLoad(door, { method: "PUT", path: "/many?restype=container", maxAnswers: 1 });
    const fill = await runLoad(door, {
      ...{ method: "PUT", path: "/many/blob-{n}", first: 1_000_000, bodyBytes: 1024, connections: 16 },
      ...{ maxAnswers: azuriteBlobs, measureMs: fillMs },
    });
    return { blobs: fill.answers, fillSeconds: fill.elapsedMs / 1000, listed: await listPages(running, "many") };
  } finally {
    await stop();
  }
}

export async function measureMany({ scratch, azuriteFolder }: { scratch: string; azuriteFolder: string }) {
  const prepared = await preparePostern(join(scratch, "many"));
  const fill = join(root, "bench/blob-subjects/fill.ts");
  const fillArguments = ["--conditions=postern-source", fill, prepared.stateDir, account, "many", String(blobs)];
  const fillSeconds = Number(execFileSync(process.execPath, fillArguments, { encoding: "utf8" }));
  console.log(`Postern: ${blobs} blobs of 1 KiB by its engine in ${fillSeconds} s`);

  const readyMs: number[] = [];
  const idleMiB: number[] = [];
  for (let round = 0; round < starts; round++) {
    const command = mainOf(prepared.stateDir);
    const isReady = (output: string) => output.includes("ready");
    const started = await measureStart({ name: "Postern", command, isReady });
    readyMs.push(started.readyMs);
    idleMiB.push(started.idleMemoryMiB);
  }
  const stallFile = join(scratch, "stall.json");
  const watch = ["--import", join(root, "bench/blob-subjects/stall-watch.mjs")];
  const running = await start(postern(prepared, { BENCH_STALL_FILE: stallFile }, watch));
  let listed: Pages;
  let mixed: Awaited<ReturnType<typeof mix>>;
  try {
    await runLoad(running.door, { method: "PUT", path: "/bench?restype=container", maxAnswers: 1 });
    const seeds = { path: "/bench/small-{n}", bodyBytes: 1024, connections: 8, maxAnswers: 1000 };
    await runLoad(running.door, { method: "PUT", ...seeds });
    listed = await listPages(running, "many");
    mixed = await mix(running, stallFile, watch);
  } finally {
    await running.stop();
  }
  const { bytes } = listed;
  const bareMs = await measureBare(scratch, bytes);
  const other = await measureAzurite(azuriteFolder);
  const cells = ({ walkMs, walkCpuUs, firstMs, firstCpuUs }: Pages) => [
    ...[walkMs.toFixed(2), (other.listed.walkMs / walkMs).toFixed(1), walkCpuUs.toFixed(0)],
    ...[firstMs.toFixed(2), (other.listed.firstMs / firstMs).toFixed(1), firstCpuUs.toFixed(0)],
  ];
  const rows = [
    ["Postern (TLS)", blobs, `${fillSeconds.toFixed(0)} (by its engine)`, ...cells(listed)],
    [
      ...[`bare node:https, ${bytes} bytes from memory`, "–", "–", bareMs.toFixed(2)],
      ...[
        (other.listed.walkMs / bareMs).toFixed(1),
        "–",
        bareMs.toFixed(2),
        (other.listed.firstMs / bareMs).toFixed(1),
        "–",
      ],
    ],
    ["Azurite 3.37.0, disk, plain HTTP", other.blobs, other.fillSeconds.toFixed(0), ...cells(other.listed)],
  ].map((row) => `| ${row.join(" | ")} |`);
  const text = [
    `**${blobs.toLocaleString("en")} blobs.** A page of 1,000 by name, medians of ${pages} pages one after the other, after ${warmupPages} that warm up both ends; Azurite's fill was given ${fillMs / 1000} s for ${azuriteBlobs}. *Walking*, each page is asked for by the marker of the one before, which the client has looked through for ${listed.betweenMs.toFixed(1)} ms: meanwhile Postern has read the next one, for a client that is alone. *First* is the page that is asked for without a marker, of which nothing has been read. In Postern's, the blobs of a folder share the bytes of one, as copies do; each has a row of its own.`,
    `| | blobs | filled in, s | walking: a page, ms | to Azurite | CPU, µs | first page, ms | to Azurite | CPU, µs |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n${rows.join("\n")}`,
    `Postern starts with them in ${median(readyMs).toFixed(0)} ms (median of ${starts}) and idles at ${median(idleMiB).toFixed(0)} MiB. Under everything at once for ${mixMs / 1000} s (8 connections reading, 8 writing, listings by name and by folder) its event loop was never kept longer than ${mixed.inMix.toFixed(0)} ms and its memory reached ${mixed.highMiB.toFixed(0)} MiB; while the container with all of them was deleted under reads, ${mixed.inDeletion.toFixed(0)} ms. An idle process beside it was kept from running for ${mixed.ofIdle.toFixed(0)} ms at the longest, which is the machine's doing and in the other figures, too.`,
  ].join("\n\n");
  console.log(text);
  const bars = [
    { name: "Postern (TLS), walking", value: listed.walkMs },
    { name: "Postern (TLS), the first", value: listed.firstMs },
    { name: `Azurite, ${other.blobs} blobs`, value: other.listed.walkMs },
  ];
  return { text, chart: { title: `Page of 1,000 of ${blobs} blobs, ms`, bars } };
}
