/** Reading the directory's roles and who holds them; granting them is not here yet. @see https://learn.microsoft.com/graph/api/resources/directoryrole */
import { refuse } from "../state/fault.ts";
import { answerCollection, answerObjects, answerOne, rowsOf } from "./answers.ts";
import {
  type DirectoryRole,
  directoryRolesOf,
  directoryRoleType,
  roleAssignmentType,
  roleDefinitionType,
} from "./directory-role-type.ts";
import { idOf, typedObjects } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";

/** The role by object id, by template id as an id (role definitions), or by the alternate key. */
function roleOf(call: GraphCall, isMatch: (role: DirectoryRole, id: string) => boolean): DirectoryRole {
  const id = idOf(call, "role");
  const role = directoryRolesOf(call.cloud.model).find((candidate) => isMatch(candidate, id));
  return role ?? refuse({ kind: "object-not-found", objectKind: "directoryRoleAssignment", id });
}

const shared = { method: "GET", action: "read-roles" } as const;

export const directoryRoleOperations: readonly GraphOperation[] = [
  operation({
    ...shared,
    operation: "List directoryRoles",
    match: "/directoryRoles",
    isCollection: true,
    doc: "directoryrole-list",
    handle: (call) =>
      answerCollection(call, directoryRoleType, rowsOf(directoryRoleType, directoryRolesOf(call.cloud.model))),
  }),
  operation({
    ...shared,
    operation: "Get directoryRole",
    match: "/directoryRoles/{role}",
    doc: "directoryrole-get",
    handle: (call) =>
      answerOne(
        call,
        directoryRoleType,
        roleOf(call, (role, id) => role.id === id),
      ),
  }),
  operation({
    ...shared,
    operation: "List members of a directory role",
    match: "/directoryRoles/{role}/members",
    isCollection: true,
    doc: "directoryrole-list-members",
    handle: (call) => {
      const { templateId } = roleOf(call, (role, id) => role.id === id);
      const assignments = [...call.cloud.model.directoryRoleAssignments.values()];
      const held = assignments.filter((row) => row.roleTemplateId === templateId).map((row) => row.principalId);
      return answerObjects(call, typedObjects(call, held));
    },
  }),
  operation({
    ...shared,
    operation: "List roleDefinitions of the directory",
    match: "/roleManagement/directory/roleDefinitions",
    isCollection: true,
    doc: "rbacapplication-list-roledefinitions",
    handle: (call) =>
      answerCollection(call, roleDefinitionType, rowsOf(roleDefinitionType, directoryRolesOf(call.cloud.model))),
  }),
  operation({
    ...shared,
    operation: "Get roleDefinition of the directory",
    match: "/roleManagement/directory/roleDefinitions/{role}",
    doc: "unifiedroledefinition-get",
    handle: (call) =>
      answerOne(
        call,
        roleDefinitionType,
        roleOf(call, (role, id) => role.templateId === id),
      ),
  }),
  operation({
    ...shared,
    operation: "List roleAssignments of the directory",
    match: "/roleManagement/directory/roleAssignments",
    isCollection: true,
    doc: "rbacapplication-list-roleassignments",
    handle: (call) => {
      const table = call.cloud.model.directoryRoleAssignments;
      return answerCollection(call, roleAssignmentType, { keys: table.sortedKeys(), get: (key) => table.get(key) });
    },
  }),
];
