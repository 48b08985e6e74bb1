/** Reads the body of an application's POST or PATCH. @see https://learn.microsoft.com/graph/api/resources/application#properties */
import type { ApplicationProperties } from "../directory/application.ts";
import type { AppRole, SignInAudience } from "../state/entities.ts";
import { refuseGraph } from "./graph-fault.ts";
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
    "groupMembershipClaims",
    "info",
    "isDeviceOnlyAuthSupported",
    "keyCredentials",
    "logo",
    "nativeAuthenticationApisEnabled",
    "oauth2RequirePostResponse",
    "optionalClaims",
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
  readApi(members);
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
    homePageUrl: web?.optionalText("homePageUrl"),
    notes: members.optionalText("notes"),
    tags: members.texts("tags"),
    appRoles: members.list("appRoles")?.map(readAppRole),
    requiredResourceAccess: members.list("requiredResourceAccess"),
  });
  web?.finish({ readOnly: [], absent: ["logoutUrl", "implicitGrantSettings", "redirectUriSettings"] });
  members.finish(otherMembers);
  return properties;
}

/** Tokens for an application's own API come in version 1.0 only so far: asking for that, or for nothing, is what holds already. */
function readApi(members: JsonMembers): void {
  const api = members.object("api");
  const version = api?.take("requestedAccessTokenVersion") ?? null;
  if (version === 2)
    refuseGraph({ kind: "absent", what: "the value 2 of 'api/requestedAccessTokenVersion' of Application" });
  if (version !== null && version !== 1) api?.refuse("requestedAccessTokenVersion");
  const absent = [
    "acceptMappedClaims",
    "knownClientApplications",
    "oauth2PermissionScopes",
    "preAuthorizedApplications",
  ];
  api?.finish({ readOnly: [], absent });
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
