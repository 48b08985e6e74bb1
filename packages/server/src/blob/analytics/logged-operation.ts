/**
 * What a request is called in the logs of Storage Analytics, and of which of their three kinds it is.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/storage-analytics-logged-operations-and-status-messages#logged-operations
 */
import type { AnalyticsLogging } from "../../state/entities.ts";
import type { RequestHeaders } from "../request-headers.ts";

/** What an account's settings switch on and off apart. */
export type LogKind = "read" | "write" | "delete";

/** In the order that a log's metadata has them. */
export const logKinds: readonly LogKind[] = ["read", "write", "delete"];

/** Whether an account's settings have a kind of request logged. */
export function wants(logging: AnalyticsLogging, kind: LogKind): boolean {
  return { read: logging.isRead, write: logging.isWritten, delete: logging.isDeleted }[kind];
}

/** Whether they have anything logged. */
export function logsAnything(logging: AnalyticsLogging): boolean {
  return logKinds.some((kind) => wants(logging, kind));
}

/** Operations whose HTTP method does not say that they change nothing. */
const readingPosts: ReadonlySet<string> = new Set(["Query Blob Contents", "Get User Delegation Key"]);

/** @param operation of the operation table; "" where the request is none of them. */
export function kindOfRequest(method: string, operation: string): LogKind {
  if (method === "DELETE") return "delete";
  return method === "PUT" || (method === "POST" && !readingPosts.has(operation)) ? "write" : "read";
}

/** Operations that the logs do not call by their names without blanks. */
const otherNames: Readonly<Record<string, string>> = {
  "": "Unknown",
  "Delete Blob Version": "DeleteBlob",
  "Find Blobs by Tags in Container": "FindBlobsByTags",
  "Permanently Delete Blob": "DeleteBlob",
  "Preflight Blob Request": "BlobPreflightRequest",
  "Blob Batch in Container": "BlobBatch",
};

/** What a lease is asked for, as it begins the operation's name. */
const leaseVerbs: Readonly<Record<string, string>> = {
  acquire: "Acquire",
  break: "Break",
  change: "Change",
  release: "Release",
  renew: "Renew",
};

/** @param operation of the operation table; "" for none. */
export function nameOperation(operation: string, headers: RequestHeaders): string {
  if (operation === "Lease Blob" || operation === "Lease Container") {
    const verb = leaseVerbs[headers.get("x-ms-lease-action")?.toLowerCase() ?? ""] ?? "";
    return `${verb}${operation.slice("Lease ".length)}Lease`;
  }
  if (operation === "Put Page" && headers.get("x-ms-page-write")?.toLowerCase() === "clear") return "ClearPage";
  return (
    otherNames[operation] ??
    operation
      .split(" ")
      .map((word) => `${word[0]!.toUpperCase()}${word.slice(1)}`)
      .join("")
  );
}
