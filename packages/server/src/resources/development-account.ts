/**
 * The account that Azurite's users have in their connection strings. Its key is known to everybody, so it has that key only while it is asked for:
 * a start without it gives the account keys of its own, and keeps what is in it.
 * @see https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
 */
import { type Change, put } from "../state/change.ts";
import type { StorageAccount } from "../state/entities.ts";
import type { SubscriptionId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import type { ReadModel } from "../state/read-model.ts";
import { putResourceGroup } from "./resource-groups.ts";
import { makeKeys } from "./storage-account-keys.ts";
import { putStorageAccount } from "./storage-accounts.ts";

export const developmentAccountName = "devstoreaccount1";
/** Public: it stands in Microsoft's documentation. Source as above. */
export const developmentAccountKey =
  "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** Where the account is put; our choice. */
const place = { resourceGroup: "development", location: "westeurope" } as const;

type Outcome = { readonly changes: readonly Change[]; readonly result: undefined };
type KeyPorts = Pick<Ports, "now" | "randomBytes">;

/** Makes the group that the account is put into, unless the account or the group is there. */
export function prepareDevelopmentGroup(model: ReadModel, subscriptionId: SubscriptionId): Outcome {
  const { resourceGroup: name, location } = place;
  const isThere = model.resourceGroups
    .find("subscriptionId", subscriptionId)
    .some((group) => group.name.toLowerCase() === name);
  if (isThere || model.storageAccount(developmentAccountName) !== undefined) return { changes: [], result: undefined };
  const request = { subscriptionId, name, location, tags: undefined, managedBy: undefined };
  return { changes: putResourceGroup(model, request).changes, result: undefined };
}

/** Makes the account, unless it is there, and gives it the key that everybody knows. */
export function openDevelopmentAccount(model: ReadModel, subscriptionId: SubscriptionId, ports: KeyPorts): Outcome {
  const account = model.storageAccount(developmentAccountName) ?? makeAccount(model, subscriptionId, ports);
  return { changes: isOpen(account) ? [] : [put("storageAccount", giveKnownKey(account))], result: undefined };
}

/** Takes the known key from an account that has it. */
export function closeDevelopmentAccount(model: ReadModel, ports: KeyPorts): Outcome {
  const account = model.storageAccount(developmentAccountName);
  const isKnown = account !== undefined && isOpen(account);
  const changes = isKnown ? [put("storageAccount", { ...account, keys: makeKeys(ports) })] : [];
  return { changes, result: undefined };
}

function makeAccount(model: ReadModel, subscriptionId: SubscriptionId, ports: KeyPorts): StorageAccount {
  // With a second endpoint to read at, as Azurite's has.
  const sort = { kind: "StorageV2", skuName: "Standard_RAGRS" };
  const settings = { ...sort, allowBlobPublicAccess: true };
  const request = { ...place, subscriptionId, name: developmentAccountName, tags: undefined, settings };
  return putStorageAccount(model, request, new Set(), ports).result.account;
}

function isOpen({ keys }: StorageAccount): boolean {
  return keys.some(({ value }) => value === developmentAccountKey);
}

function giveKnownKey(account: StorageAccount): StorageAccount {
  const keys = account.keys.map((key) => (key.keyName === "key1" ? { ...key, value: developmentAccountKey } : key));
  return { ...account, keys };
}
