/**
 * How long compaction ever keeps the event loop, and what it costs: many small blobs, and one blob of many small blocks, with reads and writes beside it.
 * `node --conditions=postern-source bench/compaction.ts`: under a minute.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { BlobStore } from "../packages/server/src/blob/engine/blob-store.ts";
import { restMs } from "../packages/server/src/blob/engine/compactor.ts";
import { openBlobEngine } from "../packages/server/src/blob/engine/engine.ts";
import { plain } from "../packages/server/src/blob/testing/scratch-engine.ts";

const place = { account: "acct", container: "c" };
const bytes = Buffer.alloc(1024, "x");

const store = (engine: BlobStore, body: Buffer) => engine.store([body], body.length, { md5: false, crc64: false });
const put = async (engine: BlobStore, blob: string, body = bytes) =>
  engine.putBlob({ ...place, blob }, await store(engine, body), plain);

async function runMany(count: number, work: (number: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const run = async () => {
    for (let number = next++; number < count; number = next++) await work(number);
  };
  await Promise.all(Array.from({ length: 512 }, run));
}

async function fillSmall(engine: BlobStore): Promise<void> {
  const blobs = 60_000;
  await runMany(blobs, (number) => put(engine, `b${number}`));
  await runMany(blobs, async (number) => {
    if (number % 10 !== 0) await engine.deleteBlob({ ...place, blob: `b${number}` });
  });
}

async function fillBlocks(engine: BlobStore): Promise<void> {
  const ids = Array.from({ length: 50_000 }, (_, number) => Buffer.from(String(number).padStart(6, "0")));
  const blockIds = ids.map((id) => id.toString("base64"));
  await put(engine, "b0");
  await runMany(ids.length, async (number) => {
    await engine.putBlock({ ...place, blob: "blocks" }, blockIds[number]!, await store(engine, bytes));
    await put(engine, `gone${number}`, Buffer.alloc(2048));
  });
  const entries = blockIds.map((blockId) => ({ source: "latest" as const, blockId }));
  await engine.putBlockList({ ...place, blob: "blocks" }, entries, plain);
  await runMany(ids.length, (number) => engine.deleteBlob({ ...place, blob: `gone${number}` }));
}

/** Does some work with a read and a write beside it each millisecond, and says how it went. */
async function measure(engine: BlobStore, label: string, work: () => Promise<unknown>): Promise<void> {
  const container = (await engine.findContainer(place))!;
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  let isDone = false;
  const read = async () => {
    for (; !isDone; await delay(1)) {
      const view = (await engine.openBlob(container, "b0"))!;
      for await (const piece of engine.read(view, 0, bytes.length))
        if (!piece.equals(bytes)) throw new Error("other bytes");
    }
  };
  const write = async () => {
    for (let number = 0; !isDone; number++, await delay(1)) await put(engine, `beside${number}`);
  };
  const beside = [read(), write()];
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const [seconds, { user, system }] = [(performance.now() - begun) / 1000, process.cpuUsage(cpu)];
  isDone = true;
  await Promise.all(beside);
  loop.disable();
  const stalls = `${(loop.max / 1e6).toFixed(1)} ms at most, ${(loop.percentile(99) / 1e6).toFixed(1)} ms in 99 %`;
  const costs = `${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of CPU`;
  console.log(`${label}: stalls ${stalls}; ${costs}; ${JSON.stringify(result ?? {})}`);
}

for (const [name, fill] of Object.entries({ "small blobs": fillSmall, "a blob of many blocks": fillBlocks })) {
  const stateDir = mkdtempSync(join(tmpdir(), "postern-bench-"));
  let timeMs = Date.now();
  const engine = await openBlobEngine({ stateDir, now: () => new Date(timeMs), extentLimitBytes: 8 * 1024 * 1024 });
  try {
    await engine.createContainer(place, []);
    await fill(engine);
    await measure(engine, `${name}, at rest`, () => delay(3000));
    for (let round = 0; round < 3; round++) {
      timeMs += restMs + 1;
      await measure(engine, `${name}, compaction`, () => engine.compact());
    }
  } finally {
    await engine.close();
    rmSync(stateDir, { recursive: true });
  }
}
