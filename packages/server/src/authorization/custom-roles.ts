/**
 * Custom roles: the rules.
 * @see https://learn.microsoft.com/azure/role-based-access-control/custom-roles
 */
import { MAX_ACTION_LENGTH, MAX_ACTIONS_PER_LIST, parseScope } from "@postern/access";
import { type Change, put, remove } from "../state/change.ts";
import type { RoleDefinition, RolePermission } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { isAssignableAt } from "./role-definitions.ts";

/** Custom roles of one tenant. Source, also of the next four: learn.microsoft.com, Azure RBAC limits. */
export const maxCustomRoles = 5000;
/** Characters of a role's name. */
const maxRoleNameLength = 512;
/** Bytes of a role's description, in UTF-8. */
const maxDescriptionSizeBytes = 2048;
/** Assignable scopes of one role. */
const maxAssignableScopes = 2000;
/** Management groups among the assignable scopes of one role. */
const maxManagementGroupScopes = 1;
/** Permission objects of one role; ours: Azure's own clients send one. */
const maxPermissions = 16;

const objectKind = "roleDefinition";

export type CustomRoleRequest = {
  readonly id: Guid;
  readonly roleName: string | undefined;
  readonly description: string | undefined;
  /** undefined when the caller said nothing; else must be CustomRole. */
  readonly type: string | undefined;
  readonly permissions: readonly RolePermission[] | undefined;
  readonly assignableScopes: readonly string[] | undefined;
};

/** Who asks, and when; ISO 8601. */
export type Stamp = { readonly principalId: string; readonly now: string };

/**
 * Creates a custom role, or replaces one.
 * @throws Refusal `role-definition-built-in`, `role-definition-name-taken`, `role-definition-in-use`, `limit-reached`
 * and `value-invalid` (roleName, description, type, permissions, condition, actions, dataActions, assignableScopes).
 * @see https://learn.microsoft.com/rest/api/authorization/role-definitions/create-or-update
 */
export function putCustomRole(
  model: ReadModel,
  request: CustomRoleRequest,
  stamp: Stamp,
): { readonly changes: readonly Change[]; readonly result: RoleDefinition } {
  if (model.access.isBuiltinRole(request.id)) refuse({ kind: "role-definition-built-in", id: request.id });
  if (request.type !== undefined && request.type.toLowerCase() !== "customrole") {
    refuse({ kind: "value-invalid", objectKind, property: "type", why: "not-allowed" });
  }
  const roleName = checkRoleName(model, request);
  const description = request.description ?? "";
  if (Buffer.byteLength(description) > maxDescriptionSizeBytes) {
    refuse({
      kind: "value-invalid",
      objectKind,
      property: "description",
      why: "too-long",
      limit: maxDescriptionSizeBytes,
    });
  }
  const permissions = checkPermissions(objectKind, request.permissions);
  const assignableScopes = checkAssignableScopes(model, request.assignableScopes, permissions);
  const existing = model.roleDefinitions.get(request.id);
  if (existing === undefined && model.roleDefinitions.size >= maxCustomRoles) {
    refuse({ kind: "limit-reached", objectKind, property: "tenant", limit: maxCustomRoles });
  }
  refuseToStrand(model, request.id, assignableScopes);
  const role: RoleDefinition = {
    id: request.id,
    roleName,
    description,
    permissions,
    assignableScopes,
    createdOn: existing?.createdOn ?? stamp.now,
    updatedOn: stamp.now,
    createdBy: existing === undefined ? stamp.principalId : existing.createdBy,
    updatedBy: stamp.principalId,
  };
  return { changes: [put(objectKind, role)], result: role };
}

/**
 * Deletes a custom role that nobody holds.
 * @returns the role that was there; undefined, with no changes, when there was none.
 * @throws Refusal `role-definition-built-in`, `role-definition-in-use`.
 * @see https://learn.microsoft.com/rest/api/authorization/role-definitions/delete
 */
export function deleteCustomRole(
  model: ReadModel,
  id: Guid,
): { readonly changes: readonly Change[]; readonly result: RoleDefinition | undefined } {
  if (model.access.isBuiltinRole(id)) refuse({ kind: "role-definition-built-in", id });
  const existing = model.roleDefinitions.get(id);
  if (existing === undefined) return { changes: [], result: undefined };
  if (model.access.assignmentsOfRole(id).length > 0) refuse({ kind: "role-definition-in-use", id });
  return { changes: [remove(objectKind, id)], result: existing };
}

