/** Which role assignments a new cloud starts with. */
import { type Change, put } from "../state/change.ts";
import type { RoleAssignment } from "../state/entities.ts";
import type { Guid, PrincipalId, SubscriptionId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import { builtInRoleIds } from "./role-definitions.ts";

export type FirstOwner = { readonly principalId: PrincipalId; readonly principalType: "User" | "ServicePrincipal" };

/**
 * The first role assignments: each operator is Owner of the subscription, as whoever signs up for Azure is.
 *
 * And Owner at "/", because management groups and further subscriptions stand above it. On Azure a Global Administrator takes that with
 * "Access management for Azure resources", which gives User Access Administrator at "/"; from there any role is one call away, so
 * nothing is gained by making the operator of this cloud take the detour. The two are apart, so that an operator can drop the upper one.
 * @see https://learn.microsoft.com/azure/role-based-access-control/elevate-access-global-admin
 */
export function bootstrapAuthorization(
  subscriptionId: SubscriptionId,
  owners: readonly FirstOwner[],
  ports: Pick<Ports, "now" | "guid">,
): Change[] {
  const now = ports.now().toISOString();
  return owners.flatMap(({ principalId, principalType }) =>
    [`/subscriptions/${subscriptionId}`, "/"].map((scope) => {
      const assignment: RoleAssignment = {
        name: ports.guid() as Guid,
        scope,
        roleDefinitionId: builtInRoleIds.owner,
        principalId,
        principalType,
        description: "Made at the first start",
        condition: null,
        conditionVersion: null,
        delegatedManagedIdentityResourceId: null,
        createdOn: now,
        updatedOn: now,
        createdBy: null,
        updatedBy: null,
      };
      return put("roleAssignment", assignment);
    }),
  );
}
