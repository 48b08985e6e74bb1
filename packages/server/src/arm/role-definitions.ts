/**
 * Role definitions.
 * @see https://learn.microsoft.com/rest/api/authorization/role-definitions
 */
import { deleteCustomRole, putCustomRole } from "../authorization/custom-roles.ts";
import { findRole, listRoles, type RoleType } from "../authorization/role-definitions.ts";
import type { RolePermission } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { type Guid, parseGuid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, requireLinkedAccess, row } from "./context.ts";
import { refuseArm } from "./fault.ts";
import { readFilter } from "./filter.ts";
import { JsonObject } from "./json.ts";
import { listBody } from "./paging.ts";
import { hasListing, roleBody, writeWholeListing } from "./role-listing.ts";
import { requireScope, scopeOf, scopeTextOf } from "./scope-check.ts";

const apiVersion = "2022-04-01";
const docs = "https://learn.microsoft.com/rest/api/authorization/role-definitions";
const listPath = "{scope}/providers/Microsoft.Authorization/roleDefinitions";
const writeAction = "Microsoft.Authorization/roleDefinitions/write";
const deleteAction = "Microsoft.Authorization/roleDefinitions/delete";

function roleIdOf({ params }: ArmContext): Guid {
  const given = params.name!;
  return (
    parseGuid(given) ?? refuseArm({ kind: "name-not-guid", objectKind: "roleDefinition", given: given.slice(0, 64) })
  );
}

function readRoleType(given: string | undefined, filter: string): RoleType | undefined {
  if (given === undefined) return undefined;
  const types: readonly RoleType[] = ["BuiltInRole", "CustomRole"];
  return (
    types.find((type) => type.toLowerCase() === given.toLowerCase()) ??
    refuseArm({ kind: "filter-invalid", given: filter })
  );
}

/** Not paged, as on Azure: clients look a role up by going through the one answer. */
function listDefinitions(context: ArmContext): Reply {
  const { model } = context.cloud;
  const scope = scopeOf(context);
  requireScope(model, scope);
  const text = context.query.filter();
  const filter = readFilter(text, { equals: ["roleName", "type"], calls: ["atScopeAndBelow"] });
  const roles = listRoles(model, {
    scope,
    roleName: filter.get("rolename"),
    type: readRoleType(filter.get("type"), text ?? ""),
    isBelowIncluded: filter.has("atscopeandbelow"),
  });
  if (filter.has("rolename") || filter.has("type")) {
    return { status: 200, body: listBody(roles.map((role) => roleBody(scope, role))) };
  }
  const listing = writeWholeListing(scope, roles);
  const { etag } = listing;
  if (hasListing(context.exchange.request.headers["if-none-match"], listing)) return { status: 304, headers: { etag } };
  return { status: 200, headers: { "content-type": "application/json; charset=utf-8", etag }, body: listing.text };
}

function getDefinition(context: ArmContext): Reply {
  const scope = scopeOf(context);
  requireScope(context.cloud.model, scope);
  const id = roleIdOf(context);
  const role = findRole(context.cloud.model, id) ?? refuse({ kind: "role-definition-not-found", id });
  return { status: 200, body: roleBody(scope, role) };
}

/** A permission object of a body. @throws ArmRefusal `content-invalid`. */
export function readPermission(value: unknown): RolePermission {
  const object = new JsonObject(value, "properties.permissions[]");
  return {
    actions: object.strings("actions") ?? [],
    notActions: object.strings("notActions") ?? [],
    dataActions: object.strings("dataActions") ?? [],
    notDataActions: object.strings("notDataActions") ?? [],
    condition: object.string("condition") ?? null,
    conditionVersion: object.string("conditionVersion") ?? null,
  };
}

/** The right must be held at every assignable scope, of the role as it is and as it is to be: else a role could be pushed where its maker rules nothing. */
function requireAtAssignableScopes(context: ArmContext, action: string, scopes: readonly string[]): void {
  for (const scope of new Set(scopes)) requireLinkedAccess(context, action, scope, scopeTextOf(context));
}

async function putDefinition(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const scope = scopeOf(context);
  const id = roleIdOf(context);
  const properties = (await context.json()).object("properties");
  requireScope(cloud.model, scope);
  const request = {
    id,
    roleName: properties.string("roleName"),
    description: properties.string("description"),
    type: properties.string("type"),
    permissions: properties.array("permissions")?.map(readPermission),
    assignableScopes: properties.strings("assignableScopes"),
  };
  const stamp = { principalId: caller.principalId, now: cloud.ports.now().toISOString() };
  const role = await cloud.store.change(caller.actor, of.operation, (model) => {
    const outcome = putCustomRole(model, request, stamp);
    const existing = model.roleDefinitions.get(id);
    requireAtAssignableScopes(context, writeAction, [
      ...(existing?.assignableScopes ?? []),
      ...outcome.result.assignableScopes,
    ]);
    return outcome;
  });
  return { status: 201, body: roleBody(scope, { ...role, type: "CustomRole" }) };
}

async function deleteDefinition(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const scope = scopeOf(context);
  const id = roleIdOf(context);
  requireScope(cloud.model, scope);
  const role = await cloud.store.change(caller.actor, of.operation, (model) => {
    const outcome = deleteCustomRole(model, id);
    requireAtAssignableScopes(context, deleteAction, outcome.result?.assignableScopes ?? []);
    return outcome;
  });
  return role === undefined ? { status: 204 } : { status: 200, body: roleBody(scope, { ...role, type: "CustomRole" }) };
}

export const roleDefinitionRows: readonly ArmRow[] = [
  row({
    operation: "List role definitions",
    method: "GET",
    path: listPath,
    apiVersion,
    doc: `${docs}/list`,
    authorize: { kind: "rbac", action: "Microsoft.Authorization/roleDefinitions/read", at: scopeTextOf },
    handle: listDefinitions,
  }),
  row({
    operation: "Get role definition",
    method: "GET",
    path: `${listPath}/{name}`,
    apiVersion,
    doc: `${docs}/get`,
    authorize: { kind: "rbac", action: "Microsoft.Authorization/roleDefinitions/read", at: scopeTextOf },
    handle: getDefinition,
  }),
  row({
    operation: "Create or update role definition",
    method: "PUT",
    path: `${listPath}/{name}`,
    apiVersion,
    doc: `${docs}/create-or-update`,
    authorize: { kind: "rbac", action: writeAction, at: scopeTextOf },
    sampleBody: {
      properties: {
        roleName: "Blob auditor",
        permissions: [{ actions: ["Microsoft.Storage/storageAccounts/read"] }],
        assignableScopes: ["/subscriptions/00000000-0000-0000-0000-000000000001"],
      },
    },
    handle: putDefinition,
  }),
  row({
    operation: "Delete role definition",
    method: "DELETE",
    path: `${listPath}/{name}`,
    apiVersion,
    doc: `${docs}/delete`,
    authorize: { kind: "rbac", action: deleteAction, at: scopeTextOf },
    handle: deleteDefinition,
  }),
];
