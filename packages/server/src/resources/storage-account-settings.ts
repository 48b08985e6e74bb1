/**
 * The settings of a storage account: which values there are, which go together, what each is when nobody says.
 *
 * A setting that would change what the blob service does, and that it does not do yet, is refused by name: an account that looks locked
 * down and is not would be worse than none.
 * @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/create
 */
import type { NetworkRules, StorageAccount } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";

const objectKind = "storageAccount";

const kinds = ["Storage", "StorageV2", "BlobStorage", "BlockBlobStorage", "FileStorage"] as const;
const skuNames = [
  "Standard_LRS",
  "Standard_GRS",
  "Standard_RAGRS",
  "Standard_ZRS",
  "Standard_GZRS",
  "Standard_RAGZRS",
  "Premium_LRS",
  "Premium_ZRS",
] as const;
const geoRedundant: ReadonlySet<string> = new Set([
  "Standard_GRS",
  "Standard_RAGRS",
  "Standard_GZRS",
  "Standard_RAGZRS",
] satisfies (typeof skuNames)[number][]);
/** Ends the name of the second endpoint of an account that has one. */
export const secondarySuffix = "-secondary";
const accessTiers = ["Hot", "Cool", "Cold", "Premium"] as const;
const tlsVersions = ["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"] as const;
const networkActions = ["Allow", "Deny"] as const;
/** Addresses and subnets of an account's firewall at most. @see https://learn.microsoft.com/azure/storage/common/storage-network-security-limitations */
const maxIpRules = 400;
const ipRulePattern = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;
const publicNetworkAccesses = ["Enabled", "Disabled"] as const;

/** What a caller said of an account; undefined where nothing was said. */
export type AccountSettings = {
  readonly kind?: string | undefined;
  readonly skuName?: string | undefined;
  readonly accessTier?: string | undefined;
  readonly allowSharedKeyAccess?: boolean | undefined;
  readonly allowBlobPublicAccess?: boolean | undefined;
  readonly supportsHttpsTrafficOnly?: boolean | undefined;
  readonly minimumTlsVersion?: string | undefined;
  readonly publicNetworkAccess?: string | undefined;
  readonly isHnsEnabled?: boolean | undefined;
  readonly networkRules?: GivenNetworkRules | undefined;
};

/** What a caller said of the firewall; undefined where nothing was said. */
export type GivenNetworkRules = {
  readonly defaultAction: string | undefined;
  readonly ipRules: readonly string[] | undefined;
  readonly bypass: string | undefined;
};

type KeptSettings = Pick<
  StorageAccount,
  | "kind"
  | "skuName"
  | "accessTier"
  | "allowSharedKeyAccess"
  | "allowBlobPublicAccess"
  | "supportsHttpsTrafficOnly"
  | "minimumTlsVersion"
  | "publicNetworkAccess"
  | "isHnsEnabled"
  | "networkRules"
>;

/** Whether an account is kept in a second region, too. */
export function isGeoRedundant({ skuName }: Pick<StorageAccount, "skuName">): boolean {
  return geoRedundant.has(skuName);
}

/** Whether what is kept in the second region can be read there. */
export function hasReadableSecondary(account: Pick<StorageAccount, "skuName">): boolean {
  return isGeoRedundant(account) && account.skuName.startsWith("Standard_RA");
}

/** Finds a value without case, as Azure's own reader of these names does. */
function pick<Value extends string>(values: readonly Value[], property: string, given: string): Value {
  return (
    values.find((value) => value.toLowerCase() === given.toLowerCase()) ??
    refuse({ kind: "value-invalid", objectKind, property, why: "not-allowed", value: given.slice(0, 64) })
  );
}

/**
 * Settles all settings of a new account.
 * @throws Refusal `value-invalid` (kind, sku, accessTier, …), `not-implemented`.
 */
export function settleNewAccount(given: AccountSettings): KeptSettings {
  if (given.kind === undefined) refuse({ kind: "value-invalid", objectKind, property: "kind", why: "required" });
  if (given.skuName === undefined) refuse({ kind: "value-invalid", objectKind, property: "sku", why: "required" });
  const kind = pick(kinds, "kind", given.kind);
  const skuName = pick(skuNames, "sku", given.skuName);
  refuseUnserved(kind, skuName, given);
  return {
    kind,
    skuName,
    accessTier: settleAccessTier(kind, skuName, given.accessTier),
    allowSharedKeyAccess: given.allowSharedKeyAccess ?? true,
    // Azure's defaults today: no anonymous access unless asked for, nothing but HTTPS.
    allowBlobPublicAccess: given.allowBlobPublicAccess ?? false,
    supportsHttpsTrafficOnly: given.supportsHttpsTrafficOnly ?? true,
    minimumTlsVersion: pick(tlsVersions, "minimumTlsVersion", given.minimumTlsVersion ?? "TLS1_2"),
    publicNetworkAccess: pick(publicNetworkAccesses, "publicNetworkAccess", given.publicNetworkAccess ?? "Enabled"),
    isHnsEnabled: false,
    ...settleNetworkRules(undefined, given.networkRules),
  };
}

