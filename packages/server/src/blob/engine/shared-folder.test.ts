import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readRange } from "./body-reader.ts";
import { syncBody, writeBody } from "./body-writer.ts";
import { Content, encodeContent } from "./content.ts";
import { ExtentStore } from "./extent-store.ts";
import { BlobRefusal } from "./model.ts";

const bytes = Buffer.alloc(200_000, "what was written ");

/** A folder of extents that one process writes to and another reads from; ids are drawn for both. */
async function share(test: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "postern-shared-"));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  let lastId = 40;
  const open = () => {
    const shared = { drawId: async () => ++lastId, rereadDelaysMs: [0, 0] };
    const sizes = { extentLimitBytes: 1_000_000, watermarks: new Map() };
    const store = new ExtentStore({
      directory,
      shared,
      ...sizes,
      report: ({ detail }) => assert.fail(detail),
      now: Date.now,
    });
    test.after(() => store.close());
    return store;
  };
  const put = async (store: ExtentStore) => {
    const body = await writeBody(store, [bytes], bytes.length, { md5: false, crc64: false });
    await syncBody(body);
    return new Content(encodeContent(body.spans, []));
  };
  const read = async (store: ExtentStore, content: Content) => {
    const pieces: Buffer[] = [];
    for await (const piece of readRange(store, content, 0, bytes.length)) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces);
  };
  return { directory, open, put, read };
}

test("each process appends to extents of its own, also after a start, and reads all", async (test) => {
  const { directory, open, put, read } = await share(test);
  const [one, other] = [open(), open()];
  const contents = [await put(one), await put(other), await put(one)];
  const again = open();
  contents.push(await put(again));
  assert.deepEqual(readdirSync(directory).sort(), [
    "00000041-small.extent",
    "00000042-small.extent",
    "00000043-small.extent",
  ]);
  for (const store of [one, other, again])
    for (const content of contents) assert.ok((await read(store, content)).equals(bytes));
  assert.deepEqual([one.owns(41), one.owns(42)], [true, false]);
  one.disown();
  await put(one);
  assert.ok(readdirSync(directory).includes("00000044-small.extent"), "what it had is another's");
  other.adopt(41, "small");
  assert.ok(other.owns(41) && other.idleSince(Date.now() + 1).has(41));
});

test("what does not read as it was written is read again by a file opened anew, and said to be damaged only then", async (test) => {
  const { directory, open, put, read } = await share(test);
  const content = await put(open());
  const file = join(directory, readdirSync(directory)[0]!);
  const whole = readFileSync(file);
  const spoil = {
    "a page that was remembered": () => writeFileSync(file, Buffer.from(whole).fill(0, 150_000, 151_000)),
    "an end that was remembered": () => truncateSync(file, 100_000),
    "a name that is not there yet": () => rmSync(file),
  };
  for (const [what, act] of Object.entries(spoil)) {
    act();
    const reader = open();
    let refreshed = 0;
    const refresh = reader.refresh.bind(reader);
    reader.refresh = (id) => {
      refreshed += 1;
      writeFileSync(file, whole);
      refresh(id);
    };
    assert.ok((await read(reader, content)).equals(bytes), what);
    assert.ok(refreshed > 0, what);
    act();
    const isDamage = (cause: unknown) => cause instanceof BlobRefusal && cause.fault.kind === "content-damaged";
    await assert.rejects(read(open(), content), isDamage, what);
    writeFileSync(file, whole);
  }
});
