import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ChallengeFiles } from "./challenge-files.ts";
import { challengeLifeSeconds, maxOpenChallenges } from "./limits.ts";

function setUp() {
  const root = mkdtempSync(join(tmpdir(), "postern-arc-"));
  const clock = { nowMs: Date.parse("2026-03-01T12:00:00Z") };
  const ports = {
    now: () => new Date(clock.nowMs),
    guid: () => randomUUID(),
    randomBytes: (sizeBytes: number) => randomBytes(sizeBytes),
  };
  const own = join(root, "own");
  const shared = join(root, "shared");
  return { root, clock, own, shared, files: new ChallengeFiles(ports, own, shared) };
}

test("files go into the agent's folder when it is there, else into our own", (context) => {
  const { root, own, shared, files } = setUp();
  context.after(() => rmSync(root, { recursive: true }));
  const first = files.make("session");
  assert.equal(dirname(first), own);
  assert.equal(files.isSharedFolderUsed(), false);
  assert.equal(statSync(own).mode & 0o777, 0o700);
  mkdirSync(shared);
  assert.equal(files.isSharedFolderUsed(), true);
  const second = files.make("session");
  assert.equal(dirname(second), shared);
  assert.match(second, /\.key$/);
  assert.equal(statSync(second).mode & 0o777, 0o600);
  files.end("session");
  assert.deepEqual([existsSync(first), existsSync(second)], [false, false]);
});

test("a secret serves once, its own session only, and not for long", (context) => {
  const { root, clock, files } = setUp();
  context.after(() => rmSync(root, { recursive: true }));
  const read = (file: string) => readFileSync(file, "utf8");
  const [one, late] = [files.make("a"), files.make("a")];
  const [secret, lateSecret] = [read(one), read(late)];
  assert.equal(files.spend("b", secret), false);
  assert.equal(files.spend("a", secret.slice(1)), false);
  assert.equal(files.spend("a", ""), false);
  assert.equal(files.spend("a", secret), true);
  assert.equal(existsSync(one), false);
  assert.equal(files.spend("a", secret), false);
  clock.nowMs += challengeLifeSeconds * 1000;
  assert.equal(files.spend("a", lateSecret), false);
  assert.equal(existsSync(late), false);
});

test("so many are open at most, and what a killed server left is cleared", (context) => {
  const { root, own, files } = setUp();
  context.after(() => rmSync(root, { recursive: true }));
  const oldest = files.make("a");
  for (let n = 1; n <= maxOpenChallenges; n += 1) files.make("a");
  assert.equal(readdirSync(own).length, maxOpenChallenges);
  assert.equal(existsSync(oldest), false);
  writeFileSync(join(own, "postern-left.key"), "x");
  files.clearOwnFolder();
  assert.equal(existsSync(own), false);
  assert.ok(existsSync(files.make("b")));
});
