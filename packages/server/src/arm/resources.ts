/**
 * Lists of resources of every type, and the resource providers this cloud has.
 * @see https://learn.microsoft.com/rest/api/resources/resources
 * @see https://learn.microsoft.com/rest/api/resources/providers
 */
import { locations } from "../resources/locations.ts";
import { managedIdentityType } from "../resources/managed-identities.ts";
import { requireResourceGroup } from "../resources/resource-groups.ts";
import { scopeOfManagedIdentity, scopeOfStorageAccount } from "../resources/scopes.ts";
import { storageAccountType } from "../resources/storage-accounts.ts";
import { requireSubscription } from "../resources/subscriptions.ts";
import { type ManagedIdentity, resourceGroupKey, type StorageAccount, type Tags } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, canAct, row, subscriptionOf } from "./context.ts";
import { refuseArm } from "./fault.ts";
import { readFilter } from "./filter.ts";
import { isKnownNamespace } from "./known-types.ts";
import { canReadIdentity } from "./managed-identities.ts";
import { listBody, takePage } from "./paging.ts";
import { groupScope, hasTag } from "./resource-groups.ts";
import { subscriptionScope } from "./subscriptions.ts";

const apiVersion = "2021-04-01";
const docs = "https://learn.microsoft.com/rest/api/resources";

/** The providers whose types this cloud serves, with the api-versions current clients send. */
const providers: readonly {
  readonly namespace: string;
  readonly types: Readonly<Record<string, readonly string[]>>;
}[] = [
  {
    namespace: "Microsoft.Authorization",
    types: {
      roleAssignments: ["2022-04-01", "2020-04-01-preview"],
      roleDefinitions: ["2022-05-01-preview", "2022-04-01", "2018-01-01-preview"],
      permissions: ["2022-04-01"],
      denyAssignments: ["2022-04-01"],
      classicAdministrators: ["2015-07-01", "2015-06-01"],
    },
  },
  {
    namespace: "Microsoft.ManagedIdentity",
    types: {
      userAssignedIdentities: ["2024-11-30", "2023-01-31", "2018-11-30"],
      "userAssignedIdentities/federatedIdentityCredentials": ["2024-11-30", "2023-01-31"],
    },
  },
  { namespace: "Microsoft.Management", types: { managementGroups: ["2021-04-01", "2020-05-01"] } },
  {
    namespace: "Microsoft.Resources",
    types: { subscriptions: ["2022-12-01", "2019-11-01"], resourceGroups: ["2024-11-01", "2021-04-01"] },
  },
  {
    namespace: "Microsoft.Storage",
    types: {
      storageAccounts: ["2024-01-01", "2022-09-01"],
      "storageAccounts/blobServices": ["2024-01-01", "2022-09-01"],
      "storageAccounts/blobServices/containers": ["2024-01-01", "2022-09-01"],
      checkNameAvailability: ["2024-01-01", "2022-09-01"],
    },
  },
];

const regionNames = locations.map(({ displayName }) => displayName);

function providerBody(base: string, { namespace, types }: (typeof providers)[number]) {
  return {
    id: `${base}/providers/${namespace}`,
    namespace,
    registrationPolicy: "RegistrationFree",
    registrationState: "Registered",
    resourceTypes: Object.entries(types).map(([resourceType, apiVersions]) => ({
      resourceType,
      locations: /^(?:storageAccounts|userAssignedIdentities)/.test(resourceType) ? regionNames : [],
      apiVersions,
      capabilities: "None",
    })),
  };
}

function requireProvider(namespace: string): (typeof providers)[number] {
  const provider = providers.find((one) => one.namespace.toLowerCase() === namespace.toLowerCase());
  if (provider !== undefined) return provider;
  const shown = namespace.slice(0, 128);
  return isKnownNamespace(namespace)
    ? refuse({ kind: "not-implemented", what: `The resource provider '${shown}'` })
    : refuseArm({ kind: "namespace-unknown", namespace: shown });
}

function listProviders(context: ArmContext): Reply {
  const subscriptionId = subscriptionOf(context);
  requireSubscription(context.cloud.model, subscriptionId);
  return { status: 200, body: listBody(providers.map((one) => providerBody(`/subscriptions/${subscriptionId}`, one))) };
}

function getProvider(context: ArmContext): Reply {
  const subscriptionId = subscriptionOf(context);
  requireSubscription(context.cloud.model, subscriptionId);
  const provider = requireProvider(context.params.namespace!);
  return { status: 200, body: providerBody(`/subscriptions/${subscriptionId}`, provider) };
}

/** One resource of any type, as lists of all types show it. */
type Resource = {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location: string;
  readonly kind?: string;
  readonly sku?: { readonly name: string; readonly tier: string | undefined };
  readonly tags: Tags;
};

type Listed = { readonly resource: Resource; readonly resourceGroup: string; readonly canRead: () => boolean };

