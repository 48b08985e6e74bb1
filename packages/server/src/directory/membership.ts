/**
 * Who is in which group, directly and through groups within groups. Pure.
 *
 * Owns: `groupMember` rows. Spec: https://learn.microsoft.com/graph/api/group-post-members
 */
import { put, remove } from "../state/change.ts";
import type { GroupMember } from "../state/entities.ts";
import { keyOf } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { GroupObjectId, PrincipalId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { existing, type Outcome } from "./values.ts";

const at = { objectKind: "group", property: "members" } as const;

/** @throws Refusal `reference-not-found` when no user, group or service principal has that id. */
export function checkMember(model: ReadModel, memberId: string): void {
  if (model.principal(memberId) === undefined) refuse({ kind: "reference-not-found", ...at, id: memberId });
}

/**
 * Adds a user, group or service principal. Groups may contain one another in a ring, as in Entra, but none contains itself.
 * @throws Refusal `object-not-found`, `reference-not-found`, `already-there`, `value-invalid` (itself).
 */
export function addMember(model: ReadModel, groupId: GroupObjectId, memberId: string): Outcome<GroupMember> {
  existing("group", model.groups.get(groupId), groupId);
  checkMember(model, memberId);
  if (memberId === groupId) refuse({ kind: "value-invalid", ...at, why: "not-allowed" });
  const row: GroupMember = { groupId, memberId: memberId as PrincipalId };
  if (model.groupMembers.has(keyOf.groupMember(row))) refuse({ kind: "already-there", ...at });
  return { changes: [put("groupMember", row)], result: row };
}

/** Adds several, all or none. @throws Refusal as {@link addMember}. */
export function addMembers(model: ReadModel, groupId: GroupObjectId, memberIds: readonly string[]): Outcome<undefined> {
  const changes = [...new Set(memberIds)].flatMap((memberId) => addMember(model, groupId, memberId).changes);
  return { changes, result: undefined };
}

/** @throws Refusal `object-not-found` for the group, `reference-not-found` when it has no such member. */
export function removeMember(model: ReadModel, groupId: GroupObjectId, memberId: string): Outcome<undefined> {
  existing("group", model.groups.get(groupId), groupId);
  const key = keyOf.groupMember({ groupId, memberId: memberId as PrincipalId });
  if (!model.groupMembers.has(key)) refuse({ kind: "reference-not-found", ...at, id: memberId });
  return { changes: [remove("groupMember", key)], result: undefined };
}

/** Object ids of a group's members through every level of nesting, each once; a group in a ring counts itself. */
export function transitiveMemberIds(model: ReadModel, groupId: string): string[] {
  const seen = new Set<string>();
  const open = [groupId];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const { memberId } of model.groupMembers.find("groupId", id)) {
      if (seen.has(memberId)) continue;
      seen.add(memberId);
      if (model.groups.has(memberId)) open.push(memberId);
    }
  }
  return [...seen];
}
