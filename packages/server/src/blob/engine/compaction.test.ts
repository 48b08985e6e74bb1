import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { checkFolder } from "../check/check-folder.ts";
import {
  metadataFile,
  openScratchEngine,
  plain,
  putBlockBytes,
  putBytes,
  readBytes,
  withoutFile,
} from "../testing/scratch-engine.ts";
import { restMs } from "./compactor.ts";
import { present } from "./model.ts";
import { parseStampTime } from "./stamps.ts";

const place = { account: "acct", container: "c" };
const at = (blob: string) => ({ ...place, blob });
const extentLimitBytes = 128 * 1024;
const noSums = { md5: false, crc64: false };

async function start(test: TestContext, stateDir?: string) {
  let timeMs = Date.now();
  const now = () => new Date(timeMs);
  const opened = await openScratchEngine(test, { extentLimitBytes, now, ...(stateDir && { stateDir }) });
  const { engine } = opened;
  if (stateDir === undefined) await engine.createContainer(place, []);
  const folder = join(opened.stateDir, "blobs", "extents");
  return {
    ...opened,
    /** Lets an extent's rest go by, and compacts. */
    settle: async () => {
      timeMs += restMs + 1;
      return engine.compact();
    },
    diskBytes: () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0),
  };
}

function bytesOf(index: number, sizeBytes = 8000): Buffer {
  return Buffer.alloc(sizeBytes, `${index}-`);
}

test("the space of what was deleted is given back, and what is left reads as before", async (test) => {
  const { engine, settle, diskBytes, problems, stateDir } = await start(test);
  for (let index = 0; index < 100; index++) await putBytes(engine, at(`b${index}`), bytesOf(index));
  const container = (await engine.findContainer(place))!;
  const etag = (await engine.findBlob(container, "b0"))!.etag;
  for (let index = 0; index < 100; index++) if (index % 10 !== 0) await engine.deleteBlob(at(`b${index}`));
  const before = diskBytes();
  assert.deepEqual(await engine.compact(), { movedBytes: 0, removedExtents: 0, removedBytes: 0 }, "too early");
  assert.ok((await settle()).movedBytes > 0);
  assert.equal(diskBytes() >= before, true, "nothing goes at once");
  await settle();
  const last = await settle();
  assert.ok(diskBytes() < before / 2, `${diskBytes()} of ${before}`);
  assert.equal(last.movedBytes, 0);
  for (let index = 0; index < 100; index += 10)
    assert.ok((await readBytes(engine, at(`b${index}`)))?.equals(bytesOf(index)));
  assert.equal((await engine.findBlob(container, "b0"))!.etag, etag);
  assert.deepEqual(problems, []);
  await engine.close();
  const again = await start(test, stateDir);
  for (let index = 0; index < 100; index += 10) {
    assert.ok((await readBytes(again.engine, at(`b${index}`)))?.equals(bytesOf(index)));
  }
  assert.deepEqual(again.problems, []);
});

