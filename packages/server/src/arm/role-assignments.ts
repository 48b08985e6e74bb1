/**
 * Role assignments.
 * @see https://learn.microsoft.com/rest/api/authorization/role-assignments
 */
import type { Scope } from "@postern/access";
import { listRoleAssignments } from "../authorization/role-assignment-listing.ts";
import { deleteRoleAssignment, findRoleAssignment, putRoleAssignment } from "../authorization/role-assignments.ts";
import { parseRoleDefinitionId, roleDefinitionIdAt } from "../authorization/role-definitions.ts";
import type { RoleAssignment } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { type Guid, type PrincipalId, parseGuid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { attributesOfExistingAssignment, attributesOfNewAssignment } from "./assignment-attributes.ts";
import { type ArmContext, type ArmRow, row } from "./context.ts";
import { refuseArm } from "./fault.ts";
import { readFilter } from "./filter.ts";
import { listBody, takePage } from "./paging.ts";
import { requireScope, scopeOf, scopeTextOf } from "./scope-check.ts";
import { wireTime } from "./wire-time.ts";

const apiVersion = "2022-04-01";
const docs = "https://learn.microsoft.com/rest/api/authorization/role-assignments";
const listPath = "{scope}/providers/Microsoft.Authorization/roleAssignments";

/** The first api-version whose answers have conditions and descriptions. Source: recorded answers. */
const firstVersionWithConditions = "2020-03-01-preview";

/** @param scope what was asked about: ids of role definitions are written under its subscription. */
function assignmentBody(
  { apiVersion: version }: ArmContext,
  scope: Scope,
  assignment: RoleAssignment,
  createdBy = assignment.createdBy,
) {
  const hasConditions = version >= firstVersionWithConditions;
  const { condition, conditionVersion, description, delegatedManagedIdentityResourceId } = assignment;
  return {
    id: `${assignment.scope === "/" ? "" : assignment.scope}/providers/Microsoft.Authorization/roleAssignments/${assignment.name}`,
    type: "Microsoft.Authorization/roleAssignments",
    name: assignment.name,
    properties: {
      roleDefinitionId: roleDefinitionIdAt(scope, assignment.roleDefinitionId),
      principalId: assignment.principalId,
      principalType: assignment.principalType,
      scope: assignment.scope,
      ...(hasConditions ? { condition, conditionVersion } : {}),
      createdOn: wireTime(assignment.createdOn),
      updatedOn: wireTime(assignment.updatedOn),
      createdBy,
      updatedBy: assignment.updatedBy,
      ...(hasConditions ? { delegatedManagedIdentityResourceId, description } : {}),
    },
  };
}

function nameOf({ params }: ArmContext): Guid {
  const given = params.name!;
  return (
    parseGuid(given) ?? refuseArm({ kind: "name-not-guid", objectKind: "roleAssignment", given: given.slice(0, 64) })
  );
}

/** A GUID in a filter. */
function guidIn(filter: string, given: string | undefined): string | undefined {
  return given === undefined
    ? undefined
    : (parseGuid<string>(given) ?? refuseArm({ kind: "filter-invalid", given: filter }));
}

function roleIdIn(filter: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  return (
    parseRoleDefinitionId(given) ?? parseGuid<string>(given) ?? refuseArm({ kind: "filter-invalid", given: filter })
  );
}

function listAssignments(context: ArmContext): Reply {
  const { cloud, query, exchange } = context;
  const scope = scopeOf(context);
  requireScope(cloud.model, scope);
  const text = query.filter() ?? "";
  const filter = readFilter(text, { equals: ["principalId", "roleDefinitionId"], calls: ["atScope", "assignedTo"] });
  const found = listRoleAssignments(cloud.model, {
    scope,
    isAtScopeOnly: filter.has("atscope"),
    principalId: guidIn(text, filter.get("principalid")),
    assignedTo: guidIn(text, filter.get("assignedto")),
    roleDefinitionId: roleIdIn(text, filter.get("roledefinitionid")),
  });
  const { rows, nextLink } = takePage(exchange, query, found, ({ name }) => name);
  return {
    status: 200,
    body: listBody(
      rows.map((assignment) => assignmentBody(context, scope, assignment)),
      nextLink,
    ),
  };
}

function getAssignment(context: ArmContext): Reply {
  const scope = scopeOf(context);
  requireScope(context.cloud.model, scope);
  const name = nameOf(context);
  const assignment =
    findRoleAssignment(context.cloud.model, scope, name) ?? refuse({ kind: "role-assignment-not-found", id: name });
  return { status: 200, body: assignmentBody(context, scope, assignment) };
}

async function putAssignment(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const scope = scopeOf(context);
  const name = nameOf(context);
  const properties = (await context.json()).object("properties");
  const roleDefinitionId =
    parseRoleDefinitionId(properties.string("roleDefinitionId") ?? "") ??
    refuse({ kind: "value-invalid", objectKind: "roleAssignment", property: "roleDefinitionId", why: "malformed" });
  const principalId =
    parseGuid<string>(properties.string("principalId")) ??
    refuse({ kind: "value-invalid", objectKind: "roleAssignment", property: "principalId", why: "malformed" });
  const request = {
    name,
    scope,
    roleDefinitionId,
    principalId: principalId as PrincipalId,
    principalType: properties.string("principalType"),
    description: properties.string("description"),
    condition: properties.string("condition"),
    conditionVersion: properties.string("conditionVersion"),
    delegatedManagedIdentityResourceId: properties.string("delegatedManagedIdentityResourceId"),
  };
  const stamp = { principalId: caller.principalId, now: cloud.ports.now().toISOString() };
  const assignment = await cloud.store.change(caller.actor, of.operation, (model) => {
    requireScope(model, scope);
    refuseHidden(context, request);
    return putRoleAssignment(model, request, stamp);
  });
  // 201 for an update too, and createdBy is null in this answer only: both as recorded from Azure.
  return { status: 201, body: assignmentBody(context, scope, assignment, null) };
}

/** A drill may keep a new principal unknown for a while; who names its type is let pass, as in Azure. */
function refuseHidden(
  { cloud: { drills, model } }: ArmContext,
  { principalId, principalType }: { readonly principalId: PrincipalId; readonly principalType: string | undefined },
): void {
  const createdDateTime = principalType === undefined ? model.principal(principalId)?.row.createdDateTime : undefined;
  if (createdDateTime === undefined || drills?.isPrincipalHidden(principalId, createdDateTime) !== true) return;
  refuse({ kind: "principal-not-found", principalId });
}

async function deleteAssignment(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const scope = scopeOf(context);
  const name = nameOf(context);
  const assignment = await cloud.store.change(caller.actor, of.operation, (model) =>
    deleteRoleAssignment(model, scope, name, caller.principalId),
  );
  return assignment === undefined ? { status: 204 } : { status: 200, body: assignmentBody(context, scope, assignment) };
}

export const roleAssignmentRows: readonly ArmRow[] = [
  row({
    operation: "List role assignments",
    method: "GET",
    path: listPath,
    apiVersion,
    doc: `${docs}/list-for-scope`,
    authorize: { kind: "rbac", action: "Microsoft.Authorization/roleAssignments/read", at: scopeTextOf },
    handle: listAssignments,
  }),
  row({
    operation: "Get role assignment",
    method: "GET",
    path: `${listPath}/{name}`,
    apiVersion,
    doc: `${docs}/get`,
    authorize: { kind: "rbac", action: "Microsoft.Authorization/roleAssignments/read", at: scopeTextOf },
    handle: getAssignment,
  }),
  row({
    operation: "Create role assignment",
    method: "PUT",
    path: `${listPath}/{name}`,
    apiVersion,
    doc: `${docs}/create`,
    authorize: {
      kind: "rbac",
      action: "Microsoft.Authorization/roleAssignments/write",
      at: scopeTextOf,
      attributes: attributesOfNewAssignment,
    },
    sampleBody: {
      properties: {
        roleDefinitionId:
          "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
        principalId: "00000000-0000-0000-0000-0000000000cc",
        principalType: "ServicePrincipal",
      },
    },
    handle: putAssignment,
  }),
  row({
    operation: "Delete role assignment",
    method: "DELETE",
    path: `${listPath}/{name}`,
    apiVersion,
    doc: `${docs}/delete`,
    authorize: {
      kind: "rbac",
      action: "Microsoft.Authorization/roleAssignments/delete",
      at: scopeTextOf,
      attributes: attributesOfExistingAssignment,
    },
    handle: deleteAssignment,
  }),
];
