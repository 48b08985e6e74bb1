/**
 * What a principal holds at a place, without a question about one operation: Resource Manager's permissions listing, and
 * whether a subscription or a resource group is listed for it at all.
 */
import { CONDITION_VERSION, type HeldCondition } from "./conditions/held-condition.ts";
import type { AccessFacts } from "./facts.ts";
import { NONE } from "./int-column.ts";
import type { RolePermission } from "./role-definition.ts";
import type { Scope } from "./scope.ts";

/**
 * Lists the permission objects in effect for a principal at a scope, its groups' included.
 * @param facts what is assigned to whom.
 * @param principalId an object id.
 * @param scope a scope or its text.
 * @returns the permission objects of every role held at the scope or above, each role once; those under a condition are left out:
 * whether they grant depends on an operation and its attributes, and a list has none ({@link conditionalPermissionsAt} has them); empty for a
 * text that is no scope. Deny assignments are not looked at.
 * @see https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group
 */
export function permissionsAt(facts: AccessFacts, principalId: string, scope: string | Scope): RolePermission[] {
  const { assignments, members, principals, roles, scopes } = facts.index;
  const resolved = scopes.resolve(scope);
  const principal = principals.find(principalId);
  if ("fault" in resolved || principal === NONE) return [];
  const chain = scopes.chain(resolved.node);
  const held = new Set<number>();
  for (const holder of members.closure(principal).holders) {
    for (const row of assignments.rowsAt(holder, chain)) {
      if (!assignments.hasCondition(row)) held.add(assignments.role(row));
    }
  }
  return [...held]
    .flatMap((role) => roles.definition(role)?.permissions ?? [])
    .filter((permission) => typeof permission.condition !== "string");
}

/**
 * Lists the permission objects that a principal has at a scope under a condition, its groups' included.
 * @param facts what is assigned to whom.
 * @param principalId an object id.
 * @param scope a scope or its text.
 * @returns each with its condition: its own, its assignment's, or both in one. Those whose condition is of a version that is not evaluated grant
 * nothing and are left out; empty for a text that is no scope.
 */
export function conditionalPermissionsAt(
  facts: AccessFacts,
  principalId: string,
  scope: string | Scope,
): (RolePermission & { readonly condition: string; readonly conditionVersion: string })[] {
  const { assignments, members, principals, roles, scopes } = facts.index;
  const resolved = scopes.resolve(scope);
  const principal = principals.find(principalId);
  if ("fault" in resolved || principal === NONE) return [];
  const chain = scopes.chain(resolved.node);
  const found = new Map<string, RolePermission & { condition: string; conditionVersion: string }>();
  for (const holder of members.closure(principal).holders) {
    for (const row of assignments.rowsAt(holder, chain)) {
      const role = assignments.role(row);
      roles.definition(role)?.permissions.forEach((permission, place) => {
        const condition = joinConditions(permission, assignments.condition(row));
        if (condition === null) return;
        found.set(`${role} ${place} ${condition}`, { ...permission, condition, conditionVersion: CONDITION_VERSION });
      });
    }
  }
  return [...found.values()];
}

/** One condition that says what both say; null when there is none, or one that is not evaluated. */
function joinConditions(permission: RolePermission, held: HeldCondition | undefined): string | null {
  const all = [
    { text: permission.condition ?? null, version: permission.conditionVersion ?? null },
    { text: held?.text ?? null, version: held?.version ?? null },
  ].filter(({ text }) => text !== null);
  if (all.some(({ version }) => version !== null && version !== CONDITION_VERSION)) return null;
  if (all.length < 2) return all[0]?.text ?? null;
  return all.map(({ text }) => `(${text})`).join(" AND ");
}

/**
 * Says whether a principal or one of its groups holds any assignment at a scope, above it or below it: Resource Manager lists a
 * subscription or a resource group to those only.
 * @param facts what is assigned to whom.
 * @param principalId an object id.
 * @param scope a scope or its text.
 * @returns false for a text that is no scope. An assignment under a condition counts: it shows that the place exists, no more.
 * @see https://learn.microsoft.com/rest/api/resources/subscriptions/list
 */
export function hasAccessAtOrBelow(facts: AccessFacts, principalId: string, scope: string | Scope): boolean {
  const { assignments, members, principals, scopes } = facts.index;
  const resolved = scopes.resolve(scope);
  const principal = principals.find(principalId);
  if ("fault" in resolved || principal === NONE) return false;
  return members.closure(principal).holders.some((holder) => {
    const count = assignments.countOf(holder);
    for (let place = 0; place < count; place += 1) {
      const assigned = assignments.scopeOf(holder, place);
      if (scopes.isAtOrBelow(resolved.node, assigned)) return true;
      // Below a scope that is no node there is no assignment.
      if (resolved.isExact && scopes.isAtOrBelow(assigned, resolved.node)) return true;
    }
    return false;
  });
}
