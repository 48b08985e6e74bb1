/** Storage accounts on the wire: what an answer shows of one, and what a request may say. */
import { pairedRegions } from "../resources/locations.ts";
import { scopeOfStorageAccount } from "../resources/scopes.ts";
import {
  type AccountSettings,
  type GivenNetworkRules,
  hasReadableSecondary,
  isGeoRedundant,
  secondarySuffix,
} from "../resources/storage-account-settings.ts";
import { storageAccountType } from "../resources/storage-accounts.ts";
import type { StorageAccount } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { isPublicName } from "./errors.ts";
import { JsonObject } from "./json.ts";
import { wireTime } from "./wire-time.ts";

/** Where an account's blobs are for the client that asks: by Azure's name, or path-style where it addressed us by ours. */
function blobEndpoint(name: string, origin: string): string {
  return isPublicName(origin) ? `https://${name}.blob.core.windows.net/` : `${origin}/${name}/`;
}

/** A website has a name of its own only. */
function webEndpoint(name: string, origin: string): { readonly web?: string } {
  return isPublicName(origin) ? { web: `https://${name}.z6.web.core.windows.net/` } : {};
}

/** @param origin as the client addressed us. Endpoints of services that are not there are not shown. */
export function accountBody(account: StorageAccount, origin: string) {
  const { name, location, tags, kind, skuName, accessTier } = account;
  const creationTime = wireTime(account.creationTime);
  const keyTime = (keyName: string): string =>
    wireTime(account.keys.find((key) => key.keyName === keyName)?.creationTime ?? account.creationTime);
  return {
    sku: { name: skuName, tier: skuName.split("_")[0] },
    kind,
    id: scopeOfStorageAccount(account),
    name,
    type: storageAccountType,
    location,
    tags,
    properties: {
      keyCreationTime: { key1: keyTime("key1"), key2: keyTime("key2") },
      privateEndpointConnections: [],
      minimumTlsVersion: account.minimumTlsVersion,
      allowBlobPublicAccess: account.allowBlobPublicAccess,
      allowSharedKeyAccess: account.allowSharedKeyAccess,
      isHnsEnabled: account.isHnsEnabled,
      networkAcls: networkBody(account),
      supportsHttpsTrafficOnly: account.supportsHttpsTrafficOnly,
      publicNetworkAccess: account.publicNetworkAccess,
      encryption: {
        services: { blob: { keyType: "Account", enabled: true, lastEnabledTime: creationTime } },
        keySource: "Microsoft.Storage",
      },
      ...(accessTier === null ? {} : { accessTier }),
      provisioningState: account.provisioningState,
      creationTime,
      primaryEndpoints: { blob: blobEndpoint(name, origin), ...webEndpoint(name, origin) },
      primaryLocation: location,
      statusOfPrimary: "available",
      ...secondaryBody(account, origin),
    },
  };
}

/** The region beside an account's own, and its endpoint there when it may be read. */
function secondaryBody(account: StorageAccount, origin: string) {
  if (!isGeoRedundant(account)) return {};
  const { name, location } = account;
  const paired = pairedRegions.get(location);
  return {
    ...(paired === undefined ? {} : { secondaryLocation: paired }),
    statusOfSecondary: "available",
    ...(hasReadableSecondary(account)
      ? { secondaryEndpoints: { blob: blobEndpoint(`${name}${secondarySuffix}`, origin) } }
      : {}),
  };
}

function networkBody({ networkRules }: StorageAccount) {
  return {
    bypass: networkRules?.bypass ?? "AzureServices",
    virtualNetworkRules: [],
    ipRules: (networkRules?.ipRules ?? []).map((value) => ({ value, action: "Allow" })),
    defaultAction: networkRules?.defaultAction ?? "Allow",
  };
}

/**
 * Reads an account's settings out of a request.
 * @throws ArmRefusal `content-invalid`; Refusal `not-implemented` for a setting whose effect is not there.
 */
