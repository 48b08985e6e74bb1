/** Operations on service principals. @see https://learn.microsoft.com/graph/api/resources/serviceprincipal */
import {
  createServicePrincipal,
  deleteServicePrincipal,
  type ServicePrincipalProperties,
  updateServicePrincipal,
} from "../directory/service-principal.ts";
import { type AppId, parseGuid, type ServicePrincipalObjectId } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerCreated, answerObjects, answerOne, noContent } from "./answers.ts";
import { change, creatorOwnerId, freshId } from "./changes.ts";
import { definedOnly, JsonMembers } from "./json-members.ts";
import { addKeyTo, readKeys, removeKeyFrom, sampleKey, sampleKeyRemoval, typeShowingKeys } from "./keys.ts";
import { memberGroupOperations } from "./member-groups.ts";
import { directMemberships, objectOf, ownedIdsOf, targetOf, transitiveMemberships, typedObjects } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation, type TargetOf } from "./operation.ts";
import { ownerOperations } from "./owners.ts";
import {
  addPasswordTo,
  readKeptPasswords,
  removePasswordFrom,
  samplePassword,
  samplePasswordRemoval,
} from "./passwords.ts";
import { servicePrincipalType } from "./service-principal-type.ts";

const target = targetOf("servicePrincipal");

/** Making a service principal is managing its application: who owns that may. */
const applicationTarget: TargetOf = ({ cloud, body }) => {
  const appId = parseGuid((body as { readonly appId?: unknown } | null)?.appId);
  return appId === undefined ? undefined : cloud.model.applications.findOne("appId", appId)?.id;
};

const otherMembers = {
  readOnly: [
    "id",
    "appDescription",
    "appDisplayName",
    "appOwnerOrganizationId",
    "appRoles",
    "applicationTemplateId",
    "createdDateTime",
    "deletedDateTime",
    "disabledByMicrosoftStatus",
    "displayName",
    "homepage",
    "oauth2PermissionScopes",
    "replyUrls",
    "servicePrincipalNames",
    "servicePrincipalType",
    "signInAudience",
    "verifiedPublisher",
  ],
  absent: [
    "addIns",
    "alternativeNames",
    "customSecurityAttributes",
    "description",
    "info",
    "keyCredentials",
    "loginUrl",
    "logoutUrl",
    "notificationEmailAddresses",
    "passwordCredentials",
    "preferredSingleSignOnMode",
    "preferredTokenSigningKeyThumbprint",
    "resourceSpecificApplicationPermissions",
    "samlSingleSignOnSettings",
    "tokenEncryptionKeyId",
  ],
} as const;

function readServicePrincipal(members: JsonMembers): Partial<ServicePrincipalProperties> {
  const properties = definedOnly<ServicePrincipalProperties>({
    accountEnabled: members.flag("accountEnabled"),
    appRoleAssignmentRequired: members.flag("appRoleAssignmentRequired"),
    tags: members.texts("tags"),
    notes: members.optionalText("notes"),
  });
  members.finish(otherMembers);
  return properties;
}

async function create(call: GraphCall): Promise<Reply> {
  const members = new JsonMembers(call.body, "ServicePrincipal");
  const appId = members.guid<AppId>("appId") ?? members.refuse("appId");
  const properties = readServicePrincipal(members);
  const ownerId = creatorOwnerId(call);
  const row = await change(call, "Create service principal", (model) =>
    createServicePrincipal(model, appId, properties, {
      id: freshId<ServicePrincipalObjectId>(call),
      now: call.cloud.ports.now(),
      ...(ownerId === undefined ? {} : { ownerId }),
    }),
  );
  return answerCreated(call, servicePrincipalType, row);
}

async function update(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "servicePrincipal");
  const members = new JsonMembers(call.body, "ServicePrincipal");
  const credentials = { keptKeyIds: readKeptPasswords(members), keys: readKeys(call, members) };
  const properties = readServicePrincipal(members);
  await change(call, "Update service principal", (model) => updateServicePrincipal(model, id, properties, credentials));
  return noContent;
}

export async function removeServicePrincipal(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "servicePrincipal");
  await change(call, "Delete service principal", (model) => deleteServicePrincipal(model, id, call.cloud.ports.now()));
  return noContent;
}

const holderOf = (call: GraphCall) =>
  ({ kind: "servicePrincipal", id: objectOf(call, "servicePrincipal").id }) as const;

