import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync, readSync, statSync, truncateSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeScratchFolder, openScratchEngine, putBytes, readBytes, withoutFile } from "../testing/scratch-engine.ts";
import { diskIo, type ExtentIo } from "./extent-file.ts";
import { type BlobFault, BlobRefusal } from "./model.ts";

const place = { account: "acct", container: "c" };
const at = (blob: string) => ({ ...place, blob });

function refusal(kind: BlobFault["kind"]) {
  return (cause: unknown): boolean => cause instanceof BlobRefusal && cause.fault.kind === kind;
}

/** A store with blobs `first` and `last` in one extent; closed. */
async function makeStore(test: TestContext): Promise<{ stateDir: string; extent: string }> {
  const { engine, stateDir } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  await putBytes(engine, at("first"), Buffer.alloc(100_000, "f"));
  await putBytes(engine, at("last"), Buffer.alloc(10_000, "l"));
  await engine.close();
  const folder = join(stateDir, "blobs/extents");
  return { stateDir, extent: join(folder, readdirSync(folder)[0]!) };
}

test("a torn tail is found at start; what it held is refused, the rest is served, and new writes are safe", {
  skip: withoutFile,
}, async (test) => {
  const { stateDir, extent } = await makeStore(test);
  truncateSync(extent, statSync(extent).size - 4096);
  const { engine, problems } = await openScratchEngine(test, { stateDir });
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /extent 1 ends at/);
  assert.equal((await readBytes(engine, at("first")))?.length, 100_000);
  await assert.rejects(readBytes(engine, at("last")), refusal("content-damaged"));
  // What is written now must not land where the lost bytes were: the old row would take it for its own.
  await putBytes(engine, at("new"), Buffer.alloc(10_000, "n"));
  assert.equal((await readBytes(engine, at("new")))?.toString(), "n".repeat(10_000));
  await assert.rejects(readBytes(engine, at("last")), refusal("content-damaged"));
});

test("one flipped bit is found by whoever reads that record, and only there", async (test) => {
  const { stateDir, extent } = await makeStore(test);
  const fd = openSync(extent, "r+");
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, 70_000);
  writeSync(fd, Buffer.from([byte[0]! ^ 1]), 0, 1, 70_000);
  closeSync(fd);
  const { engine, problems } = await openScratchEngine(test, { stateDir });
  assert.deepEqual(problems, []);
  await assert.rejects(readBytes(engine, at("first")), refusal("content-damaged"));
  assert.match(problems[0]!, /damaged content: extent 1/);
  assert.equal((await readBytes(engine, at("first"), 0, 65_536))?.length, 65_536);
  assert.equal((await readBytes(engine, at("last")))?.toString(), "l".repeat(10_000));
});

test("records that change places are not taken for one another", async (test) => {
  const { engine: first, stateDir } = await openScratchEngine(test);
  await first.createContainer(place, []);
  await putBytes(first, at("a"), Buffer.alloc(5000, "a"));
  await putBytes(first, at("b"), Buffer.alloc(5000, "b"));
  await first.close();
  const folder = join(stateDir, "blobs/extents");
  const fd = openSync(join(folder, readdirSync(folder)[0]!), "r+");
  const record = Buffer.alloc(5024);
  readSync(fd, record, 0, 5024, 64);
  writeSync(fd, record, 0, 5024, 64 + 5024);
  closeSync(fd);
  const { engine } = await openScratchEngine(test, { stateDir });
  assert.equal((await readBytes(engine, at("a")))?.toString(), "a".repeat(5000));
  await assert.rejects(readBytes(engine, at("b")), refusal("content-damaged"));
});

test("a missing extent is reported and its blobs refused", { skip: withoutFile }, async (test) => {
  const { stateDir, extent } = await makeStore(test);
  unlinkSync(extent);
  const { engine, problems } = await openScratchEngine(test, { stateDir });
  assert.match(problems[0]!, /extent 1 is gone/);
  await assert.rejects(readBytes(engine, at("first")), refusal("content-damaged"));
  await putBytes(engine, at("new"), Buffer.from("n"));
  assert.equal((await readBytes(engine, at("new")))?.toString(), "n");
});

const noRoom = (): Error => Object.assign(new Error("no space left on device"), { code: "ENOSPC" });

