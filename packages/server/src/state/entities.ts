/**
 * Every kind of thing the cloud remembers, as plain data: what the change log carries and the rows hold.
 *
 * Times are ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` makes them. Optional things are null, never absent,
 * so that a row read back is equal to the row written. Blob contents and metadata are not here: the blob engine keeps its own.
 *
 * The shapes stand in a file for each part of the cloud; other rooms take them from here.
 */
import type {
  Application,
  AppRoleAssignment,
  FederatedIdentityCredential,
  OAuth2PermissionGrant,
  ServicePrincipal,
} from "./application-entities.ts";
import type { DenyAssignment, RoleAssignment, RoleDefinition, SoftMode } from "./authorization-entities.ts";
import type {
  DeletedObject,
  DirectoryRoleAssignment,
  Group,
  GroupMember,
  Owner,
  RefreshTokenFamily,
  Tenant,
  User,
} from "./directory-entities.ts";
import type {
  ManagedIdentity,
  ManagementGroup,
  ResourceGroup,
  StorageAccount,
  Subscription,
} from "./resource-entities.ts";

export type * from "./application-entities.ts";
export type * from "./authorization-entities.ts";
export type * from "./directory-entities.ts";
export type * from "./resource-entities.ts";

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
