import assert from "node:assert/strict";
import { test } from "node:test";
import { put } from "../state/change.ts";
import { directoryRoleTemplateIds as ids } from "../state/first-party.ts";
import type { Guid, PrincipalId, ServicePrincipalObjectId } from "../state/identifiers.ts";
import { directoryRoleTable } from "./directory-role-table.ts";
import { type DirectoryAction, mayAct } from "./permissions.ts";
import { SampleDirectory } from "./sample-directory.ts";

test("every role that is known has a row, and no two rows are one role", () => {
  const rows = directoryRoleTable.map(({ templateId }) => templateId);
  assert.deepEqual([...rows].sort(), Object.values(ids).sort());
  assert.equal(new Set(directoryRoleTable.map(({ displayName }) => displayName)).size, rows.length);
});

/** What an action of the decision is called where a role says what it allows; only what no ordinary member may do. */
const meanings: readonly [DirectoryAction, string][] = [
  ["manage-application", "microsoft.directory/applications/allProperties/allTasks"],
  ["manage-group", "microsoft.directory/groups/allProperties/allTasks"],
  ["manage-users", "microsoft.directory/users/allProperties/allTasks"],
  ["manage-roles", "microsoft.directory/roleAssignments/allProperties/allTasks"],
  ["read-audit", "microsoft.directory/auditLogs/allProperties/read"],
];

test("what a role says it allows is what it is allowed, and no more", () => {
  for (const { templateId, displayName, allowedResourceActions } of directoryRoleTable) {
    const directory = new SampleDirectory();
    const principalId = directory.start.operatorServicePrincipal.id as ServicePrincipalObjectId as PrincipalId;
    for (const row of [...directory.model.directoryRoleAssignments.values()])
      directory.model.apply({ kind: "directoryRoleAssignment", op: "delete", key: row.id });
    directory.model.apply(put("directoryRoleAssignment", { id: "x" as Guid, principalId, roleTemplateId: templateId }));
    const caller = { principalId, kind: "app", scopes: [], roles: [] } as const;
    for (const [action, meaning] of meanings) {
      const isSaid =
        allowedResourceActions.includes(meaning) ||
        allowedResourceActions.includes("microsoft.directory/allEntities/allProperties/allTasks");
      assert.equal(mayAct(directory.model, caller, action, undefined), isSaid, `${displayName}: ${action}`);
    }
    assert.equal(mayAct(directory.model, caller, "read-users", undefined), true, displayName);
  }
});
