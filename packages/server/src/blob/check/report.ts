/** What a check of the store found, as data: what is named in it, and how much of it is kept. */

/** Findings that are named at most; the rest is counted. Our choice: more than anybody reads, and some hundred KiB. */
const maxNamedFindings = 1000;

export type FindingKind =
  /** The metadata's file is not as SQLite wrote it. */
  | "metadata-damaged"
  /** A row cannot be read, or says what cannot be. */
  | "row-damaged"
  /** A row of a container that is not there. */
  | "row-orphaned"
  /** An index does not say what the rows do. */
  | "index-wrong"
  /** The count of what is in use of an extent is not what the rows refer to. */
  | "count-wrong"
  | "extent-missing"
  | "extent-torn"
  | "extent-foreign"
  /** The bytes of a blob, or of one of its older states, are not what was written. */
  | "content-damaged";

/** A row of the metadata, in words: whose it is, and which state of it. */
export type RowName = {
  readonly account: string;
  readonly container: string;
  readonly blob: string;
  /** `present`, `snapshot TIME`, `version TIME`, `deleted TIME` or `uncommitted block ID`. */
  readonly state: string;
};

export type Finding = {
  readonly kind: FindingKind;
  readonly detail: string;
  /** What can be done about it. */
  readonly remedy: string;
  readonly row?: RowName;
};

export type StoreReport = {
  readonly isSound: boolean;
  readonly containerCount: number;
  readonly blobCount: number;
  /** Snapshots, versions and what soft delete keeps. */
  readonly pastCount: number;
  readonly blockCount: number;
  readonly extentCount: number;
  /** What rows refer to, read and compared with its sums; shared bytes once. */
  readonly checkedBytes: number;
  /** What no row refers to: of aborted uploads and of what was deleted. Compaction gives it back; it is no damage. */
  readonly unusedBytes: number;
  readonly findingCount: number;
  readonly findings: readonly Finding[];
};

/** Gathers findings, named up to the bound. */
export class Findings {
  readonly named: Finding[] = [];
  count = 0;

  add(finding: Finding): void {
    this.count += 1;
    if (this.named.length < maxNamedFindings) this.named.push(finding);
  }
}
