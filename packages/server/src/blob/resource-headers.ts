/** Reading properties out of a request's headers and writing them into an answer's. */

import { type LeaseStateName, leaseStateOf } from "./engine/leases.ts";
import type {
  AccessTier,
  BlobRecord,
  BlobSettings,
  BlobState,
  ContainerRecord,
  CopyRecord,
  Lease,
  Metadata,
  Written,
} from "./engine/model.ts";
import { invalidHeader, StorageError } from "./errors.ts";
import type { BlobCall } from "./operation-row.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { featuresOf } from "./service-versions.ts";

/** The account's own scope, which encrypts nothing here: we do not say that it does. */
export const accountScope = "$account-encryption-key";

/** Azure's content type for a blob that was given none. */
export const defaultContentType = "application/octet-stream";

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

/** What `Date.toUTCString` writes for years with four digits, in a fourth of its time. */
function writeHttpDate(date: Date): string {
  const day = `${weekdays[date.getUTCDay()]}, ${twoDigits[date.getUTCDate()]} ${months[date.getUTCMonth()]}`;
  const clock = `${twoDigits[date.getUTCHours()]}:${twoDigits[date.getUTCMinutes()]}:${twoDigits[date.getUTCSeconds()]}`;
  return `${day} ${date.getUTCFullYear()} ${clock} GMT`;
}

/** Seconds whose texts are remembered, each in the place of its number; our choice. */
const formattedPlaces = 64;
const formatted = Array.from({ length: formattedPlaces }, () => ({ second: Number.NaN, text: "" }));

/** Blobs are often of the same second as the one before, and a listing has thousands of times. */
export function formatHttpDate(timeMs: number): string {
  const second = Math.floor(timeMs / 1000);
  const place = formatted[Math.abs(second % formattedPlaces)]!;
  if (second !== place.second) {
    place.text = writeHttpDate(new Date(timeMs));
    place.second = second;
  }
  return place.text;
}

/** Headers that say what was written; every write answers with them. */
export function writtenHeaders({ etag, modifiedMs, versionId }: Written): Record<string, string> {
  const headers: Record<string, string> = { ETag: `"${etag}"`, "Last-Modified": formatHttpDate(modifiedMs) };
  if (typeof versionId === "string") headers["x-ms-version-id"] = versionId;
  return headers;
}

export function metadataHeaders(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(metadata.map(([name, value]) => [`x-ms-meta-${name}`, value]));
}

/** How a lease stands, as headers and listings say it. */
export type LeaseWords = {
  readonly status: "locked" | "unlocked";
  readonly state: LeaseStateName;
  readonly duration: string | null;
};

export function describeLease(lease: Lease | undefined, nowMs: number): LeaseWords {
  const state = leaseStateOf(lease, nowMs);
  const duration = state !== "leased" ? null : lease!.durationSeconds < 0 ? "infinite" : "fixed";
  return { status: state === "leased" || state === "breaking" ? "locked" : "unlocked", state, duration };
}

function leaseHeaders(lease: Lease | undefined, nowMs: number): Record<string, string> {
  const { status, state, duration } = describeLease(lease, nowMs);
  const headers = { "x-ms-lease-status": status, "x-ms-lease-state": state };
  return duration === null ? headers : { ...headers, "x-ms-lease-duration": duration };
}

export function containerHeaders(record: ContainerRecord, nowMs: number): Record<string, string> {
  return {
    ...writtenHeaders(record),
    ...leaseHeaders(record.state.lease, nowMs),
    ...metadataHeaders(record.metadata),
    "x-ms-has-immutability-policy": "false",
    "x-ms-has-legal-hold": "false",
    "x-ms-immutable-storage-with-versioning-enabled": "false",
    "x-ms-default-encryption-scope": record.state.defaultScope ?? accountScope,
    "x-ms-deny-encryption-scope-override": String(record.state.isScopeFixed === true),
  };
}

