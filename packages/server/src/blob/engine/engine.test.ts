import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  noSettings,
  openScratchEngine,
  plain,
  putBlockBytes,
  putBytes,
  readBytes,
  withoutFile,
} from "../testing/scratch-engine.ts";
import { type BlobFault, BlobRefusal } from "./model.ts";

const place = { account: "acct", container: "c" };
const at = (blob: string) => ({ ...place, blob });

/** Bytes that differ everywhere, so that a misplaced piece shows. */
function pattern(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let index = 0; index < sizeBytes; index++)
    bytes[index] = (index * 31 + (index >>> 8) * 7 + (index >>> 16)) & 0xff;
  return bytes;
}

function refusal(kind: BlobFault["kind"]) {
  return (cause: unknown): boolean => cause instanceof BlobRefusal && cause.fault.kind === kind;
}

test("a blob comes back as it went in, at every size around a record's and an extent's", async (test) => {
  const extentLimitBytes = 300_000;
  const { engine, stateDir } = await openScratchEngine(test, { extentLimitBytes });
  await engine.createContainer(place, []);
  const sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 250_000, 1_048_576, 1_048_577, 3_000_000];
  for (const sizeBytes of sizes) await putBytes(engine, at(`b${sizeBytes}`), pattern(sizeBytes));
  for (const sizeBytes of sizes) {
    assert.ok((await readBytes(engine, at(`b${sizeBytes}`)))?.equals(pattern(sizeBytes)), `${sizeBytes} bytes`);
  }
  const extents = readdirSync(join(stateDir, "blobs/extents"));
  assert.ok(extents.length > 10);
  for (const name of extents) assert.ok(statSync(join(stateDir, "blobs/extents", name)).size <= extentLimitBytes);
});

test("any range of a blob of many spans is the range of its bytes", async (test) => {
  const { engine } = await openScratchEngine(test, { extentLimitBytes: 400_000 });
  await engine.createContainer(place, []);
  const bytes = pattern(1_500_000);
  await putBytes(engine, at("b"), bytes);
  const edges = [0, 1, 65_535, 65_536, 65_537, 327_679, 327_680, 700_001, 1_499_999];
  for (const start of edges) {
    for (const end of [...edges, bytes.length]) {
      if (end <= start) continue;
      const got = await readBytes(engine, at("b"), start, end - start);
      assert.ok(got?.equals(bytes.subarray(start, end)), `${start} to ${end}`);
    }
  }
});

test("sums are made on the way", async (test) => {
  const { engine } = await openScratchEngine(test);
  const bytes = Buffer.from("Hello Azure!");
  const body = await engine.store([bytes.subarray(0, 5), bytes.subarray(5)], bytes.length, { md5: true, crc64: true });
  assert.equal(body.md5?.toString("hex"), createHash("md5").update(bytes).digest("hex"));
  assert.equal(body.crc64?.toString("base64"), "DtjZpL9/o8c=");
});

test("a body that ends early, goes on too long or fails is refused and leaves nothing to see", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const none = { md5: false, crc64: false };
  await assert.rejects(engine.store([Buffer.alloc(9)], 10, none), refusal("body-incomplete"));
  await assert.rejects(engine.store([Buffer.alloc(11)], 10, none), refusal("body-incomplete"));
  async function* failing(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(2_000_000);
    throw new Error("the sender went away");
  }
  await assert.rejects(engine.store(failing(), 3_000_000, none), refusal("body-incomplete"));
  const container = (await engine.findContainer(place))!;
  const page = await engine.listBlobs(container, {
    prefix: "",
    delimiter: "",
    from: "",
    limit: 10,
    hasUncommitted: true,
  });
  assert.deepEqual(page, { items: [], next: undefined });
});

