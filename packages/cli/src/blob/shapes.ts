/**
 * Blobs and containers in the shape az prints them: of a list's XML, and of an answer's headers. May use: xml.ts, azure/identifiers.ts.
 * @see https://learn.microsoft.com/rest/api/storageservices/list-blobs
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Json } from "../http/service-client.ts";
import { type Element, find, textAt } from "./xml.ts";

/** "Mon, 23 Nov 2026 02:18:02 GMT" as 2026-11-23T02:18:02+00:00. */
export function toPythonTime(text: string | null): string | null {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString().replace(/\.\d+Z$/, "+00:00");
}

type Read = (name: string) => string | null;

function toBoolean(text: string | null): boolean | null {
  return text === null ? null : text === "true";
}

function toNumber(text: string | null): number | null {
  return text === null || text === "" ? null : Number(text);
}

const unset = (...names: readonly string[]): Json => Object.fromEntries(names.map((name) => [name, null]));

/** What az shows of a blob beside its properties, in the order it does. */
function blobOf(name: string, container: string, properties: Json, more: Json): Json {
  return {
    content: "",
    deleted: null,
    metadata: {},
    name,
    properties,
    snapshot: null,
    container,
    ...unset("encryptedMetadata", "encryptionKeySha256", "encryptionScope", "hasLegalHold", "hasVersionsOnly"),
    immutabilityPolicy: unset("expiryTime", "policyMode"),
    ...unset("isAppendBlobSealed", "isCurrentVersion", "lastAccessedOn", "objectReplicationDestinationPolicy"),
    objectReplicationSourceProperties: [],
    ...unset("rehydratePriority", "requestServerEncrypted", "tagCount", "tags", "versionId"),
    ...more,
  };
}

/** @param names of the values in the source: an XML element's, or a header's. */
function propertiesOf(read: Read, names: Readonly<Record<string, string>>): Json {
  const at = (name: string) => read(names[name] ?? name);
  return {
    appendBlobCommittedBlockCount: toNumber(at("committedBlocks")),
    blobTier: at("tier"),
    blobTierChangeTime: toPythonTime(at("tierChangeTime")),
    blobTierInferred: toBoolean(at("tierInferred")),
    blobType: at("blobType"),
    contentLength: toNumber(at("length")),
    contentRange: null,
    contentSettings: {
      cacheControl: at("cacheControl") || null,
      contentDisposition: at("disposition") || null,
      contentEncoding: at("encoding") || null,
      contentLanguage: at("language") || null,
      contentMd5: at("md5") || null,
      contentType: at("type") || null,
    },
    copy: {
      completionTime: toPythonTime(at("copyTime")),
      destinationSnapshot: null,
      id: at("copyId"),
      incrementalCopy: null,
      progress: at("copyProgress"),
      source: at("copySource"),
      status: at("copyStatus"),
      statusDescription: null,
    },
    creationTime: toPythonTime(at("creationTime")),
    deletedTime: toPythonTime(at("deletedTime")),
    etag: at("etag"),
    lastModified: toPythonTime(at("lastModified")),
    lease: { duration: at("leaseDuration"), state: at("leaseState"), status: at("leaseStatus") },
    pageBlobSequenceNumber: toNumber(at("sequence")),
    pageRanges: null,
    rehydrationStatus: at("archiveStatus"),
    remainingRetentionDays: toNumber(at("retentionDays")),
    serverEncrypted: toBoolean(at("encrypted")) ?? false,
  };
}

const inXml: Readonly<Record<string, string>> = {
  tier: "AccessTier",
  tierChangeTime: "AccessTierChangeTime",
  tierInferred: "AccessTierInferred",
  blobType: "BlobType",
  length: "Content-Length",
  cacheControl: "Cache-Control",
  disposition: "Content-Disposition",
  encoding: "Content-Encoding",
  language: "Content-Language",
  md5: "Content-MD5",
  type: "Content-Type",
  copyTime: "CopyCompletionTime",
  copyId: "CopyId",
  copyProgress: "CopyProgress",
  copySource: "CopySource",
  copyStatus: "CopyStatus",
  creationTime: "Creation-Time",
  deletedTime: "DeletedTime",
  etag: "Etag",
  lastModified: "Last-Modified",
  leaseDuration: "LeaseDuration",
  leaseState: "LeaseState",
  leaseStatus: "LeaseStatus",
  sequence: "x-ms-blob-sequence-number",
  archiveStatus: "ArchiveStatus",
  retentionDays: "RemainingRetentionDays",
  encrypted: "ServerEncrypted",
};

const inHeaders: Readonly<Record<string, string>> = {
  committedBlocks: "x-ms-blob-committed-block-count",
  tier: "x-ms-access-tier",
  tierChangeTime: "x-ms-access-tier-change-time",
  tierInferred: "x-ms-access-tier-inferred",
  blobType: "x-ms-blob-type",
  length: "content-length",
  cacheControl: "cache-control",
  disposition: "content-disposition",
  encoding: "content-encoding",
  language: "content-language",
  md5: "content-md5",
  type: "content-type",
  copyTime: "x-ms-copy-completion-time",
  copyId: "x-ms-copy-id",
  copyProgress: "x-ms-copy-progress",
  copySource: "x-ms-copy-source",
  copyStatus: "x-ms-copy-status",
  creationTime: "x-ms-creation-time",
  lastModified: "last-modified",
  leaseDuration: "x-ms-lease-duration",
  leaseState: "x-ms-lease-state",
  leaseStatus: "x-ms-lease-status",
  sequence: "x-ms-blob-sequence-number",
  archiveStatus: "x-ms-archive-status",
  encrypted: "x-ms-server-encrypted",
};

