/**
 * What a signature must grant for each operation, in one table; what is not in it, no signature can do.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-account-sas#blob-service-operations
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas#specify-permissions
 */
import { StorageError } from "../errors.ts";
import type { BlobOperation } from "../operation-row.ts";
import type { RequestHeaders } from "../request-headers.ts";
import type { Query } from "../target.ts";
import type { SignedAccess } from "./signed-access.ts";

type Right = {
  /** Letters of which an account signature needs one; `*` for any. */
  readonly account: string;
  /** The same for one of a container or blob and one by delegation; null where they do not hold at all. */
  readonly service: string | null;
};

const both = (letters: string): Right => ({ account: letters, service: letters });
const accountOnly = (letters: string): Right => ({ account: letters, service: null });

const rights: Readonly<Record<string, Right>> = {
  "List Containers": accountOnly("l"),
  "Get Blob Service Properties": accountOnly("r"),
  "Set Blob Service Properties": accountOnly("w"),
  "Get Blob Service Stats": accountOnly("r"),
  "Get Account Information": both("*"),
  "Find Blobs by Tags": accountOnly("f"),
  // The parts of a batch are decided one by one.
  "Blob Batch": accountOnly("*"),
  "Blob Batch in Container": both("*"),
  "Create Container": accountOnly("cw"),
  "Get Container Properties": accountOnly("r"),
  "Get Container Metadata": accountOnly("r"),
  "Set Container Metadata": accountOnly("w"),
  "Lease Container": accountOnly("w"),
  "Delete Container": accountOnly("d"),
  "Restore Container": accountOnly("w"),
  "List Blobs": both("l"),
  "Find Blobs by Tags in Container": both("f"),
  "Put Blob": both("wc"),
  "Put Blob from URL": both("wc"),
  "Copy Blob": both("wc"),
  "Copy Blob from URL": both("wc"),
  "Incremental Copy Blob": both("wc"),
  "Snapshot Blob": both("wc"),
  "Get Blob": both("r"),
  "Get Blob Properties": both("r"),
  "Get Blob Metadata": both("r"),
  "Get Block List": both("r"),
  "Get Page Ranges": both("r"),
  "Query Blob Contents": both("r"),
  "Set Blob Properties": both("w"),
  "Set Blob Metadata": both("w"),
  "Set Blob Tier": both("w"),
  "Set Blob Expiry": both("w"),
  "Lease Blob": both("w"),
  "Abort Copy Blob": both("w"),
  "Undelete Blob": both("w"),
  "Put Block": both("w"),
  "Put Block from URL": both("w"),
  "Put Block List": both("w"),
  "Put Page": both("w"),
  "Put Page from URL": both("w"),
  "Append Block": both("wa"),
  "Append Block from URL": both("wa"),
  "Append Blob Seal": both("w"),
  "Get Blob Tags": both("t"),
  "Set Blob Tags": both("t"),
  "Delete Blob": both("d"),
  "Delete Blob Version": both("x"),
  "Permanently Delete Blob": both("y"),
  "Set Immutability Policy": both("i"),
  "Delete Immutability Policy": both("i"),
  "Set Blob Legal Hold": both("i"),
};

/** Operations that no signature can do: they are about who may sign, or ask for a token by their nature. */
const unsigned: readonly string[] = ["Get Container ACL", "Set Container ACL", "Get User Delegation Key"];

/** Every operation that this file says something about. */
export const ruledOperations: readonly string[] = [...Object.keys(rights), ...unsigned];

/** What may delete may also break the lease that stands in the way. @see https://learn.microsoft.com/rest/api/storageservices/create-account-sas#blob-service-operations */
const leases: ReadonlySet<string> = new Set(["Lease Blob", "Lease Container"]);

function lettersFor({ operation }: BlobOperation, kind: SignedAccess["kind"], headers: RequestHeaders): string | null {
  const right = rights[operation];
  if (right === undefined) throw new StorageError("AuthorizationPermissionMismatch");
  const letters = kind === "account" ? right.account : right.service;
  const isBreak = leases.has(operation) && headers.get("x-ms-lease-action")?.toLowerCase() === "break";
  return letters !== null && isBreak ? `${letters}d` : letters;
}

const typeOfLevel = { account: "s", container: "c", blob: "o" } as const;

/**
 * Checks that a signature covers a request.
 * @returns whether it lets a blob be created and not be replaced.
 * @throws StorageError `AuthorizationResourceTypeMismatch`, `AuthorizationPermissionMismatch`.
 */
export function coverRequest(
  signed: SignedAccess,
  operation: BlobOperation,
  headers: RequestHeaders,
  query: Query,
): { readonly mustBeNew: boolean } {
  const letters = lettersFor(operation, signed.kind, headers);
  if (signed.kind === "account" && !signed.resourceTypes.includes(typeOfLevel[operation.level])) {
    throw new StorageError("AuthorizationResourceTypeMismatch");
  }
  if (letters === null) throw new StorageError("AuthorizationResourceTypeMismatch");
  const held = letters === "*" ? signed.permissions[0] : [...letters].find((one) => signed.permissions.includes(one));
  if (held === undefined) throw new StorageError("AuthorizationPermissionMismatch");
  const isBesidesMissing = operation.access.further.some(
    ({ when, label }) => when(headers, query) && !signed.permissions.includes(label === "with-tags" ? "t" : "i"),
  );
  if (isBesidesMissing) throw new StorageError("AuthorizationPermissionMismatch");
  return { mustBeNew: held === "c" && operation.level === "blob" && operation.operation !== "Snapshot Blob" };
}
