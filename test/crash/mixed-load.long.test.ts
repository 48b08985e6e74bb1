/**
 * kill -9 under a mixed load of uploads in one piece and in blocks, appends, overwrites and deletions; and the same with the last 4 KiB of the newest
 * extent torn off. POSTERN_TEST_KILLS says how often (fifty for the full proof).
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CrashWorld, contentOf } from "./crash-world.ts";

const kills = Number(process.env.POSTERN_TEST_KILLS ?? 6);
const tornBytes = 4096;
/** Of a body in the torn store: bounds how many blobs lie in what is torn off. */
const leastBytes = 500;
/** Of a body that is written to its extent alone. */
const leastLongBytes = 16 * 1024;

function makeStateDir(context: TestContext): string {
  const stateDir = mkdtempSync(join(tmpdir(), "postern-mixed-"));
  context.after(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

/** Where in its load a round is killed: from the first answers to some hundreds in. */
const momentOf = (round: number) => 40 + ((round * 137) % 500);

test(`kill -9 under mixed load, ${kills} times`, async (context) => {
  const world = await CrashWorld.start(makeStateDir(context), 0);
  for (let round = 1; round <= kills; round++) {
    await world.loadAndKill(round, momentOf(round));
    await world.restart();
    const { lost, half, refused } = await world.check((name) => name.startsWith(`r${round}/`));
    assert.deepEqual({ round, lost, half, refused }, { round, lost: 0, half: 0, refused: [] });
  }
  const { read, lost, half, refused } = await world.check();
  context.diagnostic(
    `${kills} kills: ${world.acknowledged} changes acknowledged, ${read} names read in the end, ${lost} lost, ${half} half-written`,
  );
  assert.deepEqual({ lost, half, refused }, { lost: 0, half: 0, refused: [] });
  await world.stop();
});

/** A write of a name that is long: small ones are in the journal, too, and are mended from there. */
function findLong(name: string): number {
  let write = 0;
  while (contentOf(name, write, leastBytes).length < 2 * leastLongBytes) write += 1;
  return write;
}

/** Tears the end off the extent that was written to last. */
function tear(stateDir: string): void {
  const folder = join(stateDir, "blobs", "extents");
  const files = readdirSync(folder).map((name) => ({ path: join(folder, name), ...statSync(join(folder, name)) }));
  const newest = files.reduce((one, other) => (other.mtimeMs > one.mtimeMs ? other : one));
  truncateSync(newest.path, Math.max(0, newest.size - tornBytes));
}

test(`the same with the last 4 KiB of the newest extent torn off, ${kills} times`, async (context) => {
  const stateDir = makeStateDir(context);
  const world = await CrashWorld.start(stateDir, leastBytes);
  let torn = 0;
  for (let round = 1; round <= kills; round++) {
    await world.loadAndKill(round, momentOf(round));
    if (round % 2 === 0) {
      // Under load the end of an extent is of what nobody was told yet; so that something acknowledged is torn, it is written last.
      await world.restart();
      await world.put(`r${round}/last`, findLong(`r${round}/last`));
      await world.kill();
    }
    tear(stateDir);
    await world.restart();
    const { lost, half, refused } = await world.check((name) => name.startsWith(`r${round}/`));
    assert.deepEqual({ round, lost, half }, { round, lost: 0, half: 0 });
    // Only what lay there is refused, and it is refused, never answered wrongly.
    assert.ok(refused.length <= Math.ceil(tornBytes / leastBytes) + 1, refused.join());
    torn += refused.length;
    for (const name of refused) await world.put(name, 1_000_000);
  }
  assert.ok(torn > 0, "something was torn off");
  const { read, lost, half, refused } = await world.check();
  context.diagnostic(
    `${kills} kills: ${world.acknowledged} changes acknowledged, ${read} names read in the end, ${torn} refused as torn, ${lost} lost, ${half} half-written`,
  );
  assert.deepEqual({ lost, half, refused }, { lost: 0, half: 0, refused: [] });
  await world.stop();
});
