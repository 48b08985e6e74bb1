import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_ACTION_LENGTH } from "./actions.ts";
import { decide } from "./decide.ts";
import { type Decision, MAX_NEAR_MISSES } from "./decision.ts";
import { AccessFacts } from "./facts.ts";
import type { RolePermission } from "./role-definition.ts";
import { builtinRoles } from "./roles.ts";
import { parseScope } from "./scope.ts";

const SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-0000000000a1";
const RG1 = `${SUBSCRIPTION}/resourceGroups/rg1`;
const ACCOUNT = `${RG1}/providers/Microsoft.Storage/storageAccounts/acct`;
const CONTAINER = `${ACCOUNT}/blobServices/default/containers/logs`;
const APP = "00000000-0000-0000-0000-00000000aaaa";
const CUSTOM = "00000000-0000-0000-0000-0000000000c1";
const BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";

function group(number: number): string {
  return `00000000-0000-0000-0000-00000000bb0${number}`;
}

function roleId(roleName: string): string {
  const role = builtinRoles.find((each) => each.roleName === roleName);
  assert.ok(role, roleName);
  return role.id;
}

/** Facts with the built-in roles and one assignment `a1`. */
function assigned(roleName: string, scope: string, principalId = APP, condition: string | null = null): AccessFacts {
  const facts = new AccessFacts(builtinRoles);
  facts.putAssignment({ id: "a1", roleDefinitionId: roleId(roleName), principalId, scope, condition });
  return facts;
}

function control(facts: AccessFacts, operation: string, scope: string): Decision {
  return decide(facts, { principalId: APP, operation, isDataAction: false, scope });
}

function data(facts: AccessFacts, operation: string, scope: string): Decision {
  return decide(facts, { principalId: APP, operation, isDataAction: true, scope });
}

function reason(decision: Decision): string {
  return decision.isAllowed ? "allowed" : decision.reason;
}

test("Owner cannot read a blob", () => {
  const facts = assigned("Owner", SUBSCRIPTION);
  const decision = data(facts, `${BLOBS}/read`, CONTAINER);
  assert.deepEqual(decision, {
    isAllowed: false,
    reason: "data-action-not-granted",
    nearest: [
      {
        assignmentId: "a1",
        roleDefinitionId: roleId("Owner"),
        roleName: "Owner",
        scope: SUBSCRIPTION,
        principalId: APP,
        via: [],
        missing: "data-action-not-granted",
      },
    ],
    fault: null,
  });
  assert.equal(reason(control(facts, "Microsoft.Storage/storageAccounts/listKeys/action", ACCOUNT)), "allowed");
});

test("Contributor cannot write roleAssignments", () => {
  const facts = assigned("Contributor", SUBSCRIPTION);
  assert.equal(reason(control(facts, "Microsoft.Authorization/roleAssignments/write", RG1)), "excluded-by-not-actions");
  assert.equal(reason(control(facts, "Microsoft.Authorization/roleAssignments/read", RG1)), "allowed");
  assert.equal(reason(control(facts, "Microsoft.Storage/storageAccounts/write", ACCOUNT)), "allowed");
});

test("Storage Blob Data Reader cannot write", () => {
  const facts = assigned("Storage Blob Data Reader", RG1);
  assert.equal(reason(data(facts, `${BLOBS}/read`, CONTAINER)), "allowed");
  assert.equal(reason(data(facts, `${BLOBS}/write`, CONTAINER)), "operation-not-in-role");
  assert.equal(reason(control(facts, `${BLOBS}/read`, CONTAINER)), "operation-not-in-role");
});

test("rg1 does not open rg10", () => {
  const facts = assigned("Owner", RG1);
  const decision = control(facts, "Microsoft.Resources/subscriptions/resourceGroups/read", `${RG1}0`);
  assert.equal(reason(decision), "other-scope");
  assert.deepEqual(decision.isAllowed === false && decision.nearest.map((miss) => miss.missing), ["other-scope"]);
  assert.equal(
    reason(control(facts, "Microsoft.Resources/subscriptions/resourceGroups/read", SUBSCRIPTION)),
    "other-scope",
  );
});

