// identity-assertion.mjs ACCOUNT TENANT APP_ID: reads a blob as an application that trusts the managed identity this program runs as; prints JSON.
import { ClientAssertionCredential, ManagedIdentityCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";

const [account, tenantId, appId] = process.argv.slice(2);
const identity = new ManagedIdentityCredential();
const credential = new ClientAssertionCredential(tenantId, appId, async () => {
  const { token } = await identity.getToken("api://AzureADTokenExchange/.default");
  return token;
});
const service = new BlobServiceClient(`https://${account}.blob.core.windows.net`, credential, {
  retryOptions: { maxTries: 1 },
});
const read = async () => `${await service.getContainerClient("notes").getBlobClient("hello.txt").downloadToBuffer()}`;
const answer = await read().catch((error) => `${error.name}: ${error.message}`);
const claims = await credential
  .getToken("https://storage.azure.com/.default")
  .then(({ token }) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString()))
  .catch(() => null);
console.log(JSON.stringify({ answer, claims }));
