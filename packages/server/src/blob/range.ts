/**
 * The range a read asks for.
 * @see https://learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations
 */
import { invalidHeader, StorageError } from "./errors.ts";
import type { RequestHeaders } from "./request-headers.ts";

/** Bytes of a blob, from the first to the last wanted one. */
export type ByteRange = { readonly start: number; readonly lengthBytes: number };

const rangePattern = /^bytes=(\d{1,16})-(\d{1,16})?$/;

/**
 * Reads `x-ms-range`, which goes before `Range`.
 * @returns undefined when the whole blob is asked for.
 * @throws StorageError `InvalidHeaderValue` for another form (Azure takes no suffixes and no lists), `InvalidRange` when nothing of it lies within the blob.
 */
export function readRange(headers: RequestHeaders, sizeBytes: number): ByteRange | undefined {
  const name = headers.has("x-ms-range") ? "x-ms-range" : "range";
  const value = headers.get(name);
  if (value === undefined) return undefined;
  const match = rangePattern.exec(value.trim());
  if (match === null) throw invalidHeader(name, value);
  const start = Number(match[1]);
  const end = match[2] === undefined ? sizeBytes : Math.min(Number(match[2]) + 1, sizeBytes);
  if (start >= sizeBytes || end <= start) {
    throw new StorageError("InvalidRange", { headers: { "Content-Range": `bytes */${sizeBytes}` } });
  }
  return { start, lengthBytes: end - start };
}
