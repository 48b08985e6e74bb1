/** The rest of Microsoft.Authorization that can be read: what the caller may do, and a list that is empty here because nothing can make its items. */
import { permissionsAt } from "@postern/access";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, row } from "./context.ts";
import { listBody } from "./paging.ts";
import { requireScope, scopeOf, scopeTextOf } from "./scope-check.ts";
import { subscriptionScope } from "./subscriptions.ts";

const docs = "https://learn.microsoft.com/rest/api/authorization";

function listPermissions(context: ArmContext): Reply {
  const { cloud, caller } = context;
  const scope = scopeOf(context);
  requireScope(cloud.model, scope);
  const value = permissionsAt(cloud.model.access, caller.principalId, scope).map(
    ({ actions, notActions, dataActions, notDataActions }) => ({ actions, notActions, dataActions, notDataActions }),
  );
  return { status: 200, body: listBody(value) };
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
