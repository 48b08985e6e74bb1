import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decide } from "./decide.ts";
import type { Ask, Decision } from "./decision.ts";
import { DecisionMemory } from "./decision-memory.ts";
import { AccessFacts } from "./facts.ts";
import { parseScope } from "./scope.ts";

const guid = (number: number) => `${number.toString(16).padStart(8, "0")}-aaaa-4000-8000-00000000000f`;
const [person, group, role, other, subscription] = [1, 2, 3, 4, 5].map(guid) as [
  string,
  string,
  string,
  string,
  string,
];
const scope = `/subscriptions/${subscription}/resourceGroups/rg1`;
const ask: Ask = { principalId: person, operation: "A.B/read", isDataAction: false, scope };
const permission = { actions: ["A.B/read"], notActions: [], dataActions: [], notDataActions: [] };
const definition = (id: string, actions: string[]) => ({
  id,
  roleName: "reader",
  description: "",
  permissions: [{ ...permission, actions }],
  assignableScopes: ["/"],
});

function makeFacts(condition: string | null = null): AccessFacts {
  const facts = new AccessFacts();
  facts.putRole(definition(role, ["A.B/read"]));
  facts.putAssignment({ id: "one", roleDefinitionId: role, principalId: group, scope, condition });
  facts.addMember(group, person);
  return facts;
}

/** Asks until the answer is a kept one. */
function decideOften(facts: AccessFacts, question = ask): Decision {
  decide(facts, question);
  const second = decide(facts, question);
  const third = decide(facts, question);
  assert.deepEqual(third, second);
  return third;
}

test("a question that comes again gets the very answer it got", () => {
  const facts = makeFacts();
  const kept = decideOften(facts);
  assert.equal(decide(facts, { ...ask, principalId: person.toUpperCase() }), kept);
  assert.ok(Object.isFrozen(kept));
  const parsed = parseScope(scope);
  assert.ok(parsed.isValid);
  assert.equal(decide(facts, { ...ask, scope: parsed.scope }), kept);
});

test("every way to change the facts voids what was kept", () => {
  const deny = {
    id: other,
    denyAssignmentName: "no",
    scope,
    permissions: [permission],
    principalIds: [person],
    excludedPrincipalIds: [],
    doesSpareChildScopes: false,
  };
  const steps: readonly (readonly [name: string, change: (facts: AccessFacts) => void, isAllowed: boolean])[] = [
    ["putRole", (facts) => facts.putRole(definition(role, ["A.C/read"])), false],
    ["putRole again", (facts) => facts.putRole(definition(role, ["*"])), true],
    ["deleteRole", (facts) => facts.deleteRole(role), false],
    ["putRole after", (facts) => facts.putRole(definition(role, ["A.B/*"])), true],
    ["putDenyAssignment", (facts) => facts.putDenyAssignment(deny), false],
    ["deleteDenyAssignment", (facts) => facts.deleteDenyAssignment(other), true],
    ["removeMember", (facts) => facts.removeMember(group, person), false],
    ["addMember", (facts) => facts.addMember(group, person), true],
    ["removeAllMemberships", (facts) => facts.removeAllMemberships(group), false],
    ["addMember again", (facts) => facts.addMember(group, person), true],
    ["deleteAssignment", (facts) => facts.deleteAssignment("one"), false],
    [
      "putAssignment above",
      (facts) =>
        facts.putAssignment({
          id: "two",
          roleDefinitionId: role,
          principalId: person,
          scope: "/providers/Microsoft.Management/managementGroups/upper",
        }),
      false,
    ],
    ["setSubscriptionManagementGroup", (facts) => facts.setSubscriptionManagementGroup(subscription, "lower"), false],
    ["setManagementGroupParent", (facts) => facts.setManagementGroupParent("lower", "upper"), true],
    ["setManagementGroupParent away", (facts) => facts.setManagementGroupParent("lower", null), false],
  ];
  const facts = makeFacts();
  assert.equal(decideOften(facts).isAllowed, true);
  for (const [name, change, isAllowed] of steps) {
    change(facts);
    assert.equal(decide(facts, ask).isAllowed, isAllowed, name);
    assert.equal(decideOften(facts).isAllowed, isAllowed, name);
  }
});

test("an answer that rests on attributes is found anew for each ask", () => {
  const facts = makeFacts("@Resource[x] StringEquals 'y'");
  const reasonOf = (decision: Decision) => JSON.stringify(decision.isAllowed ? "allowed" : decision.nearest);
  const withX = (x: string): Ask => ({ ...ask, attributes: { resource: { x } } });
  for (let round = 0; round < 4; round += 1) {
    assert.equal(decide(facts, withX("y")).isAllowed, true);
    assert.match(reasonOf(decide(facts, withX("z"))), /"because":"false"/);
    assert.doesNotMatch(reasonOf(decide(facts, ask)), /"because":"false"/, "the reason is of this ask's attributes");
  }
});

test("questions that are nearly alike are told apart", () => {
  const facts = makeFacts();
  assert.equal(decideOften(facts).isAllowed, true);
  assert.equal(decideOften(facts, { ...ask, isDataAction: true }).isAllowed, false);
  assert.equal(decideOften(facts, { ...ask, operation: "A.B/write" }).isAllowed, false);
  assert.equal(decideOften(facts, { ...ask, scope: `${scope}0` }).isAllowed, false);
  assert.equal(decideOften(facts, { ...ask, principalId: other }).isAllowed, false);
  assert.equal(decideOften(facts, { ...ask, operation: "A.B/*" }).isAllowed, false);
  assert.equal(decideOften(facts).isAllowed, true);
});

test("a deny assignment that spares what is below it is kept apart from the scope itself", () => {
  const facts = makeFacts();
  facts.putDenyAssignment({
    id: other,
    denyAssignmentName: "no",
    scope,
    permissions: [permission],
    principalIds: [person],
    excludedPrincipalIds: [],
    doesSpareChildScopes: true,
  });
  const below = { ...ask, scope: `${scope}/providers/A.B/things/t` };
  assert.equal(decideOften(facts).isAllowed, false);
  assert.equal(decideOften(facts, below).isAllowed, true);
  assert.equal(decideOften(facts).isAllowed, false);
});

test("a place holds the answer to its own question or none, whatever else is asked", () => {
  const key = fc.tuple(fc.nat(40), fc.nat(40), fc.nat(3));
  const step = fc.oneof(
    { weight: 30, arbitrary: key },
    { weight: 1, arbitrary: fc.constant(null) },
    // Far apart, to push others out.
    { weight: 10, arbitrary: fc.tuple(fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), fc.nat()) },
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 200, maxLength: 400 }), (steps) => {
      const memory = new DecisionMemory();
      let revision = 0;
      for (const each of steps) {
        if (each === null) {
          memory.forgetAll();
          revision += 1;
          continue;
        }
        const text = `${revision}/${each.join("/")}`;
        const place = memory.find(...each);
        const kept = memory.kept(place);
        if (kept !== undefined) assert.equal((kept as { readonly assignmentId: string }).assignmentId, text);
        else memory.keep(place, { assignmentId: text } as Decision);
      }
    }),
    { numRuns: 100 },
  );
});

test("a flood of different questions leaves what is asked again", () => {
  const memory = new DecisionMemory();
  const answer = { isAllowed: true } as Decision;
  memory.find(1, 2, 3);
  memory.keep(memory.find(1, 2, 3), answer);
  for (let number = 0; number < 100_000; number += 1) memory.keep(memory.find(number, 5, 6), answer);
  assert.equal(memory.kept(memory.find(1, 2, 3)), answer);
});
