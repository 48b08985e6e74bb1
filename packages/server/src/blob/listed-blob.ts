/** A blob as List Blobs shows it. @see https://learn.microsoft.com/rest/api/storageservices/list-blobs#response-body */
import type { ListedItem } from "./engine/metadata-reader.ts";
import type { BlobRecord, BlobStanding, CopyRecord, Metadata } from "./engine/model.ts";
import { defaultContentType, describeLease, formatHttpDate } from "./resource-headers.ts";
import type { Features } from "./service-versions.ts";
import { renderTags } from "./tags.ts";
import { element } from "./xml.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** What is shown beside a blob's own properties, and the time it is shown at. */
export type Shown = {
  readonly include: ReadonlySet<string>;
  readonly nowMs: number;
  /** Of the version that is answered. */
  readonly features: Features;
  readonly writeName: (tag: string, name: string) => string;
};

export function metadataElement(metadata: Metadata): string {
  if (metadata.length === 0) return "<Metadata />";
  return `<Metadata>${metadata.map(([name, value]) => element(name, value)).join("")}</Metadata>`;
}

export function renderItem(item: ListedItem, shown: Shown): string {
  const hasMetadata = shown.include.has("metadata");
  switch (item.kind) {
    case "prefix":
      return `<BlobPrefix>${shown.writeName("Name", item.name)}</BlobPrefix>`;
    case "uncommitted":
      return `<Blob>${shown.writeName("Name", item.name)}<Properties><Content-Length>0</Content-Length><BlobType>BlockBlob</BlobType></Properties>${hasMetadata ? "<Metadata />" : ""}<OrMetadata /></Blob>`;
    case "blob":
      return renderBlob(item.record, shown);
  }
}

function renderBlob(record: BlobRecord, shown: Shown): string {
  const { include, features } = shown;
  return [
    `<Blob>${shown.writeName("Name", record.name)}`,
    renderStanding(record, include),
    `<Properties>${renderProperties(record, shown)}</Properties>`,
    include.has("metadata") ? metadataElement(record.metadata) : "",
    include.has("tags") && record.tags.length > 0 ? renderTags(record.tags) : "",
    features.replication ? "<OrMetadata /></Blob>" : "</Blob>",
  ].join("");
}

function renderStanding({ standing, versionId }: BlobRecord, include: ReadonlySet<string>): string {
  const parts: string[] = [];
  if (deletionOf(standing) !== null) parts.push("<Deleted>true</Deleted>");
  if (standing.kind === "gone") return "<HasVersionsOnly>true</HasVersionsOnly>";
  if (standing.kind === "snapshot") parts.push(element("Snapshot", standing.snapshot));
  if (versionId !== null && (include.has("versions") || include.has("deletedwithversions"))) {
    parts.push(element("VersionId", versionId));
    if (standing.kind === "present") parts.push("<IsCurrentVersion>true</IsCurrentVersion>");
  }
  return parts.join("");
}

function deletionOf(standing: BlobStanding) {
  return standing.kind === "present" ? null : standing.deletion;
}

function renderProperties(record: BlobRecord, { include, nowMs, features }: Shown): string {
  const { settings, state, standing, type } = record;
  const deletion = deletionOf(standing);
  return [
    element("Creation-Time", formatHttpDate(record.createdMs)),
    element("Last-Modified", formatHttpDate(record.modifiedMs)),
    element("Etag", record.etag),
    element("Content-Length", record.sizeBytes),
    element("Content-Type", settings.contentType ?? defaultContentType),
    element("Content-Encoding", settings.contentEncoding),
    element("Content-Language", settings.contentLanguage),
    features.crc64 ? "<Content-CRC64 />" : "",
    element("Content-MD5", settings.contentMd5),
    element("Cache-Control", settings.cacheControl),
    element("Content-Disposition", settings.contentDisposition),
    state.sequenceNumber === undefined ? "" : element("x-ms-blob-sequence-number", state.sequenceNumber),
    element("BlobType", type),
    type === "BlockBlob" ? renderTier(record) : "",
    standing.kind === "present" ? renderLease(record, nowMs) : "",
    include.has("copy") && state.copy !== undefined ? renderCopy(state.copy) : "",
    state.incremental === undefined ? "" : "<IncrementalCopy>true</IncrementalCopy>",
    state.isSealed === undefined || !features.seal ? "" : "<Sealed>true</Sealed>",
    state.lastAccessMs === undefined || !features.lastAccess
      ? ""
      : element("LastAccessTime", formatHttpDate(state.lastAccessMs)),
    state.expiresMs === undefined || !features.expiry ? "" : element("Expiry-Time", formatHttpDate(state.expiresMs)),
    include.has("immutabilitypolicy") && state.immutability !== undefined
      ? `${element("ImmutabilityPolicyUntilDate", formatHttpDate(state.immutability.untilMs))}${element("ImmutabilityPolicyMode", state.immutability.mode.toLowerCase())}`
      : "",
    include.has("legalhold") && state.hasLegalHold !== undefined ? "<LegalHold>true</LegalHold>" : "",
    record.tags.length === 0 || !features.tags ? "" : element("TagCount", record.tags.length),
    deletion === null
      ? ""
      : `${element("DeletedTime", formatHttpDate(deletion.deletedMs))}${element("RemainingRetentionDays", Math.max(0, Math.floor((deletion.endsMs - nowMs) / dayMs)))}`,
    state.encryptionScope === undefined ? "" : element("EncryptionScope", state.encryptionScope),
    state.keySha256 === undefined || state.encryptionScope !== undefined
      ? ""
      : element("CustomerProvidedKeySha256", state.keySha256),
    element("ServerEncrypted", state.keySha256 !== undefined),
  ].join("");
}

function renderTier({ accessTier, state: { rehydration, tierChangedMs } }: BlobRecord): string {
  return [
    element("AccessTier", accessTier ?? "Hot"),
    accessTier === null ? "<AccessTierInferred>true</AccessTierInferred>" : "",
    tierChangedMs === undefined ? "" : element("AccessTierChangeTime", formatHttpDate(tierChangedMs)),
    rehydration === undefined
      ? ""
      : `${element("ArchiveStatus", `rehydrate-pending-to-${rehydration.tier.toLowerCase()}`)}${element("RehydratePriority", rehydration.priority)}`,
  ].join("");
}

function renderLease({ state }: BlobRecord, nowMs: number): string {
  const lease = describeLease(state.lease, nowMs);
  const duration = lease.duration === null ? "" : element("LeaseDuration", lease.duration);
  return `${element("LeaseStatus", lease.status)}${element("LeaseState", lease.state)}${duration}`;
}

function renderCopy(copy: CopyRecord): string {
  return [
    element("CopyId", copy.id),
    element("CopyStatus", copy.status),
    element("CopySource", copy.source),
    element("CopyProgress", `${copy.copiedBytes}/${copy.totalBytes}`),
    copy.completedMs === null ? "" : element("CopyCompletionTime", formatHttpDate(copy.completedMs)),
    copy.destinationSnapshot === null ? "" : element("CopyDestinationSnapshot", copy.destinationSnapshot),
    copy.statusDescription === null ? "" : element("CopyStatusDescription", copy.statusDescription),
  ].join("");
}
