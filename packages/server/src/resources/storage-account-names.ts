/**
 * Storage account names: what one may be, and whether it is free. A name is a host name's label, so it is unique over the whole cloud.
 * @see https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name
 */
import { refuse } from "../state/fault.ts";
import type { ReadModel } from "../state/read-model.ts";

const namePattern = /^[a-z0-9]{3,24}$/;

export type NameVerdict =
  | { readonly kind: "free" }
  | { readonly kind: "invalid" }
  /** Held by an account, by one whose data are still going, or kept back by this cloud (a path-style address could not reach it). */
  | { readonly kind: "taken" };

/** Says whether a storage account may be called that. @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/check-name-availability */
export function checkAccountName(model: ReadModel, reservedNames: ReadonlySet<string>, name: string): NameVerdict {
  if (!namePattern.test(name)) return { kind: "invalid" };
  if (reservedNames.has(name) || model.storageAccounts.has(name)) return { kind: "taken" };
  return { kind: "free" };
}

/** @throws Refusal `account-name-invalid`, `account-name-taken`. */
export function requireFreeAccountName(model: ReadModel, reservedNames: ReadonlySet<string>, name: string): void {
  const verdict = checkAccountName(model, reservedNames, name);
  if (verdict.kind === "invalid") refuse({ kind: "account-name-invalid", name });
  if (verdict.kind === "taken") refuse({ kind: "account-name-taken", name });
}
