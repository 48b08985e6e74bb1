/** A subscription as az shows it in `account`. May use: azure/, session.ts. */
import { apiVersions } from "../../azure/resource-manager.ts";
import type { Json } from "../../http/service-client.ts";
import type { Session } from "../../session.ts";

/** Every subscription the operator sees; `isDefault` marks the cloud's own. The order of the members is az's. */
export async function listSubscriptions(
  session: Session,
  cloudMember: "cloudName" | "environmentName",
): Promise<Json[]> {
  const { tenantId, clientId } = session.operator;
  const { name: cloudName } = session.endpoints;
  const found = await session.resourceManager.list(`/subscriptions?api-version=${apiVersions.subscriptions}`);
  return found.map((subscription) => ({
    id: subscription.subscriptionId,
    name: subscription.displayName,
    state: subscription.state ?? "Enabled",
    user: { name: clientId, type: "servicePrincipal" },
    isDefault: subscription.subscriptionId === session.status.subscriptionId,
    tenantId,
    ...(cloudMember === "environmentName" ? { environmentName: cloudName } : {}),
    homeTenantId: subscription.homeTenantId ?? subscription.tenantId ?? tenantId,
    managedByTenants: [],
    ...(cloudMember === "cloudName" ? { cloudName } : {}),
  }));
}
