/**
 * Resource Manager's answers in the shape az prints them: `properties` lifted one level up, every member there, null where the service
 * said nothing, times as Python writes them, and `resourceGroup` added. May use: identifiers.ts.
 *
 * The members are those of the SDK models of az 2.74: authorization 2022-04-01 and 2022-05-01-preview, storage 2024-01-01, resources
 * 2024-11-01.
 */
import type { Json } from "../http/service-client.ts";
import { isObject } from "../output/ordered.ts";
import { toPythonTime } from "./identifiers.ts";

/** Where a member comes from: a path in the service's answer, and how it is written. */
type Member = string | readonly [path: string, write: (value: unknown) => unknown];
type Shape = Readonly<Record<string, Member>>;

function shapeOf(value: Json, shape: Shape): Json {
  return Object.fromEntries(
    Object.entries(shape).map(([name, member]) => {
      const [path, write] = typeof member === "string" ? [member, undefined] : member;
      const found = path.split(".").reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
      return [name, write === undefined || found === undefined || found === null ? (found ?? null) : write(found)];
    }),
  );
}

function own(...names: string[]): Shape {
  return Object.fromEntries(names.map((name) => [name, name]));
}

function properties(...names: string[]): Shape {
  return Object.fromEntries(names.map((name) => [name, `properties.${name}`]));
}

function nested(shape: Shape): (value: unknown) => unknown {
  return (value) => (isObject(value) ? shapeOf(value, shape) : value);
}

function listOf(shape: Shape): (value: unknown) => unknown {
  return (value) => (Array.isArray(value) ? value.map(nested(shape)) : value);
}

/** az adds `resourceGroup` to whatever has an ID inside a resource group. */
function withResourceGroup(value: Json): Json {
  const parts = typeof value.id === "string" ? value.id.split("/") : [];
  const isInside = parts[3]?.toLowerCase() === "resourcegroups" && parts[8] !== undefined;
  return isInside ? { ...value, resourceGroup: parts[4] } : value;
}

const times = {
  createdOn: ["properties.createdOn", toPythonTime],
  updatedOn: ["properties.updatedOn", toPythonTime],
} as const;

const permission = own("actions", "notActions", "dataActions", "notDataActions", "condition", "conditionVersion");

const roleDefinition: Shape = {
  ...own("id", "name", "type"),
  ...properties("roleName", "description", "assignableScopes", "createdBy", "updatedBy"),
  ...times,
  roleType: "properties.type",
  permissions: ["properties.permissions", listOf(permission)],
};

export function shapeRoleDefinition(value: Json): Json {
  return shapeOf(value, roleDefinition);
}

const roleAssignment: Shape = {
  ...own("id", "name", "type"),
  ...properties("scope", "roleDefinitionId", "principalId", "principalType", "description", "condition"),
  ...properties("conditionVersion", "createdBy", "updatedBy", "delegatedManagedIdentityResourceId"),
  ...times,
};

export function shapeRoleAssignment(value: Json): Json {
  return withResourceGroup(shapeOf(value, roleAssignment));
}

const resourceGroup: Shape = {
  ...own("id", "name", "type", "location", "managedBy", "tags"),
  properties: ["properties", nested(own("provisioningState"))],
};

export function shapeResourceGroup(value: Json): Json {
  return shapeOf(value, resourceGroup);
}

const routedEndpoints = own("blob", "dfs", "file", "web", "queue", "table");
const endpoints: Shape = {
  ...own("blob", "dfs", "file", "queue", "table", "web"),
  microsoftEndpoints: ["microsoftEndpoints", nested(routedEndpoints)],
  internetEndpoints: ["internetEndpoints", nested(own("blob", "dfs", "file", "web"))],
};

const encryptionService: Shape = {
  ...own("enabled", "keyType"),
  lastEnabledTime: ["lastEnabledTime", toPythonTime],
};
const encryption: Shape = {
  ...own("keySource", "requireInfrastructureEncryption"),
  encryptionIdentity: "identity",
  keyVaultProperties: "keyvaultproperties",
  services: [
    "services",
    nested({
      blob: ["blob", nested(encryptionService)],
      file: ["file", nested(encryptionService)],
      table: ["table", nested(encryptionService)],
      queue: ["queue", nested(encryptionService)],
    }),
  ],
};

const storageAccount: Shape = {
  ...own("id", "name", "type", "tags", "location", "kind", "identity", "extendedLocation"),
  sku: ["sku", nested(own("name", "tier"))],
  ...properties("provisioningState", "primaryLocation", "statusOfPrimary", "secondaryLocation", "statusOfSecondary"),
  ...properties("customDomain", "sasPolicy", "keyPolicy", "accessTier", "azureFilesIdentityBasedAuthentication"),
  ...properties("isSftpEnabled", "isLocalUserEnabled", "enableExtendedGroups", "isHnsEnabled", "geoReplicationStats"),
  ...properties("failoverInProgress", "largeFileSharesState", "privateEndpointConnections", "routingPreference"),
  ...properties("blobRestoreStatus", "allowBlobPublicAccess", "minimumTlsVersion", "allowSharedKeyAccess"),
  ...properties("allowCrossTenantReplication", "publicNetworkAccess", "immutableStorageWithVersioning"),
  ...properties("allowedCopyScope", "storageAccountSkuConversionStatus", "dnsEndpointType", "isSkuConversionBlocked"),
  ...properties("accountMigrationInProgress"),
  creationTime: ["properties.creationTime", toPythonTime],
  lastGeoFailoverTime: ["properties.lastGeoFailoverTime", toPythonTime],
  keyCreationTime: [
    "properties.keyCreationTime",
    nested({ key1: ["key1", toPythonTime], key2: ["key2", toPythonTime] }),
  ],
  primaryEndpoints: ["properties.primaryEndpoints", nested(endpoints)],
  secondaryEndpoints: ["properties.secondaryEndpoints", nested(endpoints)],
  encryption: ["properties.encryption", nested(encryption)],
  enableHttpsTrafficOnly: "properties.supportsHttpsTrafficOnly",
  enableNfsV3: "properties.isNfsV3Enabled",
  defaultToOAuthAuthentication: "properties.defaultToOAuthAuthentication",
  networkRuleSet: [
    "properties.networkAcls",
    nested(own("bypass", "defaultAction", "ipRules", "resourceAccessRules", "virtualNetworkRules")),
  ],
};

export function shapeStorageAccount(value: Json): Json {
  return withResourceGroup(shapeOf(value, storageAccount));
}

const storageKey: Shape = { ...own("keyName", "permissions", "value"), creationTime: ["creationTime", toPythonTime] };

export function shapeStorageKey(value: Json): Json {
  return shapeOf(value, storageKey);
}