/** What few blobs have. */
function stateHeaders({ state, type }: BlobRecord): Record<string, string> {
  const { copy, immutability, rehydration } = state;
  const headers: Record<string, string> = {};
  if (type === "PageBlob") headers["x-ms-blob-sequence-number"] = String(state.sequenceNumber ?? 0);
  if (type === "AppendBlob") headers["x-ms-blob-committed-block-count"] = String(state.blockCount ?? 0);
  if (state.incremental !== undefined) headers["x-ms-incremental-copy"] = "true";
  if (state.isSealed) headers["x-ms-blob-sealed"] = "true";
  if (state.tierChangedMs !== undefined) headers["x-ms-access-tier-change-time"] = formatHttpDate(state.tierChangedMs);
  if (state.lastAccessMs !== undefined) headers["x-ms-last-access-time"] = formatHttpDate(state.lastAccessMs);
  if (rehydration !== undefined) {
    headers["x-ms-archive-status"] = `rehydrate-pending-to-${rehydration.tier.toLowerCase()}`;
    headers["x-ms-rehydrate-priority"] = rehydration.priority;
  }
  if (state.expiresMs !== undefined) headers["x-ms-expiry-time"] = formatHttpDate(state.expiresMs);
  if (immutability !== undefined) {
    headers["x-ms-immutability-policy-until-date"] = formatHttpDate(immutability.untilMs);
    headers["x-ms-immutability-policy-mode"] = immutability.mode.toLowerCase();
  }
  if (state.hasLegalHold) headers["x-ms-legal-hold"] = "true";
  return copy === undefined ? headers : { ...headers, ...copyHeaders(copy) };
}

function copyHeaders(copy: CopyRecord): Record<string, string> {
  const headers: Record<string, string> = {
    "x-ms-copy-id": copy.id,
    "x-ms-copy-source": copy.source,
    "x-ms-copy-status": copy.status,
    "x-ms-copy-progress": `${copy.copiedBytes}/${copy.totalBytes}`,
  };
  if (copy.completedMs !== null) headers["x-ms-copy-completion-time"] = formatHttpDate(copy.completedMs);
  if (copy.destinationSnapshot !== null) headers["x-ms-copy-destination-snapshot"] = copy.destinationSnapshot;
  if (copy.statusDescription !== null) headers["x-ms-copy-status-description"] = copy.statusDescription;
  return headers;
}

/** What is said of a blob's encryption: a scope by its name, any other key by its digest. */
export function describeEncryption({ keySha256, encryptionScope }: BlobState): Record<string, string> {
  if (encryptionScope !== undefined) return { "x-ms-encryption-scope": encryptionScope };
  return keySha256 === undefined ? {} : { "x-ms-encryption-key-sha256": keySha256 };
}

/** Everything known of a blob but its length and its MD5, which depend on what part of it is answered. */
export function blobHeaders(record: BlobRecord, nowMs: number): Record<string, string> {
  const { settings, accessTier, standing, tags } = record;
  // Added to in place: this is what most requests are answered with, and each spread makes another object of it.
  const headers = writtenHeaders(record);
  if (standing.kind === "present") Object.assign(headers, leaseHeaders(record.state.lease, nowMs));
  for (const [name, value] of record.metadata) headers[`x-ms-meta-${name}`] = value;
  headers["Content-Type"] = settings.contentType ?? defaultContentType;
  headers["Accept-Ranges"] = "bytes";
  headers["x-ms-blob-type"] = record.type;
  headers["x-ms-creation-time"] = formatHttpDate(record.createdMs);
  // What is encrypted with no key of the client's or a scope's is not encrypted by us, and we do not say that it is.
  headers["x-ms-server-encrypted"] = String(record.state.keySha256 !== undefined);
  Object.assign(headers, describeEncryption(record.state), stateHeaders(record));
  if (record.type === "BlockBlob") {
    headers["x-ms-access-tier"] = accessTier ?? "Hot";
    if (accessTier === null) headers["x-ms-access-tier-inferred"] = "true";
  }
  if (tags.length > 0) headers["x-ms-tag-count"] = String(tags.length);
  if (record.versionId !== null && standing.kind === "present") headers["x-ms-is-current-version"] = "true";
  if (settings.contentEncoding !== null) headers["Content-Encoding"] = settings.contentEncoding;
  if (settings.contentLanguage !== null) headers["Content-Language"] = settings.contentLanguage;
  if (settings.contentDisposition !== null) headers["Content-Disposition"] = settings.contentDisposition;
  if (settings.cacheControl !== null) headers["Cache-Control"] = settings.cacheControl;
  return headers;
}