function listedAccount(context: ArmContext, account: StorageAccount): Listed {
  const { name, location, tags, kind, skuName, resourceGroup } = account;
  const id = scopeOfStorageAccount(account);
  const sku = { name: skuName, tier: skuName.split("_")[0] };
  return {
    resource: { id, name, type: storageAccountType, location, kind, sku, tags },
    resourceGroup,
    canRead: () => canAct(context, "Microsoft.Storage/storageAccounts/read", id),
  };
}

function listedIdentity(context: ArmContext, identity: ManagedIdentity): Listed {
  const { name, location, tags, resourceGroup } = identity;
  return {
    resource: { id: scopeOfManagedIdentity(identity), name, type: managedIdentityType, location, tags },
    resourceGroup,
    canRead: () => canReadIdentity(context, identity),
  };
}

function listReply(
  context: ArmContext,
  accounts: readonly StorageAccount[],
  identities: readonly ManagedIdentity[],
): Reply {
  const { exchange, query, isWhole } = context;
  const equals = ["resourceType", "name", "resourceGroup", "location", "tagName", "tagValue"];
  const filter = readFilter(query.filter(), { equals });
  const isEqual = (name: string, value: string): boolean => {
    const wanted = filter.get(name);
    return wanted === undefined || wanted.toLowerCase() === value.toLowerCase();
  };
  const tagName = filter.get("tagname");
  if (filter.has("tagvalue") && tagName === undefined) refuseArm({ kind: "filter-invalid", given: query.filter()! });
  const all = [
    ...accounts
      .filter((account) => account.provisioningState !== "Deleting")
      .map((account) => listedAccount(context, account)),
    ...identities.map((identity) => listedIdentity(context, identity)),
  ];
  const found = all
    .filter(
      ({ resource: { type, name, location, tags }, resourceGroup }) =>
        isEqual("resourcetype", type) &&
        isEqual("name", name) &&
        isEqual("resourcegroup", resourceGroup) &&
        isEqual("location", location) &&
        (tagName === undefined || hasTag(tags, tagName, filter.get("tagvalue"))),
    )
    .filter(({ canRead }) => isWhole || canRead())
    .map(({ resource }) => resource);
  const { rows, nextLink } = takePage(exchange, query, found, ({ type, name, id }) =>
    `${name}/${type}/${id}`.toLowerCase(),
  );
  return { status: 200, body: listBody(rows, nextLink) };
}

function listInSubscription(context: ArmContext): Reply {
  const { model } = context.cloud;
  const subscriptionId = subscriptionOf(context);
  requireSubscription(model, subscriptionId);
  const inIt = [
    model.storageAccounts.find("subscriptionId", subscriptionId),
    model.managedIdentities.find("subscriptionId", subscriptionId),
  ] as const;
  return listReply(context, ...inIt);
}

function listInGroup(context: ArmContext): Reply {
  const { model } = context.cloud;
  const subscriptionId = subscriptionOf(context);
  const { name } = requireResourceGroup(model, subscriptionId, context.params.resourceGroup!);
  const key = resourceGroupKey(subscriptionId, name);
  const inIt = [
    model.storageAccounts.find("resourceGroup", key),
    model.managedIdentities.find("resourceGroup", key),
  ] as const;
  return listReply(context, ...inIt);
}

export const resourceRows: readonly ArmRow[] = [
  row({
    operation: "List resources",
    method: "GET",
    path: "/subscriptions/{subscriptionId}/resources",
    apiVersion,
    doc: `${docs}/resources/list`,
    authorize: {
      kind: "rbac",
      action: "Microsoft.Resources/subscriptions/resources/read",
      at: subscriptionScope,
      isListing: true,
    },
    handle: listInSubscription,
  }),
  row({
    operation: "List resources of a resource group",
    method: "GET",
    path: "/subscriptions/{subscriptionId}/resourcegroups/{resourceGroup}/resources",
    apiVersion,
    doc: `${docs}/resources/list-by-resource-group`,
    authorize: {
      kind: "rbac",
      action: "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
      at: groupScope,
      isListing: true,
    },
    handle: listInGroup,
  }),
  row({
    operation: "List resource providers",
    method: "GET",
    path: "/subscriptions/{subscriptionId}/providers",
    apiVersion,
    doc: `${docs}/providers/list`,
    authorize: { kind: "rbac", action: "Microsoft.Resources/subscriptions/providers/read", at: subscriptionScope },
    handle: listProviders,
  }),
  row({
    operation: "Get resource provider",
    method: "GET",
    path: "/subscriptions/{subscriptionId}/providers/{namespace}",
    apiVersion,
    doc: `${docs}/providers/get`,
    authorize: { kind: "rbac", action: "Microsoft.Resources/subscriptions/providers/read", at: subscriptionScope },
    handle: getProvider,
  }),
  row({
    operation: "Register resource provider",
    method: "POST",
    path: "/subscriptions/{subscriptionId}/providers/{namespace}/register",
    apiVersion,
    doc: `${docs}/providers/register`,
    authorize: { kind: "rbac", action: "{namespace}/register/action", at: subscriptionScope },
    handle: getProvider,
  }),
];
