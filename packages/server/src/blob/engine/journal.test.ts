import assert from "node:assert/strict";
import { copyFileSync, cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  makeScratchFolder,
  openScratchEngine,
  plain,
  putBytes,
  readBytes,
  withoutFile,
} from "../testing/scratch-engine.ts";
import type { BlobStore } from "./blob-store.ts";
import { encodeBatch } from "./change-batch.ts";
import { DurableWriter } from "./durable-writer.ts";
import { diskJournalIo, Journal, JournalBroken, type JournalIo, readJournal } from "./journal.ts";
import type { Mutation } from "./mutations.ts";

const place = { account: "acct", container: "c" };
const at = (blob: string) => ({ ...place, blob });

function putSmall(engine: BlobStore, blob: string, text: string) {
  const bytes = Buffer.from(text);
  return Promise.resolve(engine.storeWhole(bytes, { md5: false, crc64: false })).then((body) =>
    engine.putBlob(at(blob), body, plain),
  );
}

/** What a reader of the container finds: names with their ETags and bytes. */
async function readAll(engine: BlobStore): Promise<Record<string, string>> {
  const container = (await engine.findContainer(place))!;
  const page = { prefix: "", delimiter: "", from: "", limit: 500, hasUncommitted: false };
  const found: Record<string, string> = {};
  for (const item of (await engine.listBlobs(container, page)).items) {
    if (item.kind !== "blob") continue;
    const { name, etag } = item.record;
    found[name] = `${etag} ${await readBytes(engine, at(name))}`;
  }
  return found;
}

/** A closed store with one blob, and the same folder as a power failure would leave it: nothing of what came later but the journal. */
async function makeTwins(test: TestContext): Promise<{ live: string; afterFailure: string }> {
  const { engine, stateDir: live } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  await putBytes(engine, at("before"), Buffer.from("before"));
  await engine.close();
  const afterFailure = makeScratchFolder(test);
  cpSync(live, afterFailure, { recursive: true });
  return { live, afterFailure };
}

const journalOf = (stateDir: string) => join(stateDir, "blobs", "journal");

test("what was acknowledged is there after everything but the journal is lost, with the same ETags", {
  skip: withoutFile,
}, async (test) => {
  const { live, afterFailure } = await makeTwins(test);
  const { engine } = await openScratchEngine(test, { stateDir: live });
  for (let round = 0; round < 3; round++) {
    await Promise.all(Array.from({ length: 40 }, (_, index) => putSmall(engine, `b${index}`, `${round} of ${index}`)));
    await engine.deleteBlob(at(`b${round}`));
    const isNew = { ...plain, conditions: { ifNoneMatch: ["*"] } };
    const body = await engine.storeWhole(Buffer.from("refused"), { md5: false, crc64: false });
    await assert.rejects(engine.putBlob(at("before"), body, isNew));
    const block = await engine.storeWhole(Buffer.from(`block ${round}`), { md5: false, crc64: false });
    await engine.putBlock(at("blocks"), "AAAA", block);
  }
  await engine.putBlockList(at("blocks"), [{ source: "latest", blockId: "AAAA" }], plain);
  await engine.setBlobMetadata(at("b20"), [["k", "v"]]);
  copyFileSync(journalOf(live), journalOf(afterFailure));
  const expected = await readAll(engine);
  assert.equal(Object.keys(expected).length, 41);
  const { engine: again, problems } = await openScratchEngine(test, { stateDir: afterFailure });
  assert.deepEqual(await readAll(again), expected);
  assert.deepEqual(problems, []);
  // And once more: what was carried out is not carried out again.
  await again.close();
  const { engine: third } = await openScratchEngine(test, { stateDir: afterFailure });
  assert.deepEqual(await readAll(third), expected);
});

test("a journal that is torn anywhere leaves whole blobs or none", { skip: withoutFile }, async (test) => {
  const { live, afterFailure } = await makeTwins(test);
  const { engine } = await openScratchEngine(test, { stateDir: live });
  for (let index = 0; index < 12; index++) await putSmall(engine, `b${index}`, `text of ${index}`);
  const journal = readFileSync(journalOf(live));
  const counts = new Set<number>();
  for (const [index, byte] of [0, 5, 24, 500, 1500, 3000, journal.length - 1].entries()) {
    const stateDir = makeScratchFolder(test);
    cpSync(afterFailure, stateDir, { recursive: true });
    const torn = Buffer.from(journal);
    // Cut off, or with a byte that is another, in turns.
    if (index % 2 === 0) torn[byte]! ^= 1;
    writeFileSync(journalOf(stateDir), index % 2 === 0 ? torn : torn.subarray(0, byte));
    const { engine: again } = await openScratchEngine(test, { stateDir });
    const found = Object.entries(await readAll(again));
    for (const [name, text] of found) {
      assert.match(text, name === "before" ? / before$/ : new RegExp(` text of ${name.slice(1)}$`));
    }
    // Those before the tear, in the order in which they were written.
    for (let blob = 0; blob < found.length - 1; blob++) assert.ok(found.some(([name]) => name === `b${blob}`));
    counts.add(found.length);
    await putSmall(again, "after", "after");
    await again.close();
  }
  assert.ok(counts.has(1) && counts.size > 3, [...counts].join());
});