test("a role with two permission objects: notActions of one do not cut the other", () => {
  const none: RolePermission = { actions: [], notActions: [], dataActions: [], notDataActions: [] };
  const facts = new AccessFacts();
  facts.putRole({
    id: CUSTOM,
    roleName: "Two",
    description: "",
    permissions: [
      { ...none, actions: ["A.B/*"], notActions: ["A.B/c/delete", "A.B/d/delete"] },
      { ...none, actions: ["A.B/c/delete"] },
    ],
    assignableScopes: [SUBSCRIPTION],
  });
  facts.putAssignment({ id: "a1", roleDefinitionId: CUSTOM, principalId: APP, scope: RG1 });
  assert.equal(reason(control(facts, "A.B/c/delete", RG1)), "allowed");
  assert.equal(reason(control(facts, "A.B/d/delete", RG1)), "excluded-by-not-actions");
});

test("an allowed decision names the assignment as it was written and the way to it", () => {
  const written = RG1.toUpperCase();
  const facts = assigned("Storage Blob Data Reader", written, group(3));
  facts.addMember(group(1), APP);
  facts.addMember(group(2), group(1));
  facts.addMember(group(3), group(2));
  facts.addMember(group(1), group(3));
  assert.deepEqual(data(facts, `${BLOBS}/read`, CONTAINER), {
    isAllowed: true,
    assignmentId: "a1",
    roleDefinitionId: roleId("Storage Blob Data Reader"),
    roleName: "Storage Blob Data Reader",
    scope: written,
    principalId: group(3),
    via: [group(1), group(2), group(3)],
  });
  facts.removeMember(group(2), group(1));
  assert.equal(reason(data(facts, `${BLOBS}/read`, CONTAINER)), "no-assignment");
});

test("each assignment keeps its own spelling of one scope", () => {
  const facts = assigned("Reader", RG1);
  facts.putAssignment({ id: "a2", roleDefinitionId: roleId("Owner"), principalId: APP, scope: RG1.toUpperCase() });
  assert.deepEqual(
    facts
      .assignmentsAt(RG1)
      .map((each) => each.scope)
      .toSorted(),
    [RG1.toUpperCase(), RG1],
  );
});

test("an assignment at a management group opens the subscriptions under it, while they are under it", () => {
  const facts = assigned("Reader", "/providers/Microsoft.Management/managementGroups/top");
  const read = () => reason(control(facts, "Microsoft.Storage/storageAccounts/read", ACCOUNT));
  assert.equal(read(), "other-scope");
  facts.setManagementGroupParent("mid", "TOP");
  facts.setSubscriptionManagementGroup("00000000-0000-0000-0000-0000000000A1", "Mid");
  assert.equal(read(), "allowed");
  facts.setManagementGroupParent("mid", null);
  assert.equal(read(), "other-scope");
});

test("an assignment at the tenant opens everything", () => {
  const facts = assigned("Reader", "/");
  assert.equal(reason(control(facts, "Microsoft.Storage/storageAccounts/read", ACCOUNT)), "allowed");
  assert.equal(
    reason(
      control(
        facts,
        "Microsoft.Management/managementGroups/read",
        "/providers/Microsoft.Management/managementGroups/x",
      ),
    ),
    "allowed",
  );
});

test("a condition that is not true, on the assignment or on the permission, grants nothing", () => {
  for (const [condition, missing] of [
    ["@Resource[a:b] StringEquals 'c'", "condition-false"],
    ["", "condition-not-evaluable"],
  ] as const) {
    const facts = assigned("Storage Blob Data Reader", RG1, APP, condition);
    assert.equal(reason(data(facts, `${BLOBS}/read`, CONTAINER)), missing);
    assert.equal(reason(data(facts, `${BLOBS}/write`, CONTAINER)), "operation-not-in-role");
    facts.putAssignment({
      id: "a2",
      roleDefinitionId: roleId("Storage Blob Data Owner"),
      principalId: APP,
      scope: RG1,
    });
    assert.equal(reason(data(facts, `${BLOBS}/read`, CONTAINER)), "allowed", "another assignment still may");
  }
  const owner = assigned("Azure Migrate Owner", RG1);
  assert.equal(reason(control(owner, "Microsoft.Authorization/roleAssignments/write", RG1)), "condition-false");
});

test("container names keep their case, all else does not", () => {
  const facts = assigned("Storage Blob Data Reader", CONTAINER);
  const operation = `${BLOBS.toUpperCase()}/READ`;
  assert.equal(
    reason(data(facts, operation, `${ACCOUNT.toUpperCase()}/BLOBSERVICES/DEFAULT/CONTAINERS/logs`)),
    "allowed",
  );
  assert.equal(reason(data(facts, operation, CONTAINER.replace("logs", "Logs"))), "other-scope");
});

