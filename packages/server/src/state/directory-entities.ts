/** The tenant, its people and groups, who holds which directory role, and its bin. See entities.ts. */
import type {
  Application,
  AppRoleAssignment,
  FederatedIdentityCredential,
  OAuth2PermissionGrant,
  ServicePrincipal,
} from "./application-entities.ts";
import type { AppId, GroupObjectId, Guid, PrincipalId, TenantId, UserObjectId } from "./identifiers.ts";

export type Tenant = {
  readonly tenantId: TenantId;
  readonly displayName: string;
  /** Lower case; the first is the default domain. */
  readonly domains: readonly string[];
  readonly createdDateTime: string;
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
  /** The password serves for nothing but to choose another at the sign-in page. */
  readonly forceChangePasswordNextSignIn: boolean;
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

/** The kinds of relation that go to the bin with an object. */
type RelationEntities = {
  groupMember: GroupMember;
  owner: Owner;
  directoryRoleAssignment: DirectoryRoleAssignment;
  oauth2PermissionGrant: OAuth2PermissionGrant;
  appRoleAssignment: AppRoleAssignment;
  federatedIdentityCredential: FederatedIdentityCredential;
};

/** A row that went with a deleted object. */
export type DeletedRelation = {
  [Kind in keyof RelationEntities]: { readonly kind: Kind; readonly row: RelationEntities[Kind] };
}[keyof RelationEntities];

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
