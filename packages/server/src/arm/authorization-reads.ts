/** The rest of Microsoft.Authorization that can be read: what the caller may do, and a list that is empty here because nothing can make its items. */
import { conditionalPermissionsAt, permissionsAt, type RolePermission } from "@postern/access";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, row } from "./context.ts";
import { listBody } from "./paging.ts";
import { requireScope, scopeOf, scopeTextOf } from "./scope-check.ts";
import { subscriptionScope } from "./subscriptions.ts";

/** The first api-version whose permission objects have conditions. @see https://learn.microsoft.com/rest/api/authorization/role-definitions */
const firstVersionWithConditions = "2022-05-01-preview";

const docs = "https://learn.microsoft.com/rest/api/authorization";

function listPermissions(context: ArmContext): Reply {
  const { cloud, caller } = context;
  const scope = scopeOf(context);
  requireScope(cloud.model, scope);
  const { access } = cloud.model;
  const value = permissionsAt(access, caller.principalId, scope).map(listsOf);
  // Answers of older versions have no member for a condition, and to leave it out would say too much.
  if (context.apiVersion < firstVersionWithConditions) return { status: 200, body: listBody(value) };
  const conditional = conditionalPermissionsAt(access, caller.principalId, scope).map((permission) => ({
    ...listsOf(permission),
    condition: permission.condition,
    conditionVersion: permission.conditionVersion,
  }));
  return {
    status: 200,
    body: listBody([...value.map((lists) => ({ ...lists, condition: null, conditionVersion: null })), ...conditional]),
  };
}

function listsOf({ actions, notActions, dataActions, notDataActions }: RolePermission) {
  return { actions, notActions, dataActions, notDataActions };
}

function listNothing(context: ArmContext): Reply {
  if (context.params.scope !== undefined) requireScope(context.cloud.model, scopeOf(context));
  return { status: 200, body: listBody([]) };
}

export const authorizationReadRows: readonly ArmRow[] = [
  row({
    operation: "List permissions",
    method: "GET",
    path: "{scope}/providers/Microsoft.Authorization/permissions",
    apiVersion: "2022-04-01",
    doc: `${docs}/permissions/list-for-resource-group`,
    authorize: { kind: "rbac", action: "Microsoft.Authorization/permissions/read", at: scopeTextOf },
    handle: listPermissions,
  }),
  row({
    operation: "List classic administrators",
    method: "GET",
    path: "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/classicAdministrators",
    apiVersion: "2015-06-01",
    doc: `${docs}/classic-administrators/list`,
    authorize: { kind: "rbac", action: "Microsoft.Authorization/classicAdministrators/read", at: subscriptionScope },
    handle: listNothing,
  }),
];
