import assert from "node:assert/strict";
import { test } from "node:test";
import { runChild } from "./child.ts";

function run(...command: string[]) {
  const said: string[] = [];
  const done = runChild({ command, env: process.env, isOnTerminal: false, sayError: (text) => said.push(text) });
  return done.then((code) => ({ code, said }));
}

test("a program's exit code is ours", async () => {
  assert.equal((await run("/bin/sh", "-c", "exit 7")).code, 7);
});

test("a program ended by a signal counts as 128 plus its number", async () => {
  assert.equal((await run("/bin/sh", "-c", "kill -TERM $$")).code, 143);
});

test("a signal to us is passed on, and nothing listens when the program has ended", async () => {
  const before = process.listenerCount("SIGHUP");
  const script = 'trap "exit 9" HUP; kill -HUP $PPID; for i in $(seq 1000); do sleep 0.01; done; exit 1';
  assert.equal((await run("/bin/sh", "-c", script)).code, 9);
  assert.equal(process.listenerCount("SIGHUP"), before);
});

test("a program that is not there is 127, one that cannot be run 126, each with a word on it", async () => {
  const missing = await run("postern-no-such-program");
  assert.equal(missing.code, 127);
  assert.match(missing.said.join(), /no such program/);
  assert.equal((await run("/etc/passwd")).code, 126);
});
