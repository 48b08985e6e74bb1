/** The directory's roles and who holds them, as Graph shows them in two ways: activated roles with members, and unified role management. */
import { assignDirectoryRole, findAssignment, removeDirectoryRole } from "../directory/directory-role.ts";
import { refuse } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerMade, answerObjects, answerOne, noContent, rowsOf } from "./answers.ts";
import { change, freshId } from "./changes.ts";
import {
  type DirectoryRole,
  directoryRoleHolders,
  directoryRolesOf,
  directoryRoleType,
  roleAssignmentType,
  roleDefinitionType,
  roleTemplateType,
} from "./directory-role-type.ts";
import { refuseGraph } from "./graph-fault.ts";
import { JsonMembers } from "./json-members.ts";
import { idOf, typedObjects } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import { readReference, sampleReference } from "./references.ts";

function find(call: GraphCall, isMatch: (role: DirectoryRole) => boolean, id: string): DirectoryRole {
  const role = directoryRolesOf(call.cloud.model).find(isMatch);
  return role ?? refuse({ kind: "object-not-found", objectKind: "directoryRoleAssignment", id });
}

/** The role by its object id in this tenant, or by the alternate key `roleTemplateId`. */
function activatedRoleOf(call: GraphCall): DirectoryRole {
  const { text, property } = call.keys.role!;
  const folded = text.toLowerCase();
  if (property?.toLowerCase() === "roletemplateid") return find(call, (role) => role.templateId === folded, text);
  const id = idOf(call, "role");
  return find(call, (role) => role.id === id, id);
}

function definedRoleOf(call: GraphCall): DirectoryRole {
  const id = idOf(call, "role");
  return find(call, (role) => role.templateId === id, id);
}

/** @see https://learn.microsoft.com/graph/api/rbacapplication-post-roleassignments */
async function createAssignment(call: GraphCall): Promise<Reply> {
  const members = new JsonMembers(call.body, "RoleAssignment");
  const roleTemplateId = members.guid("roleDefinitionId") ?? members.refuse("roleDefinitionId");
  const principalId = members.guid("principalId") ?? members.refuse("principalId");
  const scope = members.text("directoryScopeId") ?? members.refuse("directoryScopeId");
  members.finish({ readOnly: ["id"], absent: ["appScopeId", "condition", "principalOrganizationId", "resourceScope"] });
  if (scope !== "/") refuseGraph({ kind: "absent", what: "directory roles over less than the whole directory" });
  const row = await change(call, "Add member to role", (model) =>
    assignDirectoryRole(model, { id: freshId<Guid>(call), principalId, roleTemplateId }),
  );
  return answerMade(call, roleAssignmentType, row);
}

async function removeAssignment(call: GraphCall): Promise<Reply> {
  const id = idOf(call, "assignment");
  await change(call, "Remove member from role", (model) => removeDirectoryRole(model, id));
  return noContent;
}

/** @see https://learn.microsoft.com/graph/api/directoryrole-post-members */
async function addMemberTo(call: GraphCall): Promise<Reply> {
  const { templateId: roleTemplateId } = activatedRoleOf(call);
  const principalId = readReference(new JsonMembers(call.body, "DirectoryRole"));
  await change(call, "Add member to role", (model) =>
    assignDirectoryRole(model, { id: freshId<Guid>(call), principalId, roleTemplateId }),
  );
  return noContent;
}

async function removeMemberFrom(call: GraphCall): Promise<Reply> {
  const { templateId } = activatedRoleOf(call);
  const memberId = idOf(call, "member");
  await change(call, "Remove member from role", (model) => {
    const assignment = findAssignment(model, memberId, templateId);
    if (assignment === undefined)
      refuse({ kind: "reference-not-found", objectKind: "directoryRoleAssignment", property: "members", id: memberId });
    return removeDirectoryRole(model, assignment.id);
  });
  return noContent;
}

/** Every role is active here from the start, so that activating one finds it there. @see https://learn.microsoft.com/graph/api/directoryrole-post-directoryroles */
function activate(call: GraphCall): never {
  const members = new JsonMembers(call.body, "DirectoryRole");
  const templateId = members.guid("roleTemplateId") ?? members.refuse("roleTemplateId");
  members.finish({ readOnly: ["id", "displayName", "description"], absent: [] });
  find(call, (role) => role.templateId === templateId, templateId);
  return refuse({ kind: "already-there", objectKind: "directoryRoleAssignment", property: "roleTemplateId" });
}

const reading = { method: "GET", action: "read-roles" } as const;
const managing = { action: "manage-roles" } as const;

