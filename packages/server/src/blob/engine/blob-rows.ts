/** Rows of blobs as SQL has them, present and past, and what the engine says of them. */
import type {
  AccessTier,
  BlobRecord,
  BlobStanding,
  BlobType,
  ContainerRecord,
  ContainerState,
  Deletion,
} from "./model.ts";
import { decodeAccess, decodeMetadata, decodeSettings, decodeState, decodeTags } from "./row-format.ts";
import { etagOf, stampTimeOf } from "./stamps.ts";

/** What both tables have but the content, which comes last: a listing does not touch it. */
export const describingColumns =
  "name, version, created_ms, modified_ms, size_bytes, type, version_id, settings, tier, metadata, tags, state";
/** What a name was: its place in the history. */
export const standingColumns = "stamp, kind, deleted_ms, ends_ms";

export type DescribingRow = {
  name: string;
  version: number;
  created_ms: number;
  modified_ms: number;
  size_bytes: number;
  type: BlobType;
  version_id: number | null;
  settings: string;
  tier: AccessTier | null;
  metadata: string;
  tags: string;
  state: string;
};

/** S: a snapshot; V: a version; D: a deleted blob; only in listings, G: the last version of a name without a present blob. */
export type StandingRow = {
  stamp: number;
  kind: "S" | "V" | "D" | "G";
  deleted_ms: number | null;
  ends_ms: number | null;
};

/** A present blob, whole. */
export type BlobRow = DescribingRow & { container_id: number; content: Uint8Array };
export type HistoryRow = BlobRow & StandingRow;

export type ContainerRow = {
  id: number;
  name: string;
  version: number;
  modified_ms: number;
  metadata: string;
  state: string;
  access: string;
};

export const containerColumns = "id, name, version, modified_ms, metadata, state, access";

export function containerRecord(row: ContainerRow): ContainerRecord {
  return {
    name: row.name,
    etag: etagOf(row.version),
    modifiedMs: row.modified_ms,
    metadata: decodeMetadata(row.metadata),
    state: decodeState<ContainerState>(row.state),
    access: decodeAccess(row.access),
  };
}

const presentStanding: BlobStanding = { kind: "present" };

export function blobRecord(row: DescribingRow, standing = presentStanding): BlobRecord {
  return {
    name: row.name,
    type: row.type,
    etag: etagOf(row.version),
    createdMs: row.created_ms,
    modifiedMs: row.modified_ms,
    sizeBytes: row.size_bytes,
    settings: decodeSettings(row.settings),
    accessTier: row.tier,
    metadata: decodeMetadata(row.metadata),
    tags: decodeTags(row.tags),
    state: decodeState(row.state),
    versionId: row.version_id === null ? null : stampTimeOf(row.version_id),
    standing,
  };
}

export function historyRecord(row: DescribingRow & StandingRow): BlobRecord {
  return blobRecord(row, standingOf(row));
}

function standingOf({ stamp, kind, deleted_ms: deletedMs, ends_ms: endsMs }: StandingRow): BlobStanding {
  const deletion: Deletion | null = deletedMs === null || endsMs === null ? null : { deletedMs, endsMs };
  if (kind === "S") return { kind: "snapshot", snapshot: stampTimeOf(stamp), deletion };
  if (kind === "G") return { kind: "gone", deletion: null };
  if (kind === "V") return { kind: "version", deletion };
  return { kind: "deleted", deletion: deletion ?? { deletedMs: 0, endsMs: 0 } };
}
