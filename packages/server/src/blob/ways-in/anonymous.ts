/**
 * Requests without a caller: what a container's public access opens to anyone, where the account permits it.
 *
 * @see https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-configure
 */
import type { StorageAccount } from "../../state/entities.ts";
import type { ContainerAccess } from "../engine/model.ts";
import { invalidHeader, StorageError } from "../errors.ts";
import type { BlobOperation, Call } from "../operation-row.ts";

/** What public access to blobs opens. @see https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-configure#set-the-anonymous-access-level-for-a-container */
const blobReads: ReadonlySet<string> = new Set([
  "Get Blob",
  "Get Blob Properties",
  "Get Blob Metadata",
  "Get Block List",
  "Get Page Ranges",
]);
/** And what public access to the container opens besides. */
const containerReads: ReadonlySet<string> = new Set([
  "List Blobs",
  "Get Container Properties",
  "Get Container Metadata",
]);

/** The rows of the operation table that this file names. */
export const publicOperations: readonly string[] = [...blobReads, ...containerReads];

/** Whether anyone may do this. @param access undefined where the container is not there. */
export function isPublic(
  account: StorageAccount,
  { operation }: BlobOperation,
  access: ContainerAccess | undefined,
): boolean {
  if (!account.allowBlobPublicAccess || access === undefined || access.publicAccess === null) return false;
  return blobReads.has(operation) || (access.publicAccess === "container" && containerReads.has(operation));
}

/**
 * The public access that a request asks for a container.
 * @throws StorageError `InvalidHeaderValue`, `PublicAccessNotPermitted` where the account permits none.
 */
export function readPublicAccess({
  headers,
  account,
}: Pick<Call, "headers" | "account">): ContainerAccess["publicAccess"] {
  const value = headers.text("x-ms-blob-public-access");
  if (value === null) return null;
  if (value !== "blob" && value !== "container") throw invalidHeader("x-ms-blob-public-access", value);
  if (!account.allowBlobPublicAccess) throw new StorageError("PublicAccessNotPermitted");
  return value;
}

/** What a container's answers say of its public access. */
export function publicAccessHeaders({ publicAccess }: ContainerAccess): Record<string, string> {
  return publicAccess === null ? {} : { "x-ms-blob-public-access": publicAccess };
}
