/**
 * Management groups and the subscriptions in them.
 * @see https://learn.microsoft.com/rest/api/managementgroups
 */
import { hasAccessAtOrBelow } from "@postern/access";
import {
  ancestorsOf,
  deleteManagementGroup,
  moveSubscription,
  putManagementGroup,
  requireManagementGroup,
  rootManagementGroup,
} from "../resources/management-groups.ts";
import { scopeOfManagementGroup, scopeOfSubscription } from "../resources/scopes.ts";
import { requireSubscription } from "../resources/subscriptions.ts";
import type { ManagementGroup, Subscription } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Reply } from "../wire/exchange.ts";
import {
  type ArmContext,
  type ArmRow,
  canAct,
  readCallerScope,
  requireLinkedAccess,
  row,
  subscriptionOf,
} from "./context.ts";
import { refuseArm } from "./fault.ts";
import type { JsonObject } from "./json.ts";
import { listBody, takePage } from "./paging.ts";

const apiVersion = "2021-04-01";
const docs = "https://learn.microsoft.com/rest/api/managementgroups";
const listPath = "/providers/Microsoft.Management/managementGroups";
const groupPath = `${listPath}/{group}`;
const readAction = "Microsoft.Management/managementGroups/read";
const writeAction = "Microsoft.Management/managementGroups/write";
const assignAction = "Microsoft.Authorization/roleAssignments/write";
const type = "Microsoft.Management/managementGroups";

function groupScopeOf({ params }: ArmContext): string {
  return readCallerScope(scopeOfManagementGroup(params.group!)).text;
}

function parentBody({ name, displayName }: ManagementGroup) {
  return { id: scopeOfManagementGroup(name), name, displayName };
}

function childrenBody(context: ArmContext, group: ManagementGroup, isRecursive: boolean): unknown[] {
  const { model } = context.cloud;
  const key = group.name.toLowerCase();
  const groups = model.managementGroups.find("parentName", key).map((child) => ({
    type,
    ...parentBody(child),
    ...(isRecursive ? { children: childrenBody(context, child, true) } : {}),
  }));
  const subscriptions = model.subscriptions.find("managementGroupName", key).map(({ subscriptionId, displayName }) => ({
    type: "/subscriptions",
    id: scopeOfSubscription(subscriptionId),
    name: subscriptionId,
    displayName,
  }));
  return [...groups, ...subscriptions];
}

function groupBody(context: ArmContext, group: ManagementGroup, isRecursive?: boolean) {
  const { model } = context.cloud;
  const parent = ancestorsOf(model, group)[0];
  return {
    id: scopeOfManagementGroup(group.name),
    type,
    name: group.name,
    properties: {
      tenantId: model.tenant.tenantId,
      displayName: group.displayName,
      details: { version: 1, parent: parent === undefined ? null : parentBody(parent) },
      ...(isRecursive === undefined ? {} : { children: childrenBody(context, group, isRecursive) }),
    },
  };
}

function listGroups(context: ArmContext): Reply {
  const { cloud, exchange, query } = context;
  const { model } = cloud;
  const visible = [...model.managementGroups.values()].filter(({ name }) =>
    canAct(context, readAction, scopeOfManagementGroup(name)),
  );
  const { rows, nextLink } = takePage(exchange, query, visible, ({ name }) => name.toLowerCase());
  const value = rows.map(({ name, displayName }) => ({
    id: scopeOfManagementGroup(name),
    type,
    name,
    properties: { tenantId: model.tenant.tenantId, displayName },
  }));
  return { status: 200, body: listBody(value, nextLink) };
}

function getGroup(context: ArmContext): Reply {
  const { cloud, params, query } = context;
  const expand = query.get("$expand")?.toLowerCase();
  if (expand !== undefined && expand !== "children" && expand !== "") {
    refuse({ kind: "not-implemented", what: `$expand=${expand.slice(0, 64)}` });
  }
  const isRecursive = query.get("$recurse")?.toLowerCase() === "true";
  const group = requireManagementGroup(cloud.model, params.group!);
  return { status: 200, body: groupBody(context, group, expand === "children" ? isRecursive : undefined) };
}

const parentPattern = /^\/?providers\/Microsoft\.Management\/managementGroups\/([^/]+)$/i;

/** The parent named in a body, by its name; undefined when it names none. */
function readParentName(body: JsonObject): string | undefined {
  const id = body.object("properties").object("details").object("parent").string("id");
  if (id === undefined) return undefined;
  return (
    parentPattern.exec(id)?.[1] ??
    refuseArm({ kind: "content-invalid", why: "'properties.details.parent.id' is no management group" })
  );
}

