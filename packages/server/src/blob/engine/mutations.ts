/** What may be done to what the engine keeps: one change of the metadata each, carried out by the writer thread whole or not at all. */
import type { Conditions } from "./conditions.ts";
import type { LeaseRequest } from "./leases.ts";
import type {
  AccessTier,
  BlobFault,
  BlobMoment,
  BlobName,
  BlobSettings,
  BlobState,
  BlobType,
  BlockListEntry,
  ContainerAccess,
  ContainerName,
  ContainerState,
  ImmutabilityPolicy,
  IncrementalSource,
  Metadata,
  Retention,
  Tags,
  Written,
} from "./model.ts";

/** What every change of a present blob says. */
export type BlobChange = BlobName & { readonly conditions: Conditions; readonly retention: Retention };

/** What writing a whole blob and committing a block list have in common. */
export type BlobWrite = BlobChange & {
  readonly settings: BlobSettings;
  readonly accessTier: AccessTier | null;
  readonly metadata: Metadata;
  readonly tags: Tags;
  /** What the new blob has besides; a lease stays with the name and is not given here. */
  readonly state: BlobState;
  /** The caller may create and not replace; judged against the row at the time of the write. */
  readonly mustBeNew: boolean;
};

/** Where a content stands: in the row of a present blob, of a past one, or of an uncommitted block. */
export type ContentPlace = {
  readonly containerId: number;
  readonly name: string;
  readonly of:
    | { readonly table: "blobs" }
    | { readonly table: "history"; readonly stamp: number }
    | { readonly table: "blocks"; readonly blockId: string };
};

/** `content` is what content.ts encodes. */
export type Mutation =
  | ({
      readonly kind: "create-container";
      readonly metadata: Metadata;
      readonly access: ContainerAccess;
      readonly state: ContainerState;
    } & ContainerName)
  | ({
      readonly kind: "set-container-metadata";
      readonly metadata: Metadata;
      readonly conditions: Conditions;
    } & ContainerName)
  | ({
      readonly kind: "set-container-access";
      readonly access: ContainerAccess;
      readonly conditions: Conditions;
    } & ContainerName)
  | ({
      readonly kind: "delete-container";
      readonly conditions: Conditions;
      /** Days that it is kept; null for not at all. */
      readonly keptDays: number | null;
    } & ContainerName)
  | ({
      readonly kind: "restore-container";
      readonly deletedName: string;
      readonly deletedVersion: string;
    } & ContainerName)
  | ({
      readonly kind: "lease-container";
      readonly lease: LeaseRequest;
      readonly conditions: Conditions;
    } & ContainerName)
  | { readonly kind: "delete-account"; readonly account: string }
  /** Puts content that was moved in the place of what it was made of, where that still stands. */
  | ({ readonly kind: "move-content"; readonly before: Uint8Array; readonly after: Uint8Array } & ContentPlace)
  /** Forgets an extent that nothing refers to; refused with `extent-in-use`. */
  | { readonly kind: "forget-extent"; readonly extentId: number }
  | ({
      readonly kind: "put-blob";
      readonly type: BlobType;
      readonly content: Uint8Array;
      readonly isShared: boolean;
    } & BlobWrite)
  /** Takes in a snapshot of a page blob. */
  | ({
      readonly kind: "incremental-copy";
      readonly content: Uint8Array;
      readonly source: IncrementalSource;
    } & BlobWrite)
  | ({
      readonly kind: "put-block";
      readonly blockId: string;
      readonly content: Uint8Array;
      readonly leaseId: string | null;
    } & BlobName)
  | ({ readonly kind: "put-block-list"; readonly entries: readonly BlockListEntry[] } & BlobWrite)
  | ({ readonly kind: "set-blob-properties"; readonly settings: BlobSettings } & BlobChange)
  | ({ readonly kind: "set-blob-metadata"; readonly metadata: Metadata } & BlobChange)
  | ({ readonly kind: "set-blob-tags"; readonly tags: Tags; readonly moment: BlobMoment } & BlobChange)
  | ({ readonly kind: "lease-blob"; readonly lease: LeaseRequest } & BlobChange)
  | ({ readonly kind: "append-block"; readonly content: Uint8Array; readonly append: AppendConditions } & BlobChange)
  | ({
      readonly kind: "put-pages";
      readonly start: number;
      readonly lengthBytes: number;
      /** null clears them. */
      readonly content: Uint8Array | null;
      readonly sequence: SequenceConditions;
    } & BlobChange)
  | ({
      readonly kind: "set-pages-properties";
      readonly sizeBytes: number | null;
      readonly sequence: SequenceChange | null;
      readonly settings: BlobSettings;
    } & BlobChange)
  | ({ readonly kind: "change-state"; readonly change: StateChange; readonly moment: BlobMoment } & BlobChange)
  | ({ readonly kind: "snapshot-blob"; readonly metadata: Metadata | null } & BlobChange)
  | ({ readonly kind: "delete-blob"; readonly snapshots: SnapshotDeletion } & BlobChange)
  | ({
      readonly kind: "delete-past";
      readonly moment: BlobMoment;
      /** Takes what is only kept, for good. */
      readonly isPermanent: boolean;
    } & BlobChange)
  | ({ readonly kind: "undelete-blob" } & BlobChange);

/** What an append asks of the blob; undefined where it asks nothing. */
export type AppendConditions = {
  readonly positionBytes: number | undefined;
  readonly maxSizeBytes: number | undefined;
};

/** What a change of pages asks of the sequence number, by its comparison. */
export type SequenceConditions = {
  readonly atMost: number | undefined;
  readonly below: number | undefined;
  readonly equal: number | undefined;
};

/** A change of a page blob's sequence number. */
export type SequenceChange =
  | { readonly action: "max" | "update"; readonly number: number }
  | { readonly action: "increment" };

/** A change of what few blobs have. */
export type StateChange =
  | { readonly what: "seal"; readonly positionBytes: number | undefined }
  | { readonly what: "tier"; readonly tier: AccessTier; readonly rehydratePriority: string }
  | { readonly what: "expiry"; readonly expiresMs: number | null }
  | { readonly what: "expiry-after"; readonly from: "creation"; readonly afterMs: number }
  | { readonly what: "immutability"; readonly policy: ImmutabilityPolicy | null }
  | { readonly what: "legal-hold"; readonly isHeld: boolean }
  | { readonly what: "copy-abort"; readonly copyId: string }
  /** It was read: no change that anybody may forbid. */
  | { readonly what: "access" };

/** What becomes of a deleted blob's snapshots; null refuses to delete a blob that has some. */
export type SnapshotDeletion = "include" | "only" | null;

export type MutationOf<Kind extends Mutation["kind"]> = Extract<Mutation, { kind: Kind }>;

export type TimedMutation = { readonly mutation: Mutation; readonly timeMs: number };

export type MutationResult =
  | { readonly isOk: true; readonly written: Written }
  | { readonly isOk: false; readonly fault: BlobFault };
