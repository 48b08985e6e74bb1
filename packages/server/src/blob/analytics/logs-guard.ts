/** What clients may do in `$logs`: read, list and delete blobs; the container stays, and nothing is put into it. */
import { StorageError } from "../errors.ts";
import type { BlobOperation } from "../operation-row.ts";
import type { Target } from "../target.ts";
import { logsContainer } from "./log-blobs.ts";
import { kindOfRequest } from "./logged-operation.ts";

/** Its parts are decided one by one. */
const batch = "Blob Batch in Container";

/**
 * Whoever may do it elsewhere may not do it there.
 * @throws StorageError `AuthorizationFailure`.
 * @see https://learn.microsoft.com/azure/storage/common/storage-analytics-logging#accessing-logging-data
 */
export function refuseWriteToLogs(target: Target, { method, operation, level }: BlobOperation): void {
  if (target.level === "account" || target.container !== logsContainer) return;
  const kind = kindOfRequest(method, operation);
  if (kind === "read" || operation === batch || (kind === "delete" && level === "blob")) return;
  throw new StorageError("AuthorizationFailure");
}