/**
 * Settles an account's settings after a change; what was not said stays.
 * @throws Refusal `value-invalid`, `not-implemented`.
 */
export function settleUpdate(account: StorageAccount, given: AccountSettings): KeptSettings {
  const kind = given.kind === undefined ? account.kind : pick(kinds, "kind", given.kind);
  // The one change of kind there is: a general-purpose v1 account can be upgraded.
  const isUpgrade = account.kind === "Storage" && kind === "StorageV2";
  if (kind !== account.kind && !isUpgrade) {
    refuse({ kind: "value-invalid", objectKind, property: "kind", why: "read-only", value: kind });
  }
  const skuName = given.skuName === undefined ? account.skuName : pick(skuNames, "sku", given.skuName);
  if (skuName.startsWith("Premium_") !== account.skuName.startsWith("Premium_")) {
    refuse({ kind: "value-invalid", objectKind, property: "sku", why: "read-only", value: skuName });
  }
  refuseUnserved(kind, skuName, given);
  return {
    kind,
    skuName,
    accessTier:
      given.accessTier === undefined && kind === account.kind
        ? account.accessTier
        : settleAccessTier(kind, skuName, given.accessTier),
    allowSharedKeyAccess: given.allowSharedKeyAccess ?? account.allowSharedKeyAccess,
    allowBlobPublicAccess: given.allowBlobPublicAccess ?? account.allowBlobPublicAccess,
    supportsHttpsTrafficOnly: given.supportsHttpsTrafficOnly ?? account.supportsHttpsTrafficOnly,
    minimumTlsVersion: pick(tlsVersions, "minimumTlsVersion", given.minimumTlsVersion ?? account.minimumTlsVersion),
    publicNetworkAccess: pick(
      publicNetworkAccesses,
      "publicNetworkAccess",
      given.publicNetworkAccess ?? account.publicNetworkAccess,
    ),
    isHnsEnabled: account.isHnsEnabled,
    ...settleNetworkRules(account.networkRules, given.networkRules),
  };
}

function isIpRule(rule: string): boolean {
  const [, ...parts] = ipRulePattern.exec(rule) ?? [];
  const [prefix = "32", ...octets] = parts.reverse();
  return octets.length === 4 && octets.every((octet) => Number(octet) <= 255) && Number(prefix) <= 32;
}

/** A part that is not given stays; an account that was never given a firewall has none. */
function settleNetworkRules(
  present: NetworkRules | undefined,
  given: GivenNetworkRules | undefined,
): { readonly networkRules?: NetworkRules } {
  if (given === undefined) return present === undefined ? {} : { networkRules: present };
  const ipRules = given.ipRules ?? present?.ipRules ?? [];
  const bad = ipRules.find((rule) => !isIpRule(rule));
  if (bad !== undefined || ipRules.length > maxIpRules) {
    const value = (bad ?? String(ipRules.length)).slice(0, 64);
    refuse({ kind: "value-invalid", objectKind, property: "networkAcls.ipRules", why: "not-allowed", value });
  }
  return {
    networkRules: {
      defaultAction: pick(
        networkActions,
        "networkAcls.defaultAction",
        given.defaultAction ?? present?.defaultAction ?? "Allow",
      ),
      ipRules: [...new Set(ipRules)],
      bypass: given.bypass ?? present?.bypass ?? "AzureServices",
    },
  };
}

function refuseUnserved(kind: string, skuName: string, given: AccountSettings): void {
  const isPremium = skuName.startsWith("Premium_");
  if (kind === "FileStorage") refuse({ kind: "not-implemented", what: "Storage accounts of kind 'FileStorage'" });
  if (given.isHnsEnabled === true) refuse({ kind: "not-implemented", what: "Hierarchical namespaces (isHnsEnabled)" });
  if (given.supportsHttpsTrafficOnly === false) {
    refuse({ kind: "not-implemented", what: "Storage over plain HTTP (supportsHttpsTrafficOnly: false)" });
  }
  const isMismatch = kind === "BlockBlobStorage" ? !isPremium : kind === "BlobStorage" && isPremium;
  if (isMismatch) refuse({ kind: "value-invalid", objectKind, property: "sku", why: "not-allowed", value: skuName });
}

function settleAccessTier(kind: string, skuName: string, given: string | undefined): string | null {
  if (given === undefined) {
    if (kind === "BlobStorage") refuse({ kind: "value-invalid", objectKind, property: "accessTier", why: "required" });
    return kind === "StorageV2" && !skuName.startsWith("Premium_") ? "Hot" : null;
  }
  const tier = pick(accessTiers, "accessTier", given);
  const hasTier = kind === "StorageV2" || kind === "BlobStorage";
  if (!hasTier || (tier === "Premium") !== skuName.startsWith("Premium_")) {
    refuse({ kind: "value-invalid", objectKind, property: "accessTier", why: "not-allowed", value: tier });
  }
  return tier;
}
