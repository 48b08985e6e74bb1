/** Applications and their service principals, with what they prove themselves by and what they were granted. See entities.ts. */
import type {
  AppId,
  ApplicationObjectId,
  Guid,
  PrincipalId,
  ServicePrincipalObjectId,
  TenantId,
  UserObjectId,
} from "./identifiers.ts";

/** A client secret as kept: never its value. */
export type PasswordCredential = {
  readonly keyId: Guid;
  readonly displayName: string | null;
  /** First 3 characters of the secret. */
  readonly hint: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** HMAC-SHA-256 of the secret under the state folder's pepper, base64url. */
  readonly secretHash: string;
};

/** A certificate an application signs assertions with: its public half, for checking them. */
export type KeyCredential = {
  readonly keyId: Guid;
  readonly displayName: string | null;
  /** SHA-1 thumbprint of the certificate, upper-case hex. */
  readonly customKeyIdentifier: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** The certificate, base64 of its DER. */
  readonly certificate: string;
};

export type AppRole = {
  readonly id: Guid;
  readonly value: string | null;
  readonly displayName: string;
  readonly description: string;
  readonly isEnabled: boolean;
  readonly allowedMemberTypes: readonly string[];
};

/** A delegated permission that an application publishes for its API. */
export type PermissionScope = {
  readonly id: Guid;
  readonly value: string;
  readonly adminConsentDescription: string;
  readonly adminConsentDisplayName: string;
  readonly userConsentDescription: string | null;
  readonly userConsentDisplayName: string | null;
  readonly isEnabled: boolean;
  /** `Admin`: only an administrator may consent to it. */
  readonly type: "User" | "Admin";
};

/** A client that needs nobody's consent for these permissions of the application. */
export type PreAuthorizedApplication = { readonly appId: AppId; readonly delegatedPermissionIds: readonly Guid[] };

/** A claim that an application asks to have in tokens beside the usual ones. */
export type OptionalClaim = {
  readonly name: string;
  readonly source: string | null;
  readonly essential: boolean;
  readonly additionalProperties: readonly string[];
};

export type OptionalClaims = {
  readonly idToken: readonly OptionalClaim[];
  readonly accessToken: readonly OptionalClaim[];
  readonly saml2Token: readonly OptionalClaim[];
};

export type SignInAudience =
  | "AzureADMyOrg"
  | "AzureADMultipleOrgs"
  | "AzureADandPersonalMicrosoftAccount"
  | "PersonalMicrosoftAccount";

export type Application = {
  readonly id: ApplicationObjectId;
  readonly appId: AppId;
  readonly displayName: string;
  readonly description: string | null;
  readonly createdDateTime: string;
  readonly signInAudience: SignInAudience;
  readonly identifierUris: readonly string[];
  readonly webRedirectUris: readonly string[];
  readonly spaRedirectUris: readonly string[];
  readonly publicClientRedirectUris: readonly string[];
  readonly isFallbackPublicClient: boolean | null;
  /** The authorization endpoint may answer it with id tokens (`implicitGrantSettings`). */
  readonly isIdTokenIssuanceEnabled: boolean;
  readonly homePageUrl: string | null;
  /** Where a browser that signs out is taken along, in a frame of the last page (`web/logoutUrl`). */
  readonly logoutUrl: string | null;
  readonly notes: string | null;
  readonly tags: readonly string[];
  readonly appRoles: readonly AppRole[];
  /** Kept as given, checked for shape and size only: `requiredResourceAccess` of Graph. */
  readonly requiredResourceAccess: readonly unknown[];
  readonly passwordCredentials: readonly PasswordCredential[];
  readonly keyCredentials: readonly KeyCredential[];
  readonly oauth2PermissionScopes: readonly PermissionScope[];
  readonly preAuthorizedApplications: readonly PreAuthorizedApplication[];
  /** Version of the access tokens for its API; null means 1. */
  readonly requestedAccessTokenVersion: 1 | 2 | null;
  readonly optionalClaims: OptionalClaims | null;
  /** Which groups its tokens name, e.g. `SecurityGroup`; several are joined by ", ". */
  readonly groupMembershipClaims: string | null;
};

export type ServicePrincipal = {
  readonly id: ServicePrincipalObjectId;
  readonly appId: AppId;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  readonly servicePrincipalType: "Application" | "ManagedIdentity" | "Legacy";
  readonly createdDateTime: string;
  readonly appRoleAssignmentRequired: boolean;
  /** null for Microsoft's own (first-party) applications. */
  readonly appOwnerOrganizationId: TenantId | null;
  readonly tags: readonly string[];
  readonly notes: string | null;
  /** For principals whose application lives elsewhere (Microsoft Graph, Azure Storage, the Azure CLI): names beside the appId. */
  readonly alternativeServicePrincipalNames: readonly string[];
  readonly passwordCredentials: readonly PasswordCredential[];
  readonly keyCredentials: readonly KeyCredential[];
};

/** Whose tokens are taken in place of a secret; an application or a managed identity holds it. */
export type FederatedIdentityCredential = {
  readonly id: Guid;
  readonly parentKind: "application" | "managedIdentity";
  /** The application's object id, or the object id of the managed identity's service principal. */
  readonly parentId: string;
  /** Unique within the parent, without case. */
  readonly name: string;
  readonly issuer: string;
  /** Compared with case; null when an expression stands in its place. */
  readonly subject: string | null;
  readonly claimsMatchingExpression: { readonly value: string; readonly languageVersion: number } | null;
  readonly audiences: readonly string[];
  readonly description: string | null;
};

/** An app role (or an application permission) given to a principal. */
export type AppRoleAssignment = {
  readonly id: Guid;
  /** All zeros: access without any role in particular. */
  readonly appRoleId: Guid;
  readonly principalId: PrincipalId;
  readonly principalType: "User" | "Group" | "ServicePrincipal";
  /** The service principal of the application whose role it is. */
  readonly resourceId: ServicePrincipalObjectId;
  readonly createdDateTime: string;
};

/** A consent: what an application may do to a resource on behalf of a person, or of everyone. */
export type OAuth2PermissionGrant = {
  readonly id: Guid;
  /** The application's service principal. */
  readonly clientId: ServicePrincipalObjectId;
  readonly consentType: "AllPrincipals" | "Principal";
  /** The person; null for everyone. */
  readonly principalId: UserObjectId | null;
  readonly resourceId: ServicePrincipalObjectId;
  /** Delegated permissions by their values. */
  readonly scopes: readonly string[];
};
