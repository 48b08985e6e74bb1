/** A subscription as az shows it in `account`. May use: azure/, session.ts, state/. */
import { apiVersions } from "../../azure/resource-manager.ts";
import type { Row } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";
import type { Session } from "../../session.ts";

/** Every subscription of whoever is signed in; `isDefault` marks the one commands work in. The order of the members is az's. */
export async function listSubscriptions(
  session: Session,
  cloudMember: "cloudName" | "environmentName",
): Promise<Json[]> {
  const { name: cloudName } = session.endpoints;
  const { accounts } = session.accounts;
  const shown = accounts.length > 0 ? accounts.map((account) => ({ ...account })) : await listOperators(session);
  return shown.map(({ homeTenantId, managedByTenants, ...account }) => ({
    ...account,
    ...(cloudMember === "environmentName" ? { environmentName: cloudName } : {}),
    ...(homeTenantId === undefined ? {} : { homeTenantId, managedByTenants }),
    ...(cloudMember === "cloudName" ? { cloudName } : {}),
  }));
}

async function listOperators(session: Session): Promise<Json[]> {
  const { tenantId, clientId } = session.operator;
  const found = await session.resourceManager.list(`/subscriptions?api-version=${apiVersions.subscriptions}`);
  return found.map((subscription) => ({
    id: subscription.subscriptionId,
    name: subscription.displayName,
    state: subscription.state ?? "Enabled",
    user: { name: clientId, type: "servicePrincipal" },
    isDefault: subscription.subscriptionId === session.status.subscriptionId,
    tenantId,
    homeTenantId: subscription.homeTenantId ?? subscription.tenantId ?? tenantId,
    managedByTenants: [],
  }));
}

/** az's columns. */
export function toAccountRows(subscriptions: readonly Json[]): Row[] {
  return subscriptions.map(({ name, cloudName, id, tenantId, state, isDefault }) => ({
    Name: name,
    CloudName: cloudName,
    SubscriptionId: id,
    TenantId: tenantId,
    State: state,
    IsDefault: isDefault,
  }));
}
