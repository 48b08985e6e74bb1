/**
 * What an account's blob service keeps: versions, and for how many days what was deleted. Pure.
 * @see https://learn.microsoft.com/rest/api/storagerp/blob-services/set-service-properties
 */
import { type Change, put } from "../state/change.ts";
import type { BlobServiceSettings, StorageAccount } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { ReadModel } from "../state/read-model.ts";
import { type AccountPlace, requireStorageAccount } from "./storage-accounts.ts";

/** Days that deleted blobs and containers are kept. @see https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview */
const minRetentionDays = 1;
const maxRetentionDays = 365;

const objectKind = "storageAccount";

/** What is kept while nobody says otherwise. */
export const keepsNothing: BlobServiceSettings = {
  isVersioningEnabled: false,
  deletedBlobDays: null,
  isPermanentDeleteAllowed: false,
  deletedContainerDays: null,
  isLastAccessTracked: false,
};

/** A rule of retention as a caller says it. */
export type GivenRetention = { readonly isEnabled: boolean | undefined; readonly days: number | undefined };

/** What a caller said; undefined where nothing was said. */
export type GivenBlobService = {
  readonly isVersioningEnabled: boolean | undefined;
  readonly deletedBlobs: GivenRetention | undefined;
  readonly isPermanentDeleteAllowed: boolean | undefined;
  readonly deletedContainers: GivenRetention | undefined;
  readonly isLastAccessTracked: boolean | undefined;
};

export function blobServiceOf(account: Pick<StorageAccount, "blobService">): BlobServiceSettings {
  return account.blobService ?? keepsNothing;
}

function settleDays(given: GivenRetention | undefined, now: number | null, property: string): number | null {
  if (given === undefined) return now;
  if (given.isEnabled !== true) return null;
  const { days } = given;
  if (days === undefined || !Number.isInteger(days) || days < minRetentionDays || days > maxRetentionDays) {
    refuse({ kind: "value-invalid", objectKind, property, why: "not-allowed", value: String(days) });
  }
  return days;
}

/**
 * Changes the settings; what is undefined stays.
 * @throws Refusal `resource-not-found`, `value-invalid`.
 */
export function changeBlobService(
  model: ReadModel,
  place: AccountPlace,
  given: GivenBlobService,
): { readonly changes: readonly Change[]; readonly result: StorageAccount } {
  const account = requireStorageAccount(model, place);
  const now = blobServiceOf(account);
  const blobService: BlobServiceSettings = {
    isVersioningEnabled: given.isVersioningEnabled ?? now.isVersioningEnabled,
    deletedBlobDays: settleDays(given.deletedBlobs, now.deletedBlobDays, "deleteRetentionPolicy.days"),
    isPermanentDeleteAllowed: given.isPermanentDeleteAllowed ?? now.isPermanentDeleteAllowed,
    deletedContainerDays: settleDays(
      given.deletedContainers,
      now.deletedContainerDays,
      "containerDeleteRetentionPolicy.days",
    ),
    isLastAccessTracked: given.isLastAccessTracked ?? now.isLastAccessTracked,
  };
  const changed: StorageAccount = { ...account, blobService };
  return { changes: [put(objectKind, changed)], result: changed };
}