function checkRoleName(model: ReadModel, { id, roleName }: CustomRoleRequest): string {
  if (roleName === undefined || roleName.trim() === "") {
    return refuse({ kind: "value-invalid", objectKind, property: "roleName", why: "required" });
  }
  if (roleName.length > maxRoleNameLength) {
    refuse({ kind: "value-invalid", objectKind, property: "roleName", why: "too-long", limit: maxRoleNameLength });
  }
  if (model.access.rolesNamed(roleName).some((role) => role.id.toLowerCase() !== id)) {
    refuse({ kind: "role-definition-name-taken", roleName });
  }
  return roleName;
}

/** An action is segments joined by slashes; each segment has letters, digits, `. - _ $` or stars. */
const actionPattern = /^[a-z0-9.\-_$*]+(?:\/[a-z0-9.\-_$*]+)*$/i;

function checkActions(objectKind: PermissionHolder, property: keyof RolePermission, actions: readonly string[]): void {
  if (actions.length > MAX_ACTIONS_PER_LIST) {
    refuse({ kind: "value-invalid", objectKind, property, why: "too-many", limit: MAX_ACTIONS_PER_LIST });
  }
  for (const action of actions) {
    if (action.length > MAX_ACTION_LENGTH || !actionPattern.test(action)) {
      refuse({
        kind: "value-invalid",
        objectKind,
        property,
        why: "malformed",
        value: action.slice(0, MAX_ACTION_LENGTH),
      });
    }
  }
}

/** What has permission objects that are made here. */
type PermissionHolder = "roleDefinition" | "denyAssignment";

/**
 * Checks permission objects, and leaves out what they may not have.
 * @throws Refusal `value-invalid` (permissions, condition, actions, notActions, dataActions, notDataActions).
 */
export function checkPermissions(
  objectKind: PermissionHolder,
  given: readonly RolePermission[] | undefined,
): readonly RolePermission[] {
  if (given === undefined || given.length === 0) {
    return refuse({ kind: "value-invalid", objectKind, property: "permissions", why: "required" });
  }
  if (given.length > maxPermissions) {
    refuse({ kind: "value-invalid", objectKind, property: "permissions", why: "too-many", limit: maxPermissions });
  }
  return given.map((permission) => {
    // Only built-in roles have conditions in their permissions; an assignment of a custom role may have one.
    if (permission.condition) refuse({ kind: "value-invalid", objectKind, property: "condition", why: "not-allowed" });
    const { actions, notActions, dataActions, notDataActions } = permission;
    const lists = { actions, notActions, dataActions, notDataActions };
    for (const [property, list] of Object.entries(lists))
      checkActions(objectKind, property as keyof RolePermission, list);
    return lists;
  });
}

function checkAssignableScopes(
  model: ReadModel,
  given: readonly string[] | undefined,
  permissions: readonly RolePermission[],
): readonly string[] {
  const property = "assignableScopes";
  if (given === undefined || given.length === 0)
    return refuse({ kind: "value-invalid", objectKind, property, why: "required" });
  if (given.length > maxAssignableScopes) {
    refuse({ kind: "value-invalid", objectKind, property, why: "too-many", limit: maxAssignableScopes });
  }
  let managementGroups = 0;
  for (const text of given) {
    const parsed = parseScope(text);
    if (!parsed.isValid)
      return refuse({ kind: "value-invalid", objectKind, property, why: "malformed", value: text.slice(0, 256) });
    const { kind, subscriptionId, managementGroupId } = parsed.scope;
    if (kind === "management-group") {
      managementGroups += 1;
      if (!model.managementGroups.has(managementGroupId!.toLowerCase())) {
        refuse({ kind: "object-not-found", objectKind: "managementGroup", id: managementGroupId! });
      }
    } else if (kind === "subscription" || kind === "resource-group") {
      if (!model.subscriptions.has(subscriptionId!)) {
        refuse({ kind: "subscription-not-found", subscriptionId: subscriptionId! });
      }
    } else refuse({ kind: "value-invalid", objectKind, property, why: "not-allowed", value: text.slice(0, 256) });
  }
  if (managementGroups > maxManagementGroupScopes) {
    refuse({ kind: "value-invalid", objectKind, property, why: "too-many", limit: maxManagementGroupScopes });
  }
  if (managementGroups > 0 && permissions.some(({ dataActions }) => dataActions.length > 0)) {
    refuse({ kind: "value-invalid", objectKind, property: "dataActions", why: "not-allowed" });
  }
  return given;
}

/** An assignment must stay within its role's assignable scopes, so those cannot be taken away under it. */
function refuseToStrand(model: ReadModel, id: Guid, assignableScopes: readonly string[]): void {
  for (const assignment of model.access.assignmentsOfRole(id)) {
    if (!isAssignableAt(model, { assignableScopes }, assignment.scope)) refuse({ kind: "role-definition-in-use", id });
  }
}
