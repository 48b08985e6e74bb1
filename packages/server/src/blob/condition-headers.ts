/** The conditional headers of a request, checked for shape and for the combinations Azure takes. */
import { type Conditions, noConditions } from "./engine/conditions.ts";
import { invalidHeader, StorageError } from "./errors.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { readTagCondition } from "./tags.ts";

/** ETags of one header at most. Our choice. */
const maxEtags = 32;

function readEtags(headers: RequestHeaders, name: string): readonly string[] | undefined {
  const value = headers.get(name);
  if (value === undefined) return undefined;
  const etags = value.split(",").map((part) => part.trim());
  if (etags.length > maxEtags) throw invalidHeader(name, value);
  return etags.map((etag) => {
    // Azure takes an ETag with or without its quotes. A weak one keeps its mark, and so equals none of ours.
    const bare = /^"([\x21\x23-\x7e]*)"$/.exec(etag)?.[1] ?? etag;
    if (bare === "" || (bare.includes('"') && !bare.startsWith("W/"))) throw invalidHeader(name, value);
    return bare;
  });
}

function readTime(headers: RequestHeaders, name: string): number | undefined {
  const value = headers.get(name);
  if (value === undefined) return undefined;
  const timeMs = parseHttpDate(value);
  if (timeMs === undefined) throw invalidHeader(name, value);
  return timeMs;
}

const httpDatePattern = /^(?:[A-Z][a-z]{2}, )?(\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}) GMT$/;

/** Reads an RFC 1123 date; `Date.parse` alone would take almost anything. */
export function parseHttpDate(text: string): number | undefined {
  const match = httpDatePattern.exec(text);
  const timeMs = match === null ? Number.NaN : Date.parse(`${match[1]} GMT`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A lease's id, in lower case; undefined when the header is not there. @throws StorageError `InvalidHeaderValue` for what is no GUID. */
export function readLeaseId(headers: RequestHeaders, name = "x-ms-lease-id"): string | undefined {
  const value = headers.get(name);
  if (value === undefined) return undefined;
  const id = value.toLowerCase().replace(/^\{(.*)\}$/, "$1");
  if (!guidPattern.test(id)) throw invalidHeader(name, value);
  return id;
}

const conditionNames = [
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "x-ms-if-tags",
  "x-ms-lease-id",
];

function read(headers: RequestHeaders): Conditions {
  if (!conditionNames.some((name) => headers.has(name))) return noConditions;
  const ifMatch = readEtags(headers, "if-match");
  const ifNoneMatch = readEtags(headers, "if-none-match");
  const ifModifiedSinceMs = readTime(headers, "if-modified-since");
  const ifUnmodifiedSinceMs = readTime(headers, "if-unmodified-since");
  const ifTags = readTagCondition(headers);
  const leaseId = readLeaseId(headers);
  return {
    ...(ifMatch && { ifMatch }),
    ...(ifNoneMatch && { ifNoneMatch }),
    ...(ifModifiedSinceMs !== undefined && { ifModifiedSinceMs }),
    ...(ifUnmodifiedSinceMs !== undefined && { ifUnmodifiedSinceMs }),
    ...(ifTags && { ifTags }),
    ...(leaseId !== undefined && { leaseId }),
  };
}

/** Conditions of a read: any combination, and several ETags. @throws StorageError `InvalidHeaderValue`. */
export function readConditions(headers: RequestHeaders): Conditions {
  return read(headers);
}

/**
 * Conditions of a write: one ETag each, and no more than the pairs that Azure has a rule for.
 * @throws StorageError `InvalidHeaderValue`, `MultipleConditionHeadersNotSupported`.
 * @see https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
 */
export function writeConditions(headers: RequestHeaders): Conditions {
  const conditions = read(headers);
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs } = conditions;
  const hasMatchSide = ifMatch !== undefined || ifUnmodifiedSinceMs !== undefined;
  const hasNoneMatchSide = ifNoneMatch !== undefined || ifModifiedSinceMs !== undefined;
  if ((ifMatch?.length ?? 0) > 1 || (ifNoneMatch?.length ?? 0) > 1 || (hasMatchSide && hasNoneMatchSide)) {
    throw new StorageError("MultipleConditionHeadersNotSupported");
  }
  return conditions;
}

/** For operations that know no conditions: to ignore one would do what the caller forbade. */
export function refuseConditions(headers: RequestHeaders): void {
  for (const name of ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"]) {
    if (headers.has(name)) throw new StorageError("ConditionHeadersNotSupported");
  }
}
