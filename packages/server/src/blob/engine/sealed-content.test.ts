import assert from "node:assert/strict";
import { createDecipheriv, createHmac } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { makeScratchFolder, openScratchEngine, plain } from "../testing/scratch-engine.ts";
import type { BlobStore } from "./blob-store.ts";
import { readRange, readSmallRange } from "./body-reader.ts";
import { writeBody } from "./body-writer.ts";
import { restMs } from "./compactor.ts";
import { appendSpans, Content, encodeContent, type PlacedSpan, type Span } from "./content.ts";
import { drawCipher, makeKey, nonceBytes, openCipher, plainBytesOf, sealedBytes, unitBytes } from "./content-cipher.ts";
import { recordHeaderBytes, recordOffset, recordPayloadBytes, sealRecord } from "./extent-format.ts";
import { ExtentStore } from "./extent-store.ts";
import { BlobRefusal } from "./model.ts";

const key = makeKey(Buffer.alloc(32, 9));
const place = { account: "acct", container: "c" };
const noSums = { md5: false, crc64: false };

function bytesOf(lengthBytes: number, seed = 0): Buffer {
  return Buffer.from(Uint8Array.from({ length: lengthBytes }, (_, at) => (at * 31 + seed * 7 + (at >> 8)) % 251));
}

async function start(test: TestContext, extentLimitBytes = 1024 * 1024) {
  let timeMs = Date.parse("2026-01-02T03:04:05Z");
  const opened = await openScratchEngine(test, { extentLimitBytes, now: () => new Date(timeMs) });
  const { engine, stateDir } = opened;
  await engine.createContainer(place, []);
  return {
    ...opened,
    put: async (blob: string, bytes: Buffer) => {
      const body = await engine.store([bytes], bytes.length, { ...noSums, key });
      await engine.putBlob({ ...place, blob }, body, { ...plain, state: { keySha256: key.sha256 } });
      return open(engine, blob);
    },
    settle: async () => {
      timeMs += restMs + 1;
      return engine.compact();
    },
    fileOf: ({ extentId }: Span) => {
      const folder = join(stateDir, "blobs", "extents");
      return join(folder, readdirSync(folder).find((name) => Number.parseInt(name, 10) === extentId)!);
    },
  };
}

async function open(engine: BlobStore, blob: string) {
  return { ...(await engine.openBlob((await engine.findContainer(place))!, blob))!, key };
}

async function read(engine: BlobStore, blob: string): Promise<Buffer> {
  const view = await open(engine, blob);
  const pieces: Buffer[] = [];
  for await (const piece of engine.read(view, 0, view.record.sizeBytes)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** A record of a run as it lies in a file. */
function takeRecord(file: string, span: PlacedSpan, index: number): Buffer {
  const payloadBytes = Math.min(recordPayloadBytes, span.runBytes - index * recordPayloadBytes);
  const record = Buffer.alloc(recordHeaderBytes + payloadBytes);
  const fd = openSync(file, "r");
  readSync(fd, record, 0, record.length, span.offset + recordOffset(index));
  closeSync(fd);
  return record;
}

/** Puts a record there with a name and a sum that are right. */
function putRecord(file: string, span: PlacedSpan, index: number, record: Buffer): void {
  const offset = span.offset + recordOffset(index);
  sealRecord(record, { tag: span.tag, extentId: span.extentId, offset });
  const fd = openSync(file, "r+");
  writeSync(fd, record, 0, record.length, offset);
  closeSync(fd);
}

test("a unit is what anybody makes of it with the key, the run's nonce and its number", async (test) => {
  const { put, fileOf } = await start(test);
  const bytes = bytesOf(unitBytes + 1000);
  const { content } = await put("b", bytes);
  const span = content.spanAt(0);
  assert.deepEqual([span.lengthBytes, span.runBytes], [bytes.length, bytes.length + 2 * 16]);
  const runKey = createHmac("sha256", key.bytes).update("postern sealed run 1").update(span.cipher!.nonce).digest();
  for (const [index, expected] of [bytes.subarray(0, unitBytes), bytes.subarray(unitBytes)].entries()) {
    const payload = takeRecord(fileOf(span), span, index).subarray(recordHeaderBytes);
    const number = Buffer.alloc(nonceBytes);
    number.writeUInt32BE(index, 8);
    const opening = createDecipheriv("aes-256-gcm", runKey, number).setAuthTag(payload.subarray(-16));
    assert.ok(Buffer.concat([opening.update(payload.subarray(0, -16)), opening.final()]).equals(expected));
  }
});

test("bytes that were changed, or are from elsewhere, are not served, though their sums were mended", async (test) => {
  const { engine, put, fileOf, problems } = await start(test);
  const bytes = bytesOf(3 * unitBytes);
  const views = [await put("a", bytes), await put("b", bytes), await put("small", bytes.subarray(0, 100))];
  const spans = views.map(({ content }) => content.spanAt(0));
  const [a, b, small] = spans as [PlacedSpan, PlacedSpan, PlacedSpan];
  const recordOf = (span: PlacedSpan, index: number) => takeRecord(fileOf(span), span, index);
  const flipped = (span: PlacedSpan, index: number, at: number) => {
    const record = recordOf(span, index);
    record[at]! ^= 1;
    return record;
  };
  const attempts: [what: string, span: PlacedSpan, index: number, record: Buffer][] = [
    ["a bit", a, 1, flipped(a, 1, recordHeaderBytes + 5)],
    ["a bit of a tag", a, 1, flipped(a, 1, recordHeaderBytes + recordPayloadBytes - 1)],
    ["another unit of the run", a, 1, recordOf(a, 0)],
    ["the same unit of another run with the same bytes", a, 1, recordOf(b, 1)],
    ["a bit of a short one", small, 0, flipped(small, 0, recordHeaderBytes + 99)],
  ];
  for (const [what, span, index, record] of attempts) {
    const before = recordOf(span, index);
    const blob = span === small ? "small" : "a";
    putRecord(fileOf(span), span, index, record);
    await assert.rejects(
      read(engine, blob),
      (cause) => cause instanceof BlobRefusal && cause.fault.kind === "content-damaged",
      what,
    );
    const view = await open(engine, blob);
    if (engine.readSmall(await open(engine, "b"), 0, 10) !== undefined) {
      assert.throws(() => engine.readSmall(view, index * unitBytes + 1, 10), BlobRefusal, what);
    }
    assert.match(problems.at(-1)!, /is not what was sealed with its key/);
    putRecord(fileOf(span), span, index, before);
    assert.ok((await read(engine, blob)).equals(bytes.subarray(0, view.record.sizeBytes)), `${what} undone`);
  }
});

test("what so many bytes take once sealed, and the other way round", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000 }), (lengthBytes) => {
      const sealed = sealedBytes(lengthBytes);
      assert.equal(plainBytesOf(sealed), lengthBytes);
      assert.equal(Math.ceil(sealed / recordPayloadBytes), Math.ceil(lengthBytes / unitBytes));
    }),
    { examples: [[unitBytes - 1], [unitBytes], [unitBytes + 1]] },
  );
});

