/**
 * Conditional requests, judged on what is there: pure, used before a body is read and again by the writer at the moment of the change.
 *
 * The rules are Azure's, not quite HTTP's: of two conditions on a write the ETag one decides; a read takes them all, with
 * If-None-Match and If-Modified-Since as alternatives.
 * @see https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
 */
import type { BlobFault, Tags } from "./model.ts";
import { meetsTags, type TagExpression } from "./tag-expression.ts";

/** ETags are without quotes; `*` stands for any. Times have whole seconds, as HTTP dates do. */
export type Conditions = {
  readonly ifMatch?: readonly string[];
  readonly ifNoneMatch?: readonly string[];
  readonly ifModifiedSinceMs?: number;
  readonly ifUnmodifiedSinceMs?: number;
  /** What the blob's index tags must be. */
  readonly ifTags?: TagExpression;
  /** The lease that the caller holds; whether it must hold one is judged apart, by leases.ts. */
  readonly leaseId?: string;
};

export const noConditions: Conditions = {};

/** What conditions are judged on; undefined when there is nothing. */
export type Present = { readonly etag: string; readonly modifiedMs: number; readonly tags?: Tags } | undefined;

const matches = (etags: readonly string[], etag: string): boolean => etags.includes("*") || etags.includes(etag);

/** A Last-Modified header has no fractions, so neither has what is compared with one. */
const wholeSeconds = (timeMs: number): number => Math.floor(timeMs / 1000) * 1000;

/**
 * Judges a write.
 * @param isCreate true for operations that make the blob (Put Blob, Put Block List): their `If-None-Match: *` says 409.
 * @returns why not, or undefined.
 */
export function judgeWrite(conditions: Conditions, present: Present, isCreate: boolean): BlobFault | undefined {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs, ifTags } = conditions;
  const refused: BlobFault = { kind: "condition-not-met" };
  // Seen of Azure: `If-Match: *` on an absent blob is 412, whatever dates come with it.
  if (present === undefined) return ifMatch === undefined && ifTags === undefined ? undefined : refused;
  if (ifTags !== undefined && !meetsTags(ifTags, present.tags ?? [])) return refused;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.includes("*")) return isCreate ? { kind: "blob-exists" } : refused;
    return ifNoneMatch.includes(present.etag) ? refused : undefined;
  }
  if (ifMatch !== undefined) return matches(ifMatch, present.etag) ? undefined : refused;
  const modifiedMs = wholeSeconds(present.modifiedMs);
  if (ifModifiedSinceMs !== undefined && modifiedMs <= ifModifiedSinceMs) return refused;
  if (ifUnmodifiedSinceMs !== undefined && modifiedMs > ifUnmodifiedSinceMs) return refused;
  return undefined;
}

/**
 * Judges a read of something that is there: If-Match and If-Unmodified-Since and (If-None-Match or If-Modified-Since).
 * @returns why not, or undefined.
 */
export function judgeRead(conditions: Conditions, present: Present): BlobFault | undefined {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs, ifTags } = conditions;
  if (ifNoneMatch?.includes("*")) return { kind: "condition-unsatisfiable" };
  if (present === undefined) return ifMatch === undefined ? undefined : { kind: "condition-not-met" };
  if (ifTags !== undefined && !meetsTags(ifTags, present.tags ?? [])) return { kind: "condition-not-met" };
  const modifiedMs = wholeSeconds(present.modifiedMs);
  if (ifMatch !== undefined && !matches(ifMatch, present.etag)) return { kind: "condition-not-met" };
  if (ifUnmodifiedSinceMs !== undefined && modifiedMs > ifUnmodifiedSinceMs) return { kind: "condition-not-met" };
  const alternatives: boolean[] = [];
  if (ifNoneMatch !== undefined) alternatives.push(!ifNoneMatch.includes(present.etag));
  if (ifModifiedSinceMs !== undefined) alternatives.push(modifiedMs > ifModifiedSinceMs);
  return alternatives.length > 0 && !alternatives.includes(true) ? { kind: "not-modified" } : undefined;
}
