/**
 * An entry of the change log as an audit record: who did what to which objects. Of the objects it shows names and ids only, so that nothing
 * that was written into them, secrets least of all, comes out here.
 * @see https://learn.microsoft.com/graph/api/resources/directoryaudit
 */
import type { Change, LogEntry } from "../state/change.ts";
import type { Entities, EntityKind } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { ResourceType } from "./resource-type.ts";

type Target = {
  readonly id: string;
  readonly displayName: string | null;
  readonly type: string;
  readonly userPrincipalName: string | null;
};

export type DirectoryAudit = {
  readonly id: string;
  readonly revision: number;
  readonly entry: LogEntry;
  readonly targets: readonly Target[];
};

/** Object ids that a row of a relation names, by kind; rows of other kinds are objects, or none of the directory's business. */
const relationEnds: { readonly [Kind in EntityKind]?: (row: Entities[Kind]) => readonly (string | null)[] } = {
  groupMember: (row) => [row.groupId, row.memberId],
  owner: (row) => [row.ownedId, row.ownerId],
  directoryRoleAssignment: (row) => [row.principalId],
  oauth2PermissionGrant: (row) => [row.clientId, row.resourceId, row.principalId],
  appRoleAssignment: (row) => [row.principalId, row.resourceId],
  federatedIdentityCredential: (row) => [row.parentId],
};
const objectKinds: readonly EntityKind[] = ["application", "servicePrincipal", "user", "group"];

/** The audit record of an entry; undefined when it changed nothing of the directory. */
export function auditOf(model: ReadModel, entry: LogEntry): DirectoryAudit | undefined {
  const targets = new Map<string, Target>();
  for (const change of entry.changes)
    for (const id of targetIdsOf(change)) if (!targets.has(id)) targets.set(id, describe(model, id, entry));
  if (targets.size === 0) return undefined;
  const id = `Directory_${model.tenant.tenantId}_${entry.revision}`;
  return { id, revision: entry.revision, entry, targets: [...targets.values()] };
}

/** The revision that an audit record's id names; undefined for any other text. */
export function revisionOf(model: ReadModel, id: string): number | undefined {
  const [, tenantId, revision] = /^Directory_([0-9a-f-]{36})_(\d{1,15})$/i.exec(id) ?? [];
  return tenantId?.toLowerCase() === model.tenant.tenantId ? Number(revision) : undefined;
}

function targetIdsOf(change: Change): readonly string[] {
  if (objectKinds.includes(change.kind)) return [change.op === "put" ? (change.row as { id: string }).id : change.key];
  const ends = relationEnds[change.kind] as ((row: unknown) => readonly (string | null)[]) | undefined;
  if (ends === undefined) return [];
  // Two kinds have their ends in their keys; of the others a deleted row says nothing, and the objects it belonged to are named by the rest.
  if (change.op === "delete")
    return change.kind === "groupMember" || change.kind === "owner" ? change.key.split("/") : [];
  return ends(change.row).filter((id) => id !== null);
}

/** What the object is called: as the entry wrote it, else as it is now, in the directory or in its bin. */
function describe(model: ReadModel, id: string, { changes }: LogEntry): Target {
  for (const change of changes) {
    if (change.op !== "put") continue;
    const kind = change.kind === "deletedObject" ? change.row.object.kind : change.kind;
    const row = change.kind === "deletedObject" ? change.row.object.row : change.row;
    if (objectKinds.includes(kind) && (row as { id: string }).id === id) return targetOf(kind, row as never);
  }
  const application = model.applications.get(id);
  if (application !== undefined) return targetOf("application", application);
  const principal = model.principal(id);
  if (principal !== undefined) return targetOf(kindOf[principal.type], principal.row as never);
  const deleted = model.deletedObjects.get(id);
  if (deleted !== undefined) return targetOf(deleted.object.kind, deleted.object.row as never);
  return { id, displayName: null, type: "Other", userPrincipalName: null };
}

const kindOf = { User: "user", Group: "group", ServicePrincipal: "servicePrincipal" } as const;
const typeNames: { readonly [Kind in EntityKind]?: string } = {
  application: "Application",
  servicePrincipal: "ServicePrincipal",
  user: "User",
  group: "Group",
};

