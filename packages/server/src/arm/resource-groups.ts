/**
 * Resource groups, and where a long-running delete is asked after.
 * @see https://learn.microsoft.com/rest/api/resources/resource-groups
 */
import {
  putResourceGroup,
  requireResourceGroup,
  startGroupDeletion,
  updateResourceGroup,
} from "../resources/resource-groups.ts";
import { scopeOfResourceGroup } from "../resources/scopes.ts";
import { requireSubscription } from "../resources/subscriptions.ts";
import { type ResourceGroup, resourceGroupKey } from "../state/entities.ts";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, canAct, readCallerScope, row, subscriptionOf } from "./context.ts";
import { refuseArm } from "./fault.ts";
import { readFilter } from "./filter.ts";
import { refuseKeptBlobs } from "./kept-blobs.ts";
import { retryAfterSeconds } from "./operation-results.ts";
import { listBody, takePage } from "./paging.ts";
import { subscriptionScope } from "./subscriptions.ts";

const apiVersion = "2021-04-01";
const docs = "https://learn.microsoft.com/rest/api/resources/resource-groups";
const readAction = "Microsoft.Resources/subscriptions/resourceGroups/read";
const groupPath = "/subscriptions/{subscriptionId}/resourcegroups/{resourceGroup}";

/** The scope of the group in the path, as the caller spelled its name. */
export function groupScope(context: ArmContext): string {
  const name = context.params.resourceGroup!;
  return readCallerScope(`/subscriptions/${subscriptionOf(context)}/resourceGroups/${name}`).text;
}

function groupBody(group: ResourceGroup) {
  const { name, location, tags, provisioningState, managedBy } = group;
  return {
    id: scopeOfResourceGroup(group),
    name,
    type: "Microsoft.Resources/resourceGroups",
    location,
    ...(managedBy === null ? {} : { managedBy }),
    tags,
    properties: { provisioningState },
  };
}

/** Says whether tags hold a name (without case) with a value; any value when that is undefined. */
export function hasTag(tags: ResourceGroup["tags"], name: string, value: string | undefined): boolean {
  return Object.entries(tags).some(
    ([tag, held]) => tag.toLowerCase() === name.toLowerCase() && (value === undefined || held === value),
  );
}

function listGroups(context: ArmContext): Reply {
  const { cloud, exchange, query, isWhole } = context;
  const subscriptionId = subscriptionOf(context);
  requireSubscription(cloud.model, subscriptionId);
  const filter = readFilter(query.filter(), { equals: ["tagName", "tagValue"] });
  const tagName = filter.get("tagname");
  if (filter.has("tagvalue") && tagName === undefined) refuseArm({ kind: "filter-invalid", given: query.filter()! });
  const found = cloud.model.resourceGroups
    .find("subscriptionId", subscriptionId)
    .filter(({ tags }) => tagName === undefined || hasTag(tags, tagName, filter.get("tagvalue")))
    .filter((group) => isWhole || canAct(context, readAction, scopeOfResourceGroup(group)));
  const { rows, nextLink } = takePage(exchange, query, found, ({ name }) => name.toLowerCase());
  return { status: 200, body: listBody(rows.map(groupBody), nextLink) };
}

function headGroup(context: ArmContext): Reply {
  requireResourceGroup(context.cloud.model, subscriptionOf(context), context.params.resourceGroup!);
  return { status: 204 };
}

function getGroup(context: ArmContext): Reply {
  const group = requireResourceGroup(context.cloud.model, subscriptionOf(context), context.params.resourceGroup!);
  return { status: 200, body: groupBody(group) };
}

async function putGroup(context: ArmContext): Promise<Reply> {
  const { cloud, caller, params, row: of } = context;
  const body = await context.json();
  const request = {
    subscriptionId: subscriptionOf(context),
    name: params.resourceGroup!,
    location: body.string("location"),
    tags: body.stringMap("tags"),
    managedBy: body.string("managedBy"),
  };
  const { group, isNew } = await cloud.store.change(caller.actor, of.operation, (model) =>
    putResourceGroup(model, request),
  );
  return { status: isNew ? 201 : 200, body: groupBody(group) };
}

async function patchGroup(context: ArmContext): Promise<Reply> {
  const { cloud, caller, params, row: of } = context;
  const body = await context.json();
  const request = {
    subscriptionId: subscriptionOf(context),
    name: params.resourceGroup!,
    tags: body.stringMap("tags"),
    managedBy: body.string("managedBy"),
  };
  const { group } = await cloud.store.change(caller.actor, of.operation, (model) =>
    updateResourceGroup(model, request),
  );
  return { status: 200, body: groupBody(group) };
}

