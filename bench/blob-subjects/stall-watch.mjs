/**
 * Loaded before a server (`--import`): watches its main thread's event loop from within. On SIGUSR2 it writes the longest delay since the last time,
 * in milliseconds, to the file that BENCH_STALL_FILE names, and begins anew.
 */
import { renameSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

const file = process.env.BENCH_STALL_FILE;
if (isMainThread && file !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  process.on("SIGUSR2", () => {
    writeFileSync(`${file}.part`, JSON.stringify({ maxMs: delays.max / 1e6, p99Ms: delays.percentile(99) / 1e6 }));
    renameSync(`${file}.part`, file);
    delays.reset();
  });
}
