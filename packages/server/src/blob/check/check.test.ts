import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync, readSync, statSync, truncateSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { BlobStore } from "../engine/blob-store.ts";
import { present } from "../engine/model.ts";
import { openScratchEngine, plain, putBlockBytes, putBytes } from "../testing/scratch-engine.ts";
import { checkFolder, checkStopped, recountStopped } from "./check-folder.ts";
import type { FindingKind, StoreReport } from "./report.ts";

const place = { account: "acct", container: "box" };
const at = (blob: string) => ({ ...place, blob });

/** Something of everything that refers to bytes. */
async function fill(engine: BlobStore): Promise<void> {
  await engine.createContainer(place, [["of", "box"]]);
  await putBytes(engine, at("first"), Buffer.alloc(200_000, "f"), { tags: [["k", "v"]] });
  await engine.snapshotBlob(at("first"), null);
  await putBytes(engine, at("first"), Buffer.alloc(100_000, "g"), { tags: [["k", "w"]] });
  await putBytes(engine, at("last"), Buffer.alloc(10_000, "l"), { state: { expiresMs: Date.now() + 3_600_000 } });
  await putBlockBytes(engine, at("blocks"), "MDE=", Buffer.alloc(5000, "1"));
  await putBlockBytes(engine, at("blocks"), "MDI=", Buffer.alloc(5000, "2"));
  const entries = ["MDI=", "MDE="].map((blockId) => ({ source: "latest" as const, blockId }));
  await engine.putBlockList(at("blocks"), entries, plain);
  await putBlockBytes(engine, at("staged"), "MDE=", Buffer.alloc(4000, "s"));
  await engine.createPages(at("disk"), 8192, plain);
  const body = await engine.store([Buffer.alloc(1024, "p")], 1024, { md5: false, crc64: false });
  const sequence = { atMost: undefined, below: undefined, equal: undefined };
  await engine.putPages(at("disk"), { start: 512, lengthBytes: 1024, body, sequence });
  await engine.putPages(at("disk"), { start: 1024, lengthBytes: 512, body: null, sequence });
  await putBytes(engine, at("gone"), Buffer.alloc(3000, "x"));
  await engine.deleteBlob(at("gone"));
}

async function makeStore(test: TestContext): Promise<{ stateDir: string; metadata: string; extent: string }> {
  const { engine, stateDir } = await openScratchEngine(test);
  await fill(engine);
  await engine.close();
  const folder = join(stateDir, "blobs", "extents");
  return {
    stateDir,
    metadata: join(stateDir, "blobs", "metadata.db"),
    extent: join(folder, readdirSync(folder)[0]!),
  };
}

function kindsOf({ findings }: StoreReport): FindingKind[] {
  return [...new Set(findings.map(({ kind }) => kind))].sort();
}

function rowsOf({ findings }: StoreReport): string[] {
  return findings.flatMap(({ row }) => (row === undefined ? [] : [`${row.account}/${row.container}/${row.blob}`]));
}

function flipBit(file: string, position: number): void {
  const fd = openSync(file, "r+");
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, position);
  writeSync(fd, Buffer.from([byte[0]! ^ 4]), 0, 1, position);
  closeSync(fd);
}

function alter(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  const { changes } = database.prepare(sql).run();
  assert.ok(changes > 0, sql);
  database.close();
}

test("a store that is whole is said to be, stopped and in use", async (test) => {
  const { engine, stateDir } = await openScratchEngine(test);
  assert.equal((await checkFolder(join(stateDir, "blobs"))).isSound, true);
  await fill(engine);
  const running = await engine.holdExtents(() => checkFolder(join(stateDir, "blobs")));
  assert.deepEqual(running.findings, []);
  assert.deepEqual(
    [running.containerCount, running.blobCount, running.pastCount, running.blockCount, running.extentCount],
    [1, 4, 1, 1, 1],
  );
  assert.ok(running.checkedBytes > 320_000 && running.checkedBytes < 330_000, String(running.checkedBytes));
  assert.ok(running.unusedBytes > 3000);
  await assert.rejects(checkStopped(stateDir), /in use/);
  await engine.close();
  assert.deepEqual(await checkStopped(stateDir), running);
  assert.equal((await checkStopped(join(stateDir, "nowhere"))).isSound, true);
});

