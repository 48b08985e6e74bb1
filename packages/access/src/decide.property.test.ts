/**
 * Random tenants, changed and asked about in turn, against an oracle of another shape: it keeps plain lists, filters all of them
 * for every question, and compares scopes by splitting their text. `POSTERN_DECIDE_CASES=1000000` asks a million questions.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decide, isAllowed } from "./decide.ts";
import { type Ask, type Decision, type DenialReason, MAX_NEAR_MISSES } from "./decision.ts";
import {
  type Change,
  DENIALS,
  DIFFERS,
  ENTRIES,
  EQUALS,
  GROUPS,
  holdersOf,
  isAbove,
  isOverruledBy,
  MANAGEMENT_GROUPS,
  type Model,
  OPERATIONS,
  oracleVerdict,
  PEOPLE,
  ROLES,
  SCOPES,
  SUBSCRIPTIONS,
  UNREADABLE,
} from "./decision-oracle.ts";
import { EVERYONE } from "./deny-assignment-table.ts";
import type { Assignment } from "./fact.ts";
import { AccessFacts } from "./facts.ts";
import { hasAccessAtOrBelow, permissionsAt } from "./permissions.ts";
import type { RoleDefinition, RolePermission } from "./role-definition.ts";

/** Questions of one run of this test. */
const CASES = Number(process.env.POSTERN_DECIDE_CASES ?? 50_000);
/** Fewest changes in one random tenant, and questions after each. */
const MIN_CHANGES = 20;
const QUESTIONS_PER_CHANGE = 5;

/** Makes a change in both. */
function apply(facts: AccessFacts, model: Model, change: Change): void {
  switch (change.kind) {
    case "assign": {
      const { id, principal, role, scope, condition } = change;
      const assignment = {
        id,
        principalId: principal,
        roleDefinitionId: role,
        scope,
        condition,
        conditionVersion: null,
      };
      facts.putAssignment({ ...assignment, principalId: principal.toUpperCase() });
      model.assignments.set(id, assignment);
      return;
    }
    case "unassign":
      assert.equal(facts.deleteAssignment(change.id), model.assignments.delete(change.id));
      return;
    case "deny": {
      const { kind: _, ...deny } = change;
      facts.putDenyAssignment({
        ...deny,
        id: deny.id.toUpperCase(),
        principalIds: deny.principalIds.map((id) => id.toUpperCase()),
      });
      model.denials.set(deny.id, deny);
      return;
    }
    case "undeny":
      assert.equal(facts.deleteDenyAssignment(change.id), model.denials.delete(change.id));
      return;
    case "join":
      facts.addMember(change.group, change.member);
      model.members.add(`${change.group}>${change.member}`);
      return;
    case "leave":
      facts.removeMember(change.group, change.member);
      model.members.delete(`${change.group}>${change.member}`);
      return;
    case "define":
      facts.putRole(roleOf(change.role, change.permissions));
      model.roles.set(change.role, change.permissions);
      return;
    case "undefine":
      assert.equal(facts.deleteRole(change.role), model.roles.delete(change.role));
      return;
    case "put-group": {
      // Parents come earlier in the list, so that there is no cycle.
      const parent = change.parent === null ? null : MANAGEMENT_GROUPS[change.parent % Math.max(1, change.group)]!;
      const group = MANAGEMENT_GROUPS[change.group]!;
      if (parent === group) return;
      facts.setManagementGroupParent(group.toUpperCase(), parent);
      model.groupParents.set(group.toLowerCase(), parent?.toLowerCase() ?? null);
      return;
    }
    case "put-subscription":
      facts.setSubscriptionManagementGroup(change.subscription, change.group);
      model.subscriptionGroups.set(change.subscription, change.group?.toLowerCase() ?? null);
  }
}

function roleOf(id: string, permissions: readonly RolePermission[]): RoleDefinition {
  return { id, roleName: `role ${id}`, description: "", permissions, assignableScopes: ["/"] };
}

const ORDER: DenialReason[] = [
  "condition-false",
  "condition-not-evaluable",
  "excluded-by-not-actions",
  "data-action-not-granted",
  "operation-not-in-role",
];

