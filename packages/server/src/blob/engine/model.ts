/**
 * What the engine keeps and what may be done to it, as plain data: the language between surface, main thread and writer thread.
 * Everything here passes through structured clone. Times are milliseconds since 1970.
 */
import type { Conditions } from "./conditions.ts";

/** Names with their values, in the order given; a list, because `__proto__` is a lawful metadata name. */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** Tiers a block blob can be written to here; null is the account's default, which Azure calls inferred. */
export type AccessTier = "Hot" | "Cool" | "Cold";

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

export type ContainerRecord = {
  readonly name: string;
  /** As in an `ETag` header, without the quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  readonly metadata: Metadata;
};

export type BlobRecord = {
  readonly name: string;
  readonly etag: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly sizeBytes: number;
  readonly settings: BlobSettings;
  readonly accessTier: AccessTier | null;
  readonly metadata: Metadata;
};

export type BlockListEntry = { readonly source: "committed" | "uncommitted" | "latest"; readonly blockId: string };

export type ContainerName = { readonly account: string; readonly container: string };
export type BlobName = ContainerName & { readonly blob: string };

/** What writing a whole blob and committing a block list have in common. */
type BlobWrite = BlobName & {
  readonly conditions: Conditions;
  readonly settings: BlobSettings;
  readonly accessTier: AccessTier | null;
  readonly metadata: Metadata;
  /** The caller may create and not replace; judged against the row at the time of the write. */
  readonly mustBeNew: boolean;
};

/** One change of the metadata, carried out by the writer thread whole or not at all. `content` is what content.ts encodes. */
export type Mutation =
  | ({ readonly kind: "create-container"; readonly metadata: Metadata } & ContainerName)
  | ({
      readonly kind: "set-container-metadata";
      readonly metadata: Metadata;
      readonly conditions: Conditions;
    } & ContainerName)
  | ({ readonly kind: "delete-container"; readonly conditions: Conditions } & ContainerName)
  | { readonly kind: "delete-account"; readonly account: string }
  | ({ readonly kind: "put-blob"; readonly content: Uint8Array } & BlobWrite)
  | ({ readonly kind: "put-block"; readonly blockId: string; readonly content: Uint8Array } & BlobName)
  | ({ readonly kind: "put-block-list"; readonly entries: readonly BlockListEntry[] } & BlobWrite)
  | ({
      readonly kind: "set-blob-properties";
      readonly settings: BlobSettings;
      readonly conditions: Conditions;
    } & BlobName)
  | ({ readonly kind: "set-blob-metadata"; readonly metadata: Metadata; readonly conditions: Conditions } & BlobName)
  | ({ readonly kind: "delete-blob"; readonly conditions: Conditions } & BlobName);

/** What a change answers: the new state of what was changed; for deletions, the last. */
export type Written = { readonly etag: string; readonly modifiedMs: number };

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
  /** No room on the disk; nothing was lost, and it works again when there is room. */
  | { readonly kind: "storage-full" }
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

export type MutationResult =
  | { readonly isOk: true; readonly written: Written }
  | { readonly isOk: false; readonly fault: BlobFault };

/** Committed blocks of a blob at most. @see https://learn.microsoft.com/azure/storage/blobs/scalability-targets */
export const maxCommittedBlocks = 50_000;
/** Uncommitted blocks of a blob at most. @see https://learn.microsoft.com/rest/api/storageservices/put-block#remarks */
export const maxUncommittedBlocks = 100_000;
/** A block blob's size at most, in bytes: 50,000 blocks of 4,000 MiB. @see https://learn.microsoft.com/azure/storage/blobs/scalability-targets */
export const maxBlobSizeBytes = 50_000 * 4_000 * 1024 * 1024;
