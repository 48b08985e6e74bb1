/** What else goes when an object goes: everything in the directory that names it. Pure. */
import { type Change, remove } from "../state/change.ts";
import { keyOf } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";

/**
 * The changes that take an object out of every relation: its memberships, its members, what it owns, its owners, its directory roles,
 * the consents given to it or by it, its refresh tokens.
 * Azure role assignments are not among them: Azure keeps those of a deleted principal ("Identity not found") until somebody removes them.
 */
export function removeTraces(model: ReadModel, id: string): Change[] {
  const changes: Change[] = [];
  const members = [...model.groupMembers.find("memberId", id), ...model.groupMembers.find("groupId", id)];
  for (const row of new Set(members)) changes.push(remove("groupMember", keyOf.groupMember(row)));
  const owners = [...model.owners.find("ownedId", id), ...model.owners.find("ownerId", id)];
  for (const row of new Set(owners)) changes.push(remove("owner", keyOf.owner(row)));
  for (const row of model.directoryRoleAssignments.find("principalId", id))
    changes.push(remove("directoryRoleAssignment", row.id));
  for (const row of model.federatedIdentityCredentials.find("parentId", id))
    changes.push(remove("federatedIdentityCredential", row.id));
  const { oauth2PermissionGrants } = model;
  const consents = [
    ...oauth2PermissionGrants.find("clientId", id),
    ...oauth2PermissionGrants.find("resourceId", id),
    ...oauth2PermissionGrants.find("principalId", id),
  ];
  for (const row of new Set(consents)) changes.push(remove("oauth2PermissionGrant", row.id));
  for (const row of model.refreshTokenFamilies.find("userId", id))
    changes.push(remove("refreshTokenFamily", row.familyId));
  return changes;
}
