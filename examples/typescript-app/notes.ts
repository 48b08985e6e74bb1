// Step 4 of the walkthrough: the app's way to its storage account. Nothing here knows where it runs:
// DefaultAzureCredential finds AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET in the environment.

import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient, RestError } from "@azure/storage-blob";

export const CONTAINER = "notes";

/** Small texts by name, each one a blob in the container `notes` of one storage account. */
export interface Notes {
  /** Makes the container when it is not there yet; true when it was made now. */
  open(): Promise<boolean>;
  write(name: string, content: Buffer): Promise<void>;
  read(name: string): Promise<Buffer>;
  names(): Promise<string[]>;
}

/** Opens nothing yet: the first request signs in. */
export function createNotes(account: string): Notes {
  const tokenCredential = new DefaultAzureCredential();
  const blobServiceClient = new BlobServiceClient(`https://${account}.blob.core.windows.net`, tokenCredential);
  const container = blobServiceClient.getContainerClient(CONTAINER);
  return {
    async open() {
      return (await container.createIfNotExists()).succeeded;
    },
    async write(name, content) {
      await container.getBlockBlobClient(name).uploadData(content);
    },
    read(name) {
      return container.getBlobClient(name).downloadToBuffer();
    },
    async names() {
      const found: string[] = [];
      for await (const blob of container.listBlobsFlat()) found.push(blob.name);
      return found;
    },
  };
}

/** One line for an error of the SDK: Azure's own code first, as Azure's documentation names it. */
export function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const signInCode = /AADSTS\d+[^\r\n]*/.exec(message);
  if (signInCode) return signInCode[0];
  if (error instanceof RestError) {
    // The answer to a HEAD has no body; its code is in a header, and the SDK leaves it in `details`.
    const code = error.code ?? (error.details as { errorCode?: string } | undefined)?.errorCode;
    if (code) return `${error.statusCode} ${code}`;
  }
  return message.split("\n", 1)[0] ?? "";
}
