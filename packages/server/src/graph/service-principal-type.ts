/** The service principal as Graph shows it: much of it is its application's. @see https://learn.microsoft.com/graph/api/resources/serviceprincipal */
import { offeredAppRoles } from "../directory/app-role-assignment.ts";
import { type DelegatedScope, publishedScopes } from "../directory/delegated-scopes.ts";
import { isFirstParty } from "../directory/managed-identity-principal.ts";
import type { Application, PermissionScope, ServicePrincipal } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";
import { renderAppRole, renderPassword } from "./application-type.ts";
import { renderKey } from "./key-credential-shape.ts";
import { always, ownedObjectsField, ownersField, type ReadAt, type ResourceType, renderTime } from "./resource-type.ts";

/** The tenant that owns Microsoft's own applications. @see https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in */
const microsoftTenantId = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

export const servicePrincipalType: ResourceType<ServicePrincipal> = {
  name: "servicePrincipal",
  set: "servicePrincipals",
  title: "ServicePrincipal",
  keyOf: (row) => row.id,
  properties: [
    { name: "id", read: (row) => row.id },
    always("deletedDateTime", null),
    { name: "accountEnabled", read: (row) => row.accountEnabled },
    always("alternativeNames", []),
    { name: "appDisplayName", read: (row) => row.displayName },
    { name: "appDescription", read: (row, at) => applicationOf(row, at.model)?.description ?? null },
    { name: "appId", read: (row) => row.appId },
    always("applicationTemplateId", null),
    { name: "appOwnerOrganizationId", read: ownerOrganizationOf },
    { name: "appRoleAssignmentRequired", read: (row) => row.appRoleAssignmentRequired },
    { name: "createdDateTime", read: (row, at) => renderTime(row.createdDateTime, at.isNew === true) },
    always("description", null),
    always("disabledByMicrosoftStatus", null),
    { name: "displayName", read: (row) => row.displayName },
    { name: "homepage", read: (row, at) => applicationOf(row, at.model)?.homePageUrl ?? null },
    always("loginUrl", null),
    { name: "logoutUrl", read: (row, at) => applicationOf(row, at.model)?.logoutUrl ?? null },
    { name: "notes", read: (row) => row.notes },
    always("notificationEmailAddresses", []),
    always("preferredSingleSignOnMode", null),
    always("preferredTokenSigningKeyThumbprint", null),
    { name: "replyUrls", read: replyUrlsOf },
    { name: "servicePrincipalNames", read: namesOf },
    { name: "servicePrincipalType", read: (row) => row.servicePrincipalType },
    { name: "signInAudience", read: signInAudienceOf },
    { name: "tags", read: (row) => row.tags },
    always("tokenEncryptionKeyId", null),
    always("samlSingleSignOnSettings", null),
    always("addIns", []),
    { name: "appRoles", read: appRolesOf },
    always("info", {
      logoUrl: null,
      marketingUrl: null,
      privacyStatementUrl: null,
      supportUrl: null,
      termsOfServiceUrl: null,
    }),
    { name: "keyCredentials", read: (row) => row.keyCredentials.map((credential) => renderKey(credential)) },
    { name: "oauth2PermissionScopes", read: scopesOf },
    { name: "passwordCredentials", read: (row) => row.passwordCredentials.map((password) => renderPassword(password)) },
    always("resourceSpecificApplicationPermissions", []),
    always("verifiedPublisher", { displayName: null, verifiedPublisherId: null, addedDateTime: null }),
  ],
  filters: {
    id: { kind: "identifier", read: (row) => row.id },
    appId: { kind: "identifier", read: (row) => row.appId },
    displayName: { kind: "text", read: (row) => row.displayName },
    appDisplayName: { kind: "text", read: (row) => row.displayName },
    accountEnabled: { kind: "boolean", read: (row) => row.accountEnabled },
    createdDateTime: { kind: "time", read: (row) => renderTime(row.createdDateTime, false) },
    appRoleAssignmentRequired: { kind: "boolean", read: (row) => row.appRoleAssignmentRequired, isAdvanced: true },
    servicePrincipalType: { kind: "text", read: (row) => row.servicePrincipalType },
    appOwnerOrganizationId: { kind: "identifier", read: ownerOrganizationOf, isAdvanced: true },
    servicePrincipalNames: { kind: "texts", read: namesOf },
    tags: { kind: "texts", read: (row) => row.tags },
    appRoles: { kind: "objects", read: appRolesOf, members: { id: "identifier", value: "text" } },
    owners: ownersField(),
    ownedObjects: ownedObjectsField(),
  },
  indexes: {
    id: (model, value) => [model.servicePrincipals.get(value)].filter((row) => row !== undefined),
    appId: (model, value) => model.servicePrincipals.find("appId", value),
    displayName: (model, value) => model.servicePrincipals.find("displayName", value),
    appDisplayName: (model, value) => model.servicePrincipals.find("displayName", value),
    servicePrincipalNames: findByName,
  },
  orderBy: [
    { name: "displayName", read: (row) => row.displayName, isAdvanced: true },
    { name: "createdDateTime", read: (row) => row.createdDateTime, isAdvanced: true },
  ],
};

function applicationOf(row: ServicePrincipal, model: ReadModel): Application | undefined {
  return model.applications.findOne("appId", row.appId);
}

/** The appId and the identifier URIs, not the object id: a client that looks up an object id here must find nothing and ask getByIds. */
function namesOf(row: ServicePrincipal, { model }: ReadAt): readonly string[] {
  const uris = applicationOf(row, model)?.identifierUris ?? [];
  return [row.appId, ...uris, ...row.alternativeServicePrincipalNames];
}

function findByName(model: ReadModel, name: string): readonly ServicePrincipal[] {
  const byUri = model.applications
    .find("identifierUri", name)
    .flatMap((application) => model.servicePrincipals.find("appId", application.appId));
  return [...new Set([...model.servicePrincipalsNamed(name), ...byUri])];
}

function ownerOrganizationOf(row: ServicePrincipal): string | null {
  return isFirstParty(row) ? microsoftTenantId : row.appOwnerOrganizationId;
}

function signInAudienceOf(row: ServicePrincipal, { model }: ReadAt): string | null {
  if (isFirstParty(row)) return "AzureADMultipleOrgs";
  return applicationOf(row, model)?.signInAudience ?? null;
}

function replyUrlsOf(row: ServicePrincipal, { model }: ReadAt): readonly string[] {
  const application = applicationOf(row, model);
  if (application === undefined) return [];
  return [...application.webRedirectUris, ...application.spaRedirectUris, ...application.publicClientRedirectUris];
}

function appRolesOf(row: ServicePrincipal, { model }: ReadAt): readonly Readonly<Record<string, unknown>>[] {
  return offeredAppRoles(model, row).map(renderAppRole);
}

function scopesOf(row: ServicePrincipal, { model }: ReadAt): readonly unknown[] {
  return applicationOf(row, model)?.oauth2PermissionScopes ?? publishedScopes(model, row.appId).map(renderScope);
}

/** A permission of Microsoft's own. */
function renderScope({ id, value, displayName, needsAdministrator }: DelegatedScope): PermissionScope {
  return {
    adminConsentDescription: displayName,
    adminConsentDisplayName: displayName,
    id,
    isEnabled: true,
    type: needsAdministrator ? "Admin" : "User",
    userConsentDescription: null,
    userConsentDisplayName: null,
    value,
  };
}