export function readSettings(body: JsonObject): AccountSettings {
  const properties = body.object("properties");
  refuseUnserved(body, properties);
  return {
    kind: body.string("kind"),
    skuName: body.object("sku").string("name"),
    accessTier: properties.string("accessTier"),
    allowSharedKeyAccess: properties.boolean("allowSharedKeyAccess"),
    allowBlobPublicAccess: properties.boolean("allowBlobPublicAccess"),
    supportsHttpsTrafficOnly: properties.boolean("supportsHttpsTrafficOnly"),
    minimumTlsVersion: properties.string("minimumTlsVersion"),
    publicNetworkAccess: properties.string("publicNetworkAccess"),
    isHnsEnabled: properties.boolean("isHnsEnabled"),
    networkRules: readNetworkRules(properties),
  };
}

function readNetworkRules(properties: JsonObject): GivenNetworkRules | undefined {
  if (!properties.has("networkAcls")) return undefined;
  const given = properties.object("networkAcls");
  return {
    defaultAction: given.string("defaultAction"),
    bypass: given.string("bypass"),
    ipRules: given.array("ipRules")?.map((rule) => new JsonObject(rule, "networkAcls.ipRules").string("value") ?? ""),
  };
}

/** Switches that do nothing yet: refused when on. */
const unservedSwitches = [
  "isSftpEnabled",
  "isNfsV3Enabled",
  "isLocalUserEnabled",
  "enableExtendedGroups",
  "defaultToOAuthAuthentication",
  "allowCrossTenantReplication",
] as const;

/** Objects whose presence asks for something that is not there. */
const unservedObjects = ["customDomain", "sasPolicy", "keyPolicy", "immutableStorageWithVersioning"] as const;

/** Values that ask for nothing but what is so anyway. */
const plainValues: readonly (readonly [name: string, plain: string])[] = [
  ["largeFileSharesState", "Disabled"],
  ["dnsEndpointType", "Standard"],
];

function refuseUnserved(body: JsonObject, properties: JsonObject): void {
  const identity = body.object("identity").string("type") ?? "None";
  if (identity.toLowerCase() !== "none") notServed("identity");
  if (body.has("extendedLocation")) notServed("extendedLocation");
  if (body.has("zones") || body.has("placement")) notServed("zones");
  for (const name of unservedSwitches) if (properties.boolean(name) === true) notServed(name);
  for (const name of unservedObjects) if (properties.has(name)) notServed(name);
  if (properties.string("allowedCopyScope") !== undefined) notServed("allowedCopyScope");
  for (const [name, plain] of plainValues) {
    if ((properties.string(name) ?? plain).toLowerCase() !== plain.toLowerCase()) notServed(name);
  }
  refuseUnservedNetwork(properties);
  const encryption = properties.object("encryption");
  if ((encryption.string("keySource") ?? "Microsoft.Storage").toLowerCase() !== "microsoft.storage")
    notServed("encryption.keySource");
  if (encryption.boolean("requireInfrastructureEncryption") === true)
    notServed("encryption.requireInfrastructureEncryption");
  const files = properties.object("azureFilesIdentityBasedAuthentication");
  if ((files.string("directoryServiceOptions") ?? "None").toLowerCase() !== "none")
    notServed("azureFilesIdentityBasedAuthentication");
  const routing = properties.object("routingPreference");
  const isRouted =
    (routing.string("routingChoice") ?? "MicrosoftRouting").toLowerCase() !== "microsoftrouting" ||
    routing.boolean("publishMicrosoftEndpoints") === true ||
    routing.boolean("publishInternetEndpoints") === true;
  if (isRouted) notServed("routingPreference");
}

/** There are no virtual networks and no other resources here that a rule could let through. */
function refuseUnservedNetwork(properties: JsonObject): void {
  const network = properties.object("networkAcls");
  for (const name of ["virtualNetworkRules", "resourceAccessRules"]) {
    if ((network.array(name) ?? []).length > 0) notServed(`networkAcls.${name}`);
  }
}

function notServed(setting: string): never {
  return refuse({ kind: "not-implemented", what: `The storage account setting '${setting}'` });
}