function targetOf(kind: EntityKind, row: { id: string; displayName: string; userPrincipalName?: string }): Target {
  return {
    id: row.id,
    displayName: row.displayName,
    type: typeNames[kind] ?? "Other",
    userPrincipalName: row.userPrincipalName ?? null,
  };
}

function categoryOf({ entry: { changes } }: DirectoryAudit): string {
  const kinds = changes.map(({ kind }) => kind);
  if (kinds.includes("directoryRoleAssignment")) return "RoleManagement";
  if (kinds.includes("application") || kinds.includes("servicePrincipal")) return "ApplicationManagement";
  if (kinds.includes("group") || kinds.includes("groupMember")) return "GroupManagement";
  return kinds.includes("user") ? "UserManagement" : "ApplicationManagement";
}

function operationTypeOf({ entry: { operation } }: DirectoryAudit): string {
  if (/^(?:create|add|restore)\b/i.test(operation)) return "Add";
  return /^(?:delete|remove|permanently)\b/i.test(operation) ? "Delete" : "Update";
}

function initiatorOf({ entry: { actor } }: DirectoryAudit, model: ReadModel): Readonly<Record<string, unknown>> {
  const principal = model.principal(actor.principalId);
  if (principal?.type === "User") {
    const { id, displayName, userPrincipalName } = principal.row;
    return { app: null, user: { id, displayName, userPrincipalName, ipAddress: null } };
  }
  const app = principal?.type === "ServicePrincipal" ? principal.row : undefined;
  const { displayName, principalId } = actor;
  return {
    app: { appId: app?.appId ?? null, displayName, servicePrincipalId: principalId, servicePrincipalName: null },
    user: null,
  };
}

export const directoryAuditType: ResourceType<DirectoryAudit> = {
  name: "directoryAudit",
  set: "auditLogs/directoryAudits",
  title: "DirectoryAudit",
  keyOf: (row) => row.id,
  isOutsideDirectory: true,
  properties: [
    { name: "id", read: (row) => row.id },
    { name: "category", read: categoryOf },
    { name: "correlationId", read: () => null },
    { name: "result", read: () => "success" },
    { name: "resultReason", read: () => "" },
    { name: "activityDisplayName", read: (row) => row.entry.operation },
    { name: "activityDateTime", read: (row) => row.entry.time },
    { name: "loggedByService", read: () => "Core Directory" },
    { name: "operationType", read: operationTypeOf },
    { name: "initiatedBy", read: (row, { model }) => initiatorOf(row, model) },
    {
      name: "targetResources",
      read: (row) => row.targets.map((target) => ({ ...target, groupType: null, modifiedProperties: [] })),
    },
    { name: "additionalDetails", read: () => [] },
  ],
  filters: {
    id: { kind: "text", read: (row) => row.id },
    category: { kind: "text", read: categoryOf },
    result: { kind: "text", read: () => "success" },
    loggedByService: { kind: "text", read: () => "Core Directory" },
    operationType: { kind: "text", read: operationTypeOf },
    activityDisplayName: { kind: "text", read: (row) => row.entry.operation },
    activityDateTime: { kind: "time", read: (row) => row.entry.time },
    "initiatedBy/user/id": { kind: "text", read: (row, { model }) => memberOf(initiatorOf(row, model).user, "id") },
    "initiatedBy/user/userPrincipalName": {
      kind: "text",
      read: (row, { model }) => memberOf(initiatorOf(row, model).user, "userPrincipalName"),
    },
    "initiatedBy/app/appId": { kind: "text", read: (row, { model }) => memberOf(initiatorOf(row, model).app, "appId") },
    "initiatedBy/app/displayName": {
      kind: "text",
      read: (row, { model }) => memberOf(initiatorOf(row, model).app, "displayName"),
    },
    targetResources: {
      kind: "objects",
      read: (row) => row.targets,
      members: { id: "text", displayName: "text", type: "text" },
    },
  },
  indexes: {},
};

function memberOf(value: unknown, name: string): unknown {
  return (value as Readonly<Record<string, unknown>> | null)?.[name] ?? null;
}
