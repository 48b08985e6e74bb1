/**
 * How the cost of directory and access grows with what is in them, on SQLite and on PostgreSQL, both with every commit on disk. Writes its part of
 * docs/benchmarks.md and a plot. PostgreSQL runs on the same machine and is left out, with a line that says so, where it is not installed.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresMissing, startPostgres } from "../test/support/postgres-server.ts";
import { describeMachine } from "./measure.ts";
import { writeSection } from "./report.ts";
import type { StoreOrder, StoreOutcome } from "./store-run.ts";

/** Objects in the store; more take longer. */
const sizes = (process.env.POSTERN_BENCH_OBJECTS ?? "1000,10000,100000").split(",").map(Number);
/** Changes one after another, and asked for together, at each size. */
const alone = 200;
const together = 4_000;

const scratch = mkdtempSync(join(tmpdir(), "postern-bench-"));
const postgres = postgresMissing === false ? await startPostgres(true) : undefined;
if (postgres === undefined) console.log(`PostgreSQL is left out: ${postgresMissing}`);

function measure(order: StoreOrder): StoreOutcome {
  const script = join(import.meta.dirname, "store-run.ts");
  const args = ["--conditions=postern-source", "--expose-gc", script, JSON.stringify(order)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as StoreOutcome;
}

const results: { readonly engine: string; readonly objects: number; readonly outcome: StoreOutcome }[] = [];
for (const objects of sizes) {
  const places: [engine: string, place: string][] = [["SQLite", join(scratch, `${objects}.db`)]];
  if (postgres !== undefined) places.push(["PostgreSQL 15", await postgres.createDatabase()]);
  for (const [engine, place] of places) {
    const outcome = measure({ place, objects, alone, together });
    results.push({ engine, objects, outcome });
    console.log(engine, objects, outcome);
  }
}
postgres?.dispose();
rmSync(scratch, { recursive: true, force: true });

const rows = results.map(
  ({ engine, objects, outcome: one }) =>
    `| ${engine} | ${objects.toLocaleString("en")} | ${one.openMs.toFixed(0)} | ${one.modelMiB.toFixed(0)} | ${one.aloneP50Ms.toFixed(1)} | ${one.aloneP99Ms.toFixed(1)} | ${one.togetherPerSecond.toFixed(0)} | ${one.fillPerSecond.toFixed(0)} |`,
);
const bars = (pick: (outcome: StoreOutcome) => number) =>
  results.map(({ engine, objects, outcome }) => ({
    name: `Postern on ${engine}, ${objects.toLocaleString("en")} objects`,
    value: pick(outcome),
  }));
writeSection({
  id: "store",
  title: "The store, as it grows",
  text: `Half of the objects are groups, half are role assignments. *Open* is the time until all of it is in memory, where every read and every decision is answered from; *model* is the memory it takes there. A *change* is one object made, on disk (SQLite: one synced write-ahead log; PostgreSQL: its own process on this machine over TCP, \`fsync\` on); *together* is with 64 on their way at once, which share commits. *Fill* writes 500 objects a commit. One run per line, each in a process of its own, on a machine that had other work.\n\nMachine: ${describeMachine()}. Command: \`npm run bench -- store\`; \`POSTERN_BENCH_OBJECTS=1000,10000\` for other sizes.\n\n| engine | objects | open, ms | model, MiB | a change, p50 ms | p99 ms | changes a second, together | objects a second, fill |\n|---|---:|---:|---:|---:|---:|---:|---:|\n${rows.join("\n")}`,
  charts: [
    { title: "Open, ms", bars: bars(({ openMs }) => openMs) },
    { title: "A change alone, p50 ms", bars: bars(({ aloneP50Ms }) => aloneP50Ms) },
    { title: "Changes a second, 64 at once", bars: bars(({ togetherPerSecond }) => togetherPerSecond) },
  ],
});
