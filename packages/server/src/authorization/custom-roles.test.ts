/** The limits of custom roles, each at its number and one beyond. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinRoles } from "@postern/access/roles";
import { put } from "../state/change.ts";
import type { Entities, ManagementGroup, Subscription } from "../state/entities.ts";
import { type Fault, Refusal } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import { ReadModel } from "../state/read-model.ts";
import { type CustomRoleRequest, deleteCustomRole, maxCustomRoles, putCustomRole } from "./custom-roles.ts";

const subscriptionId = "22222222-2222-4222-8222-222222222222";
const sub = `/subscriptions/${subscriptionId}`;
const group = (name: string) => `/providers/Microsoft.Management/managementGroups/${name}`;
const stamp = { principalId: "11111111-1111-4111-8111-111111111111", now: "2026-01-01T00:00:00.000Z" };
const guid = (count: number) => `00000000-0000-4000-8000-${String(count).padStart(12, "0")}` as Guid;
const permission = { actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] };

function makeModel(): ReadModel {
  const model = new ReadModel(builtinRoles);
  model.apply(put("subscription", { subscriptionId, managementGroupName: "g1" } as unknown as Subscription));
  for (const name of ["g1", "g2"]) {
    model.apply(put("managementGroup", { name, parentName: null } as unknown as ManagementGroup));
  }
  return model;
}

function request(over: Partial<CustomRoleRequest> = {}): CustomRoleRequest {
  return {
    id: guid(1),
    roleName: "Mine",
    description: "",
    type: "CustomRole",
    permissions: [permission],
    assignableScopes: [sub],
    ...over,
  };
}

function faultOf(model: ReadModel, over: Partial<CustomRoleRequest>): Fault | undefined {
  try {
    putCustomRole(model, request(over), stamp);
    return undefined;
  } catch (cause) {
    assert.ok(cause instanceof Refusal);
    return cause.fault;
  }
}

function property(fault: Fault | undefined): string | undefined {
  return fault === undefined ? undefined : fault.kind === "value-invalid" ? fault.property : fault.kind;
}

const scopes = (count: number) => Array.from({ length: count }, (_, index) => `${sub}/resourceGroups/rg${index}`);

const limits: readonly (readonly [string, Partial<CustomRoleRequest>, Partial<CustomRoleRequest>, string])[] = [
  ["512 characters of a name", { roleName: "x".repeat(512) }, { roleName: "x".repeat(513) }, "roleName"],
  [
    "2 KB of a description, counted in bytes",
    { description: "é".repeat(1024) },
    { description: `${"é".repeat(1024)}x` },
    "description",
  ],
  [
    "2,000 assignable scopes",
    { assignableScopes: scopes(2000) },
    { assignableScopes: scopes(2001) },
    "assignableScopes",
  ],
  [
    "one management group",
    { assignableScopes: [group("g1")] },
    { assignableScopes: [group("g1"), group("g2")] },
    "assignableScopes",
  ],
  [
    "data actions only without a management group",
    { permissions: [{ ...permission, dataActions: ["*"] }] },
    { permissions: [{ ...permission, dataActions: ["*"] }], assignableScopes: [group("g1")] },
    "dataActions",
  ],
  ["permissions without conditions", {}, { permissions: [{ ...permission, condition: "x" }] }, "condition"],
];

for (const [what, within, beyond, named] of limits) {
  test(`a custom role has ${what}`, () => {
    const model = makeModel();
    assert.equal(faultOf(model, within), undefined);
    assert.equal(property(faultOf(model, beyond)), named);
  });
}

test("a tenant has 5,000 custom roles, and what is there can still be changed", () => {
  const model = makeModel();
  for (let count = 1; count <= maxCustomRoles; count += 1) {
    const role = { ...request(), id: guid(count), roleName: `role ${count}` };
    model.apply(put("roleDefinition", role as unknown as Entities["roleDefinition"]));
  }
  assert.equal(maxCustomRoles, 5000);
  assert.equal(property(faultOf(model, { id: guid(9999) })), "limit-reached");
  assert.equal(faultOf(model, { id: guid(7), description: "changed" }), undefined);
});

test("a name is one role's, built-in ones included, whatever its case; and a role in use stays", () => {
  const model = makeModel();
  const { changes } = putCustomRole(model, request(), stamp);
  for (const change of changes) model.apply(change);
  assert.equal(property(faultOf(model, { id: guid(2), roleName: "MINE" })), "role-definition-name-taken");
  assert.equal(property(faultOf(model, { id: guid(2), roleName: "owner" })), "role-definition-name-taken");
  assert.equal(faultOf(model, { roleName: "Mine" }), undefined);
  const held = { name: guid(3), scope: `${sub}/resourceGroups/rg1`, roleDefinitionId: guid(1), principalId: guid(4) };
  model.apply(put("roleAssignment", { ...held, condition: null } as unknown as Entities["roleAssignment"]));
  assert.throws(
    () => deleteCustomRole(model, guid(1)),
    (cause) => cause instanceof Refusal && cause.fault.kind === "role-definition-in-use",
  );
  assert.equal(property(faultOf(model, { assignableScopes: scopes(1) })), "role-definition-in-use");
});
