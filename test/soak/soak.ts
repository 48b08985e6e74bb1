/**
 * A server under a steady mixed load, its memory looked at every ten seconds. By hand, for it takes as long as it is told:
 *
 *   node --conditions=postern-source test/soak/soak.ts [--minutes 30] [--per-second 100] [--samples FILE] [--id NAME]
 *                                                      [--snapshots FOLDER] [--node-options="OPTIONS OF THE SERVER'S NODE"]
 *
 * The slope is of what follows the first third: caches and rings that are bounded fill up in it. `--snapshots` has the server write its heap after that
 * third and at the end: what lives, V8's leisure in throwing away apart. Writing one takes memory itself, so the slope of such a run says little;
 * heap-growth.ts compares the two.
 */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { keepRecord } from "../faults/record.ts";
import { PlaneClient } from "../support/plane-client.ts";
import { startServer } from "../support/server-process.ts";
import { addUpHeap, sumMiB } from "./heap-snapshot.ts";
import { prepareLoad } from "./mixed-load.ts";
import { slopePerHour } from "./slope.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    "per-second": { type: "string", default: "100" },
    samples: { type: "string" },
    id: { type: "string", default: "soak" },
    snapshots: { type: "string" },
    "node-options": { type: "string" },
  },
});
const minutes = Number(values.minutes);
const perSecond = Number(values["per-second"]);
const stepSeconds = 10;
/** How often requests are sent off; finer than this a timer is not. */
const beatMs = 20;
/** Requests under way at once; a server that falls behind is left to catch up. */
const mostAtOnce = 200;

const stateDir = mkdtempSync(join(tmpdir(), "postern-soak-"));
const nodeOptions = values["node-options"];
const snapshotOptions = ["--heapsnapshot-signal=SIGUSR2", `--diagnostic-dir=${values.snapshots}`];
const options = [...(nodeOptions?.split(" ") ?? []), ...(values.snapshots === undefined ? [] : snapshotOptions)];
const server = await startServer(stateDir, ["--offline"], ["env", `NODE_OPTIONS=${options.join(" ")}`]);
const client = new PlaneClient(server.status, 32);
const { pid } = server.status;
const residentMiB = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
const openFiles = () => readdirSync(`/proc/${pid}/fd`).length;

const { act, tally } = await prepareLoad(client, Math.random);
const samples: number[] = [];
const files: number[] = [];
const started = performance.now();
let [underWay, asked] = [0, 0];
const beat = setInterval(() => {
  const due = ((performance.now() - started) / 1000) * perSecond;
  while (asked < due && underWay < mostAtOnce) {
    asked += 1;
    underWay += 1;
    void act().finally(() => {
      underWay -= 1;
    });
  }
}, beatMs);
const watch = setInterval(() => {
  samples.push(residentMiB());
  files.push(openFiles());
  const line = `${Math.round((performance.now() - started) / 1000)}\t${samples.at(-1)!.toFixed(1)}\t${files.at(-1)}\t${tally.requests}\t${tally.failureCount}\n`;
  if (values.samples !== undefined) appendFileSync(values.samples, line);
}, stepSeconds * 1000);
const warmUpMinutes = minutes / 3;
const pass = (passing: number) => new Promise((resolve) => setTimeout(resolve, passing * 60_000));
/** The signal ends a process that was not told to write its heap on it. */
const takeSnapshot = () => values.snapshots !== undefined && server.child.kill("SIGUSR2");
await pass(warmUpMinutes);
takeSnapshot();
await pass(minutes - warmUpMinutes);
clearInterval(beat);
clearInterval(watch);
takeSnapshot();
while (underWay > 0) await new Promise((resolve) => setTimeout(resolve, 10));
client.close();
const code = await server.stop();
rmSync(stateDir, { recursive: true, force: true });

/** MiB that lived after the first third and at the end. */
function readLive(folder: string): readonly [number, number] {
  const files = readdirSync(folder).filter((name) => name.includes(`.${pid}.`) && name.endsWith(".heapsnapshot"));
  const [early, late] = files.sort().map((name) => sumMiB(addUpHeap(join(folder, name))));
  if (early === undefined || late === undefined) throw new Error(`${folder} has not two snapshots`);
  return [Number(early.toFixed(1)), Number(late.toFixed(1))];
}

const settled = samples.slice(Math.floor((warmUpMinutes * 60) / stepSeconds));
const latencies = tally.latencies.toSorted((a, b) => a - b);
const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))]!;
const record = {
  section: "soak" as const,
  source: "test/soak/soak.ts",
  ...{ minutes, perSecond, requests: tally.requests, failures: tally.failureCount, p50Ms: at(0.5), p99Ms: at(0.99) },
  residentMiB: samples.map((each) => Number(each.toFixed(1))),
  ...{ stepSeconds, warmUpMinutes, slopeMiBPerHour: slopePerHour(settled, stepSeconds) },
  openFiles: [files[0]!, files.at(-1)!] as const,
  mix: tally.mix,
  ...(nodeOptions === undefined ? {} : { nodeOptions }),
  ...(values.snapshots === undefined ? {} : { liveMiB: readLive(values.snapshots) }),
};
keepRecord(values.id, record);
console.log(JSON.stringify({ ...record, failures: tally.failures, exit: code }));
