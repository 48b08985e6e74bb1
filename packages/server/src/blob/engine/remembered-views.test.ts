import assert from "node:assert/strict";
import { test } from "node:test";
import { noSettings, openScratchEngine, putBytes, readBytes } from "../testing/scratch-engine.ts";

const place = { account: "acct", container: "c" };
const at = (blob: string) => ({ ...place, blob });

test("a blob that was read is read as it stands after every change", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const read = async (blob: string) => (await readBytes(engine, at(blob)))?.toString();
  await putBytes(engine, at("b"), Buffer.from("one"));
  assert.equal(await read("b"), "one");
  assert.equal(await read("b"), "one");
  await putBytes(engine, at("b"), Buffer.from("two"));
  assert.equal(await read("b"), "two");
  await engine.setBlobProperties(at("b"), { ...noSettings, contentType: "text/x-b" });
  const container = (await engine.findContainer(place))!;
  assert.equal((await engine.openBlob(container, "b"))?.record.settings.contentType, "text/x-b");
  assert.equal(await read("b"), "two");
  await engine.deleteBlob(at("b"));
  assert.equal(await read("b"), undefined);
  await putBytes(engine, at("b"), Buffer.from("three"));
  assert.equal(await read("b"), "three");
  await engine.deleteContainer(place);
  await engine.createContainer(place, []);
  assert.equal(await read("b"), undefined);
});

test("while a change is under way nothing is read from memory, and nothing kept of it", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const container = (await engine.findContainer(place))!;
  await putBytes(engine, at("b"), Buffer.from("0"));
  const sizes = new Set<number>();
  for (let length = 1; length <= 50; length++) {
    let isDone = false;
    const writing = putBytes(engine, at("b"), Buffer.alloc(length, "x")).then(() => {
      isDone = true;
    });
    let least = 0;
    while (!isDone) {
      const size = (await engine.openBlob(container, "b"))!.record.sizeBytes;
      assert.ok(size >= least, "a read goes back behind an earlier one");
      least = size;
      sizes.add(size);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
    assert.equal((await engine.openBlob(container, "b"))!.record.sizeBytes, length);
  }
  assert.ok(sizes.size > 1);
});
