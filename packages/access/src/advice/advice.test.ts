import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decide } from "../decide.ts";
import { AccessFacts } from "../facts.ts";
import { builtinRoles } from "../roles.ts";
import { denialsOf, whatCan, whoCan } from "./access-list.ts";
import { explain } from "./explanation.ts";
import { liftCreated, type Need } from "./need.ts";
import { OperationUniverse } from "./operation-universe.ts";
import { coverNeeds, customRoleFor } from "./role-cover.ts";

const universe = new OperationUniverse(builtinRoles);
const containers = "Microsoft.Storage/storageAccounts/blobServices/containers";
const subscription = "/subscriptions/00000000-0000-0000-0000-000000000001";
const group = `${subscription}/resourceGroups/rg1`;
const account = `${group}/providers/Microsoft.Storage/storageAccounts/acct`;
const container = `${account}/blobServices/default/containers/notes`;
const guid = (number: number) => `00000000-0000-0000-0000-${String(number).padStart(12, "0")}`;
const roleId = (name: string) => builtinRoles.find((role) => role.roleName === name)!.id;

const blob = (verb: string, scope = container): Need => ({
  operation: `${containers}/blobs/${verb}`,
  isDataAction: true,
  scope,
});

test("an Owner who cannot read a blob is told of Storage Blob Data Reader, at the container first", () => {
  const facts = new AccessFacts(builtinRoles);
  facts.putAssignment({ id: guid(90), roleDefinitionId: roleId("Owner"), principalId: guid(1), scope: subscription });
  const { decision, mending } = explain(facts, universe, { principalId: guid(1), ...blob("read") });
  assert.equal(decision.isAllowed, false);
  assert.equal(!decision.isAllowed && decision.reason, "data-action-not-granted");
  assert.deepEqual(
    { name: mending[0]?.roleName, granted: mending[0]?.operationsGranted, beyond: mending[0]?.operationsBeyond },
    { name: "Storage Blob Data Reader", granted: 3, beyond: 2 },
  );
  assert.deepEqual(mending[0]?.scopes, [container, account, group, subscription]);
});

test("nothing is offered for what is allowed, for what cannot be read, and for what no role grants", () => {
  const facts = new AccessFacts(builtinRoles);
  const owner = { id: guid(90), roleDefinitionId: roleId("Owner"), principalId: guid(1), scope: subscription };
  facts.putAssignment(owner);
  const ask = { principalId: guid(1), operation: `${containers}/write`, isDataAction: false, scope: account };
  assert.deepEqual(explain(facts, universe, ask).mending, []);
  assert.deepEqual(explain(facts, universe, { ...ask, scope: "nowhere" }).mending, []);
  assert.deepEqual(explain(facts, universe, { ...ask, isDataAction: true, operation: "No.Such/thing" }).mending, []);
});

test("the plane of an operation is told by the roles that name it", () => {
  assert.equal(universe.isDataAction(`${containers}/blobs/read`), true);
  assert.equal(universe.isDataAction(`${containers}/write`), false);
});

test("an app that makes its container needs its role at the account, one that finds it at the container", () => {
  const made = { operation: `${containers}/write`, isDataAction: false, scope: container };
  const facts = new AccessFacts(builtinRoles);
  const learn = (needs: Need[]) =>
    coverNeeds(facts, universe, liftCreated(needs)).assignments.map(({ roleName, scope }) => [roleName, scope]);
  assert.deepEqual(learn([made, blob("write"), blob("read")]), [["Storage Blob Data Contributor", account]]);
  assert.deepEqual(learn([blob("write"), blob("read")]), [["Storage Blob Data Contributor", container]]);
  assert.deepEqual(learn([blob("read")]), [["Storage Blob Data Reader", container]]);
});

