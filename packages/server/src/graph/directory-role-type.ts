/**
 * The built-in directory roles this cloud knows and who holds them. An activated role has an object id of its own in each tenant beside its
 * template id; ours is derived from both, so that it is the same after a restart.
 * @see https://learn.microsoft.com/graph/api/resources/directoryrole
 */
import { createHash } from "node:crypto";
import { type DirectoryRoleTemplate, directoryRoleTable } from "../directory/directory-role-table.ts";
import type { DirectoryRoleAssignment } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";
import { always, type ResourceType } from "./resource-type.ts";

export type DirectoryRole = DirectoryRoleTemplate & { readonly id: string };

/** The tenant's directory roles, sorted by object id. */
export function directoryRolesOf(model: ReadModel): readonly DirectoryRole[] {
  return directoryRoleTable
    .map((template) => ({ ...template, id: objectIdOf(model.tenant.tenantId, template.templateId) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Object ids of the roles a principal holds. */
export function heldRoleIds(model: ReadModel, principalId: string): readonly string[] {
  const held = model.directoryRoleAssignments.find("principalId", principalId);
  return held.map((row) => objectIdOf(model.tenant.tenantId, row.roleTemplateId));
}

/** A GUID of version 8 (RFC 9562, 5.8: made from data of one's own) out of the tenant's and the template's. */
function objectIdOf(tenantId: string, templateId: string): string {
  const digest = createHash("sha256").update(`directory role ${tenantId} ${templateId}`).digest();
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString("hex", 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Object ids of who holds an activated role. @param roleId its object id in this tenant. */
export function directoryRoleHolders(model: ReadModel, roleId: string): readonly string[] {
  const templateId = directoryRolesOf(model).find((role) => role.id === roleId)?.templateId;
  const assignments = [...model.directoryRoleAssignments.values()];
  return assignments.filter((row) => row.roleTemplateId === templateId).map((row) => row.principalId);
}

export const directoryRoleType: ResourceType<DirectoryRole> = {
  name: "directoryRole",
  set: "directoryRoles",
  title: "DirectoryRole",
  keyOf: (row) => row.id,
  properties: [
    { name: "id", read: (row) => row.id },
    always("deletedDateTime", null),
    { name: "description", read: (row) => row.description },
    { name: "displayName", read: (row) => row.displayName },
    { name: "roleTemplateId", read: (row) => row.templateId },
  ],
  filters: {
    roleTemplateId: { kind: "identifier", read: (row) => row.templateId },
    displayName: { kind: "text", read: (row) => row.displayName },
  },
  indexes: {},
};

/** @see https://learn.microsoft.com/graph/api/resources/unifiedroledefinition */
export const roleDefinitionType: ResourceType<DirectoryRole> = {
  name: "unifiedRoleDefinition",
  set: "roleManagement/directory/roleDefinitions",
  title: "RoleDefinition",
  keyOf: (row) => row.templateId,
  properties: [
    { name: "id", read: (row) => row.templateId },
    { name: "description", read: (row) => row.description },
    { name: "displayName", read: (row) => row.displayName },
    always("isBuiltIn", true),
    always("isEnabled", true),
    always("resourceScopes", ["/"]),
    {
      name: "rolePermissions",
      read: (row) => [{ allowedResourceActions: row.allowedResourceActions, condition: null }],
    },
    { name: "isPrivileged", read: (row) => row.isPrivileged, isSelectedOnly: true },
    { name: "templateId", read: (row) => row.templateId },
    always("version", null),
  ],
  filters: {
    id: { kind: "identifier", read: (row) => row.templateId },
    templateId: { kind: "identifier", read: (row) => row.templateId },
    displayName: { kind: "text", read: (row) => row.displayName },
    isBuiltIn: { kind: "boolean", read: () => true },
    isEnabled: { kind: "boolean", read: () => true },
    isPrivileged: { kind: "boolean", read: (row) => row.isPrivileged },
  },
  indexes: {},
  isOutsideDirectory: true,
};

/** A role as it can be activated. @see https://learn.microsoft.com/graph/api/resources/directoryroletemplate */
export const roleTemplateType: ResourceType<DirectoryRole> = {
  name: "directoryRoleTemplate",
  set: "directoryRoleTemplates",
  title: "DirectoryRoleTemplate",
  keyOf: (row) => row.templateId,
  properties: [
    { name: "id", read: (row) => row.templateId },
    always("deletedDateTime", null),
    { name: "description", read: (row) => row.description },
    { name: "displayName", read: (row) => row.displayName },
  ],
  filters: {},
  indexes: {},
};

/** @see https://learn.microsoft.com/graph/api/resources/unifiedroleassignment */
export const roleAssignmentType: ResourceType<DirectoryRoleAssignment> = {
  name: "unifiedRoleAssignment",
  set: "roleManagement/directory/roleAssignments",
  title: "RoleAssignment",
  keyOf: (row) => row.id,
  properties: [
    { name: "id", read: (row) => row.id },
    { name: "principalId", read: (row) => row.principalId },
    always("directoryScopeId", "/"),
    { name: "roleDefinitionId", read: (row) => row.roleTemplateId },
  ],
  filters: {
    id: { kind: "identifier", read: (row) => row.id },
    principalId: { kind: "identifier", read: (row) => row.principalId },
    roleDefinitionId: { kind: "identifier", read: (row) => row.roleTemplateId },
    directoryScopeId: { kind: "text", read: () => "/" },
  },
  indexes: { principalId: (model, value) => model.directoryRoleAssignments.find("principalId", value) },
  isOutsideDirectory: true,
};
