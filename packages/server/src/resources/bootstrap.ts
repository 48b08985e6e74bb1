/** What of resources a new cloud starts with: the tenant's root management group and one subscription under it. */
import { type Change, put } from "../state/change.ts";
import type { ManagementGroup, Subscription } from "../state/entities.ts";
import type { SubscriptionId, TenantId } from "../state/identifiers.ts";

/**
 * The first changes of a new cloud.
 * @param now ISO 8601, UTC, milliseconds.
 */
export function bootstrapResources(tenantId: TenantId, subscriptionId: SubscriptionId, now: string): Change[] {
  // Azure names the root group by the tenant's id and shows it as "Tenant Root Group".
  const root: ManagementGroup = { name: tenantId, displayName: "Tenant Root Group", parentName: null };
  const subscription: Subscription = {
    subscriptionId,
    displayName: "Postern",
    managementGroupName: tenantId,
    createdDateTime: now,
  };
  return [put("managementGroup", root), put("subscription", subscription)];
}
