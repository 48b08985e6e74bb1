import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_ACTION_LENGTH } from "./actions.ts";
import { MAX_ACTIONS_PER_LIST } from "./fact.ts";
import { checkRole, type RoleDefinition } from "./role-definition.ts";
import { builtinRoles } from "./roles.ts";
import { isGuid } from "./scope.ts";

function named(roleName: string): RoleDefinition {
  const role = builtinRoles.find((each) => each.roleName === roleName);
  assert.ok(role, roleName);
  return role;
}

test("there are 928 built-in roles, each complete, sorted by name", () => {
  assert.equal(builtinRoles.length, 928);
  assert.equal(new Set(builtinRoles.map((role) => role.id)).size, 928);
  for (const role of builtinRoles) {
    assert.ok(isGuid(role.id) && role.id === role.id.toLowerCase(), role.roleName);
    assert.ok(role.description.length > 10, role.roleName);
    assert.deepEqual(role.assignableScopes, ["/"]);
    assert.ok(role.permissions.length > 0);
    for (const { actions, notActions, dataActions, notDataActions } of role.permissions) {
      for (const list of [actions, notActions, dataActions, notDataActions]) {
        assert.ok(list.length <= MAX_ACTIONS_PER_LIST && list.every((entry) => entry.length <= MAX_ACTION_LENGTH));
      }
    }
  }
  const names = builtinRoles.map((role) => role.roleName);
  assert.deepEqual(
    names,
    names.toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

test("permission objects with a condition are kept apart from those without", () => {
  const conditional = builtinRoles.filter((role) => role.permissions.some((each) => each.condition));
  assert.equal(conditional.length, 29);
  const owner = named("Azure Migrate Owner");
  assert.deepEqual(
    owner.permissions.map((each) => Boolean(each.condition)),
    [false, true],
  );
  assert.equal(checkRole(owner.permissions, "Microsoft.Authorization/roleAssignments/write", false), "conditional");
  assert.equal(checkRole(owner.permissions, "Microsoft.Resources/deployments/write", false), "granted");
});

test("well-known ids are Azure's", () => {
  assert.equal(named("Owner").id, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635");
  assert.equal(named("Contributor").id, "b24988ac-6180-42a0-ab88-20f7382dd24c");
  assert.equal(named("Reader").id, "acdd72a7-3385-48ef-bd42-f606fba81ae7");
  assert.equal(named("Storage Blob Data Contributor").id, "ba92f5b4-2d11-453d-a403-e96b0029c9fe");
});

test("a trailing blank in Azure's own data is kept, and does not count", () => {
  const role = builtinRoles.find((each) =>
    each.permissions.some(({ actions }) => actions.some((a) => a.endsWith(" "))),
  );
  assert.ok(role);
  assert.equal(checkRole(role.permissions, "Microsoft.Network/virtualNetworks/read", false), "granted");
});
