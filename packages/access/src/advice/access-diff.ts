/**
 * What changed between two times: who gained which access where, who lost it, which roles say something else now, and which deny assignments.
 */
import type { DenyAssignment } from "../deny-assignment-table.ts";
import type { AccessFacts } from "../facts.ts";
import type { RolePermission } from "../role-definition.ts";
import { parseScope } from "../scope.ts";
import { type AccessWay, membersBelow } from "./access-list.ts";

/** Most ways by which somebody has access that are compared, of each time. Ours. */
export const MAX_COMPARED_WAYS = 20_000;

/** One way of access that is there at one of the two times only. */
export interface AccessChange extends AccessWay {
  readonly change: "gained" | "lost";
  readonly principalId: string;
}

/** A custom role whose permissions differ. */
export interface RoleChange {
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly before: readonly RolePermission[] | null;
  readonly after: readonly RolePermission[] | null;
}

/** A deny assignment that was made, deleted or altered. */
export interface DenialChange {
  readonly denyAssignmentId: string;
  readonly before: DenyAssignment | null;
  readonly after: DenyAssignment | null;
}

/** The difference between two times. */
export interface AccessDiff {
  readonly access: readonly AccessChange[];
  readonly roles: readonly RoleChange[];
  /** Those that hold at the scope or below it, wherever they were made. */
  readonly denials: readonly DenialChange[];
  /** True when there was more than could be compared. */
  readonly isCut: boolean;
}

type Ways = Map<string, AccessWay & { readonly principalId: string }>;

function collectWays(facts: AccessFacts, scope: string): { ways: Ways; isCut: boolean } {
  const ways: Ways = new Map();
  for (const assignment of facts.assignmentsAtOrBelow(scope)) {
    const { id: assignmentId, roleDefinitionId, principalId: holderId, scope: at, condition } = assignment;
    const parsed = parseScope(at);
    const key = parsed.isValid ? parsed.scope.key : at;
    const roleName = facts.role(roleDefinitionId)?.roleName ?? null;
    for (const { id: principalId, via } of membersBelow(facts, holderId)) {
      if (ways.size >= MAX_COMPARED_WAYS) return { ways, isCut: true };
      const way = { assignmentId, roleDefinitionId, roleName, scope: at, condition, holderId, via, principalId };
      ways.set(`${principalId} ${holderId} ${roleDefinitionId} ${key} ${condition}`, way);
    }
  }
  return { ways, isCut: false };
}

function compareRoles(before: AccessFacts, after: AccessFacts): RoleChange[] {
  const customRoles = [...before.roles(), ...after.roles()].filter(({ id }) => !after.isBuiltinRole(id));
  const ids = new Set(customRoles.map(({ id }) => id));
  return [...ids].flatMap((roleDefinitionId): RoleChange[] => {
    const [old, now] = [before.role(roleDefinitionId), after.role(roleDefinitionId)];
    const change = { before: old?.permissions ?? null, after: now?.permissions ?? null };
    if (JSON.stringify(change.before) === JSON.stringify(change.after)) return [];
    return [{ roleDefinitionId, roleName: (now ?? old)!.roleName, ...change }];
  });
}

/** The deny assignments that concern a scope and what is below it: made there, or above and not for that place alone. */
function denialsAround(facts: AccessFacts, scope: string): Map<string, DenyAssignment> {
  const found = new Map<string, DenyAssignment>();
  for (const { deny } of facts.index.denials.rows()) {
    const isBelow = facts.isScopeAtOrBelow(deny.scope, scope);
    const isAbove = !deny.doesSpareChildScopes && facts.isScopeAtOrBelow(scope, deny.scope);
    if (isBelow || isAbove) found.set(deny.id, deny);
  }
  return found;
}

function compareDenials(before: AccessFacts, after: AccessFacts, scope: string): DenialChange[] {
  const [old, now] = [denialsAround(before, scope), denialsAround(after, scope)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((denyAssignmentId): DenialChange[] => {
    const change = { before: old.get(denyAssignmentId) ?? null, after: now.get(denyAssignmentId) ?? null };
    if (JSON.stringify(change.before) === JSON.stringify(change.after)) return [];
    return [{ denyAssignmentId, ...change }];
  });
}

/**
 * Compares the access of two times at a scope and below.
 * @param before the facts of the earlier time.
 * @param after those of the later.
 * @param scope a scope's text; `/` for all.
 * @returns ways that were lost, then ways that were gained. An assignment made anew with the same content is no change.
 */
export function diffAccess(before: AccessFacts, after: AccessFacts, scope: string): AccessDiff {
  const [old, now] = [collectWays(before, scope), collectWays(after, scope)];
  const only = (these: Ways, those: Ways, change: AccessChange["change"]) =>
    [...these].flatMap(([key, way]): AccessChange[] => (those.has(key) ? [] : [{ change, ...way }]));
  return {
    access: [...only(old.ways, now.ways, "lost"), ...only(now.ways, old.ways, "gained")],
    roles: compareRoles(before, after),
    denials: compareDenials(before, after, scope),
    isCut: old.isCut || now.isCut,
  };
}
