// make-blob.mjs ACCOUNT CONTAINER BLOB: makes the container and puts a small blob in it.
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";

const [account, container, name] = process.argv.slice(2);
const service = new BlobServiceClient(`https://${account}.blob.core.windows.net`, new DefaultAzureCredential());
const { containerClient } = await service.createContainer(container);
await containerClient.getBlockBlobClient(name).uploadData(Buffer.from("here"));
