/**
 * Who holds which directory role over the whole directory. Pure.
 *
 * Owns: `directoryRoleAssignment` rows. Who may assign is permissions.ts's to say; what no one may do is said here: leave the directory
 * without anybody who can administer it.
 * Spec: https://learn.microsoft.com/graph/api/resources/unifiedroleassignment
 */
import { put, remove } from "../state/change.ts";
import type { DirectoryRoleAssignment } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { directoryRoleTemplateIds } from "../state/first-party.ts";
import type { Guid, PrincipalId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { findDirectoryRole } from "./directory-role-table.ts";
import { existing, type Outcome } from "./values.ts";

const objectKind = "directoryRoleAssignment";

/**
 * Gives a role to a user or a service principal.
 * @throws Refusal `reference-not-found` (no such role or principal); `value-invalid` `not-allowed` for a group, since none here can hold
 * roles; `already-there`.
 * @see https://learn.microsoft.com/graph/api/rbacapplication-post-roleassignments
 */
export function assignDirectoryRole(
  model: ReadModel,
  given: { readonly id: Guid; readonly principalId: string; readonly roleTemplateId: string },
): Outcome<DirectoryRoleAssignment> {
  const role = findDirectoryRole(given.roleTemplateId);
  if (role === undefined)
    refuse({ kind: "reference-not-found", objectKind, property: "roleDefinitionId", id: given.roleTemplateId });
  const principal = model.principal(given.principalId);
  if (principal === undefined)
    refuse({ kind: "reference-not-found", objectKind, property: "principalId", id: given.principalId });
  if (principal.type === "Group")
    refuse({ kind: "value-invalid", objectKind, property: "principalId", why: "not-allowed" });
  if (findAssignment(model, given.principalId, given.roleTemplateId) !== undefined)
    refuse({ kind: "already-there", objectKind, property: "principalId" });
  const row: DirectoryRoleAssignment = {
    id: given.id,
    principalId: given.principalId as PrincipalId,
    roleTemplateId: role.templateId,
  };
  return { changes: [put(objectKind, row)], result: row };
}

/** @throws Refusal `object-not-found`; `value-invalid` `not-allowed` for the last Global Administrator. */
export function removeDirectoryRole(model: ReadModel, id: string): Outcome<undefined> {
  const row = existing(objectKind, model.directoryRoleAssignments.get(id), id);
  if (row.roleTemplateId === directoryRoleTemplateIds.globalAdministrator)
    keepGlobalAdministrator(model, row.principalId);
  return { changes: [remove(objectKind, id)], result: undefined };
}

export function findAssignment(
  model: ReadModel,
  principalId: string,
  roleTemplateId: string,
): DirectoryRoleAssignment | undefined {
  return model.directoryRoleAssignments
    .find("principalId", principalId)
    .find((row) => row.roleTemplateId === roleTemplateId);
}

/**
 * Refuses what would leave nobody who can sign in as Global Administrator.
 * @param without the principal that is about to lose the role, to be disabled or deleted.
 * @throws Refusal `value-invalid` `not-allowed` when that one is the last.
 */
export function keepGlobalAdministrator(model: ReadModel, without: string): void {
  const holders = [...model.directoryRoleAssignments.values()]
    .filter((row) => row.roleTemplateId === directoryRoleTemplateIds.globalAdministrator)
    .map((row) => row.principalId);
  if (!holders.includes(without as PrincipalId)) return;
  const isLeft = holders.some((id) => id !== without && canSignIn(model, id));
  if (!isLeft) refuse({ kind: "value-invalid", objectKind, property: "globalAdministrator", why: "not-allowed" });
}

/** A managed identity does not count: it goes with its resource, which Resource Manager deletes without asking here. */
function canSignIn(model: ReadModel, id: PrincipalId): boolean {
  const principal = model.principal(id);
  if (principal === undefined || principal.type === "Group") return false;
  const isManaged = principal.type === "ServicePrincipal" && principal.row.servicePrincipalType === "ManagedIdentity";
  return principal.row.accountEnabled && !isManaged;
}
