// machine.mjs ACCOUNT CLIENT_ID RESOURCE_ID: reads a blob by @postern/credential with each way to name a managed identity; prints JSON.
import { BlobServiceClient } from "@azure/storage-blob";
import { DefaultAzureCredential, explainChain, ManagedIdentityCredential } from "@postern/credential";

const [account, clientId, resourceId] = process.argv.slice(2);
const retryOptions = { maxRetries: 0 };
const ways = {
  default: () => new DefaultAzureCredential({ retryOptions }),
  managed: () => new ManagedIdentityCredential({ retryOptions }),
  clientId: () => new ManagedIdentityCredential({ clientId, retryOptions }),
  resourceId: () => new ManagedIdentityCredential({ resourceId, retryOptions }),
};

async function read(credential) {
  const origin = `https://${account}.blob.core.windows.net`;
  const service = new BlobServiceClient(origin, credential, { retryOptions: { maxTries: 1 } });
  return `${await service.getContainerClient("notes").getBlobClient("hello.txt").downloadToBuffer()}`;
}

const answers = {};
for (const [name, make] of Object.entries(ways)) {
  answers[name] = await read(make()).catch((error) => `${error.name}: ${error.message}`);
}
const steps = await explainChain("https://storage.azure.com/.default", { retryOptions });
console.log(JSON.stringify({ answers, outcomes: steps.map(({ outcome }) => outcome) }));
