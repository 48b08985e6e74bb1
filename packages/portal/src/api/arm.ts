/** Resource Manager, as far as the portal asks it. @see https://learn.microsoft.com/rest/api/resources/ */
import { readAll, sendForJson } from "./http.ts";

/** The api-version each provider is asked with; Azure's latest that this server follows. */
export const apiVersions = {
  resources: "2022-09-01",
  subscriptions: "2022-12-01",
  authorization: "2022-04-01",
  denyAssignments: "2022-04-01",
  storage: "2023-05-01",
  managedIdentity: "2023-01-31",
} as const;

export type ApiVersion = keyof typeof apiVersions;

export type Subscription = {
  readonly id: string;
  readonly subscriptionId: string;
  readonly displayName: string;
  readonly state: string;
  readonly tenantId: string;
};

export type ResourceGroup = {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties: { readonly provisioningState: string };
};

export type Resource = {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location: string;
  readonly kind?: string;
};

export type StorageAccount = Resource & {
  readonly sku: { readonly name: string };
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties: {
    readonly provisioningState: string;
    readonly creationTime: string;
    readonly primaryEndpoints?: { readonly blob?: string };
    readonly allowSharedKeyAccess?: boolean | null;
    readonly allowBlobPublicAccess?: boolean | null;
  };
};

export type RoleDefinition = {
  readonly id: string;
  readonly name: string;
  readonly properties: {
    readonly roleName: string;
    readonly description: string | null;
    readonly type: "BuiltInRole" | "CustomRole";
    readonly permissions: readonly {
      readonly actions: readonly string[];
      readonly notActions: readonly string[];
      readonly dataActions: readonly string[];
      readonly notDataActions: readonly string[];
      readonly condition?: string | null;
    }[];
    readonly assignableScopes: readonly string[];
    readonly updatedOn?: string | null;
  };
};

export type RoleAssignment = {
  readonly id: string;
  readonly name: string;
  readonly properties: {
    readonly roleDefinitionId: string;
    readonly principalId: string;
    readonly principalType: string;
    readonly scope: string;
    readonly condition?: string | null;
    readonly conditionVersion?: string | null;
    readonly description?: string | null;
    readonly createdOn?: string;
  };
};

function withVersion(target: string, version: ApiVersion): string {
  return `${target}${target.includes("?") ? "&" : "?"}api-version=${apiVersions[version]}`;
}

/** Asks Resource Manager for JSON. @param target path (an ARM id and what follows it) and query, without the api-version. */
export function arm<Result>(method: string, target: string, version: ApiVersion, body?: object): Promise<Result> {
  return sendForJson<Result>("arm", withVersion(target, version), { method, body });
}

/** A Resource Manager list to its end. */
export function armAll<Item>(target: string, version: ApiVersion): Promise<Item[]> {
  return readAll<Item>("arm", withVersion(target, version));
}

let subscriptions: Promise<readonly Subscription[]> | undefined;

/** The subscriptions the person sees; asked for once. */
export function listSubscriptions(): Promise<readonly Subscription[]> {
  if (subscriptions === undefined) {
    subscriptions = armAll<Subscription>("/subscriptions", "subscriptions");
    subscriptions.catch(() => {
      subscriptions = undefined;
    });
  }
  return subscriptions;
}

/** Everything of one kind in all subscriptions the person sees. */
async function listEverywhere<Item>(below: string, version: ApiVersion): Promise<Item[]> {
  const all = await listSubscriptions();
  return (await Promise.all(all.map(({ id }) => armAll<Item>(`${id}${below}`, version)))).flat();
}

export function listResourceGroups(): Promise<ResourceGroup[]> {
  return listEverywhere("/resourcegroups", "resources");
}

export function listResources(): Promise<Resource[]> {
  return listEverywhere("/resources", "resources");
}

export function listStorageAccounts(): Promise<StorageAccount[]> {
  return listEverywhere("/providers/Microsoft.Storage/storageAccounts", "storage");
}

/** Parts of an ARM id the portal shows; members are "" when the id has none. */
export function partsOfId(id: string): {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
} {
  const segments = id.split("/");
  const after = (keyword: string) => {
    const index = segments.findIndex((segment) => segment.toLowerCase() === keyword);
    return index < 0 ? "" : (segments[index + 1] ?? "");
  };
  return {
    subscriptionId: after("subscriptions"),
    resourceGroup: after("resourcegroups"),
    name: segments.at(-1) ?? "",
  };
}

/** Where the portal shows a resource. */
export function portalPathOf(id: string): string {
  const { subscriptionId, resourceGroup, name } = partsOfId(id);
  const group = `/portal/resource-groups/${subscriptionId}/${encodeURIComponent(resourceGroup)}`;
  if (resourceGroup === "") return subscriptionId === "" ? "/portal" : `/portal/subscriptions/${subscriptionId}`;
  if (/\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i.test(id))
    return `/portal/storage-accounts/${subscriptionId}/${encodeURIComponent(resourceGroup)}/${encodeURIComponent(name)}`;
  if (/\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[^/]+$/i.test(id))
    return `/portal/managed-identities/${subscriptionId}/${encodeURIComponent(resourceGroup)}/${encodeURIComponent(name)}`;
  return group;
}
