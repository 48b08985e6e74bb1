import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { people, startTrialSurface } from "./testing/trial-surface.ts";

const page = 512;
const url = (target: string): string => `https://acct.blob.core.windows.net${target}`;

async function start(test: TestContext) {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  const make = (name: string) =>
    send("PUT", `/box/${name}`, {
      headers: { "x-ms-blob-type": "PageBlob", "x-ms-blob-content-length": String(4 * page), "x-ms-meta-of": name },
    });
  await make("disk");
  await make("other");
  const write = (name: string, first: number, byte: number) =>
    send("PUT", `/box/${name}?comp=page`, {
      headers: { "x-ms-page-write": "update", "x-ms-range": `bytes=${first * page}-${(first + 1) * page - 1}` },
      body: Buffer.alloc(page, byte),
    });
  const snapshot = async (name: string) =>
    String((await send("PUT", `/box/${name}?comp=snapshot`)).headers["x-ms-snapshot"]);
  const copy = (source: string, as?: string, headers = {}) =>
    send("PUT", "/box/copy?comp=incrementalcopy", {
      headers: { "x-ms-copy-source": url(source), ...headers },
      ...(as === undefined ? {} : { as }),
    });
  return { send, write, snapshot, copy };
}

test("a copy takes in a disk snapshot by snapshot, is read by its own snapshots, and listed with what changed", async (test) => {
  const { send, write, snapshot, copy } = await start(test);
  await write("disk", 0, 1);
  const first = await snapshot("disk");
  await write("disk", 2, 2);
  const second = await snapshot("disk");
  const got = await copy(`/box/disk?snapshot=${first}`);
  assert.deepEqual([got.status, got.headers["x-ms-copy-status"]], [202, "success"]);
  const one = await send("HEAD", "/box/copy");
  assert.equal(one.headers["x-ms-incremental-copy"], "true");
  assert.equal(one.headers["x-ms-meta-of"], "disk");
  const firstCopied = String(one.headers["x-ms-copy-destination-snapshot"]);
  assert.equal((await copy(`/box/disk?snapshot=${second}`)).status, 202);
  const secondCopied = String((await send("HEAD", "/box/copy")).headers["x-ms-copy-destination-snapshot"]);
  assert.ok(secondCopied > firstCopied);
  const bytes = await send("GET", `/box/copy?snapshot=${secondCopied}`);
  assert.deepEqual(
    [0, 1, 2, 3].map((at) => bytes.body[at * page]),
    [1, 0, 2, 0],
  );
  const changed = await send("GET", `/box/copy?comp=pagelist&snapshot=${secondCopied}&prevsnapshot=${firstCopied}`);
  assert.match(changed.text, /<PageRange><Start>1024<\/Start><End>1535<\/End><\/PageRange>/);
  assert.doesNotMatch(changed.text, /<Start>0</);
  const newer = await send("GET", `/box/copy?comp=pagelist&snapshot=${firstCopied}&prevsnapshot=${secondCopied}`);
  assert.deepEqual([newer.status, newer.code], [400, "PreviousSnapshotCannotBeNewer"]);
  const listed = await send("GET", "/box?restype=container&comp=list&include=copy,snapshots&prefix=copy");
  assert.equal(listed.text.match(/<Blob>/g)?.length, 3);
  assert.match(listed.text, /<IncrementalCopy>true<\/IncrementalCopy>/);
  assert.ok(listed.text.includes(`<CopyDestinationSnapshot>${secondCopied}</CopyDestinationSnapshot>`));
});

test("a copy belongs to one source, goes forward only, and is nothing else's to change or read", async (test) => {
  const { send, write, snapshot, copy } = await start(test);
  const first = await snapshot("disk");
  await write("disk", 0, 1);
  const second = await snapshot("disk");
  const other = await snapshot("other");
  assert.equal((await copy("/box/disk")).code, "IncrementalCopySourceMustBeSnapshot");
  assert.equal((await copy(`/box/disk?snapshot=${second}`)).status, 202);
  assert.equal((await copy(`/box/disk?snapshot=${first}`)).code, "IncrementalCopyOfEarlierSnapshotNotAllowed");
  assert.equal((await copy(`/box/other?snapshot=${other}`)).code, "IncrementalCopyBlobMismatch");
  const refused: [method: string, target: string, headers?: Record<string, string>, body?: Buffer][] = [
    ["GET", "/box/copy"],
    ["GET", "/box/copy?comp=metadata"],
    ["GET", "/box/copy?comp=pagelist"],
    ["PUT", "/box/copy?comp=metadata", { "x-ms-meta-a": "b" }],
    ["PUT", "/box/copy?comp=properties"],
    ["PUT", "/box/copy?comp=snapshot"],
    ["PUT", "/box/copy?comp=lease", { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "15" }],
    ["PUT", "/box/copy?comp=page", { "x-ms-page-write": "clear", "x-ms-range": "bytes=0-511" }],
    ["PUT", "/box/copy", { "x-ms-blob-type": "BlockBlob" }, Buffer.from("x")],
  ];
  for (const [method, target, headers = {}, body] of refused) {
    const got = await send(method, target, { headers, ...(body === undefined ? {} : { body }) });
    assert.deepEqual([got.status, got.code], [409, "OperationNotAllowedOnIncrementalCopyBlob"], `${method} ${target}`);
  }
  const deleted = await send("DELETE", "/box/copy", { headers: { "x-ms-delete-snapshots": "include" } });
  assert.equal(deleted.status, 202);
});

test("its source is read by whoever may read it, and no plain blob becomes one", async (test) => {
  const { send, snapshot, copy } = await start(test);
  const first = await snapshot("disk");
  assert.equal((await copy(`/box/disk?snapshot=${first}`, people.boxReader)).status, 403);
  // May make blobs, and read none.
  assert.equal((await copy(`/box/disk?snapshot=${first}`, people.adder)).code, "CannotVerifyCopySource");
  await send("PUT", "/box/copy", { headers: { "x-ms-blob-type": "BlockBlob" }, body: "plain" });
  assert.equal((await copy(`/box/disk?snapshot=${first}`)).code, "IncrementalCopyBlobMismatch");
  assert.equal((await send("GET", "/box/copy")).text, "plain");
});

test("differences to a snapshot by its URL are those by its time, and want the right to read it", async (test) => {
  const { send, write, snapshot } = await start(test);
  await write("disk", 0, 1);
  const first = await snapshot("disk");
  await write("disk", 3, 2);
  const ask = (source: string, as: string = people.operator) =>
    send("GET", "/box/disk?comp=pagelist", { as, headers: { "x-ms-previous-snapshot-url": url(source) } });
  const byUrl = await ask(`/box/disk?snapshot=${first}`);
  assert.equal(byUrl.text, (await send("GET", `/box/disk?comp=pagelist&prevsnapshot=${first}`)).text);
  assert.match(byUrl.text, /<Start>1536<\/Start>/);
  assert.equal((await ask("/box/disk")).code, "PreviousSnapshotNotFound");
  await send("PUT", "/shut?restype=container");
  await send("PUT", "/shut/disk", { headers: { "x-ms-blob-type": "PageBlob", "x-ms-blob-content-length": "512" } });
  const elsewhere = (await send("PUT", "/shut/disk?comp=snapshot")).headers["x-ms-snapshot"];
  assert.equal((await ask(`/shut/disk?snapshot=${elsewhere}`, people.boxReader)).code, "CannotVerifyCopySource");
});
