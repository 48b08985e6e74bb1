/**
 * Which account an endpoint's name stands for, and which of its two places: an account that is read-access geo-redundant has a second endpoint,
 * `ACCOUNT-secondary`, that only reads. Here both show one store, so the second is never behind.
 *
 * @see https://learn.microsoft.com/azure/storage/common/storage-redundancy#read-access-to-data-in-the-secondary-region
 */
import { hasReadableSecondary, secondarySuffix } from "../resources/storage-account-settings.ts";
import type { StorageAccount } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";
import { StorageError } from "./errors.ts";
import type { BlobOperation } from "./operation-row.ts";

export type Endpoint = { readonly account: StorageAccount; readonly isSecondary: boolean };

/** @param name as it stands in a host name, or before a path. @returns undefined for an account, or a second place of it, that is not there. */
export function findEndpoint(model: Pick<ReadModel, "storageAccount">, name: string): Endpoint | undefined {
  const isSecondary = name.endsWith(secondarySuffix);
  const account = model.storageAccount(isSecondary ? name.slice(0, -secondarySuffix.length) : name);
  if (account === undefined || (isSecondary && !hasReadableSecondary(account))) return undefined;
  return { account, isSecondary };
}

/** @throws StorageError `InsufficientAccountPermissions` for what does not only read, at the second place. */
export function refuseWriteAtSecondary(isSecondary: boolean, { method }: BlobOperation): void {
  if (!isSecondary || method === "GET" || method === "HEAD" || method === "OPTIONS") return;
  throw new StorageError("InsufficientAccountPermissions", { message: "Write operations are not allowed." });
}