const activatedRows: readonly GraphOperation[] = [
  operation({
    ...reading,
    operation: "List directoryRoles",
    match: "/directoryRoles",
    isCollection: true,
    doc: "directoryrole-list",
    handle: (call) =>
      answerCollection(call, directoryRoleType, rowsOf(directoryRoleType, directoryRolesOf(call.cloud.model))),
  }),
  operation({
    ...managing,
    operation: "Activate directoryRole",
    method: "POST",
    match: "/directoryRoles",
    doc: "directoryrole-post-directoryroles",
    sampleBody: { roleTemplateId: "11111111-2222-4333-8444-555555555555" },
    handle: activate,
  }),
  operation({
    ...reading,
    operation: "Get directoryRole",
    match: "/directoryRoles/{role}",
    doc: "directoryrole-get",
    handle: (call) => answerOne(call, directoryRoleType, activatedRoleOf(call)),
  }),
  operation({
    ...reading,
    operation: "List members of a directory role",
    match: "/directoryRoles/{role}/members",
    isCollection: true,
    doc: "directoryrole-list-members",
    handle: (call) =>
      answerObjects(call, typedObjects(call, directoryRoleHolders(call.cloud.model, activatedRoleOf(call).id))),
  }),
  operation({
    ...managing,
    operation: "Add directory role member",
    method: "POST",
    match: "/directoryRoles/{role}/members/$ref",
    doc: "directoryrole-post-members",
    sampleBody: sampleReference,
    handle: addMemberTo,
  }),
  operation({
    ...managing,
    operation: "Remove directory role member",
    method: "DELETE",
    match: "/directoryRoles/{role}/members/{member}/$ref",
    doc: "directoryrole-delete-member",
    handle: removeMemberFrom,
  }),
  operation({
    ...reading,
    operation: "List directoryRoleTemplates",
    match: "/directoryRoleTemplates",
    isCollection: true,
    doc: "directoryroletemplate-list",
    handle: (call) =>
      answerCollection(call, roleTemplateType, rowsOf(roleTemplateType, directoryRolesOf(call.cloud.model))),
  }),
  operation({
    ...reading,
    operation: "Get directoryRoleTemplate",
    match: "/directoryRoleTemplates/{role}",
    doc: "directoryroletemplate-get",
    handle: (call) => answerOne(call, roleTemplateType, definedRoleOf(call)),
  }),
];

const unifiedRows: readonly GraphOperation[] = [
  operation({
    ...reading,
    operation: "List roleDefinitions of the directory",
    match: "/roleManagement/directory/roleDefinitions",
    isCollection: true,
    doc: "rbacapplication-list-roledefinitions",
    handle: (call) =>
      answerCollection(call, roleDefinitionType, rowsOf(roleDefinitionType, directoryRolesOf(call.cloud.model))),
  }),
  operation({
    ...reading,
    operation: "Get roleDefinition of the directory",
    match: "/roleManagement/directory/roleDefinitions/{role}",
    doc: "unifiedroledefinition-get",
    handle: (call) => answerOne(call, roleDefinitionType, definedRoleOf(call)),
  }),
  operation({
    ...reading,
    operation: "List roleAssignments of the directory",
    match: "/roleManagement/directory/roleAssignments",
    isCollection: true,
    doc: "rbacapplication-list-roleassignments",
    handle: (call) => {
      const table = call.cloud.model.directoryRoleAssignments;
      return answerCollection(call, roleAssignmentType, { keys: table.sortedKeys(), get: (key) => table.get(key) });
    },
  }),
  operation({
    ...managing,
    operation: "Create roleAssignment of the directory",
    method: "POST",
    match: "/roleManagement/directory/roleAssignments",
    doc: "rbacapplication-post-roleassignments",
    sampleBody: {
      roleDefinitionId: "11111111-2222-4333-8444-555555555555",
      principalId: "11111111-2222-4333-8444-555555555555",
      directoryScopeId: "/",
    },
    handle: createAssignment,
  }),
  operation({
    ...reading,
    operation: "Get roleAssignment of the directory",
    match: "/roleManagement/directory/roleAssignments/{assignment}",
    doc: "unifiedroleassignment-get",
    handle: (call) => {
      const id = idOf(call, "assignment");
      const row = call.cloud.model.directoryRoleAssignments.get(id);
      if (row === undefined) refuse({ kind: "object-not-found", objectKind: "directoryRoleAssignment", id });
      return answerOne(call, roleAssignmentType, row);
    },
  }),
  operation({
    ...managing,
    operation: "Delete roleAssignment of the directory",
    method: "DELETE",
    match: "/roleManagement/directory/roleAssignments/{assignment}",
    doc: "unifiedroleassignment-delete",
    handle: removeAssignment,
  }),
];

export const directoryRoleOperations: readonly GraphOperation[] = [...activatedRows, ...unifiedRows];
