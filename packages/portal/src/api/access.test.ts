import assert from "node:assert/strict";
import { test } from "node:test";
import { filterRoles, principalOf, roleGuidOf } from "./access.ts";
import { partsOfId, portalPathOf, type RoleDefinition } from "./arm.ts";
import { type Permission, withoutPermission, withPermissions } from "./consent.ts";
import { searchClause } from "./graph.ts";

function role(roleName: string, dataActions: readonly string[]): RoleDefinition {
  const permission = { actions: [], notActions: [], dataActions, notDataActions: [] };
  const properties = { roleName, description: "Reads notes", type: "CustomRole", permissions: [permission] } as const;
  return { id: `/r/${roleName}`, name: roleName, properties: { ...properties, assignableScopes: ["/"] } };
}

test("roles are found by name, description, id and operation, without regard to case", () => {
  const roles = [role("A", ["Microsoft.Storage/blobs/read"]), role("B", [])];
  const namesOf = (words: string) => filterRoles(roles, words).map(({ name }) => name);
  assert.deepEqual(namesOf("  "), ["A", "B"]);
  assert.deepEqual(namesOf("BLOBS/READ"), ["A"]);
  assert.deepEqual(namesOf("reads notes"), ["A", "B"]);
  assert.deepEqual(namesOf("nothing"), []);
  assert.equal(roleGuidOf("/subscriptions/s/providers/x/roleDefinitions/ABC"), "abc");
});

test("a principal without a name is told by its id", () => {
  const object = { "@odata.type": "#microsoft.graph.group", id: "1", displayName: null };
  assert.deepEqual(principalOf(object), { id: "1", displayName: "1", detail: "", type: "Group" });
});

test("places in the portal follow from ids, whatever their case", () => {
  const group = "/subscriptions/s1/resourceGroups/my group";
  assert.equal(portalPathOf("/subscriptions/s1"), "/portal/subscriptions/s1");
  assert.equal(portalPathOf(group), "/portal/resource-groups/s1/my%20group");
  const account = `${group.toUpperCase()}/providers/microsoft.storage/STORAGEACCOUNTS/acct`;
  assert.equal(portalPathOf(account), "/portal/storage-accounts/S1/MY%20GROUP/acct");
  assert.equal(portalPathOf(`${group}/providers/Other/things/x`), "/portal/resource-groups/s1/my%20group");
  assert.equal(portalPathOf("/"), "/portal");
  assert.deepEqual(partsOfId(group), { subscriptionId: "s1", resourceGroup: "my group", name: "my group" });
});

test("words that are searched for cannot leave their quotes", () => {
  assert.equal(decodeURIComponent(searchClause(`a" OR "b\\`)), `$search="displayName:a\\" OR \\"b\\\\"`);
});

test("permissions are added once, and the last of an API takes the API with it", () => {
  const scope = { id: "1", type: "Scope" } as const;
  const once = withPermissions([], "api", [scope]);
  assert.deepEqual(withPermissions(once, "api", [scope, { id: "1", type: "Role" }])[0]?.resourceAccess.length, 2);
  const permission = { resourceAppId: "api", id: "1", kind: "Scope" } as Permission;
  assert.deepEqual(withoutPermission(once, permission), []);
  assert.deepEqual(withoutPermission(once, { ...permission, kind: "Role" }), once);
});