/** The 16 bytes of an MD5 in base64. @throws StorageError `InvalidMd5`. */
export function readMd5(headers: RequestHeaders, name: string): string | null {
  const value = headers.text(name);
  if (value === null) return null;
  const bytes = Buffer.from(value, "base64");
  if (bytes.length !== 16 || bytes.toString("base64") !== value) throw new StorageError("InvalidMd5");
  return value;
}

/** The 8 bytes of a CRC-64 in base64. @throws StorageError `InvalidHeaderValue`. */
export function readCrc64(headers: RequestHeaders): string | null {
  const value = headers.text("x-ms-content-crc64");
  if (value === null) return null;
  const bytes = Buffer.from(value, "base64");
  if (bytes.length !== 8 || bytes.toString("base64") !== value) throw invalidHeader("x-ms-content-crc64", value);
  return value;
}

/** What `x-ms-blob-*` headers set. */
export function readSettings(headers: RequestHeaders): BlobSettings {
  return {
    contentType: headers.text("x-ms-blob-content-type"),
    contentEncoding: headers.text("x-ms-blob-content-encoding"),
    contentLanguage: headers.text("x-ms-blob-content-language"),
    contentDisposition: headers.text("x-ms-blob-content-disposition"),
    cacheControl: headers.text("x-ms-blob-cache-control"),
    contentMd5: readMd5(headers, "x-ms-blob-content-md5"),
  };
}

/** Put Blob also takes the plain headers, for what no `x-ms-blob-*` header says. */
export function readPutSettings(headers: RequestHeaders): BlobSettings {
  const settings = readSettings(headers);
  return {
    ...settings,
    contentType: settings.contentType ?? headers.text("content-type"),
    contentEncoding: settings.contentEncoding ?? headers.text("content-encoding"),
    contentLanguage: settings.contentLanguage ?? headers.text("content-language"),
    cacheControl: settings.cacheControl ?? headers.text("cache-control"),
  };
}

const tiers: ReadonlyMap<string, AccessTier> = new Map([
  ["hot", "Hot"],
  ["cool", "Cool"],
  ["cold", "Cold"],
  ["archive", "Archive"],
]);

/** @throws StorageError `InvalidBlobTier`, for one that the version does not have, too. */
export function readAccessTier({ headers, version }: Pick<BlobCall, "headers" | "version">): AccessTier | null {
  const value = headers.text("x-ms-access-tier");
  if (value === null) return null;
  const tier = tiers.get(value.toLowerCase());
  if (tier === undefined || (tier === "Cold" && !featuresOf(version).coldTier))
    throw new StorageError("InvalidBlobTier");
  return tier;
}

/** How soon a blob is wanted out of the archive. @throws StorageError `InvalidHeaderValue`. */
export function readRehydratePriority(headers: RequestHeaders): "High" | "Standard" {
  const priority = headers.text("x-ms-rehydrate-priority") ?? "Standard";
  if (!/^(?:standard|high)$/i.test(priority)) throw invalidHeader("x-ms-rehydrate-priority", priority);
  return priority.toLowerCase() === "high" ? "High" : "Standard";
}

/** What a request for a blob's content or properties may ask for and cannot have. */
const unimplementedOnBlobs = { "x-ms-structured-body": "structured message bodies" } as const;

/** Refuses what would have to be ignored. */
export function refuseUnimplemented({ headers }: Pick<BlobCall, "headers">): void {
  headers.refuseUnimplemented(unimplementedOnBlobs);
}
