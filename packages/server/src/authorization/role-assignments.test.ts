import assert from "node:assert/strict";
import { it } from "node:test";
import { parseScope, type Scope } from "@postern/access";
import { builtinRoles } from "@postern/access/roles";
import { put } from "../state/change.ts";
import type { RoleAssignment } from "../state/entities.ts";
import { Refusal } from "../state/fault.ts";
import type { Guid, PrincipalId } from "../state/identifiers.ts";
import { ReadModel } from "../state/read-model.ts";
import {
  maxAssignmentsPerManagementGroup,
  maxAssignmentsPerSubscription,
  putRoleAssignment,
  type RoleAssignmentRequest,
} from "./role-assignments.ts";
import { parseRoleDefinitionId } from "./role-definitions.ts";

const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7" as Guid;
const stamp = { principalId: "11111111-1111-4111-8111-111111111111", now: "2026-01-01T00:00:00.000Z" };
const guid = (count: number) => `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`;

function scopeOf(text: string): Scope {
  const parsed = parseScope(text);
  assert.ok(parsed.isValid);
  return parsed.scope;
}

function requestAt(scope: string, count: number): RoleAssignmentRequest {
  return {
    name: guid(count) as Guid,
    scope: scopeOf(scope),
    roleDefinitionId: reader,
    principalId: guid(count) as PrincipalId,
    principalType: "ServicePrincipal",
    description: undefined,
    condition: undefined,
    conditionVersion: undefined,
    delegatedManagedIdentityResourceId: undefined,
  };
}

function fill(model: ReadModel, scope: string, count: number): void {
  for (let index = 1; index <= count; index++) {
    const { changes } = putRoleAssignment(model, requestAt(scope, index), stamp);
    for (const change of changes) model.apply(change);
  }
}

const isLimit = (cause: unknown) => cause instanceof Refusal && cause.fault.kind === "limit-reached";

it("stops at 4,000 assignments of a subscription, wherever in it they are, and only there", () => {
  const model = new ReadModel(builtinRoles);
  const full = "/subscriptions/22222222-2222-4222-8222-222222222222";
  fill(model, `${full}/resourceGroups/rg1`, maxAssignmentsPerSubscription);
  assert.throws(() => putRoleAssignment(model, requestAt(full, 9999), stamp), isLimit);
  assert.throws(() => putRoleAssignment(model, requestAt(`${full}/resourceGroups/rg2`, 9999), stamp), isLimit);
  const other = "/subscriptions/33333333-3333-4333-8333-333333333333";
  assert.equal(putRoleAssignment(model, requestAt(other, 9999), stamp).changes.length, 1);
  assert.equal(putRoleAssignment(model, requestAt("/", 9999), stamp).changes.length, 1);
  // What is there can still be described anew.
  assert.equal(putRoleAssignment(model, requestAt(`${full}/resourceGroups/RG1`, 7), stamp).changes.length, 1);
});

it("stops at 500 assignments of a management group", () => {
  const model = new ReadModel(builtinRoles);
  const full = "/providers/Microsoft.Management/managementGroups/g1";
  fill(model, full, maxAssignmentsPerManagementGroup);
  assert.throws(() => putRoleAssignment(model, requestAt(full.replace("g1", "G1"), 9999), stamp), isLimit);
  assert.equal(putRoleAssignment(model, requestAt(full.replace("g1", "g2"), 9999), stamp).changes.length, 1);
});

it("reads ids of role definitions under any scope, and nothing else", () => {
  const tail = `providers/Microsoft.Authorization/roleDefinitions/${reader}`;
  const sub = "/subscriptions/22222222-2222-4222-8222-222222222222";
  for (const text of [`/${tail}`, `//${tail}`, `${sub}/${tail}`, `${sub}/resourceGroups/rg1/${tail.toUpperCase()}`]) {
    assert.equal(parseRoleDefinitionId(text), reader, text);
  }
  for (const text of [
    "",
    reader,
    tail,
    `/x/${tail}`,
    `${sub}/${tail}/`,
    `/${tail.slice(0, -1)}`,
    `/subscriptions/x/${tail}`,
  ]) {
    assert.equal(parseRoleDefinitionId(text), undefined, text);
  }
});

it("keeps an assignment as it was written", () => {
  const model = new ReadModel(builtinRoles);
  const { result } = putRoleAssignment(
    model,
    requestAt("/subscriptions/22222222-2222-4222-8222-222222222222/resourcegroups/Rg", 1),
    stamp,
  );
  const row: RoleAssignment = { ...result };
  model.apply(put("roleAssignment", row));
  assert.equal(model.roleAssignments.get(row.name)?.scope.endsWith("/resourcegroups/Rg"), true);
  assert.equal(
    model.access.assignmentsAt("/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rG").length,
    1,
  );
});
