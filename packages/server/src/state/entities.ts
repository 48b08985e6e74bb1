/**
 * Every kind of thing the cloud remembers, as plain data: what the change log carries and the rows hold.
 *
 * Times are ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` makes them. Optional things are null, never absent,
 * so that a row read back is equal to the row written. Blob contents and metadata are not here: the blob engine keeps its own.
 */
import type {
  AppId,
  ApplicationObjectId,
  GroupObjectId,
  Guid,
  PrincipalId,
  ServicePrincipalObjectId,
  SubscriptionId,
  TenantId,
  UserObjectId,
} from "./identifiers.ts";

export type Tenant = {
  readonly tenantId: TenantId;
  readonly displayName: string;
  /** Lower case; the first is the default domain. */
  readonly domains: readonly string[];
  readonly createdDateTime: string;
};

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

export type User = {
  readonly id: UserObjectId;
  /** As given; compared without case. */
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly mailNickname: string;
  readonly accountEnabled: boolean;
  readonly createdDateTime: string;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly jobTitle: string | null;
  readonly mail: string | null;
  readonly mobilePhone: string | null;
  readonly officeLocation: string | null;
  readonly preferredLanguage: string | null;
  readonly businessPhones: readonly string[];
  readonly ageGroup: string | null;
  readonly city: string | null;
  readonly companyName: string | null;
  readonly consentProvidedForMinor: string | null;
  readonly country: string | null;
  readonly department: string | null;
  readonly employeeHireDate: string | null;
  readonly employeeId: string | null;
  readonly employeeType: string | null;
  readonly faxNumber: string | null;
  readonly onPremisesImmutableId: string | null;
  readonly otherMails: readonly string[];
  readonly passwordPolicies: string | null;
  readonly postalCode: string | null;
  readonly showInAddressList: boolean | null;
  readonly state: string | null;
  readonly streetAddress: string | null;
  /** Two letters of ISO 3166. */
  readonly usageLocation: string | null;
  readonly managerId: UserObjectId | null;
  /** `scrypt$N$r$p$salt$hash`, base64url parts. */
  readonly passwordHash: string;
  /** Refresh tokens issued before this are void. */
  readonly signInSessionsValidFromDateTime: string;
};

export type Group = {
  readonly id: GroupObjectId;
  readonly displayName: string;
  readonly description: string | null;
  readonly mailNickname: string;
  readonly mailEnabled: boolean;
  readonly securityEnabled: boolean;
  readonly createdDateTime: string;
};

export type GroupMember = { readonly groupId: GroupObjectId; readonly memberId: PrincipalId };

/** An owner of an application, service principal or group. */
export type Owner = { readonly ownedId: string; readonly ownerId: PrincipalId };

