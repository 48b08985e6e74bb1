/**
 * Which role assignments a listing at a scope holds.
 * @see https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest
 */
import type { Assignment, Scope } from "@postern/access";
import type { RoleAssignment } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";

/** A listing's filter; what is undefined does not narrow. */
export type AssignmentListing = {
  readonly scope: Scope;
  /** `atScope()`: at the scope and above only. */
  readonly isAtScopeOnly?: boolean | undefined;
  /** `principalId eq '…'`: held by that principal itself. */
  readonly principalId?: string | undefined;
  /** `assignedTo('…')`: held by that principal or by a group it is in, groups in groups included. */
  readonly assignedTo?: string | undefined;
  /** GUID, lower case. */
  readonly roleDefinitionId?: string | undefined;
};

/** Lists assignments at, above and (unless `atScope()`) below the scope, in the order of their names. */
export function listRoleAssignments(model: ReadModel, listing: AssignmentListing): RoleAssignment[] {
  const { access } = model;
  const { scope, isAtScopeOnly, roleDefinitionId } = listing;
  const holders = holdersOf(model, listing);
  const isInPlace = (assignment: Assignment): boolean =>
    access.isScopeAtOrBelow(scope, assignment.scope) ||
    (isAtScopeOnly !== true && access.isScopeAtOrBelow(assignment.scope, scope));
  const found = new Map<string, RoleAssignment>();
  for (const assignment of candidates(model, listing, holders)) {
    const row = model.roleAssignments.get(assignment.id);
    if (row === undefined || (holders !== undefined && !holders.has(row.principalId))) continue;
    if (roleDefinitionId !== undefined && row.roleDefinitionId !== roleDefinitionId) continue;
    if (isInPlace(assignment)) found.set(row.name, row);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The ids whose assignments count; undefined for anybody's. */
function holdersOf(model: ReadModel, { principalId, assignedTo }: AssignmentListing): ReadonlySet<string> | undefined {
  if (principalId === undefined && assignedTo === undefined) return undefined;
  const assignee = assignedTo?.toLowerCase();
  const direct = principalId?.toLowerCase();
  const assigned =
    assignee === undefined
      ? undefined
      : new Set([assignee, ...model.access.groupsOf(assignee).map(({ groupId }) => groupId)]);
  if (direct === undefined) return assigned;
  return new Set(assigned === undefined || assigned.has(direct) ? [direct] : []);
}

function* candidates(
  { access }: ReadModel,
  { scope, isAtScopeOnly }: AssignmentListing,
  holders: ReadonlySet<string> | undefined,
): Iterable<Assignment> {
  if (holders !== undefined) {
    for (const holder of holders) yield* access.assignmentsOf(holder);
    return;
  }
  yield* access.assignmentsAtOrAbove(scope);
  if (isAtScopeOnly !== true) yield* access.assignmentsAtOrBelow(scope);
}
