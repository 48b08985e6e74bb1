// managed-identity.mjs ACCOUNT CLIENT_ID RESOURCE_ID: reads a blob with each way the SDK has to name a managed identity; prints JSON.
import { DefaultAzureCredential, ManagedIdentityCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";

const [account, clientId, resourceId] = process.argv.slice(2);
const ways = {
  default: () => new DefaultAzureCredential(),
  managed: () => new ManagedIdentityCredential(),
  clientId: () => new ManagedIdentityCredential({ clientId }),
  resourceId: () => new ManagedIdentityCredential({ resourceId }),
  another: () => new ManagedIdentityCredential({ clientId: "00000000-0000-4000-8000-000000000000" }),
};

async function read(credential) {
  const origin = `https://${account}.blob.core.windows.net`;
  const service = new BlobServiceClient(origin, credential, { retryOptions: { maxTries: 1 } });
  return `${await service.getContainerClient("notes").getBlobClient("hello.txt").downloadToBuffer()}`;
}

const answers = {};
for (const [name, make] of Object.entries(ways)) {
  answers[name] = await read(make()).catch((error) => `${error.name}: ${error.statusCode ?? ""} ${error.message}`);
}
const claims = await new DefaultAzureCredential()
  .getToken("https://storage.azure.com/.default")
  .then(({ token }) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString()))
  .catch(() => null);
console.log(JSON.stringify({ answers, claims }));
