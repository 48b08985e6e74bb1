/** Reads the body of an application's POST or PATCH. @see https://learn.microsoft.com/graph/api/resources/application#properties */
import type { ApplicationProperties } from "../directory/application.ts";
import type {
  AppRole,
  OptionalClaim,
  OptionalClaims,
  PermissionScope,
  PreAuthorizedApplication,
  SignInAudience,
} from "../state/entities.ts";
import { type AppId, parseGuid } from "../state/identifiers.ts";
import { definedOnly, JsonMembers } from "./json-members.ts";

const otherMembers = {
  readOnly: [
    "id",
    "appId",
    "applicationTemplateId",
    "certification",
    "createdDateTime",
    "deletedDateTime",
    "disabledByMicrosoftStatus",
    "publisherDomain",
    "verifiedPublisher",
  ],
  absent: [
    "addIns",
    "authenticationBehaviors",
    "defaultRedirectUri",
    "info",
    "isDeviceOnlyAuthSupported",
    "logo",
    "nativeAuthenticationApisEnabled",
    "oauth2RequirePostResponse",
    "parentalControlSettings",
    "passwordCredentials",
    "requestSignatureVerification",
    "samlMetadataUrl",
    "serviceManagementReference",
    "servicePrincipalLockConfiguration",
    "tokenEncryptionKeyId",
    "uniqueName",
  ],
} as const;

/**
 * Reads the properties that are there; what may be in them is the rule's to say.
 * @throws GraphRefusal for members that are wrong, unknown, computed or not implemented.
 */
export function readApplication(members: JsonMembers): Partial<ApplicationProperties> {
  const api = members.object("api");
  const web = members.object("web");
  const properties = definedOnly<ApplicationProperties>({
    displayName: members.text("displayName"),
    description: members.optionalText("description"),
    signInAudience: members.text("signInAudience") as SignInAudience | undefined,
    identifierUris: members.texts("identifierUris"),
    webRedirectUris: web?.texts("redirectUris"),
    spaRedirectUris: readRedirectUris(members.object("spa")),
    publicClientRedirectUris: readRedirectUris(members.object("publicClient")),
    isFallbackPublicClient: members.optionalFlag("isFallbackPublicClient"),
    isIdTokenIssuanceEnabled: readImplicitGrant(web?.object("implicitGrantSettings")),
    homePageUrl: web?.optionalText("homePageUrl"),
    logoutUrl: web?.optionalText("logoutUrl"),
    notes: members.optionalText("notes"),
    tags: members.texts("tags"),
    appRoles: members.list("appRoles")?.map(readAppRole),
    requiredResourceAccess: members.list("requiredResourceAccess"),
    oauth2PermissionScopes: api?.list("oauth2PermissionScopes")?.map(readScope),
    preAuthorizedApplications: api?.list("preAuthorizedApplications")?.map(readPreAuthorized),
    requestedAccessTokenVersion: api && readTokenVersion(api),
    optionalClaims: readOptionalClaims(members),
    groupMembershipClaims: members.optionalText("groupMembershipClaims"),
  });
  api?.finish({ readOnly: [], absent: ["acceptMappedClaims", "knownClientApplications"] });
  web?.finish({ readOnly: [], absent: ["redirectUriSettings"] });
  members.finish(otherMembers);
  return properties;
}

function readTokenVersion(api: JsonMembers): 1 | 2 | null | undefined {
  const version = api.take("requestedAccessTokenVersion");
  if (version === undefined || version === null || version === 1 || version === 2) return version;
  return api.refuse("requestedAccessTokenVersion");
}

function readScope(value: unknown): PermissionScope {
  const scope = new JsonMembers(value, "Application", "api/oauth2PermissionScopes/");
  const type = scope.text("type") ?? "User";
  const read: PermissionScope = {
    id: scope.guid("id") ?? scope.refuse("id"),
    value: scope.text("value") ?? scope.refuse("value"),
    adminConsentDescription: scope.text("adminConsentDescription") ?? "",
    adminConsentDisplayName: scope.text("adminConsentDisplayName") ?? "",
    userConsentDescription: scope.optionalText("userConsentDescription") ?? null,
    userConsentDisplayName: scope.optionalText("userConsentDisplayName") ?? null,
    isEnabled: scope.flag("isEnabled") ?? true,
    type: type === "User" || type === "Admin" ? type : scope.refuse("type"),
  };
  // Always `application`; a client that writes back what it read sends it.
  scope.take("origin");
  scope.finish({ readOnly: [], absent: [] });
  return read;
}

function readPreAuthorized(value: unknown): PreAuthorizedApplication {
  const members = new JsonMembers(value, "Application", "api/preAuthorizedApplications/");
  const ids = members.list("delegatedPermissionIds") ?? [];
  const read = {
    appId: members.guid<AppId>("appId") ?? members.refuse("appId"),
    delegatedPermissionIds: ids.map((id) => parseGuid(id) ?? members.refuse("delegatedPermissionIds")),
  };
  members.finish({ readOnly: [], absent: [] });
  return read;
}

/** null takes all optional claims away. */
function readOptionalClaims(members: JsonMembers): OptionalClaims | null | undefined {
  if (members.take("optionalClaims") === null) return null;
  const claims = members.object("optionalClaims");
  if (claims === undefined) return undefined;
  const list = (name: string) => (claims.list(name) ?? []).map((value) => readOptionalClaim(value, name));
  const read = { idToken: list("idToken"), accessToken: list("accessToken"), saml2Token: list("saml2Token") };
  claims.finish({ readOnly: [], absent: [] });
  return read;
}

function readOptionalClaim(value: unknown, kind: string): OptionalClaim {
  const claim = new JsonMembers(value, "Application", `optionalClaims/${kind}/`);
  const read: OptionalClaim = {
    name: claim.text("name") ?? claim.refuse("name"),
    source: claim.optionalText("source") ?? null,
    essential: claim.flag("essential") ?? false,
    additionalProperties: claim.texts("additionalProperties") ?? [],
  };
  claim.finish({ readOnly: [], absent: [] });
  return read;
}

/** Access tokens by way of the browser's address bar are issued to nobody here. */
function readImplicitGrant(settings: JsonMembers | undefined): boolean | undefined {
  const isEnabled = settings?.flag("enableIdTokenIssuance");
  settings?.finish({ readOnly: [], absent: ["enableAccessTokenIssuance"] });
  return isEnabled;
}

function readRedirectUris(platform: JsonMembers | undefined): readonly string[] | undefined {
  const uris = platform?.texts("redirectUris");
  platform?.finish({ readOnly: [], absent: ["redirectUriSettings"] });
  return uris;
}

function readAppRole(value: unknown): AppRole {
  const role = new JsonMembers(value, "Application", "appRoles/");
  const read: AppRole = {
    id: role.guid("id") ?? role.refuse("id"),
    value: role.optionalText("value") ?? null,
    displayName: role.text("displayName") ?? "",
    description: role.text("description") ?? "",
    isEnabled: role.flag("isEnabled") ?? true,
    allowedMemberTypes: role.texts("allowedMemberTypes") ?? [],
  };
  // Always `Application`; a client that writes back what it read sends it.
  role.take("origin");
  role.finish({ readOnly: [], absent: [] });
  return read;
}
