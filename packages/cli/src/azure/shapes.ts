/**
 * Resource Manager's answers in the shape az prints them: `properties` lifted one level up, every member there, null where the service
 * said nothing, times as Python writes them, and `resourceGroup` added. May use: identifiers.ts.
 *
 * The members are those of the SDK models of az 2.74: authorization 2022-04-01 and 2022-05-01-preview, storage 2024-01-01, resources
 * 2024-11-01, msi 2023-01-31.
 */
import type { Json } from "../http/service-client.ts";
import { isObject } from "../output/ordered.ts";
import { toPythonTime } from "./identifiers.ts";

/**
 * One member: the path of its value in the service's answer, what az calls it when that is not the path's last word, and how it is
 * written. The order is the SDK models' own: `--query "[]" --output table` shows it.
 */
type Member = string | { readonly path: string; readonly name?: string; readonly write?: (value: unknown) => unknown };
type Shape = readonly Member[];

function shapeOf(value: Json, shape: Shape): Json {
  return Object.fromEntries(
    shape.map((member) => {
      const { path, name, write }: Exclude<Member, string> = typeof member === "string" ? { path: member } : member;
      const keys = path.split(".");
      const found = keys.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value) ?? null;
      return [name ?? keys.at(-1)!, write === undefined || found === null ? found : write(found)];
    }),
  );
}

function properties(...names: string[]): Shape {
  return names.map((name) => `properties.${name}`);
}

function time(path: string): Member {
  return { path, write: toPythonTime };
}

function nested(path: string, shape: Shape, name?: string): Member {
  const write = (value: unknown) => (isObject(value) ? shapeOf(value, shape) : value);
  return name === undefined ? { path, write } : { path, name, write };
}

function listOf(path: string, shape: Shape): Member {
  const write = (value: unknown) => (isObject(value) ? shapeOf(value, shape) : value);
  return { path, write: (value) => (Array.isArray(value) ? value.map(write) : value) };
}

/** az adds `resourceGroup` to whatever has an ID inside a resource group. */
function withResourceGroup(value: Json): Json {
  const parts = typeof value.id === "string" ? value.id.split("/") : [];
  const isInside = parts[3]?.toLowerCase() === "resourcegroups" && parts[8] !== undefined;
  return isInside ? { ...value, resourceGroup: parts[4] } : value;
}

const history: Shape = [
  time("properties.createdOn"),
  time("properties.updatedOn"),
  ...properties("createdBy", "updatedBy"),
];

const permission: Shape = ["actions", "notActions", "dataActions", "notDataActions", "condition", "conditionVersion"];

const roleDefinition: Shape = [
  ...["id", "name", "type"],
  ...properties("roleName", "description"),
  { path: "properties.type", name: "roleType" },
  listOf("properties.permissions", permission),
  ...properties("assignableScopes"),
  ...history,
];

export function shapeRoleDefinition(value: Json): Json {
  return shapeOf(value, roleDefinition);
}

const roleAssignment: Shape = [
  ...["id", "name", "type"],
  ...properties("scope", "roleDefinitionId", "principalId", "principalType", "description", "condition"),
  ...properties("conditionVersion"),
  ...history,
  ...properties("delegatedManagedIdentityResourceId"),
];

export function shapeRoleAssignment(value: Json): Json {
  return withResourceGroup(shapeOf(value, roleAssignment));
}

const resourceGroup: Shape = [
  ...["id", "name", "type"],
  nested("properties", ["provisioningState"]),
  ...["location", "managedBy", "tags"],
];

export function shapeResourceGroup(value: Json): Json {
  return shapeOf(value, resourceGroup);
}

const endpoints: Shape = [
  ...["blob", "queue", "table", "file", "web", "dfs"],
  nested("microsoftEndpoints", ["blob", "queue", "table", "file", "web", "dfs"]),
  nested("internetEndpoints", ["blob", "file", "web", "dfs"]),
];

const encryptionService: Shape = ["enabled", time("lastEnabledTime"), "keyType"];

const encryption: Shape = [
  nested("services", [
    nested("blob", encryptionService),
    nested("file", encryptionService),
    nested("table", encryptionService),
    nested("queue", encryptionService),
  ]),
  ...["keySource", "requireInfrastructureEncryption"],
  { path: "keyvaultproperties", name: "keyVaultProperties" },
  { path: "identity", name: "encryptionIdentity" },
];

const networkRules: Shape = ["bypass", "resourceAccessRules", "virtualNetworkRules", "ipRules", "defaultAction"];

