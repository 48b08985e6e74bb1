/**
 * What the engine keeps, as plain data: the language between surface, main thread and writer thread. What may be done to it is in mutations.ts.
 * Everything here passes through structured clone. Times are milliseconds since 1970.
 */
import type { LeaseFault } from "./leases.ts";

/** Names with their values, in the order given; a list, because `__proto__` is a lawful metadata name. */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** Blob index tags, in order of their keys. */
export type Tags = readonly (readonly [key: string, value: string])[];

export type BlobType = "BlockBlob" | "AppendBlob" | "PageBlob";

/** Tiers of a block blob; null is the account's default, which Azure calls inferred. */
export type AccessTier = "Hot" | "Cool" | "Cold" | "Archive";

/** The properties a client sets on a blob; null where it set none. */
export type BlobSettings = {
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  readonly contentLanguage: string | null;
  readonly contentDisposition: string | null;
  readonly cacheControl: string | null;
  /** Base64 of the 16 bytes. */
  readonly contentMd5: string | null;
};

/** A lease as it was last changed; what state it is in follows from the time, see leases.ts. */
export type Lease = {
  readonly id: string;
  /** -1 for ever. */
  readonly durationSeconds: number;
  /** null for one without an end. */
  readonly endsMs: number | null;
  /** When it is, or was, broken; null when nobody broke it. */
  readonly breaksMs: number | null;
};

/** The last copy onto a blob. */
export type CopyRecord = {
  readonly id: string;
  readonly source: string;
  readonly status: "pending" | "success" | "aborted" | "failed";
  readonly statusDescription: string | null;
  readonly copiedBytes: number;
  readonly totalBytes: number;
  readonly completedMs: number | null;
  /** Of an incremental copy: the snapshot it made. */
  readonly destinationSnapshot: string | null;
};

export type IncrementalSource = { readonly source: string; readonly snapshot: string };

export type ImmutabilityPolicy = { readonly untilMs: number; readonly mode: "Unlocked" | "Locked" };

/** What few blobs have, each member only where it is something; a row carries it as JSON. */
export type BlobState = {
  readonly lease?: Lease;
  readonly copy?: CopyRecord;
  /** Of a page blob. */
  readonly sequenceNumber?: number;
  /** Of the key that its bytes are encrypted with; base64. The key itself is nowhere, or the scope's. */
  readonly keySha256?: string;
  /** Whose key that is; none for one that comes with each request. */
  readonly encryptionScope?: string;
  /** Of an append blob. */
  readonly blockCount?: number;
  readonly isSealed?: true;
  readonly expiresMs?: number;
  /** Of a copy that is made snapshot by snapshot: of which blob, by its URL, and the last snapshot that was taken in. */
  readonly incremental?: IncrementalSource;
  readonly immutability?: ImmutabilityPolicy;
  readonly hasLegalHold?: true;
  readonly tierChangedMs?: number;
  /** When it was last read or written, to the day; only where the account tracks it. */
  readonly lastAccessMs?: number;
  /** On its way out of the archive. */
  readonly rehydration?: { readonly tier: AccessTier; readonly priority: string; readonly doneMs: number };
};

/** Public access and stored policies of a container; the surface's to read and write, kept here as it is given. */
export type ContainerAccess = {
  readonly publicAccess: "blob" | "container" | null;
  readonly policies: readonly {
    readonly id: string;
    readonly start: string | null;
    readonly expiry: string | null;
    readonly permissions: string | null;
  }[];
};

export const noAccess: ContainerAccess = { publicAccess: null, policies: [] };

/** What few containers have. */
export type ContainerState = {
  readonly lease?: Lease;
  /** The encryption scope of blobs that name none, and whether they may name another. */
  readonly defaultScope?: string;
  readonly isScopeFixed?: true;
};

