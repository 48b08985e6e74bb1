import assert from "node:assert/strict";
import { test } from "node:test";
import { makeGuid, takeRandomBytes } from "./randomness.ts";

test("a GUID is a version 4 UUID in lower case, and none comes twice", () => {
  const made = Array.from({ length: 2000 }, makeGuid);
  for (const guid of made) assert.match(guid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(made).size, made.length);
});

test("every other bit of a GUID is random", () => {
  const ones = new Array<number>(128).fill(0);
  const rounds = 4000;
  for (let round = 0; round < rounds; round += 1) {
    const bits = BigInt(`0x${makeGuid().replaceAll("-", "")}`);
    for (let bit = 0; bit < 128; bit += 1) ones[bit]! += Number((bits >> BigInt(127 - bit)) & 1n);
  }
  const fixed = new Map([
    ...[0, 1, 0, 0].map((value, index) => [48 + index, value] as const), // the version
    ...[1, 0].map((value, index) => [64 + index, value] as const), // the variant
  ]);
  for (const [bit, count] of ones.entries()) {
    const value = fixed.get(bit);
    if (value !== undefined) assert.equal(count, value * rounds, `bit ${bit}`);
    // Ten standard deviations: it does not happen by chance.
    else assert.ok(Math.abs(count - rounds / 2) < 10 * Math.sqrt(rounds / 4), `bit ${bit}: ${count}`);
  }
});

test("random bytes are as many as asked for, the caller's own, and never the same twice", () => {
  const seen = new Set<string>();
  for (const sizeBytes of [16, 26, 64, 65, 5000, 16]) {
    for (let round = 0; round < 500; round += 1) {
      const bytes = takeRandomBytes(sizeBytes);
      assert.equal(bytes.length, sizeBytes);
      seen.add(bytes.toString("hex", 0, 16));
      bytes.fill(0xff);
    }
  }
  assert.equal(seen.size, 3000);
  assert.equal(takeRandomBytes(0).length, 0);
  // What one caller does with its bytes shows in nobody else's.
  assert.ok([...takeRandomBytes(64)].some((byte) => byte !== 0xff));
});