test("what was moved by compaction, restored and deleted leaves nothing to find", async (test) => {
  let timeMs = Date.parse("2026-01-02T03:04:05Z");
  const options = { extentLimitBytes: 256 * 1024, now: () => new Date(timeMs) };
  const { engine, stateDir } = await openScratchEngine(test, options);
  await fill(engine);
  await engine.deletePast(at("first"), { kind: "snapshot", stamp: -1 }, false).catch(() => undefined);
  const retention = { isVersioned: true, deletedBlobDays: 3 };
  await engine.deleteBlob(at("last"), { retention });
  await engine.undeleteBlob(at("last"));
  await engine.deleteBlob(at("first"), {}, "include");
  for (let pass = 0; pass < 3; pass++) {
    timeMs += 11 * 60 * 1000;
    await engine.sweep();
    await engine.compact();
  }
  await engine.deleteContainer(place, {}, 7);
  await engine.sweep();
  assert.deepEqual((await checkFolder(join(stateDir, "blobs"))).findings, []);
});

test("one flipped bit is found, wherever it is among what is in use, and said whose it is", async (test) => {
  const { stateDir, extent } = await makeStore(test);
  // The deleted blob's record is the last.
  const inUse = statSync(extent).size - 3024;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 64, max: inUse - 1 }), async (position) => {
      flipBit(extent, position);
      const report = await checkStopped(stateDir);
      flipBit(extent, position);
      assert.equal(report.isSound, false, String(position));
      assert.ok(rowsOf(report).length > 0, String(position));
    }),
    { numRuns: 40, examples: [[64], [inUse - 1]] },
  );
  assert.equal((await checkStopped(stateDir)).isSound, true);
});

test("damage to one state of a blob names it, and the state that is whole", async (test) => {
  const { stateDir, extent } = await makeStore(test);
  flipBit(extent, 70_000);
  const report = await checkStopped(stateDir);
  assert.deepEqual(
    [report.findingCount, kindsOf(report), rowsOf(report)],
    [1, ["content-damaged"], ["acct/box/first"]],
  );
  const [finding] = report.findings;
  assert.match(finding!.row!.state, /^snapshot \d/);
  assert.match(finding!.detail, /^extent 1, record at 65\d\d\d$/);
  assert.match(finding!.remedy, /^Its present is whole/);
});

test("a torn tail, and an extent that is gone", async (test) => {
  const { stateDir, extent } = await makeStore(test);
  truncateSync(extent, statSync(extent).size - 6000);
  const torn = await checkStopped(stateDir);
  assert.deepEqual(kindsOf(torn), ["content-damaged", "extent-torn"]);
  assert.ok(rowsOf(torn).includes("acct/box/disk"), rowsOf(torn).join());
  assert.ok(!rowsOf(torn).includes("acct/box/first"));
  unlinkSync(extent);
  const missing = await checkStopped(stateDir);
  assert.deepEqual(kindsOf(missing), ["content-damaged", "extent-missing"]);
  assert.deepEqual(rowsOf(missing).sort(), [
    "acct/box/blocks",
    "acct/box/disk",
    "acct/box/first",
    "acct/box/first",
    "acct/box/last",
    "acct/box/staged",
  ]);
});

const alterations: readonly (readonly [what: string, sql: string, kind: FindingKind])[] = [
  ["a blob's size", "UPDATE blobs SET size_bytes = size_bytes + 1 WHERE name = 'last'", "row-damaged"],
  ["a list of spans", "UPDATE blobs SET content = x'010203' WHERE name = 'last'", "row-damaged"],
  [
    "where a span lies",
    "UPDATE blobs SET content = (SELECT content FROM blocks) , size_bytes = 4000 WHERE name = 'last'",
    "count-wrong",
  ],
  ["properties", "UPDATE blobs SET settings = '[' WHERE name = 'last'", "row-damaged"],
  ["tags", "UPDATE blobs SET tags = '[[\"k\",\"other\"]]' WHERE name = 'first'", "index-wrong"],
  ["an end", "UPDATE endings SET ends_ms = ends_ms + 1", "index-wrong"],
  ["an index", "INSERT INTO tags VALUES (1, 'a', 'b', 'nobody')", "index-wrong"],
  ["whose row it is", "UPDATE blobs SET container_id = 99 WHERE name = 'last'", "row-orphaned"],
  ["a container", "DELETE FROM containers", "row-orphaned"],
  ["a count", "UPDATE extents SET live_bytes = live_bytes - 1", "count-wrong"],
  ["an extent's row", "DELETE FROM extents", "count-wrong"],
  ["the uncommitted blocks", "UPDATE staged SET block_count = 7", "index-wrong"],
  ["a block", "DELETE FROM blocks", "index-wrong"],
  ["the counter", "UPDATE counters SET value = 5", "count-wrong"],
];