test("a full disk under the extents refuses the write, loses nothing, and passes", async (test) => {
  let isFull = false;
  const io: ExtentIo = {
    write: (fd, buffers, position) => (isFull ? Promise.reject(noRoom()) : diskIo.write(fd, buffers, position)),
    sync: (fd) => diskIo.sync(fd),
  };
  const { engine } = await openScratchEngine(test, { io });
  await engine.createContainer(place, []);
  await putBytes(engine, at("b"), Buffer.from("old"));
  isFull = true;
  await assert.rejects(putBytes(engine, at("b"), Buffer.from("new")), refusal("storage-full"));
  await assert.rejects(putBytes(engine, at("large"), Buffer.alloc(5_000_000)), refusal("storage-full"));
  assert.equal((await readBytes(engine, at("b")))?.toString(), "old");
  isFull = false;
  await putBytes(engine, at("b"), Buffer.from("new"));
  assert.equal((await readBytes(engine, at("b")))?.toString(), "new");
});

test("a failed sync acknowledges nobody, and its extent is never written to again", async (test) => {
  let isFailing = false;
  const io: ExtentIo = {
    write: (fd, buffers, position) => diskIo.write(fd, buffers, position),
    sync: (fd) => (isFailing ? Promise.reject(noRoom()) : diskIo.sync(fd)),
  };
  const { engine, stateDir } = await openScratchEngine(test, { io });
  await engine.createContainer(place, []);
  await putBytes(engine, at("b"), Buffer.from("old"));
  isFailing = true;
  const attempts = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => putBytes(engine, at(`n${index}`), Buffer.from("new"))),
  );
  for (const attempt of attempts) assert.equal(attempt.status, "rejected");
  isFailing = false;
  await putBytes(engine, at("c"), Buffer.from("after"));
  assert.equal(readdirSync(join(stateDir, "blobs/extents")).filter((name) => /^0*2-small/.test(name)).length, 1);
  assert.equal((await readBytes(engine, at("c")))?.toString(), "after");
  assert.equal((await readBytes(engine, at("b")))?.toString(), "old");
});

test("a disk too full for another extent leaves no empty files behind", async (test) => {
  let isFull = false;
  const io: ExtentIo = {
    write: (fd, buffers, position) => diskIo.write(fd, buffers, position),
    sync: (fd) => (isFull ? Promise.reject(noRoom()) : diskIo.sync(fd)),
  };
  const { engine, stateDir } = await openScratchEngine(test, { io, extentLimitBytes: 2000 });
  await engine.createContainer(place, []);
  await putBytes(engine, at("b"), Buffer.alloc(1500, "x"));
  isFull = true;
  for (let count = 0; count < 5; count++) {
    await assert.rejects(putBytes(engine, at("c"), Buffer.alloc(1500)), refusal("storage-full"));
  }
  assert.equal(readdirSync(join(stateDir, "blobs/extents")).length, 1);
  isFull = false;
  await putBytes(engine, at("c"), Buffer.alloc(1500, "y"));
  assert.equal((await readBytes(engine, at("c")))?.toString(), "y".repeat(1500));
});

test("a full disk under the metadata refuses the write, loses nothing, and passes", {
  skip: withoutFile,
}, async (test) => {
  const stateDir = makeScratchFolder(test);
  const { engine } = await openScratchEngine(test, { stateDir, maxMetadataPages: 40 });
  await engine.createContainer(place, []);
  const metadata = [["filler", "x".repeat(8000)]] as const;
  const kept: string[] = [];
  let refused = 0;
  for (let index = 0; index < 60 && refused < 3; index++) {
    try {
      await putBytes(engine, at(`b${index}`), Buffer.from(`value ${index}`), { metadata });
      kept.push(`b${index}`);
    } catch (cause) {
      assert.ok(refusal("storage-full")(cause));
      refused++;
    }
  }
  assert.equal(refused, 3);
  assert.ok(kept.length > 0);
  await engine.close();
  const { engine: again } = await openScratchEngine(test, { stateDir });
  for (const name of kept) assert.equal((await readBytes(again, at(name)))?.toString(), `value ${name.slice(1)}`);
  await putBytes(again, at("more"), Buffer.from("room"), { metadata });
  assert.equal((await readBytes(again, at("more")))?.toString(), "room");
});
