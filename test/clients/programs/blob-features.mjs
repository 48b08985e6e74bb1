// blob-features.mjs ACCOUNT FEATURE: what apps do with blobs beyond reading and writing them, by @azure/storage-blob. Prints what came of it.
import { createHash } from "node:crypto";
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";

const [account, ...wanted] = process.argv.slice(2);
const service = new BlobServiceClient(`https://${account}.blob.core.windows.net`, new DefaultAzureCredential());

async function collect(items, pick) {
  const found = [];
  for await (const item of items) found.push(pick(item));
  return found;
}

/** The error code of what is refused, or "done". */
async function codeOf(promise) {
  try {
    await promise;
    return "done";
  } catch (error) {
    return error.code ?? error.details?.errorCode ?? String(error);
  }
}

const features = {
  async secondary() {
    const { containerClient: container } = await service.createContainer("secondary");
    await container.getBlockBlobClient("a").upload("both", 4);
    const written = Date.now();
    const credential = new DefaultAzureCredential();
    const second = new BlobServiceClient(`https://${account}-secondary.blob.core.windows.net`, credential);
    const { geoReplication } = await second.getStatistics();
    const read = await second.getContainerClient("secondary").getBlobClient("a").downloadToBuffer();
    return {
      text: read.toString(),
      status: geoReplication.status,
      isInStep: geoReplication.lastSyncOn.getTime() >= written - 1000,
      refused: await codeOf(second.getContainerClient("secondary").getBlockBlobClient("b").upload("x", 1)),
    };
  },

  async tags() {
    const { containerClient: container } = await service.createContainer("tags");
    const blob = container.getBlockBlobClient("a.txt");
    await blob.upload("x", 1, { tags: { State: "open", "Work item": "7" } });
    await container.getBlockBlobClient("b.txt").upload("x", 1, { tags: { State: "shut" } });
    const { tags } = await blob.getTags();
    const query = `"State" = 'open' AND "Work item" > '5'`;
    const found = await collect(service.findBlobsByTags(query), (item) => `${item.containerName}/${item.name}`);
    await blob.setTags({ State: "shut" });
    return {
      tags,
      found,
      shut: await collect(container.findBlobsByTags(`State='shut'`), ({ name }) => name),
      listed: await collect(container.listBlobsFlat({ includeTags: true }), ({ tags: own }) => own?.State),
      count: (await blob.getProperties()).tagCount,
      refused: await codeOf(blob.delete({ conditions: { tagConditions: `State = 'open'` } })),
      removed: await codeOf(blob.delete({ conditions: { tagConditions: `State <> 'open'` } })),
    };
  },

  async leases() {
    const { containerClient: container } = await service.createContainer("leases");
    const blob = container.getBlockBlobClient("a");
    await blob.upload("x", 1);
    const lease = blob.getBlobLeaseClient();
    await lease.acquireLease(15);
    const refused = await codeOf(blob.setMetadata({ a: "1" }));
    const held = await codeOf(blob.setMetadata({ a: "1" }, { conditions: { leaseId: lease.leaseId } }));
    const { leaseState } = await blob.getProperties();
    await lease.renewLease();
    await lease.changeLease(crypto.randomUUID());
    const { leaseTime } = await lease.breakLease(0);
    return {
      refused,
      held,
      leaseState,
      leaseTime,
      broken: (await blob.getProperties()).leaseState,
      container: await codeOf(container.getBlobLeaseClient().acquireLease(-1)),
      kept: await codeOf(container.delete()),
    };
  },

  async snapshots() {
    const { containerClient: container } = await service.createContainer("snapshots");
    const blob = container.getBlockBlobClient("a");
    await blob.upload("one", 3);
    const { snapshot } = await blob.createSnapshot();
    await blob.upload("three", 5);
    const listed = await collect(
      container.listBlobsFlat({ includeSnapshots: true }),
      (item) => item.snapshot === snapshot,
    );
    return {
      old: (await blob.withSnapshot(snapshot).downloadToBuffer()).toString(),
      listed,
      refused: await codeOf(blob.delete()),
      deleted: await codeOf(blob.delete({ deleteSnapshots: "include" })),
    };
  },
  async appends() {
    const { containerClient: container } = await service.createContainer("appends");
    const blob = container.getAppendBlobClient("log");
    await blob.create();
    const first = await blob.appendBlock("one,", 4);
    await blob.appendBlock("two", 3, { conditions: { appendPosition: 4 } });
    const refused = await codeOf(blob.appendBlock("x", 1, { conditions: { appendPosition: 4 } }));
    await blob.seal();
    return {
      offset: first.blobAppendOffset,
      refused,
      sealed: await codeOf(blob.appendBlock("x", 1)),
      text: (await blob.downloadToBuffer()).toString(),
      count: (await blob.getProperties()).blobCommittedBlockCount,
    };
  },

  async pages() {
    const { containerClient: container } = await service.createContainer("pages");
    const blob = container.getPageBlobClient("disk");
    await blob.create(4096);
    await blob.uploadPages(Buffer.alloc(1024, 1), 512, 1024);
    const { snapshot } = await blob.createSnapshot();
    await blob.clearPages(1024, 512);
    await blob.uploadPages(Buffer.alloc(512, 2), 2048, 512);
    const { pageRange } = await blob.getPageRanges(0, 4096);
    const diff = await blob.getPageRangesDiff(0, 4096, snapshot);
    await blob.resize(8192);
    await blob.updateSequenceNumber("update", 7);
    const { contentLength, blobSequenceNumber } = await blob.getProperties();
    return {
      pages: pageRange.map(({ offset, count }) => [offset, count]),
      changed: diff.pageRange.map(({ offset, count }) => [offset, count]),
      cleared: diff.clearRange.map(({ offset, count }) => [offset, count]),
      contentLength,
      blobSequenceNumber,
      sum: (await blob.downloadToBuffer()).reduce((sum, byte) => sum + byte, 0),
    };
  },

  async copies() {
    const { containerClient: container } = await service.createContainer("copies");
    const source = container.getBlockBlobClient("source");
    await source.upload("the source", 10, { metadata: { a: "1" } });
    const poller = await container.getBlobClient("async").beginCopyFromURL(source.url);
    const { copyStatus } = await poller.pollUntilDone();
    await container.getBlobClient("sync").syncCopyFromURL(source.url);
    await container.getBlockBlobClient("put").syncUploadFromURL(source.url);
    const blocks = container.getBlockBlobClient("blocks");
    await blocks.stageBlockFromURL("MDE=", source.url, 4, 6);
    await blocks.commitBlockList(["MDE="]);
    const names = ["async", "sync", "put", "blocks"];
    return {
      copyStatus,
      texts: await Promise.all(
        names.map(async (name) => (await container.getBlobClient(name).downloadToBuffer()).toString()),
      ),
      metadata: (await container.getBlobClient("async").getProperties()).metadata,
      elsewhere: await codeOf(container.getBlobClient("x").syncCopyFromURL("https://example.org/a/b")),
    };
  },

  async batches() {
    const { containerClient: container } = await service.createContainer("batches");
    const blobs = ["a", "b", "c d"].map((name) => container.getBlockBlobClient(name));
    for (const blob of blobs) await blob.upload("x", 1);
    const batches = service.getBlobBatchClient();
    const moved = await batches.setBlobsAccessTier(blobs, "Cool");
    const deleted = await batches.deleteBlobs([...blobs, container.getBlobClient("none")]);
    return {
      moved: moved.subResponses.map(({ status }) => status),
      deleted: deleted.subResponses.map(({ status, errorCode }) => errorCode ?? status),
      left: await collect(container.listBlobsFlat(), ({ name }) => name),
    };
  },

  async tiers() {
    const { containerClient: container } = await service.createContainer("tiers");
    const blob = container.getBlockBlobClient("a");
    await blob.upload("x", 1);
    await blob.setAccessTier("Archive");
    const archived = await codeOf(blob.downloadToBuffer());
    await blob.setAccessTier("Cool", { rehydratePriority: "High" });
    await blob.setLegalHold(true);
    const { archiveStatus, legalHold } = await blob.getProperties();
    return { archived, archiveStatus, legalHold, deleted: await codeOf(blob.delete()) };
  },

  async keys() {
    const { containerClient: container } = await service.createContainer("keys");
    const keyOf = (byte) => {
      const bytes = Buffer.alloc(32, byte);
      const encryptionKeySha256 = createHash("sha256").update(bytes).digest("base64");
      return { encryptionKey: bytes.toString("base64"), encryptionKeySha256, encryptionAlgorithm: "AES256" };
    };
    const mine = { customerProvidedKey: keyOf(1) };
    const blob = container.getBlockBlobClient("b");
    const { encryptionKeySha256 } = await blob.upload("secret", 6, mine);
    const staged = container.getBlockBlobClient("staged");
    await staged.stageBlock("MDE=", "staged", 6, mine);
    await staged.commitBlockList(["MDE="], mine);
    const log = container.getAppendBlobClient("log");
    await log.create(mine);
    await log.appendBlock("one", 3, mine);
    const scoped = container.getBlockBlobClient("scoped");
    await scoped.upload("scoped", 6, { encryptionScope: "alpha" });
    const read = async (client, options) => (await client.downloadToBuffer(0, undefined, options)).toString();
    return {
      isSaid: encryptionKeySha256 === mine.customerProvidedKey.encryptionKeySha256,
      texts: [await read(blob, mine), await read(staged, mine), await read(log, mine), await read(scoped)],
      without: await codeOf(blob.download()),
      withAnother: await codeOf(blob.download(0, undefined, { customerProvidedKey: keyOf(2) })),
      withNeed: await codeOf(scoped.download(0, undefined, mine)),
      scope: (await scoped.getProperties()).encryptionScope,
      listed: await collect(container.listBlobsFlat({ prefix: "b" }), ({ properties }) => properties.serverEncrypted),
    };
  },

  async increments() {
    const { containerClient: container } = await service.createContainer("increments");
    const disk = container.getPageBlobClient("disk");
    await disk.create(2048);
    await disk.uploadPages(Buffer.alloc(512, 1), 0, 512);
    const first = (await disk.createSnapshot()).snapshot;
    await disk.uploadPages(Buffer.alloc(512, 2), 1024, 512);
    const second = (await disk.createSnapshot()).snapshot;
    const copy = container.getPageBlobClient("copy");
    for (const snapshot of [first, second]) {
      await await copy.startCopyIncremental(disk.withSnapshot(snapshot).url); // done at once
    }
    const { isIncrementalCopy, destinationSnapshot, copyStatus } = await copy.getProperties();
    const changed = await disk.getPageRangesDiffForManagedDisks(0, 2048, disk.withSnapshot(first).url);
    return {
      isIncrementalCopy,
      copyStatus,
      sum: (await copy.withSnapshot(destinationSnapshot).downloadToBuffer()).reduce((sum, byte) => sum + byte, 0),
      earlier: await codeOf(copy.startCopyIncremental(disk.withSnapshot(first).url)),
      read: await codeOf(copy.download()),
      changed: changed.pageRange.map(({ offset, count }) => [offset, count]),
    };
  },

  async listings() {
    const { containerClient: container } = await service.createContainer("listings");
    for (const name of ["a", "b", "c", "d"]) await container.getBlockBlobClient(name).upload("x", 1);
    const names = (options) => collect(container.listBlobsFlat(options), ({ name }) => name);
    return { from: await names({ startFrom: "c" }) };
  },

  async website() {
    await service.setProperties({
      staticWebsite: { enabled: true, indexDocument: "index.html", errorDocument404Path: "404.html" },
      blobAnalyticsLogging: {
        version: "1.0",
        deleteProperty: true,
        read: false,
        write: false,
        retentionPolicy: { enabled: true, days: 7 },
      },
    });
    const { staticWebsite, blobAnalyticsLogging } = await service.getProperties();
    const container = service.getContainerClient("$web");
    const html = { blobHTTPHeaders: { blobContentType: "text/html" } };
    await container.getBlockBlobClient("index.html").upload("home", 4, html);
    await container.getBlockBlobClient("404.html").upload("gone", 4, html);
    const get = async (path) => {
      const answer = await fetch(`https://${account}.z6.web.core.windows.net${path}`);
      return [answer.status, await answer.text(), answer.headers.get("content-type")];
    };
    return {
      enabled: staticWebsite.enabled,
      days: blobAnalyticsLogging.retentionPolicy.days,
      pages: [await get("/"), await get("/none")],
    };
  },
};

const results = {};
for (const name of wanted) results[name] = await features[name]();
console.log(JSON.stringify(results));
