/** A blob as List Blobs shows it. @see https://learn.microsoft.com/rest/api/storageservices/list-blobs#response-body */
import type { ListedBlob, ListedRow } from "./engine/blob-rows.ts";
import type { ListedItem } from "./engine/metadata-reader.ts";
import type { BlobRecord, BlobStanding, CopyRecord, Metadata } from "./engine/model.ts";
import { decodeMetadata, SettingsFrame } from "./engine/row-format.ts";
import { etagOf } from "./engine/stamps.ts";
import { defaultContentType, describeLease, formatHttpDate } from "./resource-headers.ts";
import type { Features } from "./service-versions.ts";
import { renderTags } from "./tags.ts";
import { element, escapeXml, isPlain } from "./xml.ts";

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

/** What blobs of a page have in common, so that it is written once: most neighbours differ in name, times, ETag, length and MD5 only. */
type Frame = {
  /** The columns that all of it follows from, those of the past included. */
  readonly row: ListedRow;
  readonly settings: SettingsFrame;
  /** From the end of the length to the MD5, from there to the end of the properties, and after the metadata. */
  readonly beforeMd5: string;
  readonly afterMd5: string;
  readonly end: string;
};

/** Frames of one page. Our choice: more kinds than that between each other are rare, and to look through them costs less than to write one. */
const maxFrames = 32;

/** Writes the items of one page, in their order. */
export class ItemWriter {
  readonly #shown: Shown;
  readonly #showsMetadata: boolean;
  readonly #showsVersionIds: boolean;
  #frame: Frame | undefined;
  readonly #frames: Frame[] = [];
  #framesMade = 0;
  #isTimeless = true;
  #times = { createdMs: Number.NaN, modifiedMs: Number.NaN, text: "" };

  constructor(shown: Shown) {
    this.#shown = shown;
    const { include } = shown;
    this.#showsMetadata = include.has("metadata");
    this.#showsVersionIds = include.has("versions") || include.has("deletedwithversions");
  }

  /** What was written is the same at any time: it has no lease, and no end of what is kept. */
  get isTimeless(): boolean {
    return this.#isTimeless;
  }

  render(item: ListedItem): string {
    switch (item.kind) {
      case "prefix":
        return `<BlobPrefix>${this.#shown.writeName("Name", item.name)}</BlobPrefix>`;
      case "uncommitted":
        return `<Blob>${this.#shown.writeName("Name", item.name)}<Properties><Content-Length>0</Content-Length><BlobType>BlockBlob</BlobType></Properties>${this.#showsMetadata ? "<Metadata />" : ""}<OrMetadata /></Blob>`;
      case "blob":
        return this.#renderBlob(item);
    }
  }

  #renderBlob(blob: ListedBlob): string {
    const { row } = blob;
    const { settings, beforeMd5, afterMd5, end } = this.#frameOf(blob);
    const { name } = row;
    const nameElement = isPlain(name) ? `<Name>${name}</Name>` : this.#shown.writeName("Name", name);
    const md5 = settings.md5Of(row.settings);
    const md5Element = md5 === null ? "<Content-MD5 />" : `<Content-MD5>${escapeXml(md5)}</Content-MD5>`;
    const metadata = this.#showsMetadata ? metadataElement(decodeMetadata(row.metadata)) : "";
    return `<Blob>${nameElement}${this.#renderStanding(blob)}${this.#beginProperties(row)}${etagOf(row.version)}</Etag><Content-Length>${row.size_bytes}${beforeMd5}${md5Element}${afterMd5}${metadata}${end}`;
  }

  #renderStanding(blob: ListedBlob): string {
    const { row } = blob;
    if (!this.#showsVersionIds && (row.kind === undefined || row.kind === null)) return "";
    return renderStanding(blob.standing, this.#showsVersionIds ? blob.versionId : null);
  }

  /** The properties up to the ETag. */
  #beginProperties({ created_ms: createdMs, modified_ms: modifiedMs }: ListedRow): string {
    if (createdMs !== this.#times.createdMs || modifiedMs !== this.#times.modifiedMs) {
      const text = [
        `<Properties><Creation-Time>${formatHttpDate(createdMs)}</Creation-Time>`,
        `<Last-Modified>${formatHttpDate(modifiedMs)}</Last-Modified><Etag>`,
      ];
      this.#times = { createdMs, modifiedMs, text: text.join("") };
    }
    return this.#times.text;
  }

  #frameOf(blob: ListedBlob): Frame {
    const { row } = blob;
    if (this.#frame === undefined || !fits(this.#frame, row)) {
      this.#frame = this.#frames.find((frame) => fits(frame, row)) ?? this.#makeFrame(blob);
    }
    return this.#frame;
  }

  #makeFrame({ row, record }: ListedBlob): Frame {
    const { include, features } = this.#shown;
    if (record.state.lease !== undefined || deletionOf(record.standing) !== null) this.#isTimeless = false;
    const tags = include.has("tags") && record.tags.length > 0 ? renderTags(record.tags) : "";
    const frame = {
      row,
      settings: new SettingsFrame(row.settings),
      beforeMd5: renderBeforeMd5(record, features),
      afterMd5: renderAfterMd5(record, this.#shown),
      end: `${tags}${features.replication ? "<OrMetadata /></Blob>" : "</Blob>"}`,
    };
    this.#frames[this.#framesMade++ % maxFrames] = frame;
    return frame;
  }
}

function fits({ row: own, settings }: Frame, row: ListedRow): boolean {
  return (
    row.type === own.type &&
    row.tier === own.tier &&
    row.tags === own.tags &&
    row.state === own.state &&
    row.kind === own.kind &&
    row.deleted_ms === own.deleted_ms &&
    row.ends_ms === own.ends_ms &&
    settings.holds(row.settings)
  );
}

function renderStanding(standing: BlobStanding, versionId: string | null): string {
  if (standing.kind === "gone") return "<HasVersionsOnly>true</HasVersionsOnly>";
  const parts: string[] = [];
  if (deletionOf(standing) !== null) parts.push("<Deleted>true</Deleted>");
  if (standing.kind === "snapshot") parts.push(element("Snapshot", standing.snapshot));
  if (versionId !== null) {
    parts.push(element("VersionId", versionId));
    if (standing.kind === "present") parts.push("<IsCurrentVersion>true</IsCurrentVersion>");
  }
  return parts.join("");
}

function deletionOf(standing: BlobStanding) {
  return standing.kind === "present" ? null : standing.deletion;
}

function renderBeforeMd5({ settings }: BlobRecord, features: Features): string {
  return [
    "</Content-Length>",
    element("Content-Type", settings.contentType ?? defaultContentType),
    element("Content-Encoding", settings.contentEncoding),
    element("Content-Language", settings.contentLanguage),
    features.crc64 ? "<Content-CRC64 />" : "",
  ].join("");
}

function renderAfterMd5(record: BlobRecord, { include, nowMs, features }: Shown): string {
  const { settings, state, standing, type } = record;
  const deletion = deletionOf(standing);
  return [
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
    "</Properties>",
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
