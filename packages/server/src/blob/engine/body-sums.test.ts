import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { makeScratchFolder } from "../testing/scratch-engine.ts";
import { readRange } from "./body-reader.ts";
import { BodySums, type BodySumsOptions } from "./body-sums.ts";
import { type StoredBody, syncBody, writeBody } from "./body-writer.ts";
import { Content, encodeContent } from "./content.ts";
import { Crc64 } from "./crc64.ts";
import { diskIo } from "./extent-file.ts";
import { ExtentStore } from "./extent-store.ts";
import { laneBytes } from "./sum-lane.ts";

const kib = 1024;
const mib = 1024 * kib;
const both = { md5: true, crc64: true };

function openStore(test: TestContext, { io = diskIo, start }: { io?: typeof diskIo } & Partial<BodySumsOptions> = {}) {
  const problems: string[] = [];
  const started: Worker[] = [];
  const entry = new URL("./blob-sums-worker.ts", import.meta.url);
  const sums = new BodySums({
    report: (problem) => problems.push(problem),
    start: () => {
      const worker = start?.() ?? new Worker(entry);
      started.push(worker);
      return worker;
    },
  });
  const store = new ExtentStore({
    directory: join(makeScratchFolder(test), "extents"),
    extentLimitBytes: 5 * mib,
    watermarks: new Map(),
    report: ({ detail }) => problems.push(detail),
    now: Date.now,
    io,
    sums,
  });
  test.after(() => store.close());
  return { store, problems, started };
}

/** Bytes that differ everywhere, so that no order but the right one has their sums. */
const makeBytes = (sizeBytes: number, seed: number) => {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at + 4 <= sizeBytes; at += 4) bytes.writeUInt32LE(Math.imul(at + seed, 2654435761) >>> 0, at);
  return bytes;
};

async function* cut(bytes: Buffer, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    yield bytes.subarray(at, at + pieceBytes);
    if (at % 3 === 0) await nextTurn();
  }
}

function assertSums(body: StoredBody, bytes: Buffer): void {
  assert.equal(body.md5?.toString("hex"), createHash("md5").update(bytes).digest("hex"));
  assert.equal(body.crc64?.toString("hex"), new Crc64().update(bytes).digest().toString("hex"));
}

