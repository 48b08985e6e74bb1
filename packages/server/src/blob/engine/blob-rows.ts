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

/**
 * How a statement's rows are bound by its last parameter. By a bare `LIMIT ?` SQLite plans for the very number, and compiles the statement again each time that
 * one is bound: of a look at one row that was three quarters.
 * @see https://sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigenableqpsg
 */
export const rowBound = "LIMIT ? + 0";

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

/** Between columns that come as one; JSON has no control characters. */
const separator = "\u001f";

/** The same for a page of a listing, where each value of each row counts: what few blobs have comes as one, null for a block blob without any of it. */
export const listedColumns = `name, version, created_ms, modified_ms, size_bytes, version_id, settings,
  CASE WHEN state = '' AND tags = '' AND metadata = '' AND type = 'BlockBlob' AND tier IS NULL THEN NULL
       ELSE concat_ws(char(31), type, ifnull(tier, ''), metadata, tags, state) END`;

/** A name with uncommitted blocks only, as such a row: it has no version. */
export const stagedColumns = "name, NULL, NULL, NULL, NULL, NULL, NULL, NULL";

/** A row of these columns as an array, which Node makes in half the time of an object. */
export type ListedValues = readonly [
  name: string,
  version: number,
  createdMs: number,
  modifiedMs: number,
  sizeBytes: number,
  versionId: number | null,
  settings: string,
  special: string | null,
];

const nothingSpecial = ["BlockBlob", "", "", "", ""];

export function listedRow(values: readonly [...ListedValues, ...unknown[]]): DescribingRow {
  const special = values[7] === null ? nothingSpecial : values[7].split(separator);
  return {
    name: values[0],
    version: values[1],
    created_ms: values[2],
    modified_ms: values[3],
    size_bytes: values[4],
    type: special[0] as BlobType,
    version_id: values[5],
    settings: values[6],
    tier: (special[1] || null) as AccessTier | null,
    metadata: special[2]!,
    tags: special[3]!,
    state: special[4]!,
  };
}

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
    versionId: versionIdOf(row),
    standing,
  };
}

export function historyRecord(row: DescribingRow & StandingRow): BlobRecord {
  return blobRecord(row, standingOf(row));
}

/** A row of a listing, which shows nothing or more of the past. */
export type ListedRow = DescribingRow & {
  stamp?: number;
  kind?: StandingRow["kind"] | null;
  deleted_ms?: number | null;
  ends_ms?: number | null;
};

/** A blob of a listing. A page needs little of each row: its record is made when it is asked for. */
export class ListedBlob {
  readonly kind = "blob";
  readonly row: ListedRow;

  constructor(row: ListedRow) {
    this.row = row;
  }

  get standing(): BlobStanding {
    const { kind } = this.row;
    return kind === undefined || kind === null ? presentStanding : standingOf(this.row as StandingRow);
  }

  get versionId(): string | null {
    return versionIdOf(this.row);
  }

  get record(): BlobRecord {
    return blobRecord(this.row, this.standing);
  }
}

function versionIdOf({ version_id: stamp }: DescribingRow): string | null {
  return stamp === null ? null : stampTimeOf(stamp);
}

function standingOf({ stamp, kind, deleted_ms: deletedMs, ends_ms: endsMs }: StandingRow): BlobStanding {
  const deletion: Deletion | null = deletedMs === null || endsMs === null ? null : { deletedMs, endsMs };
  if (kind === "S") return { kind: "snapshot", snapshot: stampTimeOf(stamp), deletion };
  if (kind === "G") return { kind: "gone", deletion: null };
  if (kind === "V") return { kind: "version", deletion };
  return { kind: "deleted", deletion: deletion ?? { deletedMs: 0, endsMs: 0 } };
}
