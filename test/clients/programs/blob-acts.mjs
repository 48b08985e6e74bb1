// blob-acts.mjs ACCOUNT ACT...: does each act and prints as JSON what came of it: "ok", what was listed, or the error's code.
// An act is WHAT:CONTAINER[:BLOB OR PREFIX], WHAT one of make, put, get, delete, list; or tag:CONTAINER:BLOB?KEY=VALUE, which sets the blob's only tag.
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";

const [account, ...acts] = process.argv.slice(2);
const service = new BlobServiceClient(`https://${account}.blob.core.windows.net`, new DefaultAzureCredential());

const ways = {
  make: (container) => container.createIfNotExists().then(() => "ok"),
  put: (container, name) =>
    container
      .getBlockBlobClient(name)
      .upload("x", 1)
      .then(() => "ok"),
  get: (container, name) =>
    container
      .getBlobClient(name)
      .downloadToBuffer()
      .then(() => "ok"),
  delete: (container, name) =>
    container
      .getBlobClient(name)
      .delete()
      .then(() => "ok"),
  tag(container, name) {
    const [blob, key, value] = name.split(/[?=]/);
    return container
      .getBlobClient(blob)
      .setTags({ [key]: value })
      .then(() => "ok");
  },
  async list(container, prefix) {
    const names = [];
    for await (const { name } of container.listBlobsFlat(prefix === "" ? {} : { prefix })) names.push(name);
    return names;
  },
};

const outcomes = {};
for (const act of acts) {
  const [, what, container, name] = /^(\w+):([^:]+):?(.*)$/.exec(act);
  outcomes[act] = await ways[what](service.getContainerClient(container), name).catch(
    (error) => error.code ?? error.details?.errorCode ?? error.message,
  );
}
console.log(JSON.stringify(outcomes));