const storageAccount: Shape = [
  ...["id", "name", "type", "tags", "location"],
  nested("sku", ["name", "tier"]),
  ...["kind", "identity", "extendedLocation"],
  ...properties("provisioningState"),
  nested("properties.primaryEndpoints", endpoints),
  ...properties("primaryLocation", "statusOfPrimary"),
  time("properties.lastGeoFailoverTime"),
  ...properties("secondaryLocation", "statusOfSecondary"),
  time("properties.creationTime"),
  ...properties("customDomain", "sasPolicy", "keyPolicy"),
  nested("properties.keyCreationTime", [time("key1"), time("key2")]),
  nested("properties.secondaryEndpoints", endpoints),
  nested("properties.encryption", encryption),
  ...properties("accessTier", "azureFilesIdentityBasedAuthentication"),
  { path: "properties.supportsHttpsTrafficOnly", name: "enableHttpsTrafficOnly" },
  nested("properties.networkAcls", networkRules, "networkRuleSet"),
  ...properties("isSftpEnabled", "isLocalUserEnabled", "enableExtendedGroups", "isHnsEnabled", "geoReplicationStats"),
  ...properties("failoverInProgress", "largeFileSharesState", "privateEndpointConnections", "routingPreference"),
  ...properties("blobRestoreStatus", "allowBlobPublicAccess", "minimumTlsVersion", "allowSharedKeyAccess"),
  { path: "properties.isNfsV3Enabled", name: "enableNfsV3" },
  ...properties("allowCrossTenantReplication", "defaultToOAuthAuthentication", "publicNetworkAccess"),
  ...properties("immutableStorageWithVersioning", "allowedCopyScope", "storageAccountSkuConversionStatus"),
  ...properties("dnsEndpointType", "isSkuConversionBlocked", "accountMigrationInProgress"),
];

export function shapeStorageAccount(value: Json): Json {
  return withResourceGroup(shapeOf(value, storageAccount));
}

export function shapeStorageKey(value: Json): Json {
  return shapeOf(value, ["keyName", "value", "permissions", time("creationTime")]);
}

const managedIdentity: Shape = [
  ...["id", "name", "type", "systemData", "tags", "location"],
  ...properties("tenantId", "principalId", "clientId"),
];

export function shapeManagedIdentity(value: Json): Json {
  return withResourceGroup(shapeOf(value, managedIdentity));
}

/** A federated credential of a managed identity; unlike the above, az shows only what the service said. */
export function shapeFederatedCredential(value: Json): Json {
  const { properties, ...rest } = value;
  return withResourceGroup({ ...rest, ...(isObject(properties) ? properties : {}) });
}

const parentGroup: Shape = ["id", "name", "displayName"];
const managementGroup: Shape = [
  ...["id", "type", "name"],
  ...properties("tenantId", "displayName"),
  nested("properties.details", [
    ...["version", "updatedTime", "updatedBy"],
    nested("parent", parentGroup),
    ...["path", "managementGroupAncestors", "managementGroupAncestorsChain"],
  ]),
  { path: "properties.children" },
];

/** A management group as `show` and `create` have it. */
export function shapeManagementGroup(value: Json): Json {
  return shapeOf(value, managementGroup);
}

/** A management group in a list. */
export function shapeListedManagementGroup(value: Json): Json {
  return shapeOf(value, ["id", "type", "name", ...properties("tenantId", "displayName")]);
}

/** A subscription under a management group. */
export function shapeSubscriptionUnderGroup(value: Json): Json {
  return shapeOf(value, [
    ...["id", "type", "name"],
    ...properties("tenant", "displayName"),
    nested("properties.parent", ["id"]),
    ...properties("state"),
  ]);
}

function withGroups(value: unknown): unknown {
  return Array.isArray(value) ? value.filter(isObject).map(({ id }) => withResourceGroup({ id })) : value;
}

const deployment: Shape = [
  ...["id", "name", "type", "location", "tags"],
  nested("properties", [
    ...["provisioningState", "correlationId"],
    time("timestamp"),
    ...[
      "duration",
      "outputs",
      "providers",
      "dependencies",
      "templateLink",
      "templateHash",
      "parameters",
      "parametersLink",
    ],
    ...["mode", "debugSetting", "onErrorDeployment"],
    { path: "outputResources", write: withGroups },
    ...["validatedResources", "error", "diagnostics", "validationLevel"],
  ]),
];

/** A deployment of a template. */
export function shapeDeployment(value: Json): Json {
  return withResourceGroup(shapeOf(value, deployment));
}
