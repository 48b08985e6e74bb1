/** Listing role assignments with the names of their roles and principals filled in, as az shows them. May use: azure/, session.ts. */
import { namePrincipals } from "../../azure/principals.ts";
import { type AssignmentSearch, findRoleAssignments, listRoleDefinitions } from "../../azure/roles.ts";
import type { Json } from "../../http/service-client.ts";
import { ServiceFault } from "../../http/service-fault.ts";
import type { Notes } from "../../notes.ts";
import type { Session } from "../../session.ts";

export interface ListingRequest extends AssignmentSearch {
  readonly areRolesNamed: boolean;
  readonly arePrincipalsNamed: boolean;
}

/** Finds assignments and fills in `roleDefinitionName` and `principalName`. A role deleted since is null, a principal is "". */
export async function listNamedAssignments(session: Session, request: ListingRequest, notes: Notes): Promise<Json[]> {
  const { scope, subscriptionId } = request;
  const found = await findRoleAssignments(session.resourceManager, request);
  if (found.length === 0) return found;
  const [roles, principals] = await Promise.all([
    request.areRolesNamed ? nameRoles(session, scope ?? `/subscriptions/${subscriptionId}`) : undefined,
    request.arePrincipalsNamed ? tryNamePrincipals(session, found, notes) : undefined,
  ]);
  return found.map((assignment) => ({
    ...assignment,
    ...(roles && { roleDefinitionName: roles.get(assignment.roleDefinitionId) ?? null }),
    ...(principals && { principalName: principals.get(String(assignment.principalId)) ?? "" }),
  }));
}

async function nameRoles(session: Session, scope: string): Promise<Map<unknown, unknown>> {
  const definitions = await listRoleDefinitions(session.resourceManager, scope);
  return new Map(definitions.map(({ id, roleName }) => [id, roleName]));
}

async function tryNamePrincipals(
  session: Session,
  found: readonly Json[],
  notes: Notes,
): Promise<Map<string, string> | undefined> {
  try {
    return await namePrincipals(session.graph, [...new Set(found.map(({ principalId }) => String(principalId)))]);
  } catch (error) {
    // Not being allowed to ask Graph for names is no reason to hide who has access.
    if (!(error instanceof ServiceFault)) throw error;
    notes.info(`Failed to resolve graph object information per error '${error.message}'`);
    return undefined;
  }
}
