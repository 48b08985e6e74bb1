/**
 * Deny assignments. Read as on Azure; made and deleted by whoever may at "/": the operator. Azure's own PUT and DELETE, which are in preview, ask for
 * the right at the scope.
 * @see https://learn.microsoft.com/rest/api/authorization/deny-assignments
 */
import {
  deleteDenyAssignment,
  findDenyAssignment,
  listDenyAssignments,
  putDenyAssignment,
} from "../authorization/deny-assignments.ts";
import type { DenyAssignment, RolePermission } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { type Guid, parseGuid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, row } from "./context.ts";
import { refuseArm } from "./fault.ts";
import { readFilter } from "./filter.ts";
import { JsonObject } from "./json.ts";
import { listBody, takePage } from "./paging.ts";
import { readPermission } from "./role-definitions.ts";
import { requireScope, scopeOf, scopeTextOf } from "./scope-check.ts";
import { wireTime } from "./wire-time.ts";

const apiVersion = "2022-04-01";
const previewVersion = "2024-07-01-preview";
const docs = "https://learn.microsoft.com/rest/api/authorization/deny-assignments";
const listPath = "{scope}/providers/Microsoft.Authorization/denyAssignments";
const readAction = "Microsoft.Authorization/denyAssignments/read";

function permissionBody({ actions, notActions, dataActions, notDataActions }: RolePermission) {
  return { actions, notActions, condition: null, conditionVersion: null, dataActions, notDataActions };
}

function denyAssignmentBody(deny: DenyAssignment) {
  return {
    id: `${deny.scope === "/" ? "" : deny.scope}/providers/Microsoft.Authorization/denyAssignments/${deny.name}`,
    type: "Microsoft.Authorization/denyAssignments",
    name: deny.name,
    properties: {
      denyAssignmentName: deny.denyAssignmentName,
      description: deny.description,
      permissions: deny.permissions.map(permissionBody),
      scope: deny.scope,
      doNotApplyToChildScopes: deny.doNotApplyToChildScopes,
      principals: deny.principals,
      excludePrincipals: deny.excludePrincipals,
      isSystemProtected: false,
      createdOn: wireTime(deny.createdOn),
      updatedOn: wireTime(deny.updatedOn),
      createdBy: deny.createdBy,
      updatedBy: deny.updatedBy,
    },
  };
}

function nameOf({ params }: ArmContext): Guid {
  const given = params.name!;
  return (
    parseGuid(given) ?? refuseArm({ kind: "name-not-guid", objectKind: "denyAssignment", given: given.slice(0, 64) })
  );
}

function list(context: ArmContext): Reply {
  const { cloud, query, exchange } = context;
  const scope = scopeOf(context);
  requireScope(cloud.model, scope);
  const text = query.filter() ?? "";
  const filter = readFilter(text, {
    equals: ["principalId", "gdprExportPrincipalId", "denyAssignmentName"],
    calls: ["atScope"],
  });
  const principal = filter.get("principalid") ?? filter.get("gdprexportprincipalid");
  const principalId = parseGuid<string>(principal);
  if (principal !== undefined && principalId === undefined) refuseArm({ kind: "filter-invalid", given: text });
  const found = listDenyAssignments(cloud.model, {
    scope,
    isAtScopeOnly: filter.has("atscope"),
    denyAssignmentName: filter.get("denyassignmentname"),
    principalId,
  });
  const { rows, nextLink } = takePage(exchange, query, found, ({ name }) => name);
  return { status: 200, body: listBody(rows.map(denyAssignmentBody), nextLink) };
}

function get(context: ArmContext): Reply {
  const scope = scopeOf(context);
  requireScope(context.cloud.model, scope);
  const name = nameOf(context);
  const deny =
    findDenyAssignment(context.cloud.model, scope, name) ??
    refuse({ kind: "object-not-found", objectKind: "denyAssignment", id: name });
  return { status: 200, body: denyAssignmentBody(deny) };
}

function readPrincipals(properties: JsonObject, property: "principals" | "excludePrincipals") {
  return properties.array(property)?.map((value) => {
    const object = new JsonObject(value, `properties.${property}[]`);
    const id = parseGuid<string>(object.string("id"));
    if (id === undefined) {
      return refuse({ kind: "value-invalid", objectKind: "denyAssignment", property, why: "malformed" });
    }
    return { id, type: object.string("type") };
  });
}

async function putOne(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const scope = scopeOf(context);
  const name = nameOf(context);
  const properties = (await context.json()).object("properties");
  const effect = properties.string("denyAssignmentEffect");
  if (effect !== undefined && effect.toLowerCase() !== "enforced") {
    refuse({ kind: "not-implemented", what: "A denyAssignmentEffect other than 'enforced'" });
  }
  const request = {
    name,
    scope,
    denyAssignmentName: properties.string("denyAssignmentName"),
    description: properties.string("description"),
    permissions: properties.array("permissions")?.map(readPermission),
    doNotApplyToChildScopes: properties.boolean("doNotApplyToChildScopes"),
    principals: readPrincipals(properties, "principals"),
    excludePrincipals: readPrincipals(properties, "excludePrincipals"),
  };
  const stamp = { principalId: caller.principalId, now: cloud.ports.now().toISOString() };
  const deny = await cloud.store.change(caller.actor, of.operation, (model) => {
    requireScope(model, scope);
    return putDenyAssignment(model, request, stamp);
  });
  return { status: 201, body: denyAssignmentBody(deny) };
}

async function deleteOne(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const scope = scopeOf(context);
  const name = nameOf(context);
  const deny = await cloud.store.change(caller.actor, of.operation, (model) =>
    deleteDenyAssignment(model, scope, name),
  );
  return deny === undefined ? { status: 204 } : { status: 200, body: denyAssignmentBody(deny) };
}

export const denyAssignmentRows: readonly ArmRow[] = [
  row({
    operation: "List deny assignments",
    method: "GET",
    path: listPath,
    apiVersion,
    doc: `${docs}/list-for-scope`,
    authorize: { kind: "rbac", action: readAction, at: scopeTextOf },
    handle: list,
  }),
  row({
    operation: "Get deny assignment",
    method: "GET",
    path: `${listPath}/{name}`,
    apiVersion,
    doc: `${docs}/get`,
    authorize: { kind: "rbac", action: readAction, at: scopeTextOf },
    handle: get,
  }),
  row({
    operation: "Create or update deny assignment",
    method: "PUT",
    path: `${listPath}/{name}`,
    apiVersion: previewVersion,
    doc: docs,
    authorize: { kind: "rbac", action: "Microsoft.Authorization/denyAssignments/write", at: () => "/" },
    sampleBody: {
      properties: {
        denyAssignmentName: "Keep the accounts",
        permissions: [{ actions: ["Microsoft.Storage/storageAccounts/delete"] }],
        principals: [{ id: "00000000-0000-0000-0000-000000000000", type: "SystemDefined" }],
        excludePrincipals: [{ id: "00000000-0000-0000-0000-0000000000cc", type: "User" }],
      },
    },
    handle: putOne,
  }),
  row({
    operation: "Delete deny assignment",
    method: "DELETE",
    path: `${listPath}/{name}`,
    apiVersion: previewVersion,
    doc: docs,
    authorize: { kind: "rbac", action: "Microsoft.Authorization/denyAssignments/delete", at: () => "/" },
    handle: deleteOne,
  }),
];
