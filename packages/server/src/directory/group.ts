/**
 * The rules of groups: security groups with assigned members. Pure.
 *
 * Owns: `group` rows. Spec: https://learn.microsoft.com/graph/api/resources/group
 */
import { type Change, put } from "../state/change.ts";
import type { Group } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { GroupObjectId, PrincipalId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { throwAway } from "./deleted-object.ts";
import { maxDescriptionLength, maxDisplayNameLength } from "./limits.ts";
import { checkMember } from "./membership.ts";
import { checkOwner } from "./owner.ts";
import { checkMailNickname } from "./user.ts";
import { checkName, checkOptional, checkQuota, existing, type Outcome } from "./values.ts";

const objectKind = "group";

/** The properties of a group that its owner writes. */
export type GroupProperties = Omit<Group, "id" | "createdDateTime">;

/**
 * Makes a security group with its first owners and members; names need not be unique.
 * @throws Refusal `value-invalid` (mail-enabled groups among them), `reference-not-found`, `limit-reached`.
 * @see https://learn.microsoft.com/graph/api/group-post-groups
 */
export function createGroup(
  model: ReadModel,
  properties: Partial<GroupProperties>,
  by: {
    readonly id: GroupObjectId;
    readonly now: Date;
    readonly ownerIds: readonly string[];
    readonly memberIds: readonly string[];
  },
): Outcome<Group> {
  checkQuota(model, objectKind);
  for (const property of ["mailEnabled", "securityEnabled"] as const)
    if (properties[property] === undefined) refuse({ kind: "value-invalid", objectKind, property, why: "required" });
  const row = checkGroup({
    displayName: "",
    description: null,
    mailNickname: "",
    mailEnabled: false,
    securityEnabled: true,
    ...properties,
    id: by.id,
    createdDateTime: by.now.toISOString(),
  });
  const changes: Change[] = [put(objectKind, row)];
  for (const ownerId of new Set(by.ownerIds)) {
    checkOwner(model, objectKind, ownerId);
    changes.push(put("owner", { ownedId: row.id, ownerId: ownerId as PrincipalId }));
  }
  for (const memberId of new Set(by.memberIds)) {
    checkMember(model, memberId);
    changes.push(put("groupMember", { groupId: row.id, memberId: memberId as PrincipalId }));
  }
  return { changes, result: row };
}

/**
 * Changes what is given and leaves the rest.
 * @throws Refusal `object-not-found`, `value-invalid`.
 * @see https://learn.microsoft.com/graph/api/group-update
 */
export function updateGroup(model: ReadModel, id: GroupObjectId, properties: Partial<GroupProperties>): Outcome<Group> {
  const before = existing(objectKind, model.groups.get(id), id);
  const row = checkGroup({ ...before, ...properties });
  return { changes: [put(objectKind, row)], result: row };
}

/** Deletes a group; its members stay. @throws Refusal `object-not-found`. @see https://learn.microsoft.com/graph/api/group-delete */
export function deleteGroup(model: ReadModel, id: GroupObjectId, now: Date): Outcome<Group> {
  const row = existing(objectKind, model.groups.get(id), id);
  return { changes: throwAway(model, { kind: objectKind, row }, now), result: row };
}

function checkGroup(row: Group): Group {
  // Neither kind of mail group can be made through Graph; a group that is neither is no group.
  if (row.mailEnabled) refuse({ kind: "value-invalid", objectKind, property: "mailEnabled", why: "not-allowed" });
  if (!row.securityEnabled)
    refuse({ kind: "value-invalid", objectKind, property: "securityEnabled", why: "not-allowed" });
  checkOptional({ objectKind, property: "description" }, row.description, maxDescriptionLength);
  return {
    ...row,
    displayName: checkName({ objectKind, property: "displayName" }, row.displayName, maxDisplayNameLength),
    mailNickname: checkMailNickname(objectKind, row.mailNickname),
  };
}