test("what a deny assignment takes away is told, and no role is offered against it", () => {
  const facts = new AccessFacts(builtinRoles);
  const scope = subscription;
  facts.putAssignment({ id: guid(90), roleDefinitionId: roleId("Owner"), principalId: guid(1), scope });
  facts.addMember(guid(2), guid(1));
  const permissions = [{ actions: ["*/write"], notActions: [], dataActions: [], notDataActions: [] }];
  facts.putDenyAssignment({
    id: guid(91),
    denyAssignmentName: "frozen",
    scope,
    permissions,
    principalIds: [guid(2)],
    excludedPrincipalIds: [guid(3)],
    doesSpareChildScopes: false,
  });
  assert.deepEqual(
    [1, 2, 4].map((number) => denialsOf(facts, guid(number)).map(({ denyAssignmentName }) => denyAssignmentName)),
    [["frozen"], ["frozen"], []],
  );
  const ask = { principalId: guid(1), operation: `${containers}/write`, isDataAction: false, scope: account };
  const { decision, mending } = explain(facts, universe, ask);
  assert.equal(!decision.isAllowed && decision.reason, "deny-assignment");
  assert.deepEqual(mending, []);
  assert.deepEqual(whoCan(facts, ask).principals, []);
});

test("a custom role lists what was used and nothing else", () => {
  const role = customRoleFor([blob("read"), blob("READ"), blob("write")], "mine", subscription);
  assert.deepEqual(role.Actions, []);
  assert.equal(role.DataActions.length, 2);
  assert.deepEqual(role.AssignableScopes, [subscription]);
});

const anyNeed = fc
  .record({
    operation: fc.constantFrom<[string, boolean]>(
      [`${containers}/blobs/read`, true],
      [`${containers}/blobs/write`, true],
      [`${containers}/blobs/tags/read`, true],
      [`${containers}/read`, false],
      ["Microsoft.Storage/storageAccounts/read", false],
      ["Microsoft.Storage/storageAccounts/listKeys/action", false],
      ["Microsoft.Resources/subscriptions/resourceGroups/read", false],
      ["Microsoft.Authorization/roleAssignments/write", false],
      ["Microsoft.NoSuch/thing/run/action", true],
    ),
    scope: fc.constantFrom(
      subscription,
      group,
      `${subscription}/resourceGroups/rg10`,
      account,
      container,
      `${container}2`,
    ),
  })
  .map(({ operation: [operation, isDataAction], scope }): Need => ({ operation, isDataAction, scope }));

test("what was learned grants every need but those it names, and stays at or below what the needs share", () => {
  fc.assert(
    fc.property(fc.array(anyNeed, { maxLength: 12 }), (needs) => {
      const facts = new AccessFacts(builtinRoles);
      const { assignments, uncovered } = coverNeeds(facts, universe, needs);
      assignments.forEach(({ roleDefinitionId, scope }, number) => {
        facts.putAssignment({ id: guid(100 + number), roleDefinitionId, principalId: guid(1), scope });
        assert.notEqual(scope, "/");
      });
      for (const need of needs) {
        const isGranted = decide(facts, { principalId: guid(1), ...need }).isAllowed;
        assert.equal(isGranted, !uncovered.some(({ operation }) => operation === need.operation), JSON.stringify(need));
      }
    }),
    { numRuns: 150 },
  );
});

test("who-can lists exactly those of all principals whom decide allows, and what-can their assignments", () => {
  const people = [1, 2, 3, 4, 5, 6, 7, 8];
  const place = fc.constantFrom("/", subscription, group, account, container);
  const role = fc.constantFrom("Owner", "Reader", "Storage Blob Data Reader", "Storage Blob Data Contributor");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...people), fc.constantFrom(...people)), { maxLength: 10 }),
      fc.array(fc.tuple(fc.constantFrom(...people), role, place), { maxLength: 8 }),
      anyNeed,
      (memberships, given, need) => {
        const facts = new AccessFacts(builtinRoles);
        for (const [of, member] of memberships) facts.addMember(guid(of), guid(member));
        given.forEach(([who, name, scope], number) => {
          const id = guid(100 + number);
          facts.putAssignment({ id, roleDefinitionId: roleId(name), principalId: guid(who), scope });
        });
        const expected = people.map(guid).filter((principalId) => decide(facts, { principalId, ...need }).isAllowed);
        const { principals, isCut } = whoCan(facts, need);
        assert.equal(isCut, false);
        assert.deepEqual(principals.map(({ principalId }) => principalId).sort(), expected);
        for (const { principalId, ways } of principals) {
          const held = whatCan(facts, principalId).map(({ assignmentId }) => assignmentId);
          for (const { assignmentId, holderId, via } of ways) {
            assert.ok(held.includes(assignmentId));
            assert.equal(via.at(-1) ?? principalId, holderId);
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});