/** 202 at once: the group is marked and closed; its data go meanwhile, and the Location says when they are gone. */
async function deleteGroup(context: ArmContext): Promise<Reply> {
  const { cloud, caller, params, services, row: of, exchange } = context;
  const subscriptionId = subscriptionOf(context);
  const name = params.resourceGroup!;
  const accounts = cloud.model.storageAccounts.find("resourceGroup", resourceGroupKey(subscriptionId, name));
  await refuseKeptBlobs(services, [...accounts]);
  const { group } = await cloud.store.change(caller.actor, of.operation, (model) =>
    startGroupDeletion(model, subscriptionId, name),
  );
  let state: "running" | "done" | "failed" = "running";
  services.deletions.deleteGroup(group, caller.actor).then(
    () => {
      state = "done";
    },
    () => {
      state = "failed";
    },
  );
  const id = services.results.add({
    startedBy: caller.principalId,
    readAction,
    readScope: scopeOfResourceGroup(group),
    outcome: () => {
      if (state === "failed")
        refuseArm({ kind: "operation-failed", what: `The deletion of resource group '${group.name}'` });
      return state === "done" ? { status: 200 } : undefined;
    },
  });
  const path = `/subscriptions/${subscriptionId}/operationresults/${id}`;
  return accepted(`${exchange.origin}${exchange.prefix}${path}?api-version=${context.apiVersion}`);
}

/** A 202 as Azure's: no body, text/plain, and where to ask. */
export function accepted(location: string): Reply {
  return {
    status: 202,
    headers: { location, "retry-after": String(retryAfterSeconds), "content-type": "text/plain; charset=utf-8" },
  };
}

function resultOf({ params, services }: ArmContext) {
  return services.results.get(params.operationId!);
}

/** What a long-running operation has come to: 202 with the same Location, or its answer. */
function getResult(context: ArmContext): Reply {
  const { exchange, params } = context;
  const result = resultOf(context) ?? refuseArm({ kind: "operation-unknown", id: params.operationId!.slice(0, 64) });
  return result.outcome() ?? accepted(`${exchange.origin}${exchange.prefix}${exchange.path}?${exchange.query}`);
}

/** Rows of operation results: whoever started one may ask, and whoever may read what it is about. */
function resultRow(operation: string, path: string, action: string): ArmRow {
  return row({
    operation,
    method: "GET",
    path,
    apiVersion,
    doc: "https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations",
    authorize: {
      kind: "rbac",
      action,
      at: (context) => resultOf(context)?.readScope ?? subscriptionScope(context),
      isOwn: (context) => resultOf(context)?.startedBy === context.caller.principalId,
    },
    handle: getResult,
  });
}

export const resourceGroupRows: readonly ArmRow[] = [
  row({
    operation: "List resource groups",
    method: "GET",
    path: "/subscriptions/{subscriptionId}/resourcegroups",
    apiVersion,
    doc: `${docs}/list`,
    authorize: { kind: "rbac", action: readAction, at: subscriptionScope, isListing: true },
    handle: listGroups,
  }),
  row({
    operation: "Check resource group existence",
    method: "HEAD",
    path: groupPath,
    apiVersion,
    doc: `${docs}/check-existence`,
    authorize: { kind: "rbac", action: readAction, at: groupScope },
    handle: headGroup,
  }),
  row({
    operation: "Get resource group",
    method: "GET",
    path: groupPath,
    apiVersion,
    doc: `${docs}/get`,
    authorize: { kind: "rbac", action: readAction, at: groupScope },
    handle: getGroup,
  }),
  row({
    operation: "Create or update resource group",
    method: "PUT",
    path: groupPath,
    apiVersion,
    doc: `${docs}/create-or-update`,
    authorize: { kind: "rbac", action: "Microsoft.Resources/subscriptions/resourceGroups/write", at: groupScope },
    sampleBody: { location: "westeurope" },
    handle: putGroup,
  }),
  row({
    operation: "Update resource group",
    method: "PATCH",
    path: groupPath,
    apiVersion,
    doc: `${docs}/update`,
    authorize: { kind: "rbac", action: "Microsoft.Resources/subscriptions/resourceGroups/write", at: groupScope },
    sampleBody: { tags: {} },
    handle: patchGroup,
  }),
  row({
    operation: "Delete resource group",
    method: "DELETE",
    path: groupPath,
    apiVersion,
    doc: `${docs}/delete`,
    authorize: { kind: "rbac", action: "Microsoft.Resources/subscriptions/resourceGroups/delete", at: groupScope },
    handle: deleteGroup,
  }),
  resultRow(
    "Get operation result",
    "/subscriptions/{subscriptionId}/operationresults/{operationId}",
    "Microsoft.Resources/subscriptions/operationresults/read",
  ),
  resultRow(
    "Get storage operation result",
    "/subscriptions/{subscriptionId}/providers/Microsoft.Storage/locations/{location}/asyncoperations/{operationId}",
    "Microsoft.Storage/storageAccounts/read",
  ),
];
