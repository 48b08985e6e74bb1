import assert from "node:assert/strict";
import { test } from "node:test";
import { LineLog } from "./line-log.ts";

const mebibyte = 1024 * 1024;

test("lines are given back as they were added, oldest first, and no more than the bound", () => {
  const log = new LineLog<{ id: string; text: string }>(mebibyte, 100);
  assert.deepEqual(log.list(), []);
  const lines = Array.from({ length: 250 }, (_, id) => ({ id: `<${id}>`, text: `line\n"${id}" ü€😀` }));
  for (const line of lines) log.add(line);
  assert.deepEqual(log.list(), lines.slice(150));
  assert.deepEqual(log.list("<170>"), [lines[170]]);
  assert.deepEqual(log.list("<17>"), [], "too old");
  assert.deepEqual(log.list("nowhere"), []);
});

test("memory is bounded: the oldest lines make room, one that is too large is left out", () => {
  const log = new LineLog<string>(mebibyte, 1_000_000);
  const line = (id: number) => `${id} ${"x".repeat(10_000)}`;
  for (let id = 0; id < 1000; id += 1) log.add(line(id));
  const kept = log.list();
  assert.ok(kept.length >= 70 && kept.length * 10_000 <= mebibyte, `${kept.length} lines`);
  assert.deepEqual(
    kept,
    Array.from({ length: kept.length }, (_, place) => line(1000 - kept.length + place)),
  );
  log.add("y".repeat(mebibyte));
  log.add("after");
  assert.equal(log.list().at(-1), "after");
  assert.ok(!log.list().some((each) => each.startsWith("y")));
});
