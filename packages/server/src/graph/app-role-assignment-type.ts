/** An app role assignment as Graph shows it. @see https://learn.microsoft.com/graph/api/resources/approleassignment */
import type { AppRoleAssignment } from "../state/entities.ts";
import { makeOpaqueId } from "./opaque-id.ts";
import { always, type ResourceType, renderTime } from "./resource-type.ts";

export const appRoleAssignmentType: ResourceType<AppRoleAssignment> = {
  name: "appRoleAssignment",
  set: "appRoleAssignments",
  title: "AppRoleAssignment",
  keyOf: (row) => makeOpaqueId(row.principalId, row.id),
  properties: [
    { name: "id", read: (row) => makeOpaqueId(row.principalId, row.id) },
    always("deletedDateTime", null),
    { name: "appRoleId", read: (row) => row.appRoleId },
    { name: "createdDateTime", read: (row, at) => renderTime(row.createdDateTime, at.isNew === true) },
    {
      name: "principalDisplayName",
      read: (row, { model }) => model.principal(row.principalId)?.row.displayName ?? null,
    },
    { name: "principalId", read: (row) => row.principalId },
    { name: "principalType", read: (row) => row.principalType },
    {
      name: "resourceDisplayName",
      read: (row, { model }) => model.servicePrincipals.get(row.resourceId)?.displayName ?? null,
    },
    { name: "resourceId", read: (row) => row.resourceId },
  ],
  filters: {
    principalId: { kind: "identifier", read: (row) => row.principalId },
    resourceId: { kind: "identifier", read: (row) => row.resourceId },
    appRoleId: { kind: "identifier", read: (row) => row.appRoleId },
    principalType: { kind: "text", read: (row) => row.principalType },
  },
  indexes: {},
};
