/**
 * The metadata as a check reads it: every row once, in key order, all of one moment. A port, so that rows kept elsewhere can be checked by the same rules.
 */
import type { RowName } from "./report.ts";

/** A row that refers to bytes. */
export type StoredRow = {
  readonly containerId: number;
  readonly name: string;
  /** As {@link RowName} words it. */
  readonly state: string;
  readonly sizeBytes: number;
  readonly content: Uint8Array;
  /** Of a present blob or an older state: the columns of JSON, tags and state among them; null for an uncommitted block. */
  readonly columns: { readonly tags: string; readonly state: string; readonly texts: readonly string[] } | null;
  /** Whether indexes are about it. */
  readonly isPresent: boolean;
};

export type ExtentCount = { readonly liveBytes: number; readonly endBytes: number };

export type StoredRows = {
  /** What the database itself finds wrong with its file. */
  integrity(): readonly string[];
  containerCount(): number;
  /** Account and name of a container that is there, kept, or being cleared away; undefined for another. */
  place(containerId: number): Pick<RowName, "account" | "container"> | undefined;
  /** All rows that refer to bytes. */
  rows(): Iterable<StoredRow>;
  /** Present and older states of one name. */
  statesOf(containerId: number, name: string): readonly StoredRow[];
  /** What is counted for each extent. */
  counts(): ReadonlyMap<number, ExtentCount>;
  hasTag(containerId: number, key: string, value: string, name: string): boolean;
  hasEnding(endsMs: number, containerId: number, name: string): boolean;
  /** Rows of the indexes of tags and of ends. */
  indexSize(): { readonly tags: number; readonly endings: number };
  /** Names whose count of uncommitted blocks is not that of the blocks. */
  miscountedBlocks(): readonly { readonly containerId: number; readonly name: string }[];
  /** The number that the next change is counted from, and the highest that a row has. */
  versions(): { readonly counter: number; readonly highest: number };
};
