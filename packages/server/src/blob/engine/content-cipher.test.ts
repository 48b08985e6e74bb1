import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { checkFolder } from "../check/check-folder.ts";
import { openScratchEngine, plain, withoutFile } from "../testing/scratch-engine.ts";
import type { BlobStore } from "./blob-store.ts";
import { restMs } from "./compactor.ts";
import { appendSpans, asPieces, Content, encodeContent, type Piece, splicePieces } from "./content.ts";
import { drawCipher, makeKey, openCipher } from "./content-cipher.ts";

const key = makeKey(Buffer.alloc(32, 9));
const place = { account: "acct", container: "c" };

test("a part of the key stream is the same part of it as of the whole", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(299), fc.nat(5000), (bytes, cut, start) => {
      const cipher = { ...drawCipher(), startBytes: start };
      const from = Math.min(cut, bytes.length - 1);
      const whole = openCipher(key, cipher, 0).update(bytes);
      const part = openCipher(key, cipher, from).update(bytes.subarray(from));
      assert.ok(whole.subarray(from).equals(part));
      assert.ok(openCipher(key, cipher, 0).update(whole).equals(Buffer.from(bytes)));
    }),
  );
});

test("it is AES-256 in counter mode, as anybody's", () => {
  const { nonce } = drawCipher();
  const counter = Buffer.concat([nonce, Buffer.alloc(4)]);
  const bytes = Buffer.from("as anybody's");
  const theirs = createCipheriv("aes-256-ctr", key.bytes, counter).update(bytes);
  assert.ok(openCipher(key, { nonce, startBytes: 0 }, 0).update(bytes).equals(theirs));
  assert.ok(createDecipheriv("aes-256-ctr", key.bytes, counter).update(theirs).equals(bytes));
});

async function read(engine: BlobStore, blob: string, withKey = true): Promise<Buffer> {
  const view = (await engine.openBlob((await engine.findContainer(place))!, blob))!;
  const pieces: Buffer[] = [];
  const opened = withKey ? { ...view, key } : view;
  for await (const piece of engine.read(opened, 0, view.record.sizeBytes)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

test("compaction moves encrypted bytes without their key, whole blobs and pieces", async (test) => {
  let timeMs = Date.parse("2026-01-02T03:04:05Z");
  const { engine, stateDir } = await openScratchEngine(test, {
    extentLimitBytes: 256 * 1024,
    now: () => new Date(timeMs),
  });
  await engine.createContainer(place, []);
  const store = (bytes: Buffer) => engine.store([bytes], bytes.length, { md5: false, crc64: false, key });
  const state = { keySha256: key.sha256 };
  const large = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 253));
  const put = async (blob: string, bytes: Buffer) =>
    engine.putBlob({ ...place, blob }, await store(bytes), { ...plain, state });
  await put("large", large);
  await engine.createPages({ ...place, blob: "disk" }, 16_384, { ...plain, state });
  const sequence = { atMost: undefined, below: undefined, equal: undefined };
  for (let index = 0; index < 8; index++) {
    await put(`gone${index}`, large.subarray(0, 100_000));
    // Each write covers half of the one before, so that pieces of runs are left.
    const body = await store(large.subarray(index * 1000, index * 1000 + 2048));
    await engine.putPages({ ...place, blob: "disk" }, { start: index * 1024, lengthBytes: 2048, body, sequence });
    await put(`kept${index}`, large.subarray(index, index + 20_000));
  }
  const disk = await read(engine, "disk");
  for (let index = 0; index < 8; index++) await engine.deleteBlob({ ...place, blob: `gone${index}` });
  let movedBytes = 0;
  for (let round = 0; round < 4; round++) {
    timeMs += restMs + 1;
    movedBytes += (await engine.compact()).movedBytes;
  }
  assert.ok(movedBytes > 60_000, String(movedBytes));
  assert.ok((await read(engine, "large")).equals(large));
  for (let index = 0; index < 8; index++) {
    assert.ok((await read(engine, `kept${index}`)).equals(large.subarray(index, index + 20_000)), String(index));
  }
  assert.ok((await read(engine, "disk")).equals(disk));
  assert.ok(disk.subarray(1024, 2048).equals(large.subarray(1000, 2024)));
  if (withoutFile === false) assert.deepEqual((await checkFolder(`${stateDir}/blobs`)).findings, []);
});

test("nobody is given encrypted bytes for a blob's", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const body = await engine.store([Buffer.from("secret")], 6, { md5: false, crc64: false, key });
  await engine.putBlob({ ...place, blob: "b" }, body, { ...plain, state: { keySha256: key.sha256 } });
  assert.equal((await read(engine, "b")).toString(), "secret");
  await assert.rejects(read(engine, "b", false), /without its key/);
  // A replica reads nothing at once.
  if (withoutFile !== false) return;
  const view = (await engine.openBlob((await engine.findContainer(place))!, "b"))!;
  assert.throws(() => engine.readSmall(view, 0, 6), /without its key/);
  assert.throws(() => engine.readSmall({ ...view, key: makeKey(Buffer.alloc(32)) }, 0, 6), /without its key/);
});

const piece = fc.record({
  extentId: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  offset: fc.nat(2 ** 30),
  lengthBytes: fc.integer({ min: 1, max: 2 ** 26 }),
  tag: fc.nat(2 ** 32 - 1),
  skipBytes: fc.nat(2 ** 20),
  runBytes: fc.nat(2 ** 27),
  nonce: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  startBytes: fc.nat(2 ** 27),
  isSealed: fc.boolean(),
});

test("an encrypted content is read as it was written, grown and spliced", () => {
  const asPiece = ({
    nonce,
    startBytes,
    isSealed,
    ...rest
  }: typeof piece extends fc.Arbitrary<infer P> ? P : never): Piece => ({
    ...rest,
    cipher: { nonce: Buffer.from(nonce), startBytes, isSealed },
  });
  const listed = (content: Uint8Array) => [...new Content(content).spans()].map(({ start: _, ...span }) => span);
  const block = fc.record(
    { blockId: fc.constantFrom("MDE=", "MDI="), sizeBytes: fc.nat(2 ** 31) },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 6 }),
      fc.array(piece, { maxLength: 3 }),
      fc.array(block, { maxLength: 3 }),
      fc.nat(5),
      (drawn, more, blocks, cut) => {
        const [pieces, added] = [drawn.map(asPiece), more.map(asPiece)];
        const content = encodeContent(pieces, blocks, key.sha256);
        assert.equal(new Content(content).keySha256, key.sha256);
        assert.deepEqual(listed(content), pieces);
        assert.deepEqual([...new Content(content).blocks()], blocks);
        const plainOne = encodeContent(pieces, [], key.sha256);
        assert.deepEqual(listed(appendSpans(plainOne, added)), [...pieces, ...added]);
        const at = cut % pieces.length;
        const spliced = splicePieces(plainOne, at, at, [pieces[at]!]);
        assert.ok(spliced.equals(plainOne));
        assert.equal(asPieces(plainOne), plainOne);
      },
    ),
  );
});
