/** What else goes when an object goes: everything in the directory that names it. Pure. */
import { type Change, remove } from "../state/change.ts";
import type { DeletedRelation } from "../state/entities.ts";
import { keyOf } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";

/**
 * Every relation an object is in, each once: its memberships and members, what it owns and its owners, its directory roles, the app roles
 * given to it or by it, the consents given to it or by it, its federated credentials.
 */
export function relationsOf(model: ReadModel, id: string): DeletedRelation[] {
  const { groupMembers, owners, oauth2PermissionGrants, appRoleAssignments } = model;
  const once = <Row>(rows: readonly Row[]): Row[] => [...new Set(rows)];
  return [
    ...once([...groupMembers.find("memberId", id), ...groupMembers.find("groupId", id)]).map(
      (row) => ({ kind: "groupMember", row }) as const,
    ),
    ...once([...owners.find("ownedId", id), ...owners.find("ownerId", id)]).map(
      (row) => ({ kind: "owner", row }) as const,
    ),
    ...model.directoryRoleAssignments
      .find("principalId", id)
      .map((row) => ({ kind: "directoryRoleAssignment", row }) as const),
    ...once([...appRoleAssignments.find("principalId", id), ...appRoleAssignments.find("resourceId", id)]).map(
      (row) => ({ kind: "appRoleAssignment", row }) as const,
    ),
    ...once([
      ...oauth2PermissionGrants.find("clientId", id),
      ...oauth2PermissionGrants.find("resourceId", id),
      ...oauth2PermissionGrants.find("principalId", id),
    ]).map((row) => ({ kind: "oauth2PermissionGrant", row }) as const),
    ...model.federatedIdentityCredentials
      .find("parentId", id)
      .map((row) => ({ kind: "federatedIdentityCredential", row }) as const),
  ];
}

/**
 * The changes that take an object out of every relation, and end the refresh tokens of a person.
 * Azure role assignments are not among them: Azure keeps those of a deleted principal ("Identity not found") until somebody removes them.
 */
export function removeTraces(model: ReadModel, id: string): Change[] {
  const relations = relationsOf(model, id).map(({ kind, row }) =>
    remove(kind, (keyOf[kind] as (row: unknown) => string)(row)),
  );
  const families = model.refreshTokenFamilies.find("userId", id);
  return [...relations, ...families.map((row) => remove("refreshTokenFamily", row.familyId))];
}