function checkDecision(facts: AccessFacts, model: Model, ask: Ask & { scope: string }): void {
  const decision: Decision = decide(facts, { ...ask, principalId: ask.principalId.toUpperCase() });
  const holders = holdersOf(model, ask.principalId);
  const held = [...model.assignments.values()].filter((each) => holders.has(each.principalId));
  const here = held.filter((each) => isAbove(model, each.scope, ask.scope));
  const granting = here.filter((each) => oracleVerdict(model, each, ask) === "granted");
  const overruling = [...model.denials.values()].filter((each) => isOverruledBy(model, each, holders, ask));
  assert.equal(decision.isAllowed, granting.length > 0 && overruling.length === 0, JSON.stringify(decision));
  if (granting.length > 0 && !decision.isAllowed) {
    assert.equal(decision.reason, "deny-assignment");
    const { overruled } = decision;
    assert.ok(overruled);
    assert.ok(granting.some((each) => each.id === overruled.assignmentId));
    const deny = overruling.find((each) => each.id === overruled.denyAssignmentId);
    assert.ok(deny?.principalIds.includes(overruled.principalId));
    if (overruled.principalId !== EVERYONE) checkWay(model, ask.principalId, overruled.via, overruled.principalId);
    return;
  }
  if (decision.isAllowed) {
    const assignment = granting.find((each) => each.id === decision.assignmentId);
    assert.ok(assignment, "the assignment named grants");
    assert.equal(decision.scope, assignment.scope);
    assert.equal(decision.roleDefinitionId, assignment.roleDefinitionId);
    assert.equal(decision.principalId, assignment.principalId);
    checkWay(model, ask.principalId, decision.via, decision.principalId);
    return;
  }
  const verdicts = new Set(here.map((each) => oracleVerdict(model, each, ask)));
  const reason = ORDER.find((each) => verdicts.has(each)) ?? (held.length > 0 ? "other-scope" : "no-assignment");
  assert.equal(decision.reason, reason);
  assert.ok(decision.nearest.length <= MAX_NEAR_MISSES);
  for (const miss of decision.nearest) {
    const assignment = held.find((each) => each.id === miss.assignmentId)!;
    const verdict = oracleVerdict(model, assignment, ask);
    if (miss.missing === "other-scope") {
      // Whether its condition would be true there nobody asked.
      assert.ok(verdict === "granted" || verdict.startsWith("condition-"));
      assert.ok(!here.includes(assignment));
    } else if (miss.missing === "role-not-found") assert.ok(!model.roles.has(assignment.roleDefinitionId));
    else assert.equal(miss.missing, verdict);
    checkWay(model, ask.principalId, miss.via, miss.principalId);
  }
}

function checkWay(model: Model, principal: string, via: readonly string[], holder: string): void {
  let at = principal;
  for (const group of via) {
    assert.ok(model.members.has(`${group}>${at}`), "each step is a membership");
    at = group;
  }
  assert.equal(at, holder);
}

function checkListings(facts: AccessFacts, model: Model, principal: string, scope: string): void {
  const holders = holdersOf(model, principal);
  const all = [...model.assignments.values()];
  const held = all.filter((each) => holders.has(each.principalId));
  const above = all.filter((each) => isAbove(model, each.scope, scope));
  const below = all.filter((each) => isAbove(model, scope, each.scope));
  const sorted = (list: Iterable<Assignment>) => [...list].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  assert.deepEqual(sorted(facts.assignmentsAtOrAbove(scope)), sorted(above));
  assert.deepEqual(sorted(facts.assignmentsAtOrBelow(scope)), sorted(below));
  assert.deepEqual(sorted(facts.assignmentsAt(scope)), sorted(above.filter((each) => below.includes(each))));
  assert.deepEqual(
    sorted(facts.assignmentsOf(principal)),
    sorted(all.filter((each) => each.principalId === principal)),
  );
  assert.equal(
    hasAccessAtOrBelow(facts, principal, scope),
    held.some((each) => above.includes(each) || below.includes(each)),
  );
  assert.equal(facts.isScopeAtOrBelow(scope, SCOPES[6]!), isAbove(model, SCOPES[6]!, scope));
  const roles = new Set(
    held.filter((each) => above.includes(each) && each.condition === null).map((each) => each.roleDefinitionId),
  );
  const permissions = [...roles].flatMap((id) => model.roles.get(id) ?? []).filter((each) => each.condition == null);
  const written = (list: readonly RolePermission[]) => list.map((each) => JSON.stringify(each)).toSorted();
  assert.deepEqual(written(permissionsAt(facts, principal, scope)), written(permissions));
  const groups = facts.groupsOf(principal);
  assert.deepEqual(new Set([principal, ...groups.map((each) => each.groupId)]), holders);
  assert.equal(groups.length, holders.size - 1);
  for (const { groupId, via } of groups) checkWay(model, principal, via, groupId);
}

