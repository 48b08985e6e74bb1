/** Operations on consents (delegated permission grants). @see https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
import { createGrant, deleteGrant, updateGrant } from "../directory/permission-grant.ts";
import type { OAuth2PermissionGrant } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerMade, answerOne, noContent, rowsOf } from "./answers.ts";
import { change, freshId } from "./changes.ts";
import { JsonMembers } from "./json-members.ts";
import { objectOf } from "./objects.ts";
import { makeOpaqueId, readOpaqueId } from "./opaque-id.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import type { ResourceType } from "./resource-type.ts";

const title = "OAuth2PermissionGrant";
const sampleGuid = "11111111-2222-4333-8444-555555555555";

/** Client, resource and, for one person, the person: as in Entra's own ids. */
const idOfGrant = ({ clientId, resourceId, principalId, id }: OAuth2PermissionGrant): string =>
  makeOpaqueId(clientId, resourceId, ...(principalId === null ? [] : [principalId]), id);

const permissionGrantType: ResourceType<OAuth2PermissionGrant> = {
  name: "oAuth2PermissionGrant",
  set: "oauth2PermissionGrants",
  title,
  keyOf: idOfGrant,
  properties: [
    { name: "clientId", read: (row) => row.clientId },
    { name: "consentType", read: (row) => row.consentType },
    { name: "id", read: idOfGrant },
    { name: "principalId", read: (row) => row.principalId },
    { name: "resourceId", read: (row) => row.resourceId },
    { name: "scope", read: (row) => row.scopes.join(" ") },
  ],
  filters: {
    clientId: { kind: "identifier", read: (row) => row.clientId },
    consentType: { kind: "text", read: (row) => row.consentType },
    principalId: { kind: "identifier", read: (row) => row.principalId },
    resourceId: { kind: "identifier", read: (row) => row.resourceId },
    scope: { kind: "text", read: (row) => row.scopes.join(" ") },
  },
  indexes: {
    clientId: (model, value) => model.oauth2PermissionGrants.find("clientId", value),
    resourceId: (model, value) => model.oauth2PermissionGrants.find("resourceId", value),
    principalId: (model, value) => model.oauth2PermissionGrants.find("principalId", value),
  },
};

function grantOf(call: GraphCall): OAuth2PermissionGrant {
  const { text } = call.keys.grant!;
  return (
    call.cloud.model.oauth2PermissionGrants.get(readOpaqueId(text)?.at(-1) ?? "") ??
    refuse({ kind: "object-not-found", objectKind: "oauth2PermissionGrant", id: text })
  );
}

async function create(call: GraphCall): Promise<Reply> {
  const members = new JsonMembers(call.body, title);
  const principalId = members.take("principalId") === null ? null : (members.guid("principalId") ?? null);
  const request = {
    clientId: members.guid("clientId") ?? members.refuse("clientId"),
    consentType: members.text("consentType") ?? members.refuse("consentType"),
    principalId,
    resourceId: members.guid("resourceId") ?? members.refuse("resourceId"),
    scope: members.optionalText("scope") ?? "",
  };
  // Once needed, ignored since.
  members.take("startTime");
  members.take("expiryTime");
  members.finish({ readOnly: ["id"], absent: [] });
  const id = freshId<Guid>(call);
  const row = await change(call, "Add delegated permission grant", (model) => createGrant(model, request, id));
  return answerMade(call, permissionGrantType, row);
}

async function update(call: GraphCall): Promise<Reply> {
  const { id } = grantOf(call);
  const members = new JsonMembers(call.body, title);
  const scope = members.optionalText("scope");
  members.finish({ readOnly: ["id", "clientId", "consentType", "principalId", "resourceId"], absent: [] });
  if (scope !== undefined)
    await change(call, "Update delegated permission grant", (model) => updateGrant(model, id, scope ?? ""));
  return noContent;
}

async function remove(call: GraphCall): Promise<Reply> {
  const { id } = grantOf(call);
  await change(call, "Remove delegated permission grant", (model) => deleteGrant(model, id));
  return noContent;
}

const listOf = (call: GraphCall, rows: readonly OAuth2PermissionGrant[]): Reply =>
  answerCollection(call, permissionGrantType, rowsOf(permissionGrantType, rows));

const sampleBody = {
  clientId: sampleGuid,
  consentType: "AllPrincipals",
  principalId: null,
  resourceId: sampleGuid,
  scope: "User.Read",
};

export const permissionGrantOperations: readonly GraphOperation[] = [
  operation({
    operation: "List oauth2PermissionGrants",
    method: "GET",
    match: "/oauth2PermissionGrants",
    action: "read-grants",
    isCollection: true,
    doc: "oauth2permissiongrant-list",
    handle: (call) => listOf(call, [...call.cloud.model.oauth2PermissionGrants.values()]),
  }),
  operation({
    operation: "Create oauth2PermissionGrant",
    method: "POST",
    match: "/oauth2PermissionGrants",
    action: "manage-grants",
    doc: "oauth2permissiongrant-post",
    sampleBody,
    handle: create,
  }),
  operation({
    operation: "Get oauth2PermissionGrant",
    method: "GET",
    match: "/oauth2PermissionGrants/{grant}",
    action: "read-grants",
    doc: "oauth2permissiongrant-get",
    handle: (call) => answerOne(call, permissionGrantType, grantOf(call)),
  }),
  operation({
    operation: "Update oauth2PermissionGrant",
    method: "PATCH",
    match: "/oauth2PermissionGrants/{grant}",
    action: "manage-grants",
    doc: "oauth2permissiongrant-update",
    sampleBody: { scope: "User.Read" },
    handle: update,
  }),
  operation({
    operation: "Delete oauth2PermissionGrant",
    method: "DELETE",
    match: "/oauth2PermissionGrants/{grant}",
    action: "manage-grants",
    doc: "oauth2permissiongrant-delete",
    handle: remove,
  }),
  operation({
    operation: "List a servicePrincipal's oauth2PermissionGrants",
    method: "GET",
    match: "/servicePrincipals/{servicePrincipal}/oauth2PermissionGrants",
    action: "read-grants",
    isCollection: true,
    doc: "serviceprincipal-list-oauth2permissiongrants",
    handle: (call) =>
      listOf(call, call.cloud.model.oauth2PermissionGrants.find("clientId", objectOf(call, "servicePrincipal").id)),
  }),
  operation({
    operation: "List the signed-in user's oauth2PermissionGrants",
    method: "GET",
    match: "/me/oauth2PermissionGrants",
    action: "read-grants",
    isDelegatedOnly: true,
    isCollection: true,
    doc: "user-list-oauth2permissiongrants",
    handle: (call) =>
      listOf(call, call.cloud.model.oauth2PermissionGrants.find("principalId", call.caller.principalId)),
  }),
  operation({
    operation: "List a user's oauth2PermissionGrants",
    method: "GET",
    match: "/users/{user}/oauth2PermissionGrants",
    action: "read-grants",
    isCollection: true,
    doc: "user-list-oauth2permissiongrants",
    handle: (call) =>
      listOf(call, call.cloud.model.oauth2PermissionGrants.find("principalId", objectOf(call, "user").id)),
  }),
];