for (const [what, sql, kind] of alterations) {
  test(`an altered row is found: ${what}`, async (test) => {
    const { stateDir, metadata } = await makeStore(test);
    alter(metadata, sql);
    const report = await checkStopped(stateDir);
    assert.ok(kindsOf(report).includes(kind), `${kindsOf(report)}`);
    assert.ok(report.findings.every(({ remedy, detail }) => remedy !== "" && detail !== ""));
  });
}

test("a row that names another's bytes by another tag is damage", async (test) => {
  const { stateDir, metadata } = await makeStore(test);
  const database = new DatabaseSync(metadata);
  const { content } = database.prepare("SELECT content FROM blobs WHERE name = 'last'").get() as {
    content: Uint8Array;
  };
  const changed = Buffer.from(content);
  changed.writeUInt32BE((changed.readUInt32BE(28) ^ 1) >>> 0, 28);
  database.prepare("UPDATE blobs SET content = ? WHERE name = 'last'").run(changed);
  database.close();
  const report = await checkStopped(stateDir);
  assert.deepEqual([kindsOf(report), rowsOf(report)], [["content-damaged"], ["acct/box/last"]]);
});

test("metadata that is damaged or gone is a finding, not a failure", async (test) => {
  const { stateDir, metadata } = await makeStore(test);
  const database = new DatabaseSync(metadata);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  const { size } = statSync(metadata);
  for (let position = 4096; position < size; position += 4096) flipBit(metadata, position);
  assert.ok(kindsOf(await checkStopped(stateDir)).includes("metadata-damaged"));
  truncateSync(metadata, 100);
  assert.deepEqual(kindsOf(await checkStopped(stateDir)), ["metadata-damaged"]);
  unlinkSync(metadata);
  assert.deepEqual(kindsOf(await checkStopped(stateDir)), ["metadata-damaged"]);
});

test("a check beside writers sees one moment and finds nothing", async (test) => {
  const { engine, stateDir } = await openScratchEngine(test);
  await fill(engine);
  let isDone = false;
  const writing = (async () => {
    for (let index = 0; !isDone; index++) {
      await putBytes(engine, at(`b${index % 20}`), Buffer.alloc(100 + index, "w"), { tags: [["n", String(index)]] });
      if (index % 7 === 0) await engine.changeState(at("last"), { what: "expiry", expiresMs: null }, present);
    }
  })();
  try {
    for (let round = 0; round < 5; round++) {
      const report = await engine.holdExtents(() => checkFolder(join(stateDir, "blobs")));
      assert.deepEqual(report.findings, []);
    }
  } finally {
    isDone = true;
    await writing;
  }
});

test("counts are put right by counting anew, and by nothing else", async (test) => {
  const { stateDir, metadata } = await makeStore(test);
  assert.deepEqual(recountStopped(stateDir), { correctedCount: 0 });
  const sound = await checkStopped(stateDir);
  const read = () => {
    const database = new DatabaseSync(metadata);
    const rows = database.prepare("SELECT id, end_bytes, live_bytes FROM extents").all() as { live_bytes: number }[];
    database.close();
    return rows;
  };
  const before = read();
  alter(metadata, "UPDATE extents SET live_bytes = 0");
  assert.deepEqual(recountStopped(stateDir), { correctedCount: 1 });
  assert.deepEqual(read(), before);
  alter(metadata, "DELETE FROM extents");
  assert.deepEqual(recountStopped(stateDir), { correctedCount: 1 });
  assert.deepEqual(await checkStopped(stateDir), sound);
  alter(metadata, "UPDATE extents SET live_bytes = 1");
  alter(metadata, "UPDATE blobs SET content = x'00' WHERE name = 'last'");
  assert.throws(() => recountStopped(stateDir), /cannot be read/);
  assert.equal(read()[0]!.live_bytes, 1);
});
