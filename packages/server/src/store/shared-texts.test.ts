import assert from "node:assert/strict";
import { test } from "node:test";
import { put, remove } from "../state/change.ts";
import type { RoleAssignment } from "../state/entities.ts";
import { SharedTexts } from "./shared-texts.ts";

test("a row whose texts are shared says what it said", () => {
  const row = {
    name: "a",
    scope: "/",
    roleDefinitionId: "r",
    principalId: "p",
    principalType: "User",
    description: null,
    condition: "c",
    conditionVersion: "2.0",
    delegatedManagedIdentityResourceId: null,
    createdOn: "2026-01-01T00:00:00Z",
    updatedOn: "2026-01-02T00:00:00Z",
    createdBy: null,
    updatedBy: "u",
  } as unknown as RoleAssignment;
  const texts = new SharedTexts();
  for (const changed of [row, { ...row, name: "b", createdBy: "u", condition: null }] as RoleAssignment[]) {
    const change = put("roleAssignment", structuredClone(changed));
    assert.deepEqual(texts.share(change), put("roleAssignment", changed));
  }
  assert.deepEqual(texts.share(remove("roleAssignment", "a")), remove("roleAssignment", "a"));
});
