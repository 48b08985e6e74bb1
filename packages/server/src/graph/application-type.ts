/** The application as Graph shows it. @see https://learn.microsoft.com/graph/api/resources/application */
import { federatedCredentialsOf } from "../directory/federated-credential.ts";
import type { Application, AppRole, PasswordCredential } from "../state/entities.ts";
import { renderKey } from "./key-credential-shape.ts";
import { always, ownersField, type ResourceType, renderTime } from "./resource-type.ts";

export const applicationType: ResourceType<Application> = {
  name: "application",
  set: "applications",
  title: "Application",
  keyOf: (row) => row.id,
  properties: [
    { name: "id", read: (row) => row.id },
    always("deletedDateTime", null),
    { name: "appId", read: (row) => row.appId },
    always("applicationTemplateId", null),
    always("disabledByMicrosoftStatus", null),
    { name: "createdDateTime", read: (row, at) => renderTime(row.createdDateTime, at.isNew === true) },
    { name: "displayName", read: (row) => row.displayName },
    { name: "description", read: (row) => row.description },
    { name: "groupMembershipClaims", read: (row) => row.groupMembershipClaims },
    { name: "identifierUris", read: (row) => row.identifierUris },
    always("isDeviceOnlyAuthSupported", null),
    { name: "isFallbackPublicClient", read: (row) => row.isFallbackPublicClient },
    always("nativeAuthenticationApisEnabled", null),
    { name: "notes", read: (row) => row.notes },
    { name: "publisherDomain", read: (_row, { model }) => model.tenant.domains[0] ?? null },
    always("serviceManagementReference", null),
    { name: "signInAudience", read: (row) => row.signInAudience },
    { name: "tags", read: (row) => row.tags },
    always("tokenEncryptionKeyId", null),
    always("uniqueName", null),
    always("samlMetadataUrl", null),
    always("defaultRedirectUri", null),
    always("certification", null),
    { name: "optionalClaims", read: (row) => row.optionalClaims },
    always("servicePrincipalLockConfiguration", null),
    always("requestSignatureVerification", null),
    always("addIns", []),
    {
      name: "api",
      read: (row) => ({
        acceptMappedClaims: null,
        knownClientApplications: [],
        requestedAccessTokenVersion: row.requestedAccessTokenVersion,
        oauth2PermissionScopes: row.oauth2PermissionScopes,
        preAuthorizedApplications: row.preAuthorizedApplications,
      }),
    },
    { name: "appRoles", read: (row) => row.appRoles.map(renderAppRole) },
    always("info", {
      logoUrl: null,
      marketingUrl: null,
      privacyStatementUrl: null,
      supportUrl: null,
      termsOfServiceUrl: null,
    }),
    { name: "keyCredentials", read: (row) => row.keyCredentials.map((credential) => renderKey(credential)) },
    always("parentalControlSettings", { countriesBlockedForMinors: [], legalAgeGroupRule: "Allow" }),
    {
      name: "passwordCredentials",
      read: (row) => row.passwordCredentials.map((credential) => renderPassword(credential)),
    },
    { name: "publicClient", read: (row) => ({ redirectUris: row.publicClientRedirectUris }) },
    { name: "requiredResourceAccess", read: (row) => row.requiredResourceAccess },
    always("verifiedPublisher", { displayName: null, verifiedPublisherId: null, addedDateTime: null }),
    { name: "web", read: renderWeb },
    { name: "spa", read: (row) => ({ redirectUris: row.spaRedirectUris }) },
  ],
  filters: {
    id: { kind: "identifier", read: (row) => row.id },
    appId: { kind: "identifier", read: (row) => row.appId },
    displayName: { kind: "text", read: (row) => row.displayName },
    description: { kind: "text", read: (row) => row.description, isAdvanced: true },
    createdDateTime: { kind: "time", read: (row) => renderTime(row.createdDateTime, false) },
    signInAudience: { kind: "text", read: (row) => row.signInAudience },
    publisherDomain: { kind: "text", read: (_row, { model }) => model.tenant.domains[0] },
    identifierUris: { kind: "texts", read: (row) => row.identifierUris },
    tags: { kind: "texts", read: (row) => row.tags },
    "web/redirectUris": { kind: "texts", read: (row) => row.webRedirectUris, isAdvanced: true },
    "spa/redirectUris": { kind: "texts", read: (row) => row.spaRedirectUris, isAdvanced: true },
    "publicClient/redirectUris": { kind: "texts", read: (row) => row.publicClientRedirectUris, isAdvanced: true },
    owners: ownersField(),
    federatedIdentityCredentials: { kind: "related", read: (row, { model }) => federatedCredentialsOf(model, row.id) },
    appRoles: { kind: "objects", read: (row) => row.appRoles, members: { id: "identifier", value: "text" } },
    keyCredentials: {
      kind: "objects",
      read: (row) => row.keyCredentials,
      members: {
        keyId: "identifier",
        displayName: "text",
        customKeyIdentifier: "text",
        startDateTime: "time",
        endDateTime: "time",
      },
    },
    passwordCredentials: {
      kind: "objects",
      isAdvanced: true,
      read: (row) => row.passwordCredentials,
      members: { keyId: "identifier", displayName: "text", startDateTime: "time", endDateTime: "time" },
    },
    requiredResourceAccess: {
      kind: "objects",
      isAdvanced: true,
      read: (row) => row.requiredResourceAccess,
      members: { resourceAppId: "identifier" },
    },
  },
  indexes: {
    id: (model, value) => [model.applications.get(value)].filter((row) => row !== undefined),
    appId: (model, value) => model.applications.find("appId", value),
    displayName: (model, value) => model.applications.find("displayName", value),
    identifierUris: (model, value) => model.applications.find("identifierUri", value),
  },
  orderBy: [
    { name: "displayName", read: (row) => row.displayName, isAdvanced: true },
    { name: "createdDateTime", read: (row) => row.createdDateTime, isAdvanced: true },
  ],
};

/** A secret as it is shown after its making: never its text. @param secretText shown once, by the answer that made it. */
export function renderPassword(
  credential: PasswordCredential,
  secretText: string | null = null,
): Readonly<Record<string, unknown>> {
  return {
    customKeyIdentifier: null,
    displayName: credential.displayName,
    endDateTime: renderTime(credential.endDateTime, true),
    hint: credential.hint,
    keyId: credential.keyId,
    secretText,
    startDateTime: renderTime(credential.startDateTime, true),
  };
}

export function renderAppRole(role: AppRole): Readonly<Record<string, unknown>> {
  return {
    allowedMemberTypes: role.allowedMemberTypes,
    description: role.description,
    displayName: role.displayName,
    id: role.id,
    isEnabled: role.isEnabled,
    origin: "Application",
    value: role.value,
  };
}

function renderWeb(row: Application): Readonly<Record<string, unknown>> {
  return {
    homePageUrl: row.homePageUrl,
    logoutUrl: row.logoutUrl,
    redirectUris: row.webRedirectUris,
    implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: row.isIdTokenIssuanceEnabled },
    redirectUriSettings: row.webRedirectUris.map((uri) => ({ uri, index: null })),
  };
}
