import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { openScratchEngine, putBytes } from "../testing/scratch-engine.ts";
import { recordPayloadBytes } from "./extent-format.ts";
import { giveBackPiece, slabRecords, takeSlab } from "./read-slab.ts";

const place = { account: "acct", container: "c" };
const slabBytes = slabRecords * recordPayloadBytes;

/** Bytes that say whose they are. */
const filled = (sizeBytes: number, seed: number) =>
  Buffer.from(Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 7 + seed) & 255));

test("a slab is lent to one at a time, and given back once", () => {
  const slab = takeSlab();
  const others = [takeSlab(), takeSlab()];
  assert.equal(new Set([slab, ...others].map(({ payloads }) => payloads.buffer)).size, 3);
  giveBackPiece(slab.payloads.subarray(10, 20));
  giveBackPiece(slab.payloads);
  giveBackPiece(Buffer.alloc(slabBytes));
  assert.equal(takeSlab(), slab);
  assert.notEqual(takeSlab(), slab);
});

test("what is not given back stays as it was, however much is read besides", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const bodies = [filled(3 * slabBytes + 5, 1), filled(3 * slabBytes + 5, 2)];
  for (const [index, bytes] of bodies.entries()) await putBytes(engine, { ...place, blob: `b${index}` }, bytes);
  const container = (await engine.findContainer(place))!;
  const view = async (index: number) => (await engine.openBlob(container, `b${index}`))!;
  const kept: Buffer[] = [];
  for await (const piece of engine.read(await view(0), 0, bodies[0]!.length)) {
    kept.push(piece);
    let at = 0;
    for await (const other of engine.read(await view(1), 0, bodies[1]!.length)) {
      assert.ok(other.equals(bodies[1]!.subarray(at, at + other.length)));
      at += other.length;
      giveBackPiece(other);
    }
    assert.equal(at, bodies[1]!.length);
  }
  assert.equal(kept.length, 4);
  assert.ok(Buffer.concat(kept).equals(bodies[0]!));
});

test("a copy of a blob goes through one slab", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const bytes = filled(5 * slabBytes + 1, 4);
  await putBytes(engine, { ...place, blob: "b" }, bytes);
  const view = (await engine.openBlob((await engine.findContainer(place))!, "b"))!;
  const memories = new Set<ArrayBufferLike>();
  async function* watch(): AsyncGenerator<Buffer> {
    for await (const piece of engine.read(view, 0, bytes.length)) {
      memories.add(piece.buffer);
      yield piece;
    }
  }
  const body = await engine.store(watch(), bytes.length, { md5: true, crc64: false });
  assert.equal(memories.size, 1);
  assert.equal(body.md5?.toString("hex"), createHash("md5").update(bytes).digest("hex"));
});

test("memory that was given back is read into again", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const bytes = filled(8 * slabBytes, 3);
  await putBytes(engine, { ...place, blob: "b" }, bytes);
  const view = (await engine.openBlob((await engine.findContainer(place))!, "b"))!;
  const memories = new Set<ArrayBufferLike>();
  for await (const piece of engine.read(view, 100, bytes.length - 200)) {
    memories.add(piece.buffer);
    giveBackPiece(piece);
  }
  assert.equal(memories.size, 1);
});