async function readBack(store: ExtentStore, { spans }: StoredBody, sizeBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const content = new Content(encodeContent(spans, []));
  for await (const piece of readRange(store, content, 0, sizeBytes)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

test("a body of any size, in pieces of any size, has its own sums and bytes", async (test) => {
  const { store, problems, started } = openStore(test);
  const sizes = fc.oneof(fc.integer({ min: 1, max: 300 * kib }), fc.integer({ min: 250 * kib, max: 6 * mib }));
  const bodies = fc.array(fc.tuple(sizes, fc.integer({ min: 4 * kib, max: mib })), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(bodies, async (drawn) => {
      await Promise.all(
        drawn.map(async ([sizeBytes, pieceBytes], seed) => {
          const bytes = makeBytes(sizeBytes, seed);
          const body = await writeBody(store, cut(bytes, pieceBytes), sizeBytes, both);
          assertSums(body, bytes);
          await syncBody(body);
          assert.ok((await readBack(store, body, sizeBytes)).equals(bytes));
        }),
      );
    }),
    { numRuns: 12 },
  );
  assert.equal(started.length, 1);
  assert.deepEqual(problems, []);
});

test("more bodies at once than there are lanes, each with the sums that were asked for", async (test) => {
  const { store } = openStore(test);
  const forms = [both, { md5: true, crc64: false }, { md5: false, crc64: true }, { md5: false, crc64: false }];
  const write = async (index: number) => {
    const bytes = makeBytes(300 * kib + index, index);
    const form = forms[index % forms.length]!;
    const body = await writeBody(store, cut(bytes, 50 * kib), bytes.length, form);
    assert.deepEqual([body.md5 !== null, body.crc64 !== null], [form.md5, form.crc64]);
    if (form === both) assertSums(body, bytes);
  };
  await Promise.all(Array.from({ length: 40 }, (_, index) => write(index)));
});

test("a body that stops half way spoils no other of its lane", async (test) => {
  const { store } = openStore(test);
  const bytes = makeBytes(2 * mib, 1);
  async function* broken(afterBytes: number): AsyncGenerator<Buffer> {
    yield* cut(bytes.subarray(0, afterBytes), 64 * kib);
    throw new Error("the client is gone");
  }
  for (const afterBytes of [0, 10, 300 * kib, mib, 2 * mib - 1]) {
    await assert.rejects(writeBody(store, broken(afterBytes), bytes.length, both), { name: "BlobRefusal" });
    const other = makeBytes(mib + afterBytes, afterBytes);
    assertSums(await writeBody(store, cut(other, 64 * kib), other.length, both), other);
  }
});

test("a sender waits for the disk, and goes on with it", async (test) => {
  const opened = Promise.withResolvers<void>();
  const io = {
    write: async (fd: number, buffers: readonly Buffer[], position: number) => {
      await opened.promise;
      return diskIo.write(fd, buffers, position);
    },
    sync: diskIo.sync,
  };
  const { store } = openStore(test, { io });
  const bytes = makeBytes(4 * mib, 7);
  let takenBytes = 0;
  async function* count(): AsyncGenerator<Buffer> {
    for await (const piece of cut(bytes, 64 * kib)) {
      takenBytes += piece.length;
      yield piece;
    }
  }
  const writing = writeBody(store, count(), bytes.length, both);
  // It stands still when it took nothing for many turns.
  for (let turns = 0, before = -1; turns < 100; turns = takenBytes === before ? turns + 1 : 0) {
    before = takenBytes;
    await nextTurn();
  }
  assert.ok(takenBytes > 0 && takenBytes <= laneBytes + 64 * kib, `${takenBytes} bytes`);
  opened.resolve();
  assertSums(await writing, bytes);
});

test("a disk that fails is told to a sender wherever it is, and the lane is good for the next", {
  timeout: 60_000,
}, async (test) => {
  // By bytes: how many writes a body takes depends on how fast they are.
  let roomBytes = Number.POSITIVE_INFINITY;
  const io = {
    write: async (fd: number, buffers: readonly Buffer[], position: number) => {
      for (const { length } of buffers) roomBytes -= length;
      if (roomBytes < 0) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
      return diskIo.write(fd, buffers, position);
    },
    sync: diskIo.sync,
  };
  const { store, problems } = openStore(test, { io });
  const bytes = makeBytes(4 * mib + 5, 9);
  for (let room = 0; room < 4 * mib; room += 512 * kib) {
    for (const pieceBytes of [64 * kib, 4 * mib]) {
      roomBytes = room;
      await assert.rejects(writeBody(store, cut(bytes, pieceBytes), bytes.length, both), { name: "BlobRefusal" });
    }
    roomBytes = Number.POSITIVE_INFINITY;
    assertSums(await writeBody(store, cut(bytes, 64 * kib), bytes.length, both), bytes);
  }
  assert.deepEqual(problems, []);
});

test("bodies under way when the thread ends are refused, and those after it are summed without it", async (test) => {
  const { store, problems, started } = openStore(test);
  const bytes = makeBytes(2 * mib, 3);
  async function* endThread(): AsyncGenerator<Buffer> {
    yield bytes.subarray(0, mib);
    await started[0]!.terminate();
    yield bytes.subarray(mib);
  }
  const [first, second] = await Promise.allSettled([
    writeBody(store, endThread(), bytes.length, both),
    writeBody(store, endThread(), bytes.length, both),
  ]);
  for (const outcome of [first, second]) {
    assert.equal(outcome.status, "rejected");
    assert.match(String(outcome.reason), /could not be summed/);
  }
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /thread that sums bodies failed/);
  assertSums(await writeBody(store, cut(bytes, 64 * kib), bytes.length, both), bytes);
  assert.equal(started.length, 1);
});

test("a thread that cannot start fails nothing but what it was given", async (test) => {
  const { store, problems } = openStore(test, { start: () => new Worker("throw new Error('no')", { eval: true }) });
  const bytes = makeBytes(mib, 3);
  await assert.rejects(writeBody(store, cut(bytes, 64 * kib), bytes.length, both), /could not be summed/);
  assert.equal(problems.length, 1);
  assertSums(await writeBody(store, cut(bytes, 64 * kib), bytes.length, both), bytes);
});

test("a thread without work ends after a while, and another starts when there is some", async (test) => {
  const { store, problems, started } = openStore(test);
  const bytes = makeBytes(mib, 5);
  test.mock.timers.enable({ apis: ["setTimeout"] });
  assertSums(await writeBody(store, [bytes], bytes.length, both), bytes);
  test.mock.timers.tick(29_000);
  assertSums(await writeBody(store, [bytes], bytes.length, both), bytes);
  test.mock.timers.tick(29_000);
  assertSums(await writeBody(store, [bytes], bytes.length, both), bytes);
  assert.equal(started.length, 1);
  const ended = new Promise((resolve) => started[0]!.once("exit", resolve));
  test.mock.timers.tick(31_000);
  await ended;
  assertSums(await writeBody(store, [bytes], bytes.length, both), bytes);
  assert.equal(started.length, 2);
  assert.deepEqual(problems, []);
});
