/**
 * The end of a blob as headers give it: by an operation of its own, or with a write.
 * @see https://learn.microsoft.com/rest/api/storageservices/set-blob-expiry#expiryoption
 */
import type { BlobState } from "./engine/model.ts";
import type { StateChange } from "./engine/mutations.ts";
import { invalidHeader, StorageError } from "./errors.ts";
import type { BlobCall } from "./operation-row.ts";
import { readTime } from "./policy-headers.ts";

/** @throws StorageError `MissingRequiredHeader`, `InvalidHeaderValue`, `HierarchicalNamespaceNotEnabled`: on such accounts only, as Azure. */
export function readExpiry({
  headers,
  engine,
  account,
}: Pick<BlobCall, "headers" | "engine" | "account">): StateChange & { what: "expiry" | "expiry-after" } {
  const option = headers.require("x-ms-expiry-option").toLowerCase();
  if (!["neverexpire", "absolute", "relativetonow", "relativetocreation"].includes(option)) {
    throw invalidHeader("x-ms-expiry-option", option);
  }
  if (!account.isHnsEnabled) throw new StorageError("HierarchicalNamespaceNotEnabled");
  if (option === "neverexpire") return { what: "expiry", expiresMs: null };
  const value = headers.require("x-ms-expiry-time");
  if (option === "absolute") return { what: "expiry", expiresMs: readTime(headers, "x-ms-expiry-time") };
  if (!/^\d{1,14}$/.test(value)) throw invalidHeader("x-ms-expiry-time", value);
  if (option === "relativetonow") return { what: "expiry", expiresMs: engine.nowMs + Number(value) };
  return { what: "expiry-after", from: "creation", afterMs: Number(value) };
}

/**
 * The end that comes with a write of a whole blob.
 * @param createdMs of the blob that the write replaces; undefined when it makes a new one.
 */
export function readWrittenExpiry(call: BlobCall, createdMs: number | undefined): Pick<BlobState, "expiresMs"> {
  const { headers, engine } = call;
  if (!headers.has("x-ms-expiry-option")) {
    const time = headers.get("x-ms-expiry-time");
    if (time !== undefined) throw invalidHeader("x-ms-expiry-time", time);
    return {};
  }
  const expiry = readExpiry(call);
  const expiresMs = expiry.what === "expiry" ? expiry.expiresMs : (createdMs ?? engine.nowMs) + expiry.afterMs;
  return expiresMs === null ? {} : { expiresMs };
}
