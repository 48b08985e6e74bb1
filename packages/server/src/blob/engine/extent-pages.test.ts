import assert from "node:assert/strict";
import { closeSync, constants, openSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeScratchFolder } from "../testing/scratch-engine.ts";
import { readRange } from "./body-reader.ts";
import { type StoredBody, syncBody, writeBody } from "./body-writer.ts";
import { Content, encodeContent } from "./content.ts";
import { diskIo, type ExtentIo } from "./extent-file.ts";
import { pageBytes } from "./extent-format.ts";
import { ExtentStore } from "./extent-store.ts";

const kib = 1024;
const both = { md5: true, crc64: true };

type Write = { readonly fd: number; readonly position: number; readonly sizeBytes: number };

function openStore(test: TestContext, refuse: (fd: number) => Error | undefined = () => undefined) {
  const directory = join(makeScratchFolder(test), "extents");
  const writes: Write[] = [];
  const syncs: number[] = [];
  const io: ExtentIo = {
    write: async (fd, buffers, position) => {
      writes.push({ fd, position, sizeBytes: buffers.reduce((sum, { length }) => sum + length, 0) });
      const refusal = refuse(fd);
      if (refusal !== undefined) throw refusal;
      await diskIo.write(fd, buffers, position);
    },
    sync: async (fd) => {
      syncs.push(fd);
      await diskIo.sync(fd);
    },
  };
  const store = new ExtentStore({
    ...{ directory, extentLimitBytes: 2048 * kib, watermarks: new Map(), now: Date.now, io },
    report: ({ detail }) => assert.fail(detail),
  });
  test.after(() => store.close());
  return { store, writes, syncs, directory };
}

const makeBytes = (sizeBytes: number, seed: number) => Buffer.alloc(sizeBytes, `${seed} and so on `);

async function writeAndSync(store: ExtentStore, bytes: Buffer): Promise<StoredBody> {
  const body = await writeBody(store, [bytes], bytes.length, both);
  await syncBody(body);
  return body;
}

async function assertReads(store: ExtentStore, { spans }: StoredBody, bytes: Buffer): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of readRange(store, new Content(encodeContent(spans, [])), 0, bytes.length)) {
    pieces.push(Buffer.from(piece));
  }
  assert.ok(Buffer.concat(pieces).equals(bytes));
}

/** Whether the file system that tests write to can be written past its cache. */
function canPassCache(directory: string): boolean {
  if (constants.O_DIRECT === undefined) return false;
  const path = join(directory, "trial");
  try {
    closeSync(openSync(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT, 0o600));
    return true;
  } catch {
    return false;
  } finally {
    rmSync(path, { force: true });
  }
}

test("a large body goes past the cache in whole pages, between small ones that do not", async (test) => {
  const { store, writes, syncs, directory } = openStore(test);
  const sizes = [300, 256 * kib, 5, 1024 * kib + 1, 70 * kib, 300 * kib, 1000 * kib];
  const all = sizes.map((sizeBytes, seed) => makeBytes(sizeBytes, seed));
  const bodies = await Promise.all(all.map((bytes) => writeAndSync(store, bytes)));
  for (const [index, body] of bodies.entries()) await assertReads(store, body, all[index]!);
  const pages = writes.filter(({ fd }) => !syncs.includes(fd));
  assert.equal(pages.length > 0, canPassCache(directory));
  for (const { position, sizeBytes } of pages) assert.deepEqual([position % pageBytes, sizeBytes % pageBytes], [0, 0]);
});

test("where the disk takes no pages past the cache they are written the usual way", async (test) => {
  const { store, writes, syncs, directory } = openStore(test, (fd) =>
    syncs.includes(fd) ? undefined : Object.assign(new Error("invalid argument"), { code: "EINVAL" }),
  );
  const first = makeBytes(700 * kib, 1);
  const second = makeBytes(300 * kib, 2);
  await assertReads(store, await writeAndSync(store, first), first);
  const refused = () => writes.filter(({ fd }) => !syncs.includes(fd)).length;
  assert.equal(refused(), canPassCache(directory) ? 1 : 0);
  await assertReads(store, await writeAndSync(store, second), second);
  assert.equal(refused(), canPassCache(directory) ? 1 : 0, "it is not tried again");
});

test("a disk without room says so past the cache, too", async (test) => {
  const { store, syncs } = openStore(test, (fd) =>
    syncs.includes(fd) ? undefined : Object.assign(new Error("no room"), { code: "ENOSPC" }),
  );
  const writing = writeAndSync(store, makeBytes(700 * kib, 1));
  await assert.rejects(writing, { name: "BlobRefusal" });
});

/** How often this process has each extent open. */
function countOpen(directory: string): number[] {
  const counts = new Map<string, number>();
  for (const fd of readdirSync("/proc/self/fd")) {
    let path: string;
    try {
      path = readlinkSync(join("/proc/self/fd", fd));
    } catch {
      continue; // The listing's own, which is closed by now.
    }
    if (path.startsWith(directory)) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return [...counts.values()].sort();
}

test("an extent that is full is not kept open for pages", async (test) => {
  const { store, directory } = openStore(test);
  if (!canPassCache(directory)) return test.skip("not on this system");
  for (let seed = 0; seed < 6; seed++) await writeAndSync(store, makeBytes(900 * kib, seed));
  const opened = countOpen(directory);
  assert.ok(opened.length >= 3);
  const full = opened.slice(1).map(() => 1);
  assert.deepEqual(opened, [...full, 2]);
});