export const servicePrincipalOperations: readonly GraphOperation[] = [
  operation({
    operation: "List servicePrincipals",
    method: "GET",
    match: "/servicePrincipals",
    isCollection: true,
    action: "read-applications",
    doc: "serviceprincipal-list",
    handle: (call) => {
      const table = call.cloud.model.servicePrincipals;
      return answerCollection(call, servicePrincipalType, { keys: table.sortedKeys(), get: (key) => table.get(key) });
    },
  }),
  operation({
    operation: "Create servicePrincipal",
    method: "POST",
    match: "/servicePrincipals",
    action: "create-service-principal",
    target: applicationTarget,
    doc: "serviceprincipal-post-serviceprincipals",
    sampleBody: { appId: "11111111-2222-4333-8444-555555555555" },
    handle: create,
  }),
  operation({
    operation: "Get servicePrincipal",
    method: "GET",
    match: "/servicePrincipals/{servicePrincipal}",
    action: "read-applications",
    doc: "serviceprincipal-get",
    handle: (call) => answerOne(call, typeShowingKeys(call, servicePrincipalType), objectOf(call, "servicePrincipal")),
  }),
  operation({
    operation: "Update servicePrincipal",
    method: "PATCH",
    match: "/servicePrincipals/{servicePrincipal}",
    action: "manage-application",
    target,
    doc: "serviceprincipal-update",
    sampleBody: { accountEnabled: true },
    handle: update,
  }),
  operation({
    operation: "Delete servicePrincipal",
    method: "DELETE",
    match: "/servicePrincipals/{servicePrincipal}",
    action: "manage-application",
    target,
    doc: "serviceprincipal-delete",
    handle: removeServicePrincipal,
  }),
  operation({
    operation: "servicePrincipal: addPassword",
    method: "POST",
    match: "/servicePrincipals/{servicePrincipal}/addPassword",
    action: "manage-application",
    target,
    doc: "serviceprincipal-addpassword",
    sampleBody: samplePassword,
    handle: (call) => addPasswordTo(call, holderOf(call)),
  }),
  operation({
    operation: "servicePrincipal: addKey",
    method: "POST",
    match: "/servicePrincipals/{servicePrincipal}/addKey",
    action: "roll-own-key",
    target,
    doc: "serviceprincipal-addkey",
    sampleBody: sampleKey,
    handle: (call) => addKeyTo(call, holderOf(call)),
  }),
  operation({
    operation: "servicePrincipal: removeKey",
    method: "POST",
    match: "/servicePrincipals/{servicePrincipal}/removeKey",
    action: "roll-own-key",
    target,
    doc: "serviceprincipal-removekey",
    sampleBody: sampleKeyRemoval,
    handle: (call) => removeKeyFrom(call, holderOf(call)),
  }),
  operation({
    operation: "servicePrincipal: removePassword",
    method: "POST",
    match: "/servicePrincipals/{servicePrincipal}/removePassword",
    action: "manage-application",
    target,
    doc: "serviceprincipal-removepassword",
    sampleBody: samplePasswordRemoval,
    handle: (call) => removePasswordFrom(call, holderOf(call)),
  }),
  ...ownerOperations("servicePrincipal"),
  operation({
    operation: "List servicePrincipal memberOf",
    method: "GET",
    match: "/servicePrincipals/{servicePrincipal}/memberOf",
    isCollection: true,
    action: "read-applications",
    doc: "serviceprincipal-list-memberof",
    handle: (call) => answerObjects(call, directMemberships(call, objectOf(call, "servicePrincipal").id)),
  }),
  operation({
    operation: "List servicePrincipal transitive memberOf",
    method: "GET",
    match: "/servicePrincipals/{servicePrincipal}/transitiveMemberOf",
    isCollection: true,
    action: "read-applications",
    doc: "serviceprincipal-list-transitivememberof",
    handle: (call) => answerObjects(call, transitiveMemberships(call, objectOf(call, "servicePrincipal").id)),
  }),
  operation({
    operation: "List ownedObjects of a servicePrincipal",
    method: "GET",
    match: "/servicePrincipals/{servicePrincipal}/ownedObjects",
    isCollection: true,
    action: "read-applications",
    doc: "serviceprincipal-list-ownedobjects",
    handle: (call) =>
      answerObjects(call, typedObjects(call, ownedIdsOf(call.cloud.model, objectOf(call, "servicePrincipal").id))),
  }),
  ...memberGroupOperations({
    match: "/servicePrincipals/{servicePrincipal}",
    of: "servicePrincipal",
    action: "read-applications",
    idOf: (call) => objectOf(call, "servicePrincipal").id,
  }),
];