/** A directory role (Global Administrator and the like) held by a principal over the whole directory. */
export type DirectoryRoleAssignment = {
  readonly id: Guid;
  readonly principalId: PrincipalId;
  /** Template id of the role, e.g. 62e90394-69f5-4237-9190-012177145e10 for Global Administrator. */
  readonly roleTemplateId: Guid;
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

/** An object in the directory's bin, with every relation it had. */
export type DeletedObject = {
  readonly id: string;
  readonly deletedDateTime: string;
  readonly object:
    | { readonly kind: "application"; readonly row: Application }
    | { readonly kind: "servicePrincipal"; readonly row: ServicePrincipal }
    | { readonly kind: "user"; readonly row: User }
    | { readonly kind: "group"; readonly row: Group };
  /** What went with it and comes back with it, as far as the other end is there then. */
  readonly relations: readonly DeletedRelation[];
};

/** A row that went with a deleted object. */
export type DeletedRelation = {
  [Kind in
    | "groupMember"
    | "owner"
    | "directoryRoleAssignment"
    | "oauth2PermissionGrant"
    | "appRoleAssignment"
    | "federatedIdentityCredential"]: { readonly kind: Kind; readonly row: Entities[Kind] };
}[
  | "groupMember"
  | "owner"
  | "directoryRoleAssignment"
  | "oauth2PermissionGrant"
  | "appRoleAssignment"
  | "federatedIdentityCredential"];

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

/** One sign-in of a person that has refresh tokens: what is needed to tell the newest of them from those it replaced. */
export type RefreshTokenFamily = {
  readonly familyId: Guid;
  readonly userId: UserObjectId;
  /** One line of descent for each client; clients that share refresh tokens (`foci`) share the family. */
  readonly lines: readonly RefreshTokenLine[];
  readonly startedDateTime: string;
  /** No token of the family holds longer; the row may go then. */
  readonly expiresDateTime: string;
  readonly isRevoked: boolean;
};

export type RefreshTokenLine = {
  readonly clientId: AppId;
  /** Of the newest token; its forerunner has one less. */
  readonly generation: number;
  readonly issuedDateTime: string;
};

export type ManagementGroup = {
  /** The name in the URL; the tenant's root group is named by the tenant's id. Compared without case. */
  readonly name: string;
  readonly displayName: string;
  /** null for the root group only. */
  readonly parentName: string | null;
};

export type Subscription = {
  readonly subscriptionId: SubscriptionId;
  readonly displayName: string;
  readonly managementGroupName: string;
  readonly createdDateTime: string;
};

export type Tags = Readonly<Record<string, string>>;

export type ResourceGroup = {
  readonly subscriptionId: SubscriptionId;
  /** As given; compared without case. */
  readonly name: string;
  readonly location: string;
  readonly tags: Tags;
  /** `Deleting` while a long-running delete is under way. */
  readonly provisioningState: "Succeeded" | "Deleting";
  readonly managedBy: string | null;
};

export type StorageAccountKey = {
  readonly keyName: "key1" | "key2";
  readonly creationTime: string;
  readonly value: string;
};

export type StorageAccount = {
  /** 3 to 24 of a-z0-9, unique over the whole cloud. */
  readonly name: string;
  readonly subscriptionId: SubscriptionId;
  readonly resourceGroup: string;
  readonly location: string;
  readonly tags: Tags;
  readonly kind: string;
  readonly skuName: string;
  readonly accessTier: string | null;
  readonly creationTime: string;
  readonly allowSharedKeyAccess: boolean;
  readonly allowBlobPublicAccess: boolean;
  readonly supportsHttpsTrafficOnly: boolean;
  readonly minimumTlsVersion: string;
  readonly publicNetworkAccess: "Enabled" | "Disabled";
  readonly isHnsEnabled: boolean;
  /** `Deleting` from the request to delete until the blobs are gone; such an account answers nobody, and its name is not free yet. */
  readonly provisioningState: "Succeeded" | "Deleting";
  /** Secret: never logged, shown by listKeys only. */
  readonly keys: readonly StorageAccountKey[];
};

/** A user-assigned managed identity; its service principal is a row of its own. */
export type ManagedIdentity = {
  readonly subscriptionId: SubscriptionId;
  readonly resourceGroup: string;
  /** As given; compared without case. */
  readonly name: string;
  readonly location: string;
  readonly tags: Tags;
  readonly principalId: ServicePrincipalObjectId;
  /** There is no application of this appId. */
  readonly clientId: AppId;
  readonly tenantId: TenantId;
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

export type RolePermission = {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
  readonly condition?: string | null;
  readonly conditionVersion?: string | null;
};

/** A custom role; built-in roles are data of the access package, not rows. */
export type RoleDefinition = {
  readonly id: Guid;
  readonly roleName: string;
  readonly description: string;
  readonly permissions: readonly RolePermission[];
  readonly assignableScopes: readonly string[];
  readonly createdOn: string;
  readonly updatedOn: string;
  readonly createdBy: string | null;
  readonly updatedBy: string | null;
};

export type RoleAssignment = {
  /** The GUID in the URL, unique in the tenant. */
  readonly name: Guid;
  /** As the caller spelled it (the answer echoes it); compared by access's scopeKey. */
  readonly scope: string;
  readonly roleDefinitionId: Guid;
  readonly principalId: PrincipalId;
  readonly principalType: "User" | "Group" | "ServicePrincipal" | "ForeignGroup" | "Device";
  readonly description: string | null;
  readonly condition: string | null;
  readonly conditionVersion: string | null;
  readonly delegatedManagedIdentityResourceId: string | null;
  readonly createdOn: string;
  readonly updatedOn: string;
  readonly createdBy: string | null;
  readonly updatedBy: string | null;
};

/** A time in which nothing is denied at a scope; see soft-modes.ts. */
export type SoftMode = {
  readonly name: Guid;
  readonly scope: string;
  /** Whose requests; null: everybody's. */
  readonly principalId: PrincipalId | null;
  readonly description: string | null;
  readonly createdOn: string;
  readonly createdBy: string;
  /** It holds no longer, whether the row is deleted or not. */
  readonly expiresOn: string;
};

/** Whom a deny assignment names; everyone is 00000000-0000-0000-0000-000000000000 of type SystemDefined. */
export type DenyPrincipal = {
  readonly id: string;
  readonly type: "User" | "Group" | "ServicePrincipal" | "SystemDefined";
};

export type DenyAssignment = {
  /** The GUID in the URL. */
  readonly name: Guid;
  /** As the caller spelled it. */
  readonly scope: string;
  readonly denyAssignmentName: string;
  readonly description: string | null;
  /** Without conditions. */
  readonly permissions: readonly RolePermission[];
  readonly doNotApplyToChildScopes: boolean;
  readonly principals: readonly DenyPrincipal[];
  readonly excludePrincipals: readonly DenyPrincipal[];
  readonly createdOn: string;
  readonly updatedOn: string;
  readonly createdBy: string | null;
  readonly updatedBy: string | null;
};

/** Each kind's name in the log and the rows, with its shape. */
export type Entities = {
  tenant: Tenant;
  application: Application;
  servicePrincipal: ServicePrincipal;
  user: User;
  group: Group;
  groupMember: GroupMember;
  owner: Owner;
  directoryRoleAssignment: DirectoryRoleAssignment;
  oauth2PermissionGrant: OAuth2PermissionGrant;
  appRoleAssignment: AppRoleAssignment;
  deletedObject: DeletedObject;
  refreshTokenFamily: RefreshTokenFamily;
  managementGroup: ManagementGroup;
  subscription: Subscription;
  resourceGroup: ResourceGroup;
  storageAccount: StorageAccount;
  managedIdentity: ManagedIdentity;
  federatedIdentityCredential: FederatedIdentityCredential;
  roleDefinition: RoleDefinition;
  roleAssignment: RoleAssignment;
  denyAssignment: DenyAssignment;
  softMode: SoftMode;
};

export type EntityKind = keyof Entities;

/** How a row of each kind is named: unique within the kind, in the form that compares equal when Azure would call two names equal. */
export const keyOf: { readonly [Kind in EntityKind]: (row: Entities[Kind]) => string } = {
  tenant: (row) => row.tenantId,
  application: (row) => row.id,
  servicePrincipal: (row) => row.id,
  user: (row) => row.id,
  group: (row) => row.id,
  groupMember: (row) => `${row.groupId}/${row.memberId}`,
  owner: (row) => `${row.ownedId}/${row.ownerId}`,
  directoryRoleAssignment: (row) => row.id,
  oauth2PermissionGrant: (row) => row.id,
  appRoleAssignment: (row) => row.id,
  deletedObject: (row) => row.id,
  refreshTokenFamily: (row) => row.familyId,
  managementGroup: (row) => row.name.toLowerCase(),
  subscription: (row) => row.subscriptionId,
  resourceGroup: (row) => resourceGroupKey(row.subscriptionId, row.name),
  storageAccount: (row) => row.name,
  managedIdentity: (row) => managedIdentityKey(row.subscriptionId, row.resourceGroup, row.name),
  federatedIdentityCredential: (row) => row.id,
  roleDefinition: (row) => row.id,
  roleAssignment: (row) => row.name,
  denyAssignment: (row) => row.name,
  softMode: (row) => row.name,
};

export function resourceGroupKey(subscriptionId: string, name: string): string {
  return `${subscriptionId.toLowerCase()}/${name.toLowerCase()}`;
}

export function managedIdentityKey(subscriptionId: string, resourceGroup: string, name: string): string {
  return `${resourceGroupKey(subscriptionId, resourceGroup)}/${name.toLowerCase()}`;
}