/** A new group is made by whoever may write at its parent: it has no roles of its own yet. */
async function scopeToWrite(context: ArmContext): Promise<string> {
  const { model } = context.cloud;
  if (model.managementGroups.has(context.params.group!.toLowerCase())) return groupScopeOf(context);
  const parent = readParentName(await context.json()) ?? rootManagementGroup(model).name;
  return readCallerScope(scopeOfManagementGroup(parent)).text;
}

/**
 * To move something under another parent takes more than a right at the thing: whoever rules the new parent will rule it, and whoever ruled
 * it by the old one will not. So the mover must be able to assign roles at the thing and to write at both parents.
 * @see https://learn.microsoft.com/azure/governance/management-groups/manage#move-management-groups-and-subscriptions
 */
function requireMove(context: ArmContext, childScope: string, oldParent: string | null, newParent: string): void {
  requireLinkedAccess(context, assignAction, childScope, childScope);
  for (const parent of [oldParent, newParent]) {
    if (parent !== null) requireLinkedAccess(context, writeAction, scopeOfManagementGroup(parent), childScope);
  }
}

async function putGroup(context: ArmContext): Promise<Reply> {
  const { cloud, caller, params, row: of } = context;
  const body = await context.json();
  const request = {
    name: params.group!,
    displayName: body.object("properties").string("displayName"),
    parentName: readParentName(body),
  };
  const group = await cloud.store.change(caller.actor, of.operation, (model) => {
    const existing = model.managementGroups.get(request.name.toLowerCase());
    const outcome = putManagementGroup(model, request);
    const { parentName } = outcome.result;
    // Made by somebody else since this request was let in by its parent.
    if (existing !== undefined)
      requireLinkedAccess(
        context,
        writeAction,
        scopeOfManagementGroup(existing.name),
        scopeOfManagementGroup(existing.name),
      );
    if (
      existing !== undefined &&
      parentName !== null &&
      existing.parentName?.toLowerCase() !== parentName.toLowerCase()
    ) {
      requireMove(context, scopeOfManagementGroup(existing.name), existing.parentName, parentName);
    }
    return outcome;
  });
  return { status: 200, body: groupBody(context, group) };
}

async function patchGroup(context: ArmContext): Promise<Reply> {
  requireManagementGroup(context.cloud.model, context.params.group!);
  const { cloud, caller, params, row: of } = context;
  const body = await context.json();
  const displayName = body.string("displayName");
  const parentId = body.string("parentGroupId");
  if (parentId !== undefined)
    refuse({ kind: "not-implemented", what: "Moving a management group by PATCH (PUT moves it)" });
  const group = await cloud.store.change(caller.actor, of.operation, (model) => {
    requireManagementGroup(model, params.group!);
    return putManagementGroup(model, { name: params.group!, displayName, parentName: undefined });
  });
  return { status: 200, body: groupBody(context, group) };
}

/** 204 whether it was there or not: clients take that and 202, but no 200 (az 2.45 calls it an invalid status). */
async function deleteGroup(context: ArmContext): Promise<Reply> {
  const { cloud, caller, params, row: of } = context;
  if (!cloud.model.managementGroups.has(params.group!.toLowerCase())) return { status: 204 };
  await cloud.store.change(caller.actor, of.operation, (model) => deleteManagementGroup(model, params.group!));
  return { status: 204 };
}

function membershipBody({ cloud }: ArmContext, { subscriptionId, displayName, managementGroupName }: Subscription) {
  const parent = scopeOfManagementGroup(managementGroupName);
  return {
    id: `${parent}/subscriptions/${subscriptionId}`,
    type: `${type}/subscriptions`,
    name: subscriptionId,
    properties: { tenant: cloud.model.tenant.tenantId, displayName, parent: { id: parent }, state: "Active" },
  };
}

/** Moves the subscription in the path into the group in the path, or out of it to the root. */
function moveMember(direction: "in" | "out"): ArmRow["handle"] {
  return async (context) => {
    const { cloud, caller, params, row: of } = context;
    const subscriptionId = subscriptionOf(context);
    const subscription = await cloud.store.change(caller.actor, of.operation, (model) => {
      const before = requireSubscription(model, subscriptionId);
      const group = requireManagementGroup(model, params.group!);
      const isMember = before.managementGroupName.toLowerCase() === group.name.toLowerCase();
      if (direction === "out" && !isMember) refuse({ kind: "subscription-not-found", subscriptionId });
      const outcome = moveSubscription(
        model,
        subscriptionId,
        direction === "in" ? group.name : rootManagementGroup(model).name,
      );
      requireMove(
        context,
        scopeOfSubscription(subscriptionId),
        before.managementGroupName,
        outcome.result.managementGroupName,
      );
      return outcome;
    });
    return direction === "out" ? { status: 204 } : { status: 200, body: membershipBody(context, subscription) };
  };
}

