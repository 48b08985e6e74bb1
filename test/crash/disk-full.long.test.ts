/** A disk that is full: writes are refused as the server's trouble, nothing that was acknowledged is lost, and room is used as soon as there is some. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keepRecord } from "../faults/record.ts";
import { CrashWorld, contentOf } from "./crash-world.ts";

const smallDisk = "size=24m";
const largeDisk = "size=96m";
/** More than fits, at 64 KiB and less each. */
const writes = 2000;

const isRoot = process.getuid?.() === 0;
const place = isRoot ? mkdtempSync(join(tmpdir(), "postern-full-")) : "";
const mount = (...args: string[]) => spawnSync("mount", args, { stdio: "ignore" }).status === 0;
const isMounted = isRoot && mount("-t", "tmpfs", "-o", smallDisk, "tmpfs", place);
const skip = isMounted ? false : "a disk of its own takes a tmpfs, which takes root";

test("a full disk: 5xx, nothing lost, and it goes on when there is room", { skip }, async (context) => {
  context.after(() => {
    spawnSync("umount", [place]);
    rmSync(place, { recursive: true, force: true });
  });
  const stateDir = join(place, "state");
  const world = await CrashWorld.start(stateDir, 0);
  let refusals = 0;
  for (let write = 0; write < writes && refusals < 20; write++) {
    const name = `full/b${write}`;
    const body = contentOf(name, write, 0);
    const answer = await world.send("PUT", `/mix/${name}`, { "x-ms-blob-type": "BlockBlob" }, body);
    if (answer.status === 201) continue;
    assert.ok(answer.status >= 500, `${answer.status} ${answer.text}`);
    assert.doesNotMatch(answer.text, /ENOSPC|node:|\/state|SQLITE/i);
    refusals += 1;
    assert.equal((await world.send("HEAD", `/mix/${name}`)).status, 404, "what was refused is not there");
  }
  assert.equal(refusals, 20, "the disk became full");
  const acknowledged = await listNames(world);
  assert.ok(acknowledged.length > 0);
  await checkAll(world, acknowledged);
  assert.ok(mount("-o", `remount,${largeDisk}`, place));
  await world.put("full/after", 1);
  const old = world.server.status.pid;
  await world.server.kill();
  await world.restart();
  assert.notEqual(world.server.status.pid, old);
  await checkAll(world, acknowledged);
  await world.put("full/later", 1);
  const { lost, half, refused } = await world.check();
  assert.deepEqual({ lost, half, refused }, { lost: 0, half: 0, refused: [] });
  context.diagnostic(`${acknowledged.length} blobs fitted, ${refusals} were refused, none lost`);
  keepRecord("disk-full", {
    section: "burden",
    source: "test/crash/disk-full.long.test.ts",
    fault: `a disk of 24 MiB, written to until ${refusals} writes were refused, made larger, and the server killed (\`kill -9\`)`,
    held: "refused writes are 5xx and not there, reads and listings go on, what was acknowledged is there whole before and after, room is used once there is some",
    figures: `${acknowledged.length} blobs acknowledged, ${lost} lost, ${half} torn; ${refusals} refused, none there`,
  });
  await world.stop();
});

async function listNames(world: CrashWorld): Promise<string[]> {
  const { status, text } = await world.send("GET", "/mix?restype=container&comp=list&prefix=full/");
  assert.equal(status, 200, text);
  return Array.from(text.matchAll(/<Name>([^<]+)</g), ([, name]) => name!);
}

async function checkAll(world: CrashWorld, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { status, text } = await world.send("GET", `/mix/${name}`);
    assert.equal(status, 200, name);
    assert.equal(text, contentOf(name, Number(name.slice("full/b".length)), 0), name);
  }
}
