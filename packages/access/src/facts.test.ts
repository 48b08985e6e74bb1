import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_ACTION_LENGTH } from "./actions.ts";
import { MAX_WALKED_ROWS } from "./assignment-table.ts";
import { decide } from "./decide.ts";
import { FactsError, type FactsFault } from "./fact.ts";
import { AccessFacts } from "./facts.ts";
import { hasAccessAtOrBelow, permissionsAt } from "./permissions.ts";
import type { RoleDefinition } from "./role-definition.ts";
import { builtinRoles } from "./roles.ts";

const SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-0000000000a1";
const RG1 = `${SUBSCRIPTION}/resourceGroups/rg1`;
const APP = "00000000-0000-0000-0000-00000000aaaa";
const GROUP = "00000000-0000-0000-0000-00000000bbbb";
const OUTER = "00000000-0000-0000-0000-00000000cccc";
const READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const CUSTOM = "00000000-0000-0000-0000-0000000000c1";

function custom(parts: Partial<RoleDefinition> = {}): RoleDefinition {
  return { id: CUSTOM, roleName: "Mine", description: "", permissions: [], assignableScopes: [SUBSCRIPTION], ...parts };
}

function assertFault(act: () => void, fault: FactsFault): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof FactsError);
    assert.deepEqual(error.fault, fault);
    return true;
  });
}

test("a fact that cannot be true is refused and changes nothing", () => {
  const facts = new AccessFacts(builtinRoles);
  const good = { id: "a1", roleDefinitionId: READER, principalId: APP, scope: RG1 };
  facts.putAssignment(good);
  const path = `/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/${READER}`;
  assertFault(() => facts.putAssignment({ ...good, roleDefinitionId: path }), {
    kind: "not-a-guid",
    field: "roleDefinitionId",
  });
  assertFault(() => facts.putAssignment({ ...good, principalId: "me" }), { kind: "not-a-guid", field: "principalId" });
  assertFault(() => facts.putAssignment({ ...good, id: "" }), { kind: "empty-assignment-id" });
  assertFault(() => facts.putAssignment({ ...good, scope: `${RG1}/` }), {
    kind: "invalid-scope",
    fault: { kind: "empty-segment" },
  });
  assertFault(() => facts.addMember("x", APP), { kind: "not-a-guid", field: "groupId" });
  assertFault(() => facts.addMember(GROUP, "x"), { kind: "not-a-guid", field: "memberId" });
  assertFault(() => facts.putRole(custom({ id: "x" })), { kind: "not-a-guid", field: "roleDefinitionId" });
  assert.deepEqual(facts.assignment("A1"), { ...good, condition: null, conditionVersion: null });
  assert.equal(facts.assignmentCount, 1);
});

test("a built-in role can be neither replaced nor deleted", () => {
  const facts = new AccessFacts(builtinRoles);
  assertFault(() => facts.putRole(custom({ id: READER.toUpperCase() })), { kind: "builtin-role" });
  assertFault(() => facts.deleteRole(READER), { kind: "builtin-role" });
  assert.equal(facts.role(READER)?.roleName, "Reader");
  assert.equal(facts.isBuiltinRole(READER), true);
});

test("custom roles come, change and go", () => {
  const facts = new AccessFacts(builtinRoles);
  assert.equal(facts.deleteRole(CUSTOM), false);
  facts.putRole(custom());
  facts.putRole(custom({ roleName: "Ours" }));
  assert.equal(facts.role(CUSTOM.toUpperCase())?.roleName, "Ours");
  assert.deepEqual(
    facts.rolesNamed("oURS").map((role) => role.id),
    [CUSTOM],
  );
  assert.equal([...facts.roles()].length, builtinRoles.length + 1);
  assert.equal(facts.deleteRole(CUSTOM), true);
  assert.equal(facts.role(CUSTOM), undefined);
  assert.equal([...facts.roles()].length, builtinRoles.length);
});

test("a role beyond the bounds is refused", () => {
  const facts = new AccessFacts();
  const none = { actions: [], notActions: [], dataActions: [], notDataActions: [] };
  const long = { ...none, notDataActions: ["a".repeat(MAX_ACTION_LENGTH + 1)] };
  const many = { ...none, actions: Array.from({ length: 5000 }, (_, i) => `a/${i}`) };
  for (const permission of [long, many]) {
    assertFault(() => facts.putRole(custom({ permissions: [permission] })), { kind: "role-too-large" });
  }
});