function listMembers(context: ArmContext): Reply {
  const { cloud, params, exchange, query } = context;
  const group = requireManagementGroup(cloud.model, params.group!);
  const members = cloud.model.subscriptions.find("managementGroupName", group.name.toLowerCase());
  const { rows, nextLink } = takePage(exchange, query, members, ({ subscriptionId }) => subscriptionId);
  return {
    status: 200,
    body: listBody(
      rows.map((member) => membershipBody(context, member)),
      nextLink,
    ),
  };
}

/** Everything of the hierarchy that the caller holds a role at, above or below. */
function getEntities(context: ArmContext): Reply {
  const { cloud, caller } = context;
  const { model } = cloud;
  const isVisible = (scope: string): boolean => hasAccessAtOrBelow(model.access, caller.principalId, scope);
  const tenantId = model.tenant.tenantId;
  const groups = [...model.managementGroups.values()].map((group) => {
    const ancestors = ancestorsOf(model, group).map(({ name }) => name);
    const id = scopeOfManagementGroup(group.name);
    const parent = { id: ancestors[0] === undefined ? null : scopeOfManagementGroup(ancestors[0]) };
    const parentNameChain = ancestors.toReversed();
    return {
      id,
      type,
      name: group.name,
      properties: { tenantId, displayName: group.displayName, parent, parentNameChain },
    };
  });
  const subscriptions = [...model.subscriptions.values()].map(
    ({ subscriptionId, displayName, managementGroupName }) => {
      const parent = requireManagementGroup(model, managementGroupName);
      const parentNameChain = [parent, ...ancestorsOf(model, parent)].map(({ name }) => name).toReversed();
      const properties = {
        tenantId,
        displayName,
        parent: { id: scopeOfManagementGroup(parent.name) },
        parentNameChain,
      };
      return { id: scopeOfSubscription(subscriptionId), type: "/subscriptions", name: subscriptionId, properties };
    },
  );
  const value = [...groups, ...subscriptions].filter(({ id }) => isVisible(id));
  return { status: 200, body: { ...listBody(value), count: value.length } };
}

const memberPath = `${groupPath}/subscriptions/{subscriptionId}`;

export const managementGroupRows: readonly ArmRow[] = [
  row({
    operation: "List management groups",
    method: "GET",
    path: listPath,
    apiVersion,
    doc: `${docs}/management-groups/list`,
    authorize: { kind: "signed-in" },
    handle: listGroups,
  }),
  row({
    operation: "Get management group",
    method: "GET",
    path: groupPath,
    apiVersion,
    doc: `${docs}/management-groups/get`,
    authorize: { kind: "rbac", action: readAction, at: groupScopeOf },
    handle: getGroup,
  }),
  row({
    operation: "Create or update management group",
    method: "PUT",
    path: groupPath,
    apiVersion,
    doc: `${docs}/management-groups/create-or-update`,
    authorize: { kind: "rbac", action: writeAction, at: scopeToWrite },
    sampleBody: { properties: { displayName: "Group 1" } },
    handle: putGroup,
  }),
  row({
    operation: "Update management group",
    method: "PATCH",
    path: groupPath,
    apiVersion,
    doc: `${docs}/management-groups/update`,
    authorize: { kind: "rbac", action: writeAction, at: groupScopeOf },
    sampleBody: { displayName: "Group 1" },
    handle: patchGroup,
  }),
  row({
    operation: "Delete management group",
    method: "DELETE",
    path: groupPath,
    apiVersion,
    doc: `${docs}/management-groups/delete`,
    authorize: { kind: "rbac", action: "Microsoft.Management/managementGroups/delete", at: groupScopeOf },
    handle: deleteGroup,
  }),
  row({
    operation: "List subscriptions of a management group",
    method: "GET",
    path: `${groupPath}/subscriptions`,
    apiVersion,
    doc: `${docs}/management-group-subscriptions/get-subscriptions-under-management-group`,
    authorize: { kind: "rbac", action: "Microsoft.Management/managementGroups/subscriptions/read", at: groupScopeOf },
    handle: listMembers,
  }),
  row({
    operation: "Move subscription to a management group",
    method: "PUT",
    path: memberPath,
    apiVersion,
    doc: `${docs}/management-group-subscriptions/create`,
    authorize: { kind: "rbac", action: "Microsoft.Management/managementGroups/subscriptions/write", at: groupScopeOf },
    handle: moveMember("in"),
  }),
  row({
    operation: "Remove subscription from a management group",
    method: "DELETE",
    path: memberPath,
    apiVersion,
    doc: `${docs}/management-group-subscriptions/delete`,
    authorize: { kind: "rbac", action: "Microsoft.Management/managementGroups/subscriptions/delete", at: groupScopeOf },
    handle: moveMember("out"),
  }),
  row({
    operation: "List entities",
    method: "POST",
    path: "/providers/Microsoft.Management/getEntities",
    apiVersion,
    doc: `${docs}/entities/list`,
    authorize: { kind: "signed-in" },
    handle: getEntities,
  }),
];
