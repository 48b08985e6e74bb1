// blob-probe.mjs read|write ACCOUNT CONTAINER BLOB: one operation; prints "done" or Azure's status and code.
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";

const [operation, account, container, name] = process.argv.slice(2);
const service = new BlobServiceClient(`https://${account}.blob.core.windows.net`, new DefaultAzureCredential());
const blob = service.getContainerClient(container).getBlockBlobClient(name);
try {
  await (operation === "read" ? blob.downloadToBuffer() : blob.uploadData(Buffer.from("probe")));
  console.log("done");
} catch (error) {
  // downloadToBuffer begins with a HEAD: with no body to read it from, the SDK leaves the code in the header's place.
  console.error(`${error.statusCode} ${error.code ?? error.details?.errorCode}`);
  process.exitCode = 1;
}