test("properties and metadata are kept, replaced and survive a restart", async (test) => {
  const first = await openScratchEngine(test);
  const { engine } = first;
  await engine.createContainer(place, [["Kind", "test"]]);
  const settings = { ...noSettings, contentType: "text/plain", contentMd5: "AAAA", cacheControl: "no-store" };
  const metadata = [
    ["__proto__", "x"],
    ["Upper", ""],
  ] as const;
  const put = await putBytes(engine, at("b"), Buffer.from("x"), { settings, metadata, accessTier: "Cool" });
  const set = await engine.setBlobMetadata(at("b"), [["only", "this"]]);
  assert.notEqual(put.etag, set.etag);
  await engine.close();
  const { engine: again } = await openScratchEngine(test, { stateDir: first.stateDir });
  const container = (await again.findContainer(place))!;
  assert.deepEqual(container.record.metadata, [["Kind", "test"]]);
  assert.deepEqual(await again.findBlob(container, "b"), {
    name: "b",
    type: "BlockBlob",
    tags: [],
    state: {},
    versionId: null,
    standing: { kind: "present" },
    etag: set.etag,
    createdMs: put.modifiedMs,
    modifiedMs: set.modifiedMs,
    sizeBytes: 1,
    settings,
    accessTier: "Cool",
    metadata: [["only", "this"]],
  });
});

test("no ETag comes twice, even when the clock goes back over a restart", async (test) => {
  let timeMs = 1_700_000_000_000;
  const now = () => new Date(timeMs);
  const first = await openScratchEngine(test, { now });
  await first.engine.createContainer(place, []);
  const etags = new Set<string>();
  for (let index = 0; index < 300; index++) etags.add((await putBytes(first.engine, at("b"), Buffer.from("x"))).etag);
  await first.engine.close();
  timeMs -= 60_000;
  const { engine } = await openScratchEngine(test, { stateDir: first.stateDir, now });
  etags.add((await putBytes(engine, at("b"), Buffer.from("y"))).etag);
  assert.equal(etags.size, 301);
});

test("blocks: committed in the order of the list, from either place, sharing what is stored", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const [one, two, three] = [pattern(70_000), Buffer.from("two"), pattern(200_000).reverse() as Buffer];
  await putBlockBytes(engine, at("b"), "MDE=", one);
  await putBlockBytes(engine, at("b"), "MDI=", two);
  const list = (...blockIds: string[]) => blockIds.map((blockId) => ({ source: "latest" as const, blockId }));
  await engine.putBlockList(at("b"), list("MDI=", "MDE="), plain);
  assert.ok((await readBytes(engine, at("b")))?.equals(Buffer.concat([two, one])));

  await putBlockBytes(engine, at("b"), "MDM=", three);
  await putBlockBytes(engine, at("b"), "MDI=", Buffer.from("TWO"));
  const mixed = [
    { source: "committed", blockId: "MDI=" },
    { source: "latest", blockId: "MDI=" },
    { source: "uncommitted", blockId: "MDM=" },
    { source: "committed", blockId: "MDE=" },
  ] as const;
  await engine.putBlockList(at("b"), mixed, plain);
  assert.ok((await readBytes(engine, at("b")))?.equals(Buffer.concat([two, Buffer.from("TWO"), three, one])));
  const container = (await engine.findContainer(place))!;
  assert.equal(await engine.hasUncommittedBlocks(container, "b"), false);
  const { content } = (await engine.openBlob(container, "b"))!;
  assert.deepEqual(
    Array.from(content.blocks(), ({ blockId, sizeBytes }) => [blockId, sizeBytes]),
    [
      ["MDI=", 3],
      ["MDI=", 3],
      ["MDM=", 200_000],
      ["MDE=", 70_000],
    ],
  );
});

test("blocks: a missing one, one in the wrong place and an id of another length are refused; nothing changes", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  await putBlockBytes(engine, at("b"), "MDE=", Buffer.from("one"));
  const commit = (source: "committed" | "uncommitted" | "latest", blockId: string) =>
    engine.putBlockList(at("b"), [{ source, blockId }], plain);
  await assert.rejects(commit("latest", "MDI="), refusal("block-list-invalid"));
  await assert.rejects(commit("committed", "MDE="), refusal("block-list-invalid"));
  await assert.rejects(putBlockBytes(engine, at("b"), "MDEyMw==", Buffer.from("x")), refusal("block-id-length"));
  assert.equal(await readBytes(engine, at("b")), undefined);
  await commit("latest", "MDE=");
  await assert.rejects(commit("uncommitted", "MDE="), refusal("block-list-invalid"));
  assert.equal((await readBytes(engine, at("b")))?.toString(), "one");
});