/** A `<Blob>` of a list. */
export function shapeListedBlob(blob: Element, container: string): Json {
  const properties = find(blob, "Properties");
  const read: Read = (name) => textAt(properties, name);
  const metadata = find(blob, "Metadata");
  return blobOf(nameOf(blob), container, propertiesOf(read, inXml), {
    deleted: toBoolean(textAt(blob, "Deleted")),
    metadata: Object.fromEntries((metadata?.children ?? []).map(({ name, text }) => [name, text])),
    snapshot: textAt(blob, "Snapshot"),
    versionId: textAt(blob, "VersionId"),
    isCurrentVersion: toBoolean(textAt(blob, "IsCurrentVersion")),
  });
}

/** A name that XML cannot hold is percent-encoded, and says so. */
function nameOf(blob: Element): string {
  const name = find(blob, "Name");
  return name?.attributes.Encoded === "true" ? decodeURIComponent(name.text) : (name?.text ?? "");
}

function headerReader(headers: IncomingHttpHeaders): Read {
  return (name) => {
    const value = headers[name];
    return typeof value === "string" ? value : null;
  };
}

export function metadataOf(headers: IncomingHttpHeaders): Json {
  const pairs = Object.entries(headers).filter(([name]) => name.startsWith("x-ms-meta-"));
  return Object.fromEntries(pairs.map(([name, value]) => [name.slice("x-ms-meta-".length), value]));
}

/** A blob by the headers of Get Blob Properties. */
export function shapeBlob(name: string, container: string, headers: IncomingHttpHeaders): Json {
  const read = headerReader(headers);
  const properties = propertiesOf(read, inHeaders);
  return blobOf(name, container, properties, {
    deleted: false,
    metadata: metadataOf(headers),
    requestServerEncrypted: properties.serverEncrypted,
    tagCount: toNumber(read("x-ms-tag-count")),
    versionId: read("x-ms-version-id"),
  });
}

/** The same after a download, of which az remembers less. @param sizeBytes of the whole blob. */
export function shapeDownloaded(
  name: string,
  container: string,
  headers: IncomingHttpHeaders,
  sizeBytes: number,
): Json {
  const blob = shapeBlob(name, container, headers);
  const properties = {
    ...(blob.properties as Json),
    contentLength: sizeBytes,
    contentRange: `bytes None-None/${sizeBytes}`,
    blobTier: null,
    blobTierInferred: null,
  };
  return { ...blob, properties, contentMd5: null };
}

const containerRest = {
  deleted: null,
  encryptionScope: {
    defaultEncryptionScope: "$account-encryption-key",
    preventEncryptionScopeOverride: false,
  },
  immutableStorageWithVersioningEnabled: false,
  version: null,
};

/** A `<Container>` of a list. */
export function shapeListedContainer(container: Element): Json {
  const read = (name: string) => textAt(container, "Properties", name);
  const metadata = find(container, "Metadata");
  return {
    metadata:
      metadata === undefined ? null : Object.fromEntries(metadata.children.map(({ name, text }) => [name, text])),
    name: textAt(container, "Name"),
    properties: {
      etag: read("Etag"),
      hasImmutabilityPolicy: toBoolean(read("HasImmutabilityPolicy")) ?? false,
      hasLegalHold: toBoolean(read("HasLegalHold")) ?? false,
      lastModified: toPythonTime(read("Last-Modified")),
      lease: { duration: read("LeaseDuration"), state: read("LeaseState"), status: read("LeaseStatus") },
      publicAccess: read("PublicAccess"),
    },
    ...containerRest,
  };
}

/** A container by the headers of Get Container Properties. */
export function shapeContainer(name: string, headers: IncomingHttpHeaders): Json {
  const read = headerReader(headers);
  return {
    metadata: metadataOf(headers),
    name,
    properties: {
      etag: read("etag"),
      hasImmutabilityPolicy: toBoolean(read("x-ms-has-immutability-policy")) ?? false,
      hasLegalHold: toBoolean(read("x-ms-has-legal-hold")) ?? false,
      lastModified: toPythonTime(read("last-modified")),
      lease: {
        duration: read("x-ms-lease-duration"),
        state: read("x-ms-lease-state"),
        status: read("x-ms-lease-status"),
      },
      publicAccess: read("x-ms-blob-public-access"),
    },
    ...containerRest,
  };
}

/** What az shows after an upload. */
export function shapeUpload(headers: IncomingHttpHeaders): Json {
  const read = headerReader(headers);
  return {
    client_request_id: read("x-ms-client-request-id"),
    content_md5: read("content-md5"),
    date: toPythonTime(read("date")),
    encryption_key_sha256: read("x-ms-encryption-key-sha256"),
    encryption_scope: read("x-ms-encryption-scope"),
    etag: read("etag"),
    request_id: read("x-ms-request-id"),
    request_server_encrypted: toBoolean(read("x-ms-request-server-encrypted")) ?? false,
    version: read("x-ms-version"),
    version_id: read("x-ms-version-id"),
    lastModified: toPythonTime(read("last-modified")),
  };
}
