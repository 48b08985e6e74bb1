/** Leases of blobs and containers. @see https://learn.microsoft.com/rest/api/storageservices/lease-blob */
import { randomUUID } from "node:crypto";
import { blobName } from "./blob-write-handlers.ts";
import { readLeaseId, writeConditions } from "./condition-headers.ts";
import { containerName } from "./container-handlers.ts";
import type { LeaseRequest } from "./engine/leases.ts";
import type { Written } from "./engine/model.ts";
import { invalidHeader, StorageError } from "./errors.ts";
import { maxLeaseSeconds, minLeaseSeconds } from "./limits.ts";
import type { Answer, BlobCall, ContainerCall } from "./operation-row.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { writtenHeaders } from "./resource-headers.ts";
import { retentionOf } from "./retention.ts";

function requireId(headers: RequestHeaders, name: string): string {
  headers.require(name);
  return readLeaseId(headers, name)!;
}

/** -1 for a lease without an end. */
function readDuration(headers: RequestHeaders): number {
  const value = headers.require("x-ms-lease-duration");
  const seconds = /^(?:-1|\d{1,3})$/.test(value) ? Number(value) : Number.NaN;
  if (seconds === -1 || (seconds >= minLeaseSeconds && seconds <= maxLeaseSeconds)) return seconds;
  throw invalidHeader("x-ms-lease-duration", value);
}

function readBreakPeriod(headers: RequestHeaders): number | null {
  const value = headers.text("x-ms-lease-break-period");
  if (value === null) return null;
  if (!/^\d{1,3}$/.test(value) || Number(value) > maxLeaseSeconds)
    throw invalidHeader("x-ms-lease-break-period", value);
  return Number(value);
}

/** @throws StorageError `MissingRequiredHeader`, `InvalidHeaderValue`. */
function readLeaseRequest(headers: RequestHeaders): LeaseRequest {
  const action = headers.require("x-ms-lease-action").toLowerCase();
  switch (action) {
    case "acquire": {
      const durationSeconds = readDuration(headers);
      return { action, durationSeconds, proposedId: readLeaseId(headers, "x-ms-proposed-lease-id") ?? randomUUID() };
    }
    case "renew":
    case "release":
      return { action, id: requireId(headers, "x-ms-lease-id") };
    case "change": {
      const id = requireId(headers, "x-ms-lease-id");
      return { action, id, proposedId: requireId(headers, "x-ms-proposed-lease-id") };
    }
    case "break":
      return { action, periodSeconds: readBreakPeriod(headers) };
    default:
      throw new StorageError("InvalidHeaderValue", {
        details: { HeaderName: "x-ms-lease-action", HeaderValue: action },
      });
  }
}

const statuses: Readonly<Record<LeaseRequest["action"], number>> = {
  acquire: 201,
  renew: 200,
  change: 200,
  release: 200,
  break: 202,
};

function answerLease({ action }: LeaseRequest, written: Written): Answer {
  const { etag, modifiedMs, leaseId, leaseSeconds } = written;
  const headers = writtenHeaders({ etag, modifiedMs });
  if (action === "break") headers["x-ms-lease-time"] = String(leaseSeconds);
  else if (action !== "release") headers["x-ms-lease-id"] = leaseId!;
  return { status: statuses[action], headers };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/lease-blob */
export async function leaseBlob(call: BlobCall): Promise<Answer> {
  const lease = readLeaseRequest(call.headers);
  const { leaseId: _, ...conditions } = writeConditions(call.headers);
  const written = await call.engine.leaseBlob(blobName(call), lease, { conditions, retention: retentionOf(call) });
  return answerLease(lease, written);
}

/** @see https://learn.microsoft.com/rest/api/storageservices/lease-container */
export async function leaseContainer(call: ContainerCall): Promise<Answer> {
  const lease = readLeaseRequest(call.headers);
  const { leaseId: _, ...conditions } = writeConditions(call.headers);
  return answerLease(lease, await call.engine.leaseContainer(containerName(call), lease, conditions));
}
