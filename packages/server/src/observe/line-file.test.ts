import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LineFile, type LineFileOptions } from "./line-file.ts";

function open(t: TestContext, options: Partial<LineFileOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "postern-lines-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "access.log");
  const problems: string[] = [];
  const make = () =>
    new LineFile({
      path,
      maxBytes: 100,
      keptFiles: 2,
      report: (text) => problems.push(text),
      flushIntervalMs: 60_000,
      ...options,
    });
  return { folder, path, problems, make, read: (name: string) => readFileSync(join(folder, name), "utf8") };
}

/** 20 bytes. */
const line = (index: number) => `${String(index).padStart(19, "0")}\n`;

test("a file never grows past its bound, and the newest few are kept, in order", async (t) => {
  const { folder, path, make, read, problems } = open(t);
  const file = make();
  for (let index = 0; index < 18; index++) file.write(line(index));
  await file.close();
  assert.deepEqual(readdirSync(folder).sort(), ["access.log", "access.log.1", "access.log.2"]);
  const kept = read("access.log.2") + read("access.log.1") + read("access.log");
  assert.equal(kept, Array.from({ length: 13 }, (_, index) => line(index + 5)).join(""));
  for (const name of readdirSync(folder)) {
    assert.ok(statSync(join(folder, name)).size <= 100, name);
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  }
  assert.deepEqual(problems, []);
  const next = make();
  next.write(line(18));
  await next.close();
  assert.equal(readFileSync(path, "utf8"), [15, 16, 17, 18].map(line).join(""), "what is there is gone on with");
});

test("a line larger than the bound has a file of its own, and none kept is none kept", async (t) => {
  const { folder, make, read } = open(t, { keptFiles: 0 });
  const file = make();
  file.write(line(1));
  file.write(`${"x".repeat(150)}\n`);
  await file.close();
  assert.deepEqual(readdirSync(folder), ["access.log"]);
  assert.equal(read("access.log").length, 151);
});

test("what cannot be written is counted and said once, and takes no memory", async (t) => {
  const { folder, make, problems } = open(t);
  writeFileSync(join(folder, "file"), "");
  const file = new LineFile({
    path: join(folder, "file", "access.log"),
    maxBytes: 100,
    keptFiles: 1,
    report: (text) => problems.push(text),
  });
  file.write(line(1));
  file.write(line(2));
  await file.close();
  assert.equal(file.droppedCount, 2);
  assert.equal(problems.length, 1);
  const bounded = make();
  const large = `${"x".repeat(1024 * 1024)}\n`;
  for (let index = 0; index < 10; index++) bounded.write(large);
  assert.ok(bounded.droppedCount >= 6, String(bounded.droppedCount));
  await bounded.close();
});
