/**
 * Storage accounts: the rules. Pure: each reads the model and answers with changes, or refuses.
 * @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts
 */
import { type Change, put } from "../state/change.ts";
import type { StorageAccount, Tags } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { SubscriptionId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import type { ReadModel } from "../state/read-model.ts";
import { findLocation } from "./locations.ts";
import { refuseWhileDeleting, requireResourceGroup } from "./resource-groups.ts";
import { makeKeys } from "./storage-account-keys.ts";
import { checkAccountName, requireFreeAccountName } from "./storage-account-names.ts";
import { type AccountSettings, settleNewAccount, settleUpdate } from "./storage-account-settings.ts";
import { checkTags } from "./tags.ts";

/** Accounts of one subscription and region; here of one subscription. @see https://learn.microsoft.com/azure/storage/common/scalability-targets-standard-account */
const maxAccountsPerSubscription = 250;

export const storageAccountType = "Microsoft.Storage/storageAccounts";

const objectKind = "storageAccount";

export type AccountPlace = {
  readonly subscriptionId: SubscriptionId;
  readonly resourceGroup: string;
  readonly name: string;
};

export type AccountRequest = AccountPlace & {
  readonly location: string | undefined;
  readonly tags: Tags | undefined;
  readonly settings: AccountSettings;
};

export type AccountOutcome = {
  readonly changes: readonly Change[];
  readonly result: { readonly account: StorageAccount; readonly isNew: boolean };
};

/** The account at that place, or undefined; one that is being deleted is not there any more. */
export function findStorageAccount(model: ReadModel, place: AccountPlace): StorageAccount | undefined {
  const account = model.storageAccount(place.name.toLowerCase());
  const isHere =
    account?.subscriptionId === place.subscriptionId &&
    account.resourceGroup.toLowerCase() === place.resourceGroup.toLowerCase();
  return isHere ? account : undefined;
}

/** @throws Refusal `subscription-not-found`, `resource-group-not-found`, `resource-not-found`. */
export function requireStorageAccount(model: ReadModel, place: AccountPlace): StorageAccount {
  requireResourceGroup(model, place.subscriptionId, place.resourceGroup);
  return (
    findStorageAccount(model, place) ??
    refuse({
      kind: "resource-not-found",
      resourceType: storageAccountType,
      name: place.name,
      resourceGroup: place.resourceGroup,
    })
  );
}

/**
 * Creates an account, or changes the one that is there; what the caller left out stays.
 * @throws Refusal `resource-group-not-found`, `resource-group-being-deleted`, `account-name-invalid`, `account-name-taken`, `value-invalid`,
 * `location-conflict`, `limit-reached`, `not-implemented`.
 * @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/create
 */
export function putStorageAccount(
  model: ReadModel,
  request: AccountRequest,
  reservedNames: ReadonlySet<string>,
  ports: Pick<Ports, "now" | "randomBytes">,
): AccountOutcome {
  const group = requireResourceGroup(model, request.subscriptionId, request.resourceGroup);
  refuseWhileDeleting(group);
  if (checkAccountName(model, reservedNames, request.name).kind === "invalid") {
    refuse({ kind: "account-name-invalid", name: request.name });
  }
  const location = requireLocation(request.location);
  const existing = findStorageAccount(model, request);
  if (existing !== undefined) {
    if (existing.location !== location) {
      refuse({
        kind: "location-conflict",
        objectKind: "storageAccount",
        name: existing.name,
        existing: existing.location,
        given: location,
      });
    }
    return updateStorageAccount(model, request);
  }
  requireFreeAccountName(model, reservedNames, request.name);
  if (model.storageAccounts.find("subscriptionId", request.subscriptionId).length >= maxAccountsPerSubscription) {
    refuse({ kind: "limit-reached", objectKind, property: "subscriptionId", limit: maxAccountsPerSubscription });
  }
  const tags = request.tags ?? {};
  checkTags(objectKind, tags);
  const account: StorageAccount = {
    name: request.name,
    subscriptionId: request.subscriptionId,
    resourceGroup: group.name,
    location,
    tags,
    creationTime: ports.now().toISOString(),
    provisioningState: "Succeeded",
    ...settleNewAccount(request.settings),
    keys: makeKeys(ports),
  };
  return { changes: [put(objectKind, account)], result: { account, isNew: true } };
}

/**
 * Changes an account; what is undefined stays.
 * @throws Refusal `resource-not-found` and those of the settings.
 * @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/update
 */
export function updateStorageAccount(
  model: ReadModel,
  request: AccountPlace & Pick<AccountRequest, "tags" | "settings">,
): AccountOutcome {
  const existing = requireStorageAccount(model, request);
  if (request.tags !== undefined) checkTags(objectKind, request.tags);
  const account: StorageAccount = {
    ...existing,
    tags: request.tags ?? existing.tags,
    ...settleUpdate(existing, request.settings),
  };
  return { changes: [put(objectKind, account)], result: { account, isNew: false } };
}

function requireLocation(given: string | undefined): string {
  if (given === undefined || given.trim() === "") {
    return refuse({ kind: "value-invalid", objectKind, property: "location", why: "required" });
  }
  return (
    findLocation(given) ??
    refuse({ kind: "value-invalid", objectKind, property: "location", why: "not-allowed", value: given.slice(0, 90) })
  );
}
