// blob-features.mjs ACCOUNT FEATURE: what apps do with blobs beyond reading and writing them, by @azure/storage-blob. Prints what came of it.
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
};

const results = {};
for (const name of wanted) results[name] = await features[name]();
console.log(JSON.stringify(results));
