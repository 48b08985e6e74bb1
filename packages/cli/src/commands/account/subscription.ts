/** A subscription as az shows it in `account`. May use: azure/, session.ts. */
import { apiVersions } from "../../azure/resource-manager.ts";
import type { Json } from "../../http/service-client.ts";
import type { Session } from "../../session.ts";

/** Every subscription the operator sees; `isDefault` marks the cloud's own. */
export async function listSubscriptions(session: Session): Promise<Json[]> {
  const { tenantId, clientId } = session.operator;
  const found = await session.resourceManager.list(`/subscriptions?api-version=${apiVersions.subscriptions}`);
  return found.map((subscription) => ({
    homeTenantId: subscription.homeTenantId ?? subscription.tenantId ?? tenantId,
    id: subscription.subscriptionId,
    isDefault: subscription.subscriptionId === session.status.subscriptionId,
    managedByTenants: [],
    name: subscription.displayName,
    state: subscription.state ?? "Enabled",
    tenantId,
    user: { name: clientId, type: "servicePrincipal" },
  }));
}