/** A run in counter mode, as older stores have them. */
async function writeOlder(store: ExtentStore, bytes: Buffer): Promise<Span> {
  const cipher = { ...drawCipher(), isSealed: false };
  const encrypted = openCipher(key, cipher, 0).update(bytes);
  const { spans } = await writeBody(store, [encrypted], encrypted.length, noSums);
  assert.equal(spans.length, 1);
  return { ...spans[0]!, cipher };
}

test("content of older stores, without tags, is read as it was, and goes on with sealed runs", async (test) => {
  const store = new ExtentStore({
    directory: join(makeScratchFolder(test), "extents"),
    extentLimitBytes: 16 * 1024 * 1024,
    watermarks: new Map(),
    report: ({ detail }) => assert.fail(detail),
    now: () => 0,
  });
  const [first, second] = [bytesOf(100_000), bytesOf(150_000, 1)];
  const older = encodeContent([await writeOlder(store, first)], [], key.sha256);
  older.writeUInt8(3, 0);
  const { spans } = await writeBody(store, [second], second.length, { ...noSums, key });
  const both = appendSpans(older, spans);
  assert.equal(both[0], 4);
  const whole = Buffer.concat([first, second]);
  for (const [encoded, expected] of [
    [older, first],
    [both, whole],
  ] as const) {
    const content = new Content(encoded);
    assert.equal(content.keySha256, key.sha256);
    for (const [from, lengthBytes] of [
      [0, expected.length],
      [65_530, 12],
      [99_990, 10],
      [expected.length - 7, 7],
    ] as const) {
      const wanted = expected.subarray(from, from + lengthBytes);
      const pieces: Buffer[] = [];
      for await (const piece of readRange(store, content, from, lengthBytes, key)) pieces.push(Buffer.from(piece));
      assert.ok(Buffer.concat(pieces).equals(wanted), `${from}, ${lengthBytes}`);
      const small = readSmallRange(store, content, from, lengthBytes, key);
      assert.ok(small === undefined || small.equals(wanted));
    }
  }
  await store.close();
});

test("pieces of sealed runs are moved by whole units, without their key, again and again", async (test) => {
  const { engine, settle, put, problems } = await start(test, 512 * 1024);
  const pages = 1024;
  const model = Buffer.alloc(pages * 512);
  await engine.createPages({ ...place, blob: "disk" }, model.length, { ...plain, state: { keySha256: key.sha256 } });
  const sequence = { atMost: undefined, below: undefined, equal: undefined };
  const write = fc.tuple(fc.nat(pages - 1), fc.integer({ min: 1, max: 500 }));
  let round = 0;
  let movedBytes = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 4 }), async (writes) => {
      for (const [first, wanted] of writes) {
        const lengthBytes = Math.min(wanted, pages - first) * 512;
        const bytes = bytesOf(lengthBytes, ++round);
        const body = await engine.store([bytes], lengthBytes, { ...noSums, key });
        await engine.putPages({ ...place, blob: "disk" }, { start: first * 512, lengthBytes, body, sequence });
        bytes.copy(model, first * 512);
        await put("gone", bytesOf(200_000));
      }
      movedBytes += (await settle()).movedBytes;
      assert.ok((await read(engine, "disk")).equals(model));
    }),
    { numRuns: 25 },
  );
  for (let more = 0; more < 3; more++) movedBytes += (await settle()).movedBytes;
  assert.ok((await read(engine, "disk")).equals(model));
  assert.ok(movedBytes > 0);
  assert.deepEqual(problems, []);
});
