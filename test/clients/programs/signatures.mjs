// signatures.mjs ACCOUNT KEY: what an account's key, signatures and public access open, as @azure/storage-blob asks; prints JSON.
import { DefaultAzureCredential } from "@azure/identity";
import {
  AccountSASPermissions,
  AnonymousCredential,
  BlobSASPermissions,
  BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";

const [account, key] = process.argv.slice(2);
const url = `https://${account}.blob.core.windows.net`;
const keyed = new BlobServiceClient(url, new StorageSharedKeyCredential(account, key));
const signedIn = new BlobServiceClient(url, new DefaultAzureCredential());
const soon = () => new Date(Date.now() + 600_000);
const attempt = (promise) =>
  promise.then(
    (value) => value,
    (error) => error.code ?? error.details?.errorCode ?? error.message,
  );
const read = async (address) => {
  const answer = await fetch(address, { headers: { "x-ms-version": "2025-07-05" } });
  return answer.ok ? answer.text() : (answer.headers.get("x-ms-error-code") ?? String(answer.status));
};

const box = keyed.getContainerClient("signed");
await box.create();
const blob = box.getBlockBlobClient("größe & more.txt");
await blob.upload("by key", 6, {
  metadata: { b_a: "1", ba: "2", a__b: "3" },
  blobHTTPHeaders: { blobContentType: "text/plain" },
});

const userKey = await signedIn.getUserDelegationKey(new Date(Date.now() - 60_000), soon());
const delegated = (permissions, over = {}) =>
  generateBlobSASQueryParameters(
    { containerName: "signed", permissions: ContainerSASPermissions.parse(permissions), expiresOn: soon(), ...over },
    userKey,
    account,
  ).toString();
const withSas = (sas) => new BlobServiceClient(`${url}?${sas}`, new AnonymousCredential()).getContainerClient("signed");

await box.setAccessPolicy(undefined, [
  { id: "readers", accessPolicy: { expiresOn: soon(), permissions: "r", startsOn: new Date(Date.now() - 60_000) } },
]);
const policy = await box.getAccessPolicy();
const byPolicy = generateBlobSASQueryParameters(
  { containerName: "signed", identifier: "readers" },
  new StorageSharedKeyCredential(account, key),
).toString();

const rule = {
  allowedOrigins: "https://app.example,https://*.example.org",
  allowedMethods: "GET,HEAD",
  allowedHeaders: "x-ms-*",
  exposedHeaders: "x-ms-request-id",
  maxAgeInSeconds: 300,
};
await keyed.setProperties({ cors: [rule], deleteRetentionPolicy: { enabled: true, days: 3 } });
const { cors, deleteRetentionPolicy } = await keyed.getProperties();
const tooMany = await attempt(keyed.setProperties({ cors: Array(6).fill(rule) }).then(() => "ok"));
const website = await attempt(keyed.setProperties({ staticWebsite: { enabled: true } }).then(() => "ok"));

/** A signature that is bound to somebody is shown by them, with their own token; here the signer is that somebody. */
async function readBound() {
  const sas = delegated("r", { delegatedUserObjectId: userKey.signedObjectId });
  const forOthers = delegated("r", { delegatedUserObjectId: crypto.randomUUID() });
  const withToken = (query) => {
    const service = new BlobServiceClient(`${url}?${query}`, new DefaultAzureCredential());
    return attempt(service.getContainerClient("signed").getBlobClient(blob.name).downloadToBuffer().then(String));
  };
  return {
    boundWithToken: await withToken(sas),
    boundWithoutToken: await read(`${blob.url}?${sas}`),
    boundToOthers: await withToken(forOthers),
  };
}

const outcomes = {
  properties: { cors, deleteRetentionPolicy, tooMany, website },
  byKey: (await blob.downloadToBuffer()).toString(),
  ofBlob: await read(await blob.generateSasUrl({ permissions: BlobSASPermissions.parse("r"), expiresOn: soon() })),
  ofAccount: await read(
    `${blob.url}?${new URL(keyed.generateAccountSasUrl(soon(), AccountSASPermissions.parse("rl"), "sco")).search.slice(1)}`,
  ),
  byPolicy: await read(`${blob.url}?${byPolicy}`),
  policies: policy.signedIdentifiers.map(({ id, accessPolicy }) => [id, accessPolicy.permissions]),
  delegatedRead: await attempt(withSas(delegated("r")).getBlobClient(blob.name).downloadToBuffer().then(String)),
  delegatedWrite: await attempt(
    withSas(delegated("cw"))
      .getBlockBlobClient("new")
      .upload("x", 1)
      .then(() => "ok"),
  ),
  delegatedWithoutLetter: await attempt(
    withSas(delegated("r"))
      .getBlockBlobClient("new")
      .upload("x", 1)
      .then(() => "ok"),
  ),
  ...(await readBound()),
  anonymous: await read(blob.url),
};
console.log(JSON.stringify(outcomes));
