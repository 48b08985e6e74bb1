/**
 * Reads what az wrote down (`group list`, `storage account list`, `role definition list`, `role assignment list`, in one list or several files) and says what to
 * make of it, in an order in which it can be made. Pure. May use: faults.ts.
 */
import { failure } from "../faults.ts";
import type { Json } from "../http/service-client.ts";
import { isObject } from "../output/ordered.ts";

export type PlannedKind =
  | "resource group"
  | "storage account"
  | "managed identity"
  | "role definition"
  | "role assignment";

export interface Planned {
  readonly kind: PlannedKind;
  readonly name: string;
  /** Path of the PUT, with its ID in this cloud. */
  readonly id: string;
  readonly body: Json;
}

/** Groups before what is in them, roles before who has them. */
const order: readonly PlannedKind[] = [
  "resource group",
  "storage account",
  "managed identity",
  "role definition",
  "role assignment",
];

/** Of one import; a subscription has fewer assignments. */
const MAX_ITEMS = 10_000;

const kinds: readonly (readonly [RegExp, PlannedKind])[] = [
  [/^microsoft\.resources\/resourcegroups$/i, "resource group"],
  [/^microsoft\.storage\/storageaccounts$/i, "storage account"],
  [/^microsoft\.managedidentity\/userassignedidentities$/i, "managed identity"],
  [/^microsoft\.authorization\/roledefinitions$/i, "role definition"],
  [/^microsoft\.authorization\/roleassignments$/i, "role assignment"],
];

/** @param subscriptionId of the cloud it is made in: whatever subscription the IDs name, it is that one's. */
export function planImport(
  document: unknown,
  subscriptionId: string,
): { readonly planned: Planned[]; readonly skipped: string[] } {
  const items = (Array.isArray(document) ? document : [document]).filter(isObject);
  if (items.length === 0) throw failure("The file holds no JSON object and no list of them: it is not az's output.");
  if (items.length > MAX_ITEMS) throw failure(`The file holds more than ${MAX_ITEMS} objects.`);
  const planned: Planned[] = [];
  const skipped: string[] = [];
  const move = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value).replace(/\/subscriptions\/[0-9a-f-]{36}/gi, `/subscriptions/${subscriptionId}`),
    ) as T;
  for (const item of items) {
    const one = plan(move(item));
    if (typeof one === "string") skipped.push(one);
    else planned.push(one);
  }
  return { planned: planned.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)), skipped };
}

function plan(item: Json): Planned | string {
  const { id, name, type } = item;
  if (typeof id !== "string" || typeof name !== "string")
    return `an object without id and name${type === undefined ? "" : ` (${String(type)})`}`;
  const kind = kinds.find(([pattern]) => pattern.test(String(type)))?.[1];
  if (kind === undefined) return `${name}: ${String(type)} is not served`;
  const { location, tags, sku, kind: accountKind } = item;
  switch (kind) {
    case "resource group":
      return { kind, name, id, body: { location, tags: tags ?? {} } };
    case "managed identity":
      return { kind, name, id, body: { location, tags: tags ?? {} } };
    case "storage account":
      return {
        kind,
        name,
        id,
        body: {
          location,
          tags: tags ?? {},
          sku: isObject(sku) ? { name: sku.name } : { name: "Standard_LRS" },
          kind: accountKind ?? "StorageV2",
          properties: accountSettings(item),
        },
      };
    case "role definition": {
      if ((item.roleType ?? propertyOf(item, "type")) !== "CustomRole")
        return `${String(item.roleName ?? name)}: a built-in role is there already`;
      const parts = ["roleName", "description", "permissions", "assignableScopes"].map((key) => [
        key,
        propertyOf(item, key),
      ]);
      return {
        kind,
        name: String(item.roleName ?? name),
        id: withoutScope(id),
        body: { properties: { ...Object.fromEntries(parts), type: "CustomRole" } },
      };
    }
    case "role assignment": {
      const keys = ["roleDefinitionId", "principalId", "principalType", "description", "condition", "conditionVersion"];
      const parts = keys.map((key) => [key, propertyOf(item, key) ?? undefined]);
      return {
        kind,
        name: `${String(item.roleDefinitionName ?? "role")} for ${String(item.principalName ?? item.principalId)}`,
        id,
        body: { properties: Object.fromEntries(parts) },
      };
    }
  }
}

/** az lifts `properties` one level up; Resource Manager does not. */
function propertyOf(item: Json, key: string): unknown {
  return item[key] ?? (isObject(item.properties) ? item.properties[key] : undefined);
}

/** A custom role is made in a subscription, wherever it was read. */
function withoutScope(id: string): string {
  return id.startsWith("/providers/")
    ? id
    : id.replace(/\/resourceGroups\/[^/]+(?=\/providers\/Microsoft.Authorization)/i, "");
}

/** az's names of settings, and the service's. */
const settings: Readonly<Record<string, string>> = {
  accessTier: "accessTier",
  allowBlobPublicAccess: "allowBlobPublicAccess",
  allowSharedKeyAccess: "allowSharedKeyAccess",
  minimumTlsVersion: "minimumTlsVersion",
  publicNetworkAccess: "publicNetworkAccess",
  enableHttpsTrafficOnly: "supportsHttpsTrafficOnly",
  isHnsEnabled: "isHnsEnabled",
};

function accountSettings(item: Json): Json {
  return Object.fromEntries(
    Object.entries(settings)
      .map(
        ([theirs, ours]) =>
          [ours, item[theirs] ?? (isObject(item.properties) ? item.properties[ours] : undefined)] as const,
      )
      .filter(([, value]) => value !== undefined && value !== null),
  );
}