test("management groups cannot go in a circle, and their ids are no paths", () => {
  const facts = new AccessFacts();
  facts.setManagementGroupParent("b", "a");
  facts.setManagementGroupParent("c", "b");
  assertFault(() => facts.setManagementGroupParent("a", "C"), { kind: "management-group-cycle" });
  assertFault(() => facts.setManagementGroupParent("a", "a"), { kind: "management-group-cycle" });
  assertFault(() => facts.setManagementGroupParent("a/providers/N", null), { kind: "not-a-management-group" });
  assert.equal(
    facts.isScopeAtOrBelow(
      "/providers/Microsoft.Management/managementGroups/c",
      "/providers/Microsoft.Management/managementGroups/A",
    ),
    true,
  );
});

test("a put of the same id replaces the assignment", () => {
  const facts = new AccessFacts(builtinRoles);
  facts.putAssignment({ id: "a1", roleDefinitionId: READER, principalId: APP, scope: RG1, condition: "x" });
  facts.putAssignment({ id: "A1", roleDefinitionId: OWNER, principalId: GROUP, scope: SUBSCRIPTION });
  assert.equal(facts.assignmentCount, 1);
  assert.deepEqual(facts.assignmentsAt(RG1), []);
  assert.deepEqual(facts.assignmentsOf(APP), []);
  assert.deepEqual(facts.assignmentsAt(SUBSCRIPTION), [
    {
      id: "a1",
      roleDefinitionId: OWNER,
      principalId: GROUP,
      scope: SUBSCRIPTION,
      condition: null,
      conditionVersion: null,
    },
  ]);
});

test("an assignment is found by principal, role and scope", () => {
  const facts = new AccessFacts(builtinRoles);
  for (const [id, role] of [
    ["a1", READER],
    ["a2", OWNER],
  ] as const) {
    facts.putAssignment({ id, roleDefinitionId: role, principalId: APP, scope: RG1 });
  }
  assert.equal(facts.findAssignment(APP.toUpperCase(), READER, RG1.toUpperCase())?.id, "a1");
  assert.equal(facts.findAssignment(APP, OWNER, RG1)?.id, "a2");
  assert.equal(facts.findAssignment(APP, OWNER, SUBSCRIPTION), undefined);
  assert.equal(facts.findAssignment(GROUP, OWNER, RG1), undefined);
  assert.equal(facts.findAssignment(APP, CUSTOM, RG1), undefined);
});

test("groups of a group's member change when the group's own groups do", () => {
  const facts = new AccessFacts();
  facts.addMember(GROUP, APP);
  assert.deepEqual(facts.groupsOf(APP), [{ groupId: GROUP, via: [GROUP] }]);
  facts.addMember(OUTER, GROUP);
  facts.addMember(GROUP, OUTER);
  assert.deepEqual(facts.groupsOf(APP), [
    { groupId: GROUP, via: [GROUP] },
    { groupId: OUTER, via: [GROUP, OUTER] },
  ]);
  facts.removeAllMemberships(GROUP);
  assert.deepEqual(facts.groupsOf(APP), []);
  assert.deepEqual(facts.groupsOf(OUTER), []);
});

test("what is unknown has empty answers", () => {
  const facts = new AccessFacts();
  facts.putAssignment({ id: "a1", roleDefinitionId: READER, principalId: APP, scope: RG1 });
  assert.deepEqual(facts.groupsOf(GROUP), []);
  assert.deepEqual(facts.assignmentsOf(GROUP), []);
  assert.deepEqual(facts.assignmentsAt("/nonsense/"), []);
  assert.deepEqual(facts.assignmentsAtOrAbove("/nonsense/"), []);
  assert.deepEqual([...facts.assignmentsAtOrBelow(`${SUBSCRIPTION}/resourceGroups/rg10`)], []);
  assert.equal(facts.isScopeAtOrBelow("nonsense", "/"), false);
  assert.equal(facts.deleteAssignment("a2"), false);
  assert.equal(facts.role(READER), undefined);
});

