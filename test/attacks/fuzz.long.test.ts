/**
 * The long fuzz run, against a server process of its own: its life, its log and its memory are watched. `POSTERN_FUZZ_COUNT` requests
 * (50,000 unless told) with the seed `POSTERN_FUZZ_SEED` (1).
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startTestCloud } from "../support/cloud-in-process.ts";
import { PlaneClient } from "../support/plane-client.ts";
import { startServer } from "../support/server-process.ts";
import { Fuzzer } from "./fuzzer.ts";

const count = Number(process.env.POSTERN_FUZZ_COUNT ?? 50_000);
const seed = Number(process.env.POSTERN_FUZZ_SEED ?? 1);
/** What the process may grow by between the first tenth and the end, in bytes: bounded memories fill up, nothing else does. */
const maxGrowthBytes = 150 * 1024 * 1024;

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
}

test(`${count} broken requests with the seed ${seed} neither end the server nor make it fault, tell or grow`, async (t) => {
  const tables = await startTestCloud();
  const { surfaces } = tables;
  await tables.dispose();
  const stateDir = mkdtempSync(join(tmpdir(), "postern-fuzz-"));
  const server = await startServer(stateDir, ["--offline"]);
  let log = "";
  server.child.stderr?.on("data", (chunk) => {
    log += chunk;
  });
  const client = new PlaneClient(server.status, 8);
  try {
    const fuzzer = new Fuzzer(client, surfaces, seed);
    await fuzzer.prepare();
    const step = Math.ceil(count / 10);
    let firstBytes = 0;
    for (let round = 0; round < 10; round++) {
      if (round > 0) await fuzzer.prepare();
      await fuzzer.run(step);
      const bytes = residentBytes(server.status.pid);
      if (round === 0) firstBytes = bytes;
      t.diagnostic(
        `${(round + 1) * step} requests: ${Math.round(bytes / 1024 / 1024)} MB, ${fuzzer.findings.length} findings`,
      );
    }
    t.diagnostic(JSON.stringify(fuzzer.counts));
    assert.deepEqual(fuzzer.findings.slice(0, 20), []);
    assert.equal(log.replace(/^.*ExperimentalWarning.*$/gm, "").match(/fault|Error|\bat /g), null, log.slice(0, 4000));
    assert.ok(residentBytes(server.status.pid) - firstBytes < maxGrowthBytes, "the server grew");
  } finally {
    client.close();
    assert.equal(await server.stop(), 0, log.slice(0, 2000));
    rmSync(stateDir, { recursive: true, force: true });
  }
});
