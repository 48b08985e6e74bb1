// An unmodified app: writes blobs in blocks and in one piece, reads them back, lists, tags, leases and deletes them. Usage: shared-blobs.mjs ACCOUNT
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";

const [, , account] = process.argv;
const service = new BlobServiceClient(`https://${account}.blob.core.windows.net`, new DefaultAzureCredential());
const container = service.getContainerClient("of-the-sdk");
await container.createIfNotExists();
const sums = new Map();
const sizes = [0, 1, 1024, 70_000, 1_500_000, 9 * 1024 * 1024];
await Promise.all(
  Array.from({ length: 18 }, async (_, index) => {
    const name = `folder ${index % 3}/größe-${index}.bin`;
    const bytes = randomBytes(sizes[index % sizes.length]);
    sums.set(name, createHash("sha256").update(bytes).digest("hex"));
    const options = {
      blockSize: 1024 * 1024,
      maxSingleShotSize: 1024 * 1024,
      concurrency: 4,
      tags: { kind: `k${index % 2}` },
    };
    await container.getBlockBlobClient(name).uploadData(bytes, options);
  }),
);
for (let pass = 0; pass < 3; pass++) {
  for (const [name, sum] of sums) {
    const bytes = await container.getBlobClient(name).downloadToBuffer();
    assert.equal(createHash("sha256").update(bytes).digest("hex"), sum, name);
  }
}
const listed = [];
for await (const item of container.listBlobsFlat()) listed.push(item.name);
assert.deepEqual(
  listed,
  [...sums.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
);
const folders = [];
for await (const item of container.listBlobsByHierarchy("/")) folders.push(item.name);
assert.deepEqual(folders, ["folder 0/", "folder 1/", "folder 2/"]);
let tagged = 0;
for await (const _ of container.findBlobsByTags("kind = 'k1'")) tagged += 1;
assert.equal(tagged, 9);
const log = container.getAppendBlobClient("log");
await log.createIfNotExists();
for (let line = 0; line < 20; line++) await log.appendBlock(`${line}\n`, String(line).length + 1);
assert.equal((await log.downloadToBuffer()).toString(), Array.from({ length: 20 }, (_, line) => `${line}\n`).join(""));
const held = container.getBlockBlobClient("held");
await held.upload("mine", 4);
const lease = held.getBlobLeaseClient();
await lease.acquireLease(30);
for (let attempt = 0; attempt < 4; attempt++)
  await assert.rejects(
    held.upload("theirs", 6),
    (cause) => cause.statusCode === 412 && cause.code === "LeaseIdMissing",
  );
await lease.releaseLease();
const snapshot = await held.createSnapshot();
await held.upload("changed", 7);
assert.equal((await held.withSnapshot(snapshot.snapshot).downloadToBuffer()).toString(), "mine");
await held.delete({ deleteSnapshots: "include" });
assert.equal(await held.exists(), false);
console.log(JSON.stringify({ blobs: listed.length }));
