/**
 * The end of a storage account, in two steps, so that a crash between them leaves neither data without an account nor a name that a new
 * owner could take over with the old data in it: first the account is marked and its role assignments go, then, once its data are gone, its row.
 */
import { type Change, put, remove } from "../state/change.ts";
import type { StorageAccount } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";
import { removeAssignmentsAtOrBelow, scopeOfStorageAccount } from "./scopes.ts";

/** Marks an account as going; access to it ends with this change. */
export function startAccountDeletion(model: ReadModel, account: StorageAccount): Change[] {
  return [
    put("storageAccount", { ...account, provisioningState: "Deleting" }),
    ...removeAssignmentsAtOrBelow(model, scopeOfStorageAccount(account)),
  ];
}

/** Removes an account whose data are gone; one that is not going stays. */
export function finishAccountDeletion(model: ReadModel, name: string): Change[] {
  const account = model.storageAccounts.get(name);
  return account?.provisioningState === "Deleting" ? [remove("storageAccount", name)] : [];
}
