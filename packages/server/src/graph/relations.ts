/** The relationships of each type that `$expand` can name: what they lead to, and what reading them takes. */

import { federatedCredentialsOf } from "../directory/federated-credential.ts";
import { managerOf } from "../directory/manager.ts";
import type { DirectoryAction } from "../directory/permissions.ts";
import { appRoleAssignmentType } from "./app-role-assignment-type.ts";
import { directoryRoleHolders, directoryRolesOf, roleDefinitionType } from "./directory-role-type.ts";
import { federatedCredentialType } from "./federated-credential-type.ts";
import {
  directMemberships,
  memberIdsOf,
  ownedIdsOf,
  ownersOf,
  reportIdsOf,
  transitiveMemberships,
  typedObjects,
} from "./objects.ts";
import type { GraphCall } from "./operation.ts";
import { type TypedRow, typedRow } from "./typed-row.ts";

export type Relation = {
  readonly name: string;
  readonly action: DirectoryAction;
  /** One object or null, not a list. */
  readonly isSingle?: boolean;
  /** Of one type only, so that objects do not say which. */
  readonly isPlain?: boolean;
  readonly list: (call: Pick<GraphCall, "cloud">, id: string) => readonly TypedRow[];
};

const owners = (action: DirectoryAction): Relation => ({ name: "owners", action, list: ownersOf });
const memberOf = (action: DirectoryAction): Relation => ({ name: "memberOf", action, list: directMemberships });
const transitiveMemberOf = (action: DirectoryAction): Relation => ({
  name: "transitiveMemberOf",
  action,
  list: transitiveMemberships,
});
const ownedObjects = (action: DirectoryAction): Relation => ({
  name: "ownedObjects",
  action,
  list: (call, id) => typedObjects(call, ownedIdsOf(call.cloud.model, id)),
});

const appRoles = (name: string, index: "principalId" | "resourceId", action: DirectoryAction): Relation => ({
  name,
  action,
  isPlain: true,
  list: (call, id) =>
    call.cloud.model.appRoleAssignments.find(index, id).map((row) => typedRow(call, appRoleAssignmentType, row)),
});

/** By the name of the type, as in `#microsoft.graph.group`. */
export const relations: Readonly<Record<string, readonly Relation[]>> = {
  application: [
    owners("read-applications"),
    {
      name: "federatedIdentityCredentials",
      action: "read-applications",
      isPlain: true,
      list: (call, id) =>
        federatedCredentialsOf(call.cloud.model, id).map((row) => typedRow(call, federatedCredentialType(id), row)),
    },
  ],
  servicePrincipal: [
    owners("read-applications"),
    memberOf("read-applications"),
    transitiveMemberOf("read-applications"),
    ownedObjects("read-applications"),
    appRoles("appRoleAssignments", "principalId", "read-applications"),
    appRoles("appRoleAssignedTo", "resourceId", "read-applications"),
  ],
  group: [
    owners("read-groups"),
    memberOf("read-groups"),
    transitiveMemberOf("read-groups"),
    appRoles("appRoleAssignments", "principalId", "read-groups"),
    {
      name: "members",
      action: "read-groups",
      list: (call, id) => typedObjects(call, memberIdsOf(call.cloud.model, id)),
    },
  ],
  user: [
    memberOf("read-users"),
    transitiveMemberOf("read-users"),
    ownedObjects("read-users"),
    appRoles("appRoleAssignments", "principalId", "read-users"),
    {
      name: "manager",
      action: "read-users",
      isSingle: true,
      list: (call, id) => {
        const user = call.cloud.model.users.get(id);
        const manager = user && managerOf(call.cloud.model, user);
        return manager === undefined ? [] : typedObjects(call, [manager.id]);
      },
    },
    {
      name: "directReports",
      action: "read-users",
      list: (call, id) => typedObjects(call, reportIdsOf(call.cloud.model, id)),
    },
  ],
  unifiedRoleAssignment: [
    {
      name: "principal",
      action: "read-roles",
      isSingle: true,
      list: (call, id) => {
        const row = call.cloud.model.directoryRoleAssignments.get(id);
        return row === undefined ? [] : typedObjects(call, [row.principalId]);
      },
    },
    {
      name: "roleDefinition",
      action: "read-roles",
      isSingle: true,
      isPlain: true,
      list: (call, id) => {
        const row = call.cloud.model.directoryRoleAssignments.get(id);
        const role = directoryRolesOf(call.cloud.model).find(({ templateId }) => templateId === row?.roleTemplateId);
        return role === undefined ? [] : [typedRow(call, roleDefinitionType, role)];
      },
    },
  ],
  directoryRole: [
    {
      name: "members",
      action: "read-roles",
      list: (call, id) => typedObjects(call, directoryRoleHolders(call.cloud.model, id)),
    },
  ],
};
