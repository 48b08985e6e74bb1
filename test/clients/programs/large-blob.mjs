// large-blob.mjs ACCOUNT: the SDK's ways with a blob larger than one request, and with names, metadata and listings.
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";

const BLOCK_BYTES = 1024 * 1024;
const content = randomBytes(2 * BLOCK_BYTES + 17);
const service = new BlobServiceClient(`https://${process.argv[2]}.blob.core.windows.net`, new DefaultAzureCredential());
const { containerClient: container } = await service.createContainer("large");

const blob = container.getBlockBlobClient("folder/größe & more.bin");
await blob.uploadStream(Readable.from([content]), BLOCK_BYTES, 3, { metadata: { kind: "probe" } });
const { committedBlocks } = await blob.getBlockList("all");
const whole = await blob.downloadToBuffer(0, undefined, { blockSize: BLOCK_BYTES });
const part = await blob.downloadToBuffer(BLOCK_BYTES, 10);
await container.getBlockBlobClient("empty").uploadData(Buffer.alloc(0));
const emptySize = (await container.getBlobClient("empty").downloadToBuffer()).length;
const folders = [];
for await (const item of container.listBlobsByHierarchy("/")) folders.push(`${item.kind} ${item.name}`);
const pages = [];
for await (const page of container.listBlobsFlat({ includeMetadata: true }).byPage({ maxPageSize: 1 })) {
  pages.push(page.segment.blobItems.map(({ name, metadata }) => [name, metadata?.kind ?? null]));
}
console.log(
  JSON.stringify({
    blockCount: committedBlocks.length,
    isSame: whole.equals(content),
    isPartSame: part.equals(content.subarray(BLOCK_BYTES, BLOCK_BYTES + 10)),
    emptySize,
    folders: folders.sort(),
    pages: pages.filter((page) => page.length > 0),
  }),
);