test("a place is listed to those who hold something at it, above it or below it", () => {
  const facts = new AccessFacts(builtinRoles);
  facts.addMember(GROUP, APP);
  facts.putAssignment({ id: "a1", roleDefinitionId: READER, principalId: GROUP, scope: RG1, condition: "x" });
  assert.equal(hasAccessAtOrBelow(facts, APP, SUBSCRIPTION), true, "below");
  assert.equal(hasAccessAtOrBelow(facts, APP, RG1), true);
  assert.equal(hasAccessAtOrBelow(facts, APP, `${RG1}/providers/N.S/t/n`), true, "above");
  assert.equal(hasAccessAtOrBelow(facts, APP, `${RG1}0`), false);
  assert.equal(hasAccessAtOrBelow(facts, OUTER, RG1), false);
  assert.equal(hasAccessAtOrBelow(facts, APP, "nonsense"), false);
  assert.deepEqual(permissionsAt(facts, APP, RG1), [], "under a condition");
});

test("permissions in effect are each role's once, without those under a condition", () => {
  const facts = new AccessFacts(builtinRoles);
  facts.putAssignment({ id: "a1", roleDefinitionId: READER, principalId: APP, scope: RG1 });
  facts.putAssignment({ id: "a2", roleDefinitionId: READER, principalId: APP, scope: SUBSCRIPTION });
  assert.deepEqual(permissionsAt(facts, APP, RG1), builtinRoles.find((role) => role.id === READER)?.permissions);
  const migrate = builtinRoles.find((role) => role.roleName === "Azure Migrate Owner")!;
  facts.putAssignment({
    id: "a3",
    roleDefinitionId: migrate.id,
    principalId: APP,
    scope: `${SUBSCRIPTION}/resourceGroups/rg2`,
  });
  const permissions = permissionsAt(facts, APP, `${SUBSCRIPTION}/resourceGroups/rg2`);
  assert.deepEqual(
    permissions.map((each) => each.condition ?? null),
    [null, null],
  );
  assert.ok(permissions.includes(migrate.permissions[0]!));
});

test("one who holds very many is decided as one who holds few, while they come and go", () => {
  const facts = new AccessFacts(builtinRoles);
  const reader = facts.rolesNamed("Storage Blob Data Reader")[0]!.id;
  const place = (group: number) => `${SUBSCRIPTION}/resourceGroups/rg${group}`;
  const isAllowed = (group: number) =>
    decide(facts, {
      principalId: APP,
      operation: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
      isDataAction: true,
      scope: `${place(group)}/providers/Microsoft.Storage/storageAccounts/acct`,
    }).isAllowed;
  const held = new Set<number>();
  const put = (group: number) => {
    facts.putAssignment({ id: `a${group}`, roleDefinitionId: reader, principalId: APP, scope: place(group) });
    held.add(group);
  };
  const drop = (group: number) => assert.equal(facts.deleteAssignment(`a${group}`), held.delete(group));
  const check = () => {
    for (let group = 0; group < 3 * MAX_WALKED_ROWS; group += 1) assert.equal(isAllowed(group), held.has(group));
    assert.equal(facts.assignmentsOf(APP).length, held.size);
  };
  for (let group = 0; group < 2 * MAX_WALKED_ROWS; group += 1) put(group);
  check();
  for (const group of [...held].slice(0, MAX_WALKED_ROWS + 5)) drop(group);
  check();
  for (let group = 2 * MAX_WALKED_ROWS; group < 3 * MAX_WALKED_ROWS; group += 1) put(group);
  check();
  for (const group of [...held]) drop(group);
  check();
});

test("whoever is in very many groups is in each of them once", () => {
  const facts = new AccessFacts();
  const group = (number: number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
  for (let number = 0; number < 60; number += 1) {
    facts.addMember(group(number), APP);
    facts.addMember(group(number % 7), group(number));
    facts.addMember(group(100 + (number % 5)), group(number));
  }
  const ids = facts.groupsOf(APP).map(({ groupId }) => groupId);
  assert.equal(ids.length, 65);
  assert.equal(new Set(ids).size, 65);
});
