/**
 * Tenants, subscriptions and the regions a subscription has.
 * @see https://learn.microsoft.com/rest/api/resources/subscriptions
 */
import { hasAccessAtOrBelow } from "@postern/access";
import { locations } from "../resources/locations.ts";
import { scopeOfSubscription } from "../resources/scopes.ts";
import { requireSubscription } from "../resources/subscriptions.ts";
import type { Subscription } from "../state/entities.ts";
import { type ArmContext, type ArmRow, row, subscriptionOf } from "./context.ts";
import { listBody, takePage } from "./paging.ts";

const apiVersion = "2022-12-01";
const docs = "https://learn.microsoft.com/rest/api/resources";

/** The scope of the subscription in the path. */
export function subscriptionScope(context: ArmContext): string {
  return scopeOfSubscription(subscriptionOf(context));
}

function subscriptionBody({ cloud }: ArmContext, { subscriptionId, displayName }: Subscription) {
  return {
    id: scopeOfSubscription(subscriptionId),
    authorizationSource: "RoleBased",
    managedByTenants: [],
    subscriptionId,
    tenantId: cloud.model.tenant.tenantId,
    displayName,
    state: "Enabled",
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "PayAsYouGo_2014-09-01",
      spendingLimit: "Off",
    },
  };
}

function listTenants({ cloud }: ArmContext) {
  const { tenantId, displayName, domains } = cloud.model.tenant;
  const tenant = {
    id: `/tenants/${tenantId}`,
    tenantId,
    displayName,
    defaultDomain: domains[0] ?? "",
    domains,
    tenantCategory: "Home",
    tenantType: "AAD",
  };
  return { status: 200, body: listBody([tenant]) };
}

/** A subscription is listed to whoever holds any role at it, above it or below it. */
function listSubscriptions(context: ArmContext) {
  const { cloud, caller, exchange, query } = context;
  const visible = [...cloud.model.subscriptions.values()].filter(({ subscriptionId }) =>
    hasAccessAtOrBelow(cloud.model.access, caller.principalId, scopeOfSubscription(subscriptionId)),
  );
  const { rows, nextLink } = takePage(exchange, query, visible, ({ subscriptionId }) => subscriptionId);
  const value = rows.map((subscription) => subscriptionBody(context, subscription));
  return { status: 200, body: { ...listBody(value, nextLink), count: { type: "Total", value: visible.length } } };
}

function getSubscription(context: ArmContext) {
  const subscription = requireSubscription(context.cloud.model, subscriptionOf(context));
  return { status: 200, body: subscriptionBody(context, subscription) };
}

function listLocations(context: ArmContext) {
  const subscriptionId = subscriptionOf(context);
  requireSubscription(context.cloud.model, subscriptionId);
  const value = locations.map(({ name, displayName, geographyGroup, physicalLocation }) => ({
    id: `/subscriptions/${subscriptionId}/locations/${name}`,
    name,
    type: "Region",
    displayName,
    regionalDisplayName: `(${geographyGroup}) ${displayName}`,
    metadata: { regionType: "Physical", regionCategory: "Recommended", geographyGroup, physicalLocation },
  }));
  return { status: 200, body: listBody(value) };
}

export const subscriptionRows: readonly ArmRow[] = [
  row({
    operation: "List tenants",
    method: "GET",
    path: "/tenants",
    apiVersion,
    doc: `${docs}/tenants/list`,
    authorize: { kind: "signed-in" },
    handle: listTenants,
  }),
  row({
    operation: "List subscriptions",
    method: "GET",
    path: "/subscriptions",
    apiVersion,
    doc: `${docs}/subscriptions/list`,
    authorize: { kind: "signed-in" },
    handle: listSubscriptions,
  }),
  row({
    operation: "Get subscription",
    method: "GET",
    path: "/subscriptions/{subscriptionId}",
    apiVersion,
    doc: `${docs}/subscriptions/get`,
    // Whoever sees it in the list may read it: a role at one group is enough.
    authorize: {
      kind: "rbac",
      action: "Microsoft.Resources/subscriptions/read",
      at: subscriptionScope,
      isListing: true,
    },
    handle: getSubscription,
  }),
  row({
    operation: "List locations",
    method: "GET",
    path: "/subscriptions/{subscriptionId}/locations",
    apiVersion,
    doc: `${docs}/subscriptions/list-locations`,
    authorize: { kind: "rbac", action: "Microsoft.Resources/subscriptions/locations/read", at: subscriptionScope },
    handle: listLocations,
  }),
];