test("an assignment of a role that is not defined grants nothing, and does once it is", () => {
  const facts = new AccessFacts();
  facts.putAssignment({ id: "a1", roleDefinitionId: CUSTOM, principalId: APP, scope: RG1 });
  const before = control(facts, "A.B/read", RG1);
  assert.ok(!before.isAllowed);
  assert.equal(before.reason, "operation-not-in-role");
  assert.equal(before.nearest[0]?.missing, "role-not-found");
  assert.equal(before.nearest[0]?.roleName, null);
  const permissions = [{ actions: ["*"], notActions: [], dataActions: [], notDataActions: [] }];
  facts.putRole({ id: CUSTOM, roleName: "All", description: "", permissions, assignableScopes: ["/"] });
  assert.equal(reason(control(facts, "A.B/read", RG1)), "allowed");
  facts.putRole({ id: CUSTOM, roleName: "All", description: "", permissions: [], assignableScopes: ["/"] });
  assert.equal(reason(control(facts, "A.B/read", RG1)), "operation-not-in-role");
  assert.equal(facts.deleteRole(CUSTOM), true);
  assert.equal(reason(control(facts, "A.B/read", RG1)), "operation-not-in-role");
});

test("nothing held is no-assignment, known or not", () => {
  const facts = assigned("Reader", RG1, group(1));
  assert.equal(reason(control(facts, "A.B/read", RG1)), "no-assignment");
  facts.addMember(group(2), APP);
  assert.equal(reason(control(facts, "A.B/read", RG1)), "no-assignment");
});

test("near misses are the nearest, and bounded", () => {
  const facts = new AccessFacts(builtinRoles);
  const put = (id: string, roleName: string, scope: string) =>
    facts.putAssignment({ id, roleDefinitionId: roleId(roleName), principalId: APP, scope });
  for (let i = 0; i < 20; i += 1) put(`r${i}`, "Reader", `${SUBSCRIPTION}/resourceGroups/rg1`);
  put("elsewhere", "Storage Blob Data Contributor", `${SUBSCRIPTION}/resourceGroups/rg2`);
  put("owner", "Owner", SUBSCRIPTION);
  const decision = data(facts, `${BLOBS}/write`, CONTAINER);
  assert.ok(!decision.isAllowed);
  assert.equal(decision.reason, "data-action-not-granted");
  assert.equal(decision.nearest.length, MAX_NEAR_MISSES);
  assert.deepEqual(
    decision.nearest.slice(0, 3).map((miss) => [miss.assignmentId, miss.missing]),
    [
      ["elsewhere", "other-scope"],
      ["owner", "data-action-not-granted"],
      ["r19", "operation-not-in-role"],
    ],
  );
});

test("a question that cannot be read is denied, whoever asks", () => {
  const facts = assigned("Owner", "/");
  const faults: [string, string, string][] = [
    ["", RG1, "operation-empty"],
    ["*", RG1, "operation-with-wildcard"],
    ["Microsoft.Authorization/*", RG1, "operation-with-wildcard"],
    ["a".repeat(MAX_ACTION_LENGTH + 1), RG1, "operation-too-long"],
    ["A.B/read", `${RG1}/`, "empty-segment"],
    ["A.B/read", `${RG1}/../rg2`, "dot-segment"],
    ["A.B/read", "", "not-absolute"],
  ];
  for (const [operation, scope, kind] of faults) {
    assert.deepEqual(control(facts, operation, scope), {
      isAllowed: false,
      reason: "invalid-ask",
      nearest: [],
      fault: { kind },
    });
  }
});

test("a scope that was read already gives the same decision as its text", () => {
  const facts = assigned("Storage Blob Data Reader", RG1);
  const result = parseScope(CONTAINER);
  assert.ok(result.isValid);
  const ask = { principalId: APP, operation: `${BLOBS}/read`, isDataAction: true };
  assert.deepEqual(decide(facts, { ...ask, scope: result.scope }), decide(facts, { ...ask, scope: CONTAINER }));
});

test("an assignment nearer than what was remembered is seen", () => {
  const facts = assigned("Reader", SUBSCRIPTION);
  assert.equal(reason(data(facts, `${BLOBS}/read`, CONTAINER)), "data-action-not-granted");
  facts.putAssignment({
    id: "a2",
    roleDefinitionId: roleId("Storage Blob Data Reader"),
    principalId: APP,
    scope: ACCOUNT,
  });
  assert.equal(reason(data(facts, `${BLOBS}/read`, CONTAINER)), "allowed");
  facts.deleteAssignment("A2");
  assert.equal(reason(data(facts, `${BLOBS}/read`, CONTAINER)), "data-action-not-granted");
});