test("writing a blob whole drops its uncommitted blocks; an empty list makes an empty blob", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  await putBlockBytes(engine, at("b"), "MDE=", Buffer.from("one"));
  await putBytes(engine, at("b"), Buffer.from("whole"));
  assert.equal(await engine.hasUncommittedBlocks((await engine.findContainer(place))!, "b"), false);
  await engine.putBlockList(at("b"), [], plain);
  assert.equal((await readBytes(engine, at("b")))?.length, 0);
});

test("of writers who may only create, one wins, whatever comes at once", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const attempts = Array.from({ length: 20 }, (_, index) =>
    putBytes(engine, at("b"), Buffer.from(String(index)), { mustBeNew: true }),
  );
  const settled = await Promise.allSettled(attempts);
  assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
  for (const outcome of settled) {
    if (outcome.status === "rejected") assert.ok(refusal("replace-not-permitted")(outcome.reason));
  }
});

test("compare-and-swap by ETag loses no increment among concurrent writers", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  await putBytes(engine, at("counter"), Buffer.from("0"));
  const container = (await engine.findContainer(place))!;
  const increment = async (): Promise<void> => {
    for (;;) {
      const { etag } = (await engine.findBlob(container, "counter"))!;
      const value = Number(await readBytes(engine, at("counter")));
      if ((await engine.findBlob(container, "counter"))!.etag !== etag) continue;
      try {
        await putBytes(engine, at("counter"), Buffer.from(String(value + 1)), { conditions: { ifMatch: [etag] } });
        return;
      } catch (cause) {
        assert.ok(refusal("condition-not-met")(cause));
      }
    }
  };
  await Promise.all(Array.from({ length: 12 }, increment));
  assert.equal((await readBytes(engine, at("counter")))?.toString(), "12");
});

test("a deleted container is gone at once, and made again is empty", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  for (let index = 0; index < 50; index++) await putBytes(engine, at(`b${index}`), Buffer.from("x"));
  await engine.deleteContainer(place);
  assert.equal(await engine.findContainer(place), undefined);
  await assert.rejects(putBytes(engine, at("b"), Buffer.from("x")), refusal("container-not-found"));
  await engine.createContainer(place, []);
  assert.equal(await readBytes(engine, at("b1")), undefined);
  await assert.rejects(engine.createContainer(place, []), refusal("container-exists"));
});

test("a deleted account leaves its neighbours alone", async (test) => {
  const { engine } = await openScratchEngine(test);
  const other = { account: "other", container: "c" };
  await engine.createContainer(place, []);
  await engine.createContainer(other, []);
  await putBytes(engine, at("b"), Buffer.from("x"));
  await putBytes(engine, { ...other, blob: "b" }, Buffer.from("kept"));
  await engine.deleteAccount("acct");
  assert.deepEqual((await engine.listContainers("acct", "", "", 10)).items, []);
  assert.equal((await readBytes(engine, { ...other, blob: "b" }))?.toString(), "kept");
});

test("a reader goes on with what it opened while the blob is replaced and deleted", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const bytes = pattern(2_000_000);
  await putBytes(engine, at("b"), bytes);
  const view = (await engine.openBlob((await engine.findContainer(place))!, "b"))!;
  const pieces: Buffer[] = [];
  for await (const piece of engine.read(view, 0, bytes.length)) {
    pieces.push(Buffer.from(piece));
    if (pieces.length === 1) await putBytes(engine, at("b"), Buffer.from("other"));
    if (pieces.length === 2) await engine.deleteBlob(at("b"));
  }
  assert.ok(Buffer.concat(pieces).equals(bytes));
});

test("a second process is kept out", { skip: withoutFile }, async (test) => {
  const { stateDir } = await openScratchEngine(test);
  await assert.rejects(openScratchEngine(test, { stateDir }), /in use/);
});
