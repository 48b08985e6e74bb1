import assert from "node:assert/strict";
import { test } from "node:test";
import { Gatherer } from "./gatherer.ts";

test("those who ask at the same time share a question, each gets its own answer, and a failure is theirs alone", async () => {
  const asked: (readonly number[])[] = [];
  const gatherer = new Gatherer(async (keys: readonly number[]) => {
    asked.push(keys);
    await new Promise((resolve) => setImmediate(resolve));
    if (keys.includes(13)) throw new Error("thirteen");
    return keys.map((key) => key * 2);
  });
  const all = await Promise.all(Array.from({ length: 10 }, (_, key) => gatherer.get(key)));
  assert.deepEqual(all, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
  assert.equal(asked.length, 1);
  await assert.rejects(gatherer.get(13), /thirteen/);
  const many = await Promise.all(Array.from({ length: 1000 }, (_, key) => gatherer.get(key + 100)));
  assert.deepEqual(
    many,
    Array.from({ length: 1000 }, (_, key) => (key + 100) * 2),
  );
  assert.ok(asked.length < 30 && asked.every(({ length }) => length <= 64));
});
