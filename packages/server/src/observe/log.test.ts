import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, type LogFormat, type LogLevel } from "./log.ts";

async function open(format: LogFormat, level: LogLevel = "info") {
  const lines: string[] = [];
  return { lines, log: await createLog({ format, level, write: (line) => lines.push(line) }) };
}

test("one line of JSON an event, with level, time and fields", async () => {
  const { lines, log } = await open("json");
  log.warn("the database does not answer\nat all", { revision: 7, isHome: true, left: undefined });
  log.error("fault: Error: x\n    at y (z.ts:1:2)");
  assert.equal(lines.length, 2);
  for (const line of lines) assert.match(line, /^\{.*\}\n$/);
  const { time, pid, ...event } = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(pid, process.pid);
  const msg = "the database does not answer\nat all";
  assert.deepEqual(event, { level: "warn", service: "postern", revision: 7, isHome: true, msg });
});

test("text for a terminal: one event a line, what belongs to it indented", async () => {
  const { lines, log } = await open("text");
  log.info("ready", { url: "https://localhost:1", by: "some body" });
  log.error("fault\nsecond line");
  assert.match(lines[0]!, /^\S+Z info ready url=https:\/\/localhost:1 by="some body"\n$/);
  assert.match(lines[1]!, /^\S+Z error fault\n {4}second line\n$/);
});

test("what is below the level is not written", async () => {
  const counts = new Map<string, number>();
  for (const level of ["debug", "info", "warn", "error", "silent"] as const) {
    for (const format of ["json", "text"] as const) {
      const { lines, log } = await open(format, level);
      for (const say of [log.debug, log.info, log.warn, log.error]) say("event");
      counts.set(`${level} ${format}`, lines.length);
    }
  }
  assert.deepEqual([...counts.values()], [4, 4, 3, 3, 2, 2, 1, 1, 0, 0]);
});

test("nothing secret gets into a line, by text or by field, in either format", async () => {
  for (const format of ["json", "text"] as const) {
    const { lines, log } = await open(format);
    log.error("refused client_secret=hidden-1 for Bearer hidden-2", {
      password: "hidden-3",
      url: "https://x/?sig=hidden-4",
    });
    assert.doesNotMatch(lines.join(""), /hidden/);
    assert.match(lines.join(""), /redacted/);
  }
});
