/**
 * How long until the cloud is ready, and what it costs while idle: Postern (whole cloud) beside Azurite (blob service alone), in one run,
 * taking turns. Writes its part of docs/benchmarks.md and a plot.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine, measureStart, median, type Program, type Start } from "./measure.ts";
import { writeSection } from "./report.ts";

/** Starts of each subject; fewer make a quicker, rougher run. */
const rounds = Number(process.env.POSTERN_BENCH_ROUNDS ?? 11);
const root = join(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "postern-bench-"));
const node = process.execPath;

function postern(stateDir: string): Program {
  return {
    name: "Postern",
    command: [node, join(root, "packages/cli/bin/postern.js"), "up", "--state", stateDir, "--port", "0"],
    isReady: (output) => output.includes("ready"),
    pidOf: () => JSON.parse(readFileSync(join(stateDir, "run", "status.json"), "utf8")).pid,
  };
}

/** @param script Azurite with all three services, or its blob service alone. */
function azurite(name: string, script: string, location: string): Program {
  return {
    name,
    command: [
      node,
      join(root, "bench/node_modules/azurite/dist/src", script),
      "--location",
      location,
      "--skipApiVersionCheck",
      "--disableTelemetry",
      "--blobPort",
      "0",
      ...(script.startsWith("azurite") ? ["--queuePort", "0", "--tablePort", "0"] : []),
    ],
    isReady: (output) => (output.match(/successfully listen/gi)?.length ?? 0) >= (script.startsWith("azurite") ? 3 : 1),
  };
}

const subjects: { readonly name: string; readonly make: (round: number) => Program; readonly starts: Start[] }[] = [
  { name: "Postern, very first start", make: (round) => postern(join(scratch, `first-${round}`)), starts: [] },
  { name: "Postern, existing state folder", make: () => postern(join(scratch, "kept")), starts: [] },
  {
    name: "Azurite 3.37.0, blob service, existing folder",
    make: () => azurite("Azurite", "blob/main.js", join(scratch, "azurite-blob")),
    starts: [],
  },
  {
    name: "Azurite 3.37.0, all services, existing folder",
    make: () => azurite("Azurite", "azurite.js", join(scratch, "azurite-all")),
    starts: [],
  },
];

// The first start of each "existing" subject makes its folder and is not counted.
for (const { make } of subjects.slice(1)) await measureStart(make(-1));
for (let round = 0; round < rounds; round++) {
  for (const { name, make, starts } of subjects) {
    const start = await measureStart(make(round));
    starts.push(start);
    console.log(
      `${round + 1}/${rounds} ${name}: ready in ${start.readyMs.toFixed(0)} ms, ${start.idleMemoryMiB.toFixed(0)} MiB idle`,
    );
  }
}
rmSync(scratch, { recursive: true, force: true });

const results = subjects.map(({ name, starts }) => ({
  name,
  readyMs: median(starts.map(({ readyMs }) => readyMs)),
  idleMiB: median(starts.map(({ idleMemoryMiB }) => idleMemoryMiB)),
}));
const kept = results[1]!;
const rows = results.map(
  ({ name, readyMs, idleMiB }) =>
    `| ${name} | ${readyMs.toFixed(0)} | ${(readyMs / kept.readyMs).toFixed(2)} | ${idleMiB.toFixed(0)} | ${(idleMiB / kept.idleMiB).toFixed(2)} |`,
);
writeSection({
  id: "startup",
  title: "Start-up and idle memory",
  text: `Time from starting the command (\`postern up\`, \`azurite\`) to the line that says requests are taken, and resident memory 3 s later; medians of ${rounds} starts, the subjects taking turns in one run. Postern's is the whole cloud (sign-in, directory, Resource Manager, Blob, TLS, proxy) with every commit synced; the server process is measured, without the small command that started it.\n\nMachine: ${describeMachine()}. Command: \`npm run bench -- startup\`.\n\n| | ready, ms | ratio | idle, MiB | ratio |\n|---|---:|---:|---:|---:|\n${rows.join("\n")}`,
  charts: [
    { title: "Ready, ms", bars: results.map(({ name, readyMs }) => ({ name, value: readyMs })) },
    { title: "Idle memory, MiB", bars: results.map(({ name, idleMiB }) => ({ name, value: idleMiB })) },
  ],
});