test("a torn tail of the extent is mended from the journal", { skip: withoutFile }, async (test) => {
  const { live, afterFailure } = await makeTwins(test);
  const { engine } = await openScratchEngine(test, { stateDir: live });
  for (let index = 0; index < 8; index++) await putSmall(engine, `b${index}`, "x".repeat(1000));
  const expected = await readAll(engine);
  cpSync(live, afterFailure, { recursive: true });
  truncateSync(join(afterFailure, "blobs/extents/00000001-small.extent"), 6000);
  const { engine: again, problems } = await openScratchEngine(test, { stateDir: afterFailure });
  assert.deepEqual(await readAll(again), expected);
  assert.deepEqual(problems, []);
});

const create = (container: string): Mutation => ({
  ...{ kind: "create-container", account: "acct", container, metadata: [], state: {} },
  access: { publicAccess: null, policies: [] },
});

const batchOf = (...containers: string[]) =>
  encodeBatch(containers.map((name, ticket) => ({ ticket, timeMs: 1000, mutation: create(name) })));

function openWriter(test: TestContext, directory: string, io?: JournalIo, journalLimitBytes = 1_000_000) {
  const writer = new DurableWriter({ directory, journalLimitBytes, ...(io === undefined ? {} : { io }) });
  let isOpen = true;
  const close = () => {
    if (isOpen) writer.close();
    isOpen = false;
  };
  test.after(close);
  return { writer, close };
}

const isOk = (writer: DurableWriter, ...containers: string[]) =>
  writer.commit([batchOf(...containers)]).map(({ outcome }) => outcome.isOk);

const noRoom = (): Error => Object.assign(new Error("no space left on device"), { code: "ENOSPC" });

test("a group that the disk had no room for is refused and not carried out at the next start", (test) => {
  const directory = makeScratchFolder(test);
  let failing: "write" | "sync" | undefined;
  let failures = 0;
  const fail = (what: "write" | "sync") => {
    if (failing !== what || failures++ > 0) return;
    throw noRoom();
  };
  const io: JournalIo = {
    write: (fd, buffers, position) => {
      // Half of it gets there.
      if (failing === "write" && failures === 0)
        diskJournalIo.write(fd, [Buffer.concat(buffers).subarray(0, 50)], position);
      fail("write");
      diskJournalIo.write(fd, buffers, position);
    },
    sync: (fd) => {
      fail("sync");
      diskJournalIo.sync(fd);
    },
  };
  const { writer } = openWriter(test, directory, io);
  assert.deepEqual(isOk(writer, "first"), [true]);
  for (const what of ["write", "sync"] as const) {
    [failing, failures] = [what, 0];
    const [refused] = writer.commit([batchOf(`not-${what}`)]);
    assert.deepEqual(refused?.outcome, { isOk: false, error: "no space left on device", isStorageFull: true });
    failing = undefined;
    assert.deepEqual(isOk(writer, `then-${what}`), [true]);
  }
  const copy = makeScratchFolder(test);
  cpSync(directory, copy, { recursive: true });
  const { writer: again } = openWriter(test, copy);
  assert.deepEqual(isOk(again, "first", "then-write", "then-sync", "not-write", "not-sync"), [
    ...[false, false, false],
    ...[true, true],
  ]);
});

test("what cannot be taken back ends the writer", (test) => {
  const directory = makeScratchFolder(test);
  let isFailing = false;
  const sync = (fd: number) => {
    if (isFailing) throw noRoom();
    diskJournalIo.sync(fd);
  };
  const { writer, close } = openWriter(test, directory, { ...diskJournalIo, sync });
  isFailing = true;
  assert.throws(() => writer.commit([batchOf("lost")]), JournalBroken);
  isFailing = false;
  close();
});

test("a journal begins anew when it is full, and what an earlier pass left in it is not read", (test) => {
  const directory = makeScratchFolder(test);
  const { writer, close } = openWriter(test, directory, undefined, 2000);
  for (let index = 0; index < 60; index++) {
    assert.deepEqual(isOk(writer, `c${index}`), [true]);
    writer.settleWhenFull();
    const numbers = readJournal(join(directory, "journal")).map(({ number }) => number);
    assert.ok(numbers.length < 20);
    assert.deepEqual(numbers.at(-1), index + 1);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
  }
  close();
  assert.deepEqual(readJournal(join(directory, "journal")), [], "nothing is carried out again after an orderly end");
  const { writer: again } = openWriter(test, directory);
  assert.deepEqual(isOk(again, "c0", "c59", "c60"), [false, false, true]);
});

test("a group that was taken back is not read behind the next one, whatever their sizes", (test) => {
  const directory = makeScratchFolder(test);
  readJournal(join(directory, "journal"));
  const journal = new Journal(join(directory, "journal"), 0);
  test.after(() => journal.close());
  const batch = (text: string) => Buffer.from(text);
  journal.append([batch("kept")]);
  journal.append([batch("gone"), batch("also")]);
  journal.takeBack();
  journal.append([batch("next")]);
  assert.deepEqual(
    readJournal(join(directory, "journal")).map((one) => one.batch.toString()),
    ["kept", "next"],
  );
});
