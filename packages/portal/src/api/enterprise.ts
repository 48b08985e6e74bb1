/** What was granted to an enterprise application, and who is assigned to it. */
import { graph, graphAll, type ServicePrincipal } from "./graph.ts";

type Grant = {
  readonly id: string;
  readonly resourceId: string;
  readonly consentType: string;
  readonly principalId: string | null;
  readonly scope: string;
};

export type AppRoleAssignment = {
  readonly id: string;
  readonly appRoleId: string;
  readonly createdDateTime: string;
  readonly principalId: string;
  readonly principalDisplayName: string | null;
  readonly principalType: string;
  readonly resourceId: string;
  readonly resourceDisplayName: string | null;
};

/** The role of those who are assigned without one. @see https://learn.microsoft.com/graph/api/resources/approleassignment */
export const defaultRoleId = "00000000-0000-0000-0000-000000000000";

export type GrantedPermission = {
  readonly key: string;
  readonly kind: "delegated" | "application";
  readonly apiName: string;
  readonly value: string;
  readonly grantedFor: "everyone" | "oneUser" | "itself";
  readonly revoke: () => Promise<void>;
};

/** All that a service principal was granted on other APIs, one row for each permission. */
export async function listGranted(id: string): Promise<GrantedPermission[]> {
  const [grants, roles] = await Promise.all([
    graphAll<Grant>(`/servicePrincipals/${id}/oauth2PermissionGrants`),
    graphAll<AppRoleAssignment>(`/servicePrincipals/${id}/appRoleAssignments`),
  ]);
  const apiIds = [...new Set([...grants, ...roles].map(({ resourceId }) => resourceId))];
  const apis = await Promise.all(apiIds.map((api) => graph<ServicePrincipal>("GET", `/servicePrincipals/${api}`)));
  const apiOf = (resourceId: string) => apis.find((api) => api.id === resourceId);
  const delegated = grants.flatMap((grant) => {
    const scopes = grant.scope.split(" ").filter(Boolean);
    return scopes.map(
      (value): GrantedPermission => ({
        key: `${grant.id} ${value}`,
        kind: "delegated",
        apiName: apiOf(grant.resourceId)?.displayName ?? grant.resourceId,
        value,
        grantedFor: grant.consentType === "AllPrincipals" ? "everyone" : "oneUser",
        revoke: () =>
          withoutScope(
            grant,
            scopes.filter((scope) => scope !== value),
          ),
      }),
    );
  });
  const applied = roles.map((role): GrantedPermission => {
    const api = apiOf(role.resourceId);
    return {
      key: role.id,
      kind: "application",
      apiName: api?.displayName ?? role.resourceId,
      value: api?.appRoles.find((one) => one.id === role.appRoleId)?.value ?? role.appRoleId,
      grantedFor: "itself",
      revoke: () => graph("DELETE", `/servicePrincipals/${id}/appRoleAssignments/${role.id}`),
    };
  });
  return [...delegated, ...applied];
}

function withoutScope({ id }: Grant, rest: readonly string[]): Promise<void> {
  const target = `/oauth2PermissionGrants/${id}`;
  return rest.length === 0 ? graph("DELETE", target) : graph("PATCH", target, { scope: rest.join(" ") });
}

export function listAssigned(id: string): Promise<AppRoleAssignment[]> {
  return graphAll<AppRoleAssignment>(`/servicePrincipals/${id}/appRoleAssignedTo`);
}

export function assignTo(resourceId: string, principalId: string, appRoleId: string): Promise<void> {
  return graph("POST", `/servicePrincipals/${resourceId}/appRoleAssignedTo`, { resourceId, principalId, appRoleId });
}

export function unassign(resourceId: string, assignmentId: string): Promise<void> {
  return graph("DELETE", `/servicePrincipals/${resourceId}/appRoleAssignedTo/${assignmentId}`);
}