export type ContainerRecord = {
  readonly name: string;
  /** As in an `ETag` header, without the quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  readonly metadata: Metadata;
  readonly state: ContainerState;
  readonly access: ContainerAccess;
};

/** A container that was deleted and can be had back. */
export type DeletedContainer = ContainerRecord & {
  /** What it is restored by. */
  readonly deletedVersion: string;
  readonly deletedMs: number;
  readonly endsMs: number;
};

export type BlobRecord = {
  readonly name: string;
  readonly type: BlobType;
  readonly etag: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly sizeBytes: number;
  readonly settings: BlobSettings;
  readonly accessTier: AccessTier | null;
  readonly metadata: Metadata;
  readonly tags: Tags;
  readonly state: BlobState;
  /** null for a blob written while the account kept no versions. */
  readonly versionId: string | null;
  /** What the record is of: the present blob, or one that it was. */
  readonly standing: BlobStanding;
};

export type BlobStanding =
  | { readonly kind: "present" }
  | { readonly kind: "snapshot"; readonly snapshot: string; readonly deletion: Deletion | null }
  | { readonly kind: "version"; readonly deletion: Deletion | null }
  /** Of a name that has versions only: the last of them stands for it in listings. */
  | { readonly kind: "gone"; readonly deletion: null }
  | { readonly kind: "deleted"; readonly deletion: Deletion };

export type Deletion = { readonly deletedMs: number; readonly endsMs: number };

/** A record as of now: a blob past its end is gone, and one that has left the archive is out. */
export function settledAt(record: BlobRecord, nowMs: number): BlobRecord | undefined {
  const { expiresMs, rehydration } = record.state;
  if (expiresMs !== undefined && expiresMs <= nowMs) return undefined;
  if (rehydration === undefined || rehydration.doneMs > nowMs) return record;
  const { rehydration: _, ...state } = record.state;
  return { ...record, accessTier: rehydration.tier, state };
}

/** Which state of a name is meant. */
export type BlobMoment =
  | { readonly kind: "present" }
  | { readonly kind: "snapshot"; readonly stamp: number }
  | { readonly kind: "version"; readonly stamp: number };

export const present: BlobMoment = { kind: "present" };

export type BlockListEntry = { readonly source: "committed" | "uncommitted" | "latest"; readonly blockId: string };

export type ContainerName = { readonly account: string; readonly container: string };
export type BlobName = ContainerName & { readonly blob: string };

/** What an account keeps of what is overwritten and deleted. */
export type Retention = {
  readonly isVersioned: boolean;
  /** Days that deleted blobs are kept; null for not at all. */
  readonly deletedBlobDays: number | null;
};

export const noRetention: Retention = { isVersioned: false, deletedBlobDays: null };

/** What a change answers: the new state of what was changed; for deletions, the last. */
export type Written = {
  readonly etag: string;
  readonly modifiedMs: number;
  /** The version that the change made, or that it left as it was. */
  readonly versionId?: string | null;
  readonly snapshot?: string;
  readonly sequenceNumber?: number;
  /** Of a lease's change: its id, and the seconds until it is broken. */
  readonly leaseId?: string;
  readonly leaseSeconds?: number;
  /** Of an append: where the block starts, and how many there are now. */
  readonly appendOffset?: number;
  readonly blockCount?: number;
  /** Of a deletion: what is deleted is not kept. */
  readonly isPermanent?: boolean;
  /** Of a change of tier: it takes its time. */
  readonly isPending?: boolean;
};

/** Why the engine refuses; a closed union, data without text. */
export type BlobFault =
  | { readonly kind: "container-not-found" }
  | { readonly kind: "container-exists" }
  | { readonly kind: "blob-not-found" }
  /** `If-None-Match: *` on a blob that is there. */
  | { readonly kind: "blob-exists" }
  /** The blob is there and the caller may only create (`mustBeNew`). */
  | { readonly kind: "replace-not-permitted" }
  | { readonly kind: "condition-not-met" }
  /** A read's conditions say that the caller has it already. */
  | { readonly kind: "not-modified" }
  /** `If-None-Match: *` on a read can never be met. */
  | { readonly kind: "condition-unsatisfiable" }
  /** A block of the list is nowhere. */
  | { readonly kind: "block-list-invalid" }
  /** The block's id differs in length from the blob's other uncommitted ones. */
  | { readonly kind: "block-id-length" }
  | { readonly kind: "uncommitted-blocks-exceeded" }
  /** The sum of the blocks is more than a blob may hold. */
  | { readonly kind: "blob-too-large" }
  /** The operation is not one of such a blob. */
  | { readonly kind: "blob-type" }
  | { readonly kind: "snapshots-present" }
  | { readonly kind: "blob-sealed" }
  | { readonly kind: "blob-immutable" }
  | { readonly kind: "blob-archived" }
  | { readonly kind: "blob-rehydrating" }
  | { readonly kind: "blocks-exceeded" }
  | { readonly kind: "append-position" }
  | { readonly kind: "append-size" }
  | { readonly kind: "page-range" }
  | { readonly kind: "sequence-number" }
  | { readonly kind: "sequence-number-low" }
  | { readonly kind: "copy-pending" }
  | { readonly kind: "copy-not-pending" }
  | { readonly kind: "copy-id" }
  | { readonly kind: "policy-locked" }
  | { readonly kind: "policy-conflict" }
  /** An incremental copy is changed by another such copy only, and read by its snapshots. */
  | { readonly kind: "incremental-only" }
  /** The copy is of another source, or no incremental one. */
  | { readonly kind: "incremental-mismatch" }
  /** The snapshot is not later than the last one that was taken in. */
  | { readonly kind: "incremental-earlier" }
  /** What is written is encrypted with another key than the blob, or than its other blocks. */
  | { readonly kind: "key-mismatch" }
  | { readonly kind: "lease"; readonly of: "blob" | "container"; readonly fault: LeaseFault }
  | { readonly kind: "extent-in-use" }
  /** No room on the disk; nothing was lost, and it works again when there is room. */
  | { readonly kind: "storage-full" }
  /** The blob's name is longer than the store of shared rows can index. */
  | { readonly kind: "name-too-long" }
  /** The body ended before its length, or its sender went away. */
  | { readonly kind: "body-incomplete" }
  /** What is on disk is not what was written there. */
  | { readonly kind: "content-damaged"; readonly where: string };

/** Thrown by the engine; nothing has been changed when it is. */
export class BlobRefusal extends Error {
  readonly fault: BlobFault;
  constructor(fault: BlobFault, cause?: unknown) {
    super(fault.kind, cause === undefined ? undefined : { cause });
    this.name = "BlobRefusal";
    this.fault = fault;
  }
}

/** Committed blocks of a blob at most. @see https://learn.microsoft.com/azure/storage/blobs/scalability-targets */
export const maxCommittedBlocks = 50_000;
/** Uncommitted blocks of a blob at most. @see https://learn.microsoft.com/rest/api/storageservices/put-block#remarks */
export const maxUncommittedBlocks = 100_000;
/** A block blob's size at most, in bytes: 50,000 blocks of 4,000 MiB. @see https://learn.microsoft.com/azure/storage/blobs/scalability-targets */
export const maxBlobSizeBytes = 50_000 * 4_000 * 1024 * 1024;
/** A page blob's size at most, in bytes. Source as above. */
export const maxPageBlobSizeBytes = 8 * 1024 ** 4;
/** What a page blob is made of, in bytes. */
export const pageBytes = 512;
