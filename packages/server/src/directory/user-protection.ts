/**
 * Whose sign-in an administrator may take over: a role that resets passwords does so for people who administer less, never for those who
 * administer more. Otherwise whoever may reset passwords could make themselves Global Administrator. Pure.
 * @see https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions#who-can-reset-passwords
 */
import type { PrincipalId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { findDirectoryRole } from "./directory-role-table.ts";
import type { UserProperties } from "./user.ts";

/** Properties by which a person signs in or gets a lost password back. @see https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions */
const sensitive: readonly (keyof UserProperties)[] = [
  "accountEnabled",
  "businessPhones",
  "forceChangePasswordNextSignIn",
  "mobilePhone",
  "onPremisesImmutableId",
  "otherMails",
  "passwordHash",
  "userPrincipalName",
];

export function isSensitive(properties: Partial<UserProperties>): boolean {
  return sensitive.some((property) => properties[property] !== undefined);
}

/**
 * Whether one principal may reset another's password, change what they sign in with, or delete them, as far as their roles are concerned.
 * Anybody who was let in so far may do it to people without any role; an app by its permission alone no further.
 */
export function mayAdminister(model: ReadModel, actorId: PrincipalId, userId: PrincipalId): boolean {
  const held = rolesOf(model, userId);
  if (held.length === 0) return true;
  return rolesOf(model, actorId).some((actorRole) => {
    const administered: readonly string[] = findDirectoryRole(actorRole)?.mayAdministerHoldersOf ?? [];
    return held.every((role) => administered.includes(role));
  });
}

function rolesOf(model: ReadModel, principalId: PrincipalId): readonly string[] {
  return model.directoryRoleAssignments.find("principalId", principalId).map((row) => row.roleTemplateId);
}
