/** The engine's refusals in Azure's words. */
import { retryAfterSeconds, StoreUnavailable } from "../store/backend.ts";
import type { LeaseFault } from "./engine/leases.ts";
import { type BlobFault, BlobRefusal } from "./engine/model.ts";
import { type ErrorCode, type ErrorOptions, StorageError } from "./errors.ts";

type PlainKind = Exclude<BlobFault["kind"], "lease">;

const words: Readonly<Record<PlainKind, readonly [code: ErrorCode, options?: ErrorOptions]>> = {
  "container-not-found": ["ContainerNotFound"],
  "container-exists": ["ContainerAlreadyExists"],
  "blob-not-found": ["BlobNotFound"],
  "blob-exists": ["BlobAlreadyExists"],
  "replace-not-permitted": ["AuthorizationPermissionMismatch"],
  "condition-not-met": ["ConditionNotMet"],
  "not-modified": ["ConditionNotMet", { status: 304 }],
  "condition-unsatisfiable": ["UnsatisfiableCondition"],
  "block-list-invalid": ["InvalidBlockList"],
  "block-id-length": ["InvalidBlobOrBlock"],
  "uncommitted-blocks-exceeded": ["BlockCountExceedsLimit"],
  "blob-too-large": ["RequestBodyTooLarge"],
  "blob-type": ["InvalidBlobType"],
  "snapshots-present": ["SnapshotsPresent"],
  "blob-sealed": ["BlobIsSealed"],
  "blob-immutable": ["BlobImmutableDueToPolicy"],
  "blob-archived": ["BlobArchived"],
  "blob-rehydrating": ["BlobBeingRehydrated"],
  "blocks-exceeded": ["CommittedBlockCountExceedsLimit"],
  "append-position": ["AppendPositionConditionNotMet"],
  "append-size": ["MaxBlobSizeConditionNotMet"],
  "page-range": ["InvalidPageRange"],
  "sequence-number": ["SequenceNumberConditionNotMet"],
  "sequence-number-low": ["SequenceNumberIncrementTooLarge"],
  "copy-pending": ["PendingCopyOperation"],
  "copy-not-pending": ["NoPendingCopyOperation"],
  "copy-id": ["CopyIdMismatch"],
  "key-mismatch": ["BlobCustomerSpecifiedEncryptionMismatch"],
  "incremental-only": ["OperationNotAllowedOnIncrementalCopyBlob"],
  "incremental-mismatch": ["IncrementalCopyBlobMismatch"],
  "incremental-earlier": ["IncrementalCopyOfEarlierSnapshotNotAllowed"],
  "policy-locked": ["ImmutabilityPolicyConflict"],
  "policy-conflict": ["ImmutabilityPolicyConflict"],
  "extent-in-use": ["InternalError"],
  "storage-full": ["ServerBusy"],
  "name-too-long": ["InvalidResourceName"],
  "body-incomplete": ["InvalidInput"],
  "content-damaged": ["InternalError"],
};

/** @see https://learn.microsoft.com/rest/api/storageservices/lease-blob#outcomes-of-use-attempts-on-blobs-by-lease-state */
function wordLeaseFault(fault: LeaseFault, of: "blob" | "container"): StorageError {
  const named = (code: ErrorCode, message?: string) => new StorageError(code, message === undefined ? {} : { message });
  switch (fault) {
    case "id-missing":
      return named(
        "LeaseIdMissing",
        `There is currently a lease on the ${of} and no lease ID was specified in the request.`,
      );
    case "id-mismatch":
      return named(of === "blob" ? "LeaseIdMismatchWithBlobOperation" : "LeaseIdMismatchWithContainerOperation");
    case "lost":
      return named("LeaseLost", `A lease ID was specified, but the lease for the ${of} has expired.`);
    case "not-present":
      return named(of === "blob" ? "LeaseNotPresentWithBlobOperation" : "LeaseNotPresentWithContainerOperation");
    case "already-present":
      return named("LeaseAlreadyPresent");
    case "operation-id-mismatch":
      return named(
        "LeaseIdMismatchWithLeaseOperation",
        `The lease ID specified did not match the lease ID for the ${of}.`,
      );
    case "operation-not-present":
      return named("LeaseNotPresentWithLeaseOperation", `There is currently no lease on the ${of}.`);
    case "breaking-not-acquirable":
      return named("LeaseIsBreakingAndCannotBeAcquired");
    case "breaking-not-changeable":
      return named("LeaseIsBreakingAndCannotBeChanged");
    case "broken-not-renewable":
      return named("LeaseIsBrokenAndCannotBeRenewed");
  }
}

/** Words one of the engine's refusals. */
export function asFaultError(fault: BlobFault): StorageError {
  if (fault.kind === "lease") return wordLeaseFault(fault.fault, fault.of);
  const [code, options] = words[fault.kind];
  return new StorageError(code, options);
}

/** What is no refusal, or no fault of the client's, is our own error and says nothing outside. */
export function asStorageError(cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  if (cause instanceof StoreUnavailable)
    return new StorageError("ServerBusy", { headers: { "Retry-After": String(retryAfterSeconds) } });
  return cause instanceof BlobRefusal ? asFaultError(cause.fault) : new StorageError("InternalError");
}
