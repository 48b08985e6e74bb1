/**
 * Role assignments: the rules. Pure: each reads the model and answers with changes, or refuses.
 *
 * Owns: what an assignment may say, what of it can change, how many there may be. The decision itself is the access package's.
 * @see https://learn.microsoft.com/azure/role-based-access-control/role-assignments
 */
import { parseScope, type Scope } from "@postern/access";
import { type Change, put, remove } from "../state/change.ts";
import type { RoleAssignment } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { directoryRoleTemplateIds } from "../state/first-party.ts";
import type { Guid, PrincipalId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { type SettledCondition, settleCondition } from "./assignment-conditions.ts";
import type { Stamp } from "./custom-roles.ts";
import { builtInRoleIds, findRole, isAssignableAt } from "./role-definitions.ts";

/** Role assignments of one subscription, its groups and resources included. Source, also of the next two: learn.microsoft.com, Azure RBAC limits. */
export const maxAssignmentsPerSubscription = 4000;
/** Role assignments made at one management group. */
export const maxAssignmentsPerManagementGroup = 500;
/** Bytes of a description, in UTF-8. */
export const maxDescriptionSizeBytes = 2048;

const objectKind = "roleAssignment";
const principalTypes = ["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"] as const;

export type RoleAssignmentRequest = {
  readonly name: Guid;
  /** Its text is kept as the caller spelled it. */
  readonly scope: Scope;
  readonly roleDefinitionId: Guid;
  readonly principalId: PrincipalId;
  /** undefined when the caller left it out: then the principal must be known, and the type is filled in. */
  readonly principalType: string | undefined;
  readonly description: string | null | undefined;
  readonly condition: string | null | undefined;
  /** Undefined or empty means 2.0, the only one there is. */
  readonly conditionVersion: string | null | undefined;
  readonly delegatedManagedIdentityResourceId: string | null | undefined;
};

/**
 * Creates a role assignment, or changes an existing one's description and condition.
 *
 * A principal that is not in the directory is accepted when its type is given: Azure does so, because the directory's news may arrive late.
 * @throws Refusal `not-implemented` (delegated identities), `value-invalid`, `condition-invalid`,
 * `role-not-assignable-here` (also for a role there is not), `principal-not-found`, `principal-type-mismatch`, `role-assignment-exists`,
 * `role-assignment-update-not-permitted`, `limit-reached`.
 * @see https://learn.microsoft.com/rest/api/authorization/role-assignments/create
 */
export function putRoleAssignment(
  model: ReadModel,
  request: RoleAssignmentRequest,
  stamp: Stamp,
): { readonly changes: readonly Change[]; readonly result: RoleAssignment } {
  checkOptions(request);
  const settled = settleCondition(request);
  const existing = model.roleAssignments.get(request.name);
  if (existing !== undefined) return changeAssignment(existing, request, settled, stamp);
  const { roleDefinitionId } = request;
  const role = findRole(model, roleDefinitionId);
  if (role === undefined || !isAssignableAt(model, role, request.scope)) {
    refuse({ kind: "role-not-assignable-here", id: roleDefinitionId, scope: request.scope.text });
  }
  const principalType = settlePrincipalType(model, request);
  const twin = model.access.findAssignment(request.principalId, request.roleDefinitionId, request.scope);
  if (twin !== undefined) refuse({ kind: "role-assignment-exists", name: twin.id });
  checkLimits(model, request.scope);
  const assignment: RoleAssignment = {
    name: request.name,
    scope: request.scope.text,
    roleDefinitionId: request.roleDefinitionId,
    principalId: request.principalId,
    principalType,
    description: request.description ?? null,
    ...settled,
    delegatedManagedIdentityResourceId: null,
    createdOn: stamp.now,
    updatedOn: stamp.now,
    createdBy: stamp.principalId,
    updatedBy: stamp.principalId,
  };
  return { changes: [put(objectKind, assignment)], result: assignment };
}

/**
 * Deletes the assignment of that name at that scope.
 * @returns what was there; undefined, with no changes, when there was none.
 * @throws Refusal `last-owner`, unless the caller is a Global Administrator, who can give the role back.
 * @see https://learn.microsoft.com/rest/api/authorization/role-assignments/delete
 */
export function deleteRoleAssignment(
  model: ReadModel,
  scope: Scope,
  name: Guid,
  callerId: string,
): { readonly changes: readonly Change[]; readonly result: RoleAssignment | undefined } {
  const existing = findRoleAssignment(model, scope, name);
  if (existing === undefined) return { changes: [], result: undefined };
  if (isLastOwner(model, scope, existing) && !isGlobalAdministrator(model, callerId))
    refuse({ kind: "last-owner", name });
  return { changes: [remove(objectKind, existing.name)], result: existing };
}

/** The assignment of that name made at exactly that scope, or undefined. */
export function findRoleAssignment(model: ReadModel, scope: Scope, name: Guid): RoleAssignment | undefined {
  const assignment = model.roleAssignments.get(name);
  return assignment !== undefined && isAt(assignment, scope) ? assignment : undefined;
}

function isAt(assignment: RoleAssignment, scope: Scope): boolean {
  const parsed = parseScope(assignment.scope);
  return parsed.isValid && parsed.scope.key === scope.key;
}

function checkOptions({ delegatedManagedIdentityResourceId, description }: RoleAssignmentRequest): void {
  if (delegatedManagedIdentityResourceId) {
    refuse({ kind: "not-implemented", what: "The property 'delegatedManagedIdentityResourceId'" });
  }
  if (Buffer.byteLength(description ?? "") > maxDescriptionSizeBytes) {
    refuse({
      kind: "value-invalid",
      objectKind,
      property: "description",
      why: "too-long",
      limit: maxDescriptionSizeBytes,
    });
  }
}

function changeAssignment(
  existing: RoleAssignment,
  request: RoleAssignmentRequest,
  settled: SettledCondition,
  stamp: Stamp,
) {
  const isSame =
    isAt(existing, request.scope) &&
    existing.principalId === request.principalId &&
    existing.roleDefinitionId === request.roleDefinitionId;
  if (!isSame) refuse({ kind: "role-assignment-update-not-permitted", name: existing.name });
  if (request.principalType !== undefined)
    checkPrincipalType(existing.principalId, existing.principalType, request.principalType);
  const assignment: RoleAssignment = {
    ...existing,
    description: request.description ?? null,
    ...settled,
    updatedOn: stamp.now,
    updatedBy: stamp.principalId,
  };
  return { changes: [put(objectKind, assignment)], result: assignment };
}

function readPrincipalType(given: string): RoleAssignment["principalType"] {
  return (
    principalTypes.find((type) => type.toLowerCase() === given.toLowerCase()) ??
    refuse({
      kind: "value-invalid",
      objectKind,
      property: "principalType",
      why: "not-allowed",
      value: given.slice(0, 64),
    })
  );
}

function checkPrincipalType(principalId: string, actual: string, given: string): void {
  const type = readPrincipalType(given);
  if (type !== actual) refuse({ kind: "principal-type-mismatch", principalId, actual, given: type });
}

function settlePrincipalType(model: ReadModel, request: RoleAssignmentRequest): RoleAssignment["principalType"] {
  const { principalId, principalType } = request;
  const principal = model.principal(principalId);
  if (principal === undefined) {
    return principalType === undefined
      ? refuse({ kind: "principal-not-found", principalId })
      : readPrincipalType(principalType);
  }
  if (principalType !== undefined) checkPrincipalType(principalId, principal.type, principalType);
  return principal.type;
}

function checkLimits(model: ReadModel, scope: Scope): void {
  const { access } = model;
  if (scope.kind === "management-group") {
    if (access.assignmentsAt(scope).length >= maxAssignmentsPerManagementGroup) {
      refuse({
        kind: "limit-reached",
        objectKind,
        property: "managementGroup",
        limit: maxAssignmentsPerManagementGroup,
      });
    }
    return;
  }
  // Counting walks all assignments, so it is done only when there are enough of them for the answer to matter.
  if (scope.subscriptionId === null || access.assignmentCount < maxAssignmentsPerSubscription) return;
  let count = 0;
  for (const _ of access.assignmentsAtOrBelow(`/subscriptions/${scope.subscriptionId}`)) count += 1;
  if (count >= maxAssignmentsPerSubscription) {
    refuse({ kind: "limit-reached", objectKind, property: "subscription", limit: maxAssignmentsPerSubscription });
  }
}

function isLastOwner(model: ReadModel, scope: Scope, assignment: RoleAssignment): boolean {
  if (scope.kind !== "subscription" || assignment.roleDefinitionId !== builtInRoleIds.owner) return false;
  return !model.access
    .assignmentsAt(scope)
    .some(({ id, roleDefinitionId }) => roleDefinitionId === builtInRoleIds.owner && id !== assignment.name);
}

function isGlobalAdministrator(model: ReadModel, principalId: string): boolean {
  return model.directoryRoleAssignments
    .find("principalId", principalId)
    .some(({ roleTemplateId }) => roleTemplateId === directoryRoleTemplateIds.globalAdministrator);
}