test("blocks, snapshots, append and page blobs are moved whole", async (test) => {
  const { engine, settle, diskBytes, stateDir } = await start(test);
  const store = (bytes: Buffer) => engine.store([bytes], bytes.length, noSums);
  await engine.putBlob(at("log"), await store(Buffer.alloc(0)), plain, "AppendBlob");
  await engine.createPages(at("disk"), 64 * 1024, plain);
  const disk = Buffer.alloc(64 * 1024);
  let log = "";
  for (let index = 0; index < 12; index++) {
    await engine.appendBlock(at("log"), await store(Buffer.from(`${index},`)), {
      positionBytes: undefined,
      maxSizeBytes: undefined,
    });
    log += `${index},`;
    const first = index * 4096;
    const page = bytesOf(index, 8192);
    const sequence = { atMost: undefined, below: undefined, equal: undefined };
    await engine.putPages(at("disk"), { start: first, lengthBytes: 8192, body: await store(page), sequence });
    page.copy(disk, first);
    await putBlockBytes(engine, at("blocks"), `MD${String.fromCharCode(65 + index)}=`, bytesOf(index, 100));
    for (let rubbish = 0; rubbish < 6; rubbish++)
      await putBytes(engine, at(`rubbish${rubbish}`), bytesOf(rubbish, 16_000));
  }
  const { snapshot } = await engine.snapshotBlob(at("disk"), null);
  assert.ok(snapshot !== undefined);
  for (let rubbish = 0; rubbish < 6; rubbish++) await engine.deleteBlob(at(`rubbish${rubbish}`));
  const before = diskBytes();
  for (let round = 0; round < 3; round++) await settle();
  assert.ok(diskBytes() < before / 2, `${diskBytes()} of ${before}`);
  assert.equal((await readBytes(engine, at("log")))?.toString(), log);
  assert.ok((await readBytes(engine, at("disk")))?.equals(disk));
  const container = (await engine.findContainer(place))!;
  const moment = { kind: "snapshot", stamp: parseStampTime(snapshot)! } as const;
  const view = (await engine.openBlob(container, "disk", moment))!;
  const pieces: Buffer[] = [];
  for await (const piece of engine.read(view, 0, disk.length)) pieces.push(Buffer.from(piece));
  assert.ok(Buffer.concat(pieces).equals(disk));
  const blockIds = Array.from({ length: 12 }, (_, index) => `MD${String.fromCharCode(65 + index)}=`);
  const entries = blockIds.map((blockId) => ({ source: "latest", blockId }) as const);
  await engine.putBlockList(at("blocks"), entries, plain);
  const blocks = Buffer.concat(blockIds.map((_, index) => bytesOf(index, 100)));
  assert.ok((await readBytes(engine, at("blocks")))?.equals(blocks));
  for (const name of ["log", "disk", "blocks"]) await engine.deleteBlob(at(name), {}, "include");
  const database = new DatabaseSync(await metadataFile(stateDir), { readOnly: true });
  const live = database.prepare("SELECT DISTINCT live_bytes FROM extents").all();
  database.close();
  assert.deepEqual(
    live.map(({ live_bytes: liveBytes }) => liveBytes),
    [0],
    "what is gone is counted nowhere",
  );
});

test("a read that is under way keeps what it reads", async (test) => {
  const { engine, settle } = await start(test);
  const large = Buffer.alloc(400_000, "large");
  await putBytes(engine, at("b"), large);
  const view = (await engine.openBlob((await engine.findContainer(place))!, "b", present))!;
  const reading = engine.read(view, 0, large.length);
  const pieces = [Buffer.from((await reading.next()).value as Buffer)];
  await engine.deleteBlob(at("b"));
  await putBytes(engine, at("other"), large);
  for (let round = 0; round < 3; round++) assert.equal((await settle()).removedExtents, 0);
  for await (const piece of reading) pieces.push(Buffer.from(piece));
  assert.ok(Buffer.concat(pieces).equals(large));
  assert.ok((await settle()).removedExtents > 0);
  await assert.rejects(engine.copyBlob(at("late"), view, plain), { fault: { kind: "blob-not-found" } });
});

test("small blocks that follow each other are moved as one, and read as before by any range", async (test) => {
  const { engine, settle, stateDir } = await start(test);
  const ids = Array.from({ length: 300 }, (_, index) => Buffer.from(String(index).padStart(4, "0")).toString("base64"));
  const parts = ids.map((_, index) => bytesOf(index, 100 + (index % 7) * 40));
  for (const [index, id] of ids.entries()) {
    await putBlockBytes(engine, at("blocks"), id, parts[index]!);
    await putBytes(engine, at(`gone${index}`), bytesOf(index, 2000));
  }
  await engine.putBlockList(
    at("blocks"),
    ids.map((blockId) => ({ source: "latest", blockId })),
    plain,
  );
  for (const [index] of ids.entries()) await engine.deleteBlob(at(`gone${index}`));
  const container = (await engine.findContainer(place))!;
  const spansOf = async () => (await engine.openBlob(container, "blocks"))!.content.spanCount;
  assert.equal(await spansOf(), 300);
  while ((await settle()).movedBytes > 0);
  assert.ok((await spansOf()) < 60, `${await spansOf()} spans`);
  const whole = Buffer.concat(parts);
  assert.ok((await readBytes(engine, at("blocks")))?.equals(whole));
  for (let from = 0; from < whole.length; from += 7919) {
    const to = Math.min(whole.length, from + 5003);
    assert.ok((await readBytes(engine, at("blocks"), from, to - from))?.equals(whole.subarray(from, to)), String(from));
  }
  const { content } = (await engine.openBlob(container, "blocks"))!;
  assert.deepEqual(
    [...content.blocks()],
    ids.map((blockId, index) => ({ blockId, sizeBytes: parts[index]!.length })),
  );
  if (withoutFile === false) assert.deepEqual((await checkFolder(join(stateDir, "blobs"))).findings, []);
});
