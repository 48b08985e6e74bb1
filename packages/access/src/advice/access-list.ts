/**
 * The two lists: who may do this here, and what may a principal do anywhere.
 *
 * Owns walking assignments from the place (who can) and from the principal (what can), groups in groups included, within bounds.
 */
import { decide } from "../decide.ts";
import type { DenyAssignment } from "../deny-assignment-table.ts";
import type { AccessFacts } from "../facts.ts";
import { NONE } from "../int-column.ts";
import type { RolePermission } from "../role-definition.ts";
import type { Need } from "./need.ts";

/** Most principals that one question lists. Ours: more is not read; the list says that it was cut. */
export const MAX_LISTED_PRINCIPALS = 1_000;

/** A way by which somebody has access. */
export interface AccessWay {
  readonly assignmentId: string;
  readonly roleDefinitionId: string;
  /** Null when the role is not defined any more. */
  readonly roleName: string | null;
  readonly scope: string;
  readonly condition: string | null;
  /** Who holds the assignment. */
  readonly holderId: string;
  /** Group ids from the principal to the holder; empty when it holds the assignment itself. */
  readonly via: readonly string[];
}

/** One who may. */
export interface ListedPrincipal {
  readonly principalId: string;
  /** False when conditions decide, which look at more than the operation. */
  readonly isCertain: boolean;
  readonly ways: readonly AccessWay[];
}

/** Everyone who may, groups and their members alike. */
export interface WhoCan {
  readonly principals: readonly ListedPrincipal[];
  /** True when there are more than were listed. */
  readonly isCut: boolean;
}

/** What one assignment gives a principal. */
export interface HeldAccess extends AccessWay {
  readonly permissions: readonly RolePermission[];
}

/** A member with the groups from it up to the holder. */
export function* membersBelow(facts: AccessFacts, holderId: string): Generator<{ id: string; via: readonly string[] }> {
  const { members, principals } = facts.index;
  const start = principals.find(holderId);
  const seen = new Set([start]);
  const open: { number: number; via: readonly string[] }[] = [{ number: start, via: [] }];
  for (const { number, via } of open) {
    yield { id: principals.id(number), via };
    for (const member of members.membersOf(number)) {
      if (seen.has(member)) continue;
      seen.add(member);
      open.push({ number: member, via: [principals.id(number), ...via] });
    }
  }
}

/**
 * Lists who may do an operation at a scope, by which group and which assignment.
 * @returns holders and the members of groups, in the order found: nearest scope first; none for a text that is no scope.
 */
export function whoCan(facts: AccessFacts, { operation, isDataAction, scope }: Need): WhoCan {
  const { roles } = facts.index;
  const ways = new Map<string, AccessWay[]>();
  let isCut = false;
  for (const assignment of facts.assignmentsAtOrAbove(scope)) {
    const { id: assignmentId, roleDefinitionId, principalId: holderId, scope: at, condition } = assignment;
    const verdict = roles.compiled(roles.find(roleDefinitionId))?.rule(operation, isDataAction).verdict;
    if (verdict !== "granted" && verdict !== "conditional") continue;
    const roleName = facts.role(roleDefinitionId)?.roleName ?? null;
    for (const { id, via } of membersBelow(facts, holderId)) {
      const known = ways.get(id);
      if (known === undefined && ways.size >= MAX_LISTED_PRINCIPALS) {
        isCut = true;
        break;
      }
      const way = { assignmentId, roleDefinitionId, roleName, scope: at, condition, holderId, via };
      if (known === undefined) ways.set(id, [way]);
      else known.push(way);
    }
  }
  const principals: ListedPrincipal[] = [];
  for (const [principalId, of] of ways) {
    const decision = decide(facts, { principalId, operation, isDataAction, scope });
    const isConditional = !decision.isAllowed && decision.reason.startsWith("condition-");
    if (decision.isAllowed || isConditional) principals.push({ principalId, isCertain: decision.isAllowed, ways: of });
  }
  return { principals, isCut };
}

/** Lists everything that a principal holds, itself and by its groups. */
export function whatCan(facts: AccessFacts, principalId: string): HeldAccess[] {
  const holders = [{ groupId: principalId, via: [] as readonly string[] }, ...facts.groupsOf(principalId)];
  return holders.flatMap(({ groupId: holderId, via }) =>
    facts.assignmentsOf(holderId).map(({ id: assignmentId, roleDefinitionId, scope, condition }) => {
      const role = facts.role(roleDefinitionId);
      const permissions = role?.permissions ?? [];
      const roleName = role?.roleName ?? null;
      return { assignmentId, roleDefinitionId, roleName, scope, condition, holderId, via, permissions };
    }),
  );
}

/** Lists the deny assignments that take something away from a principal, by name or by its groups, and do not exclude it. */
export function denialsOf(facts: AccessFacts, principalId: string): DenyAssignment[] {
  const { denials, members, principals } = facts.index;
  const number = principals.find(principalId);
  const holders = number === NONE ? [] : members.closure(number).holders;
  return [...denials.rows()]
    .filter(({ isForEveryone, principals: named }) => isForEveryone || holders.some((holder) => named.has(holder)))
    .filter(({ excluded }) => !holders.some((holder) => excluded.has(holder)))
    .map(({ deny }) => deny);
}
