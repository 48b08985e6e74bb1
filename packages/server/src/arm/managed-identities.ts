/**
 * User-assigned managed identities.
 * @see https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities
 */
import {
  deleteManagedIdentity,
  type IdentityPlace,
  managedIdentityType,
  putManagedIdentity,
  requireManagedIdentity,
  updateManagedIdentity,
} from "../resources/managed-identities.ts";
import { scopeOfManagedIdentity } from "../resources/scopes.ts";
import type { ManagedIdentity } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, canAct, readCallerScope, row, subscriptionOf } from "./context.ts";
import type { JsonObject } from "./json.ts";
import { listBody, takePage } from "./paging.ts";
import { groupScope } from "./resource-groups.ts";
import { rowsOfGroup, rowsOfSubscription } from "./rows-by-place.ts";
import { subscriptionScope } from "./subscriptions.ts";

const apiVersion = "2023-01-31";
const docs = "https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities";
const namespace = "Microsoft.ManagedIdentity/userAssignedIdentities";

const readAction = `${namespace}/read`;
const writeAction = `${namespace}/write`;

const subscriptionPath = `/subscriptions/{subscriptionId}/providers/${namespace}`;
const groupPath = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/${namespace}`;

/** Path of one identity, for the rows of this file and of what stands below an identity. */
export const identityPath = `${groupPath}/{identity}`;

/** The identity in the path. */
export function identityPlaceOf(context: ArmContext): IdentityPlace {
  const { resourceGroup, identity } = context.params;
  return { subscriptionId: subscriptionOf(context), resourceGroup: resourceGroup!, name: identity! };
}

/** The scope of the identity in the path, as the caller spelled it. */
export function identityScope(context: ArmContext): string {
  const { subscriptionId, resourceGroup, name } = identityPlaceOf(context);
  const text = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${managedIdentityType}/${name}`;
  return readCallerScope(text).text;
}

function identityBody(identity: ManagedIdentity) {
  const { name, location, tags, tenantId, principalId, clientId } = identity;
  return {
    id: scopeOfManagedIdentity(identity),
    name,
    type: managedIdentityType,
    location,
    tags,
    properties: { tenantId, principalId, clientId },
  };
}

/** Whether the caller may see an identity in a list of which it may not see all. */
export function canReadIdentity(context: ArmContext, identity: ManagedIdentity): boolean {
  return canAct(context, readAction, scopeOfManagedIdentity(identity));
}

function listReply(context: ArmContext, identities: readonly ManagedIdentity[]): Reply {
  const { exchange, query, isWhole } = context;
  const visible = identities.filter((identity) => isWhole || canReadIdentity(context, identity));
  const { rows, nextLink } = takePage(exchange, query, visible, (identity) =>
    scopeOfManagedIdentity(identity).toLowerCase(),
  );
  return { status: 200, body: listBody(rows.map(identityBody), nextLink) };
}

function listInSubscription(context: ArmContext): Reply {
  return listReply(context, rowsOfSubscription(context, context.cloud.model.managedIdentities));
}

function listInGroup(context: ArmContext): Reply {
  return listReply(context, rowsOfGroup(context, context.cloud.model.managedIdentities));
}

function getIdentity(context: ArmContext): Reply {
  return { status: 200, body: identityBody(requireManagedIdentity(context.cloud.model, identityPlaceOf(context))) };
}

/** A regional identity would be one that other regions refuse: not kept, so not taken. */
function refuseUnserved(body: JsonObject): void {
  const isolation = body.object("properties").string("isolationScope") ?? "None";
  if (isolation.toLowerCase() !== "none")
    refuse({ kind: "not-implemented", what: "The managed identity setting 'isolationScope'" });
}

async function putIdentity(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const body = await context.json();
  refuseUnserved(body);
  const request = { ...identityPlaceOf(context), location: body.string("location"), tags: body.stringMap("tags") };
  const { identity, isNew } = await cloud.store.change(caller.actor, of.operation, (model) =>
    putManagedIdentity(model, request, cloud.ports),
  );
  return { status: isNew ? 201 : 200, body: identityBody(identity) };
}

async function patchIdentity(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const body = await context.json();
  refuseUnserved(body);
  const request = { ...identityPlaceOf(context), tags: body.stringMap("tags") };
  const { identity } = await cloud.store.change(caller.actor, of.operation, (model) =>
    updateManagedIdentity(model, request),
  );
  return { status: 200, body: identityBody(identity) };
}

async function deleteIdentity(context: ArmContext): Promise<Reply> {
  const { cloud, caller, row: of } = context;
  const place = identityPlaceOf(context);
  const wasThere = await cloud.store.change(caller.actor, of.operation, (model) => deleteManagedIdentity(model, place));
  return { status: wasThere ? 200 : 204 };
}

/** No resource of this cloud can be given an identity (a program is, by `postern run --identity`), so none has one. */
function listAssociated(context: ArmContext): Reply {
  requireManagedIdentity(context.cloud.model, identityPlaceOf(context));
  return { status: 200, body: { totalCount: 0, value: [] } };
}

export const managedIdentityRows: readonly ArmRow[] = [
  row({
    operation: "List managed identities",
    method: "GET",
    path: subscriptionPath,
    apiVersion,
    doc: `${docs}/list-by-subscription`,
    authorize: { kind: "rbac", action: readAction, at: subscriptionScope, isListing: true },
    handle: listInSubscription,
  }),
  row({
    operation: "List managed identities of a resource group",
    method: "GET",
    path: groupPath,
    apiVersion,
    doc: `${docs}/list-by-resource-group`,
    authorize: { kind: "rbac", action: readAction, at: groupScope, isListing: true },
    handle: listInGroup,
  }),
  row({
    operation: "Get managed identity",
    method: "GET",
    path: identityPath,
    apiVersion,
    doc: `${docs}/get`,
    authorize: { kind: "rbac", action: readAction, at: identityScope },
    handle: getIdentity,
  }),
  row({
    operation: "Create or update managed identity",
    method: "PUT",
    path: identityPath,
    apiVersion,
    doc: `${docs}/create-or-update`,
    authorize: { kind: "rbac", action: writeAction, at: identityScope },
    sampleBody: { location: "westeurope" },
    handle: putIdentity,
  }),
  row({
    operation: "Update managed identity",
    method: "PATCH",
    path: identityPath,
    apiVersion,
    doc: `${docs}/update`,
    authorize: { kind: "rbac", action: writeAction, at: identityScope },
    sampleBody: { tags: {} },
    handle: patchIdentity,
  }),
  row({
    operation: "Delete managed identity",
    method: "DELETE",
    path: identityPath,
    apiVersion,
    doc: `${docs}/delete`,
    authorize: { kind: "rbac", action: `${namespace}/delete`, at: identityScope },
    handle: deleteIdentity,
  }),
  row({
    operation: "List resources associated with a managed identity",
    method: "POST",
    path: `${identityPath}/listAssociatedResources`,
    apiVersion: "2021-09-30-preview",
    doc: `${docs}/list-associated-resources`,
    authorize: { kind: "rbac", action: `${namespace}/listAssociatedResources/action`, at: identityScope },
    handle: listAssociated,
  }),
];