const oneOf = <T>(list: readonly T[]) => fc.constantFrom(...list);
const rareCondition = fc.oneof(
  { weight: 6, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: oneOf([EQUALS, DIFFERS, UNREADABLE]) },
);
const grants = fc.array(oneOf(ENTRIES), { minLength: 1, maxLength: 3 });
const exclusions = fc.array(oneOf(ENTRIES.filter((entry) => entry !== "*")), { maxLength: 1 });
const permission: fc.Arbitrary<RolePermission> = fc.record({
  actions: grants,
  notActions: exclusions,
  dataActions: grants,
  notDataActions: exclusions,
  condition: rareCondition,
});
const principal = oneOf([...PEOPLE, ...GROUPS]);
const ids = fc.nat(25).map((number) => `assignment-${number}`);
const denial = fc.record({
  kind: fc.constant("deny" as const),
  id: oneOf(DENIALS),
  denyAssignmentName: fc.constant("deny"),
  scope: oneOf([...SCOPES, ...SCOPES.slice(0, 8)]),
  permissions: fc.array(
    fc.record({
      actions: fc.array(oneOf(ENTRIES), { maxLength: 2 }),
      notActions: exclusions,
      dataActions: fc.array(oneOf(ENTRIES), { maxLength: 2 }),
      notDataActions: exclusions,
    }),
    { minLength: 1, maxLength: 2 },
  ),
  principalIds: fc.array(oneOf([...PEOPLE, ...GROUPS, EVERYONE, EVERYONE]), { minLength: 1, maxLength: 3 }),
  excludedPrincipalIds: fc.array(oneOf([...PEOPLE, ...GROUPS]), { maxLength: 1 }),
  doesSpareChildScopes: fc.boolean(),
});
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("assign" as const),
      id: ids,
      principal,
      role: oneOf(ROLES),
      scope: oneOf(SCOPES),
      condition: rareCondition,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unassign" as const), id: ids }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("join" as const), group: oneOf(GROUPS), member: principal }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("leave" as const), group: oneOf(GROUPS), member: principal }) },
  { weight: 4, arbitrary: denial },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("undeny" as const), id: oneOf(DENIALS) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("define" as const),
      role: oneOf(ROLES),
      permissions: fc.array(permission, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("undefine" as const), role: oneOf(ROLES) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("put-group" as const),
      group: fc.nat(MANAGEMENT_GROUPS.length - 1),
      parent: fc.option(fc.nat(3)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("put-subscription" as const),
      subscription: oneOf(SUBSCRIPTIONS),
      group: fc.option(oneOf(MANAGEMENT_GROUPS)),
    }),
  },
);
const question: fc.Arbitrary<Ask & { scope: string }> = fc.record({
  principalId: principal,
  operation: oneOf(OPERATIONS),
  isDataAction: fc.boolean(),
  scope: oneOf(SCOPES),
});
/** Each question is asked with all of these: the first time it is noted, then kept, then answered from memory as far as attributes do not matter. */
const ATTRIBUTES = [{ resource: { x: "y" } }, undefined, { resource: {} }, { resource: { x: "z" } }];

test("decisions and listings agree with the oracle while the facts change", () => {
  const seen = { asked: 0, allowed: 0, overruled: 0, conditional: 0 };
  fc.assert(
    fc.property(
      fc.array(change, { minLength: MIN_CHANGES, maxLength: 50 }),
      fc.array(question, { minLength: 40, maxLength: 40 }),
      (changes, asks) => {
        const facts = new AccessFacts();
        const model: Model = {
          assignments: new Map(),
          denials: new Map(),
          members: new Set(),
          roles: new Map(),
          groupParents: new Map(),
          subscriptionGroups: new Map(),
        };
        changes.forEach((each, i) => {
          apply(facts, model, each);
          // The same few questions again and again, so that a stale answer would show.
          for (let k = 0; k < QUESTIONS_PER_CHANGE; k += 1) {
            const asked = asks[(i * 3 + k) % asks.length]!;
            for (const attributes of ATTRIBUTES) {
              const ask = { ...asked, attributes };
              checkDecision(facts, model, ask);
              seen.asked += 1;
              const decision = decide(facts, ask);
              assert.equal(isAllowed(facts, ask), decision.isAllowed);
              if (decision.isAllowed) seen.allowed += 1;
              else if (decision.reason === "deny-assignment") seen.overruled += 1;
              else if (decision.reason === "condition-false") seen.conditional += 1;
            }
          }
          if (i % 10 === 9)
            checkListings(facts, model, asks[i % asks.length]!.principalId, asks[i % asks.length]!.scope);
        });
        assert.equal(facts.assignmentCount, model.assignments.size);
      },
    ),
    { numRuns: Math.ceil(CASES / (MIN_CHANGES * QUESTIONS_PER_CHANGE * ATTRIBUTES.length)) },
  );
  assert.ok(seen.asked >= CASES, `${seen.asked} questions`);
  assert.ok(seen.overruled > seen.asked / 1000, `${seen.overruled} overruled`);
  assert.ok(seen.conditional > seen.asked / 1000, `${seen.conditional} for a condition`);
  assert.ok(
    seen.allowed > seen.asked / 50 && seen.allowed < seen.asked / 1.5,
    `${seen.allowed} allowed of ${seen.asked}`,
  );
});
