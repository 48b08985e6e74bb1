/**
 * The whole of directory and access in memory, built from the rows at start and kept by applying log entries: every read and every
 * decision is answered from here, none by a query.
 *
 * Owns: the tables, their indexes, and the access facts that `decide` reads. May use: `@postern/access`, this folder. No I/O.
 */
import { AccessFacts, type RoleDefinition as AccessRole } from "@postern/access";
import { AssignmentRows } from "./assignment-rows.ts";
import type { Change } from "./change.ts";
import type { DenyAssignment, Entities, EntityKind, RoleDefinition, StorageAccount } from "./entities.ts";
import { keyOf, resourceGroupKey } from "./entities.ts";
import type { PrincipalId } from "./identifiers.ts";
import { Table } from "./table.ts";

const lower = (text: string): string => text.toLowerCase();

export type Principal =
  | { readonly type: "User"; readonly row: Entities["user"] }
  | { readonly type: "Group"; readonly row: Entities["group"] }
  | { readonly type: "ServicePrincipal"; readonly row: Entities["servicePrincipal"] };

export class ReadModel {
  /** Revision of the last log entry applied; 0 for an empty cloud. */
  revision = 0;

  readonly tenants = new Table("tenant", { domain: (row) => row.domains });
  readonly applications = new Table("application", {
    appId: (row) => [row.appId],
    displayName: (row) => [lower(row.displayName)],
    identifierUri: (row) => row.identifierUris.map(lower),
  });
  readonly servicePrincipals = new Table("servicePrincipal", {
    appId: (row) => [row.appId],
    displayName: (row) => [lower(row.displayName)],
    alternativeName: (row) => row.alternativeServicePrincipalNames.map(lower),
  });
  readonly users = new Table("user", {
    userPrincipalName: (row) => [lower(row.userPrincipalName)],
    managerId: (row) => (row.managerId === null ? [] : [row.managerId]),
  });
  readonly groups = new Table("group", { displayName: (row) => [lower(row.displayName)] });
  readonly groupMembers = new Table("groupMember", {
    groupId: (row) => [row.groupId],
    memberId: (row) => [row.memberId],
  });
  readonly owners = new Table("owner", { ownedId: (row) => [row.ownedId], ownerId: (row) => [row.ownerId] });
  readonly directoryRoleAssignments = new Table("directoryRoleAssignment", { principalId: (row) => [row.principalId] });
  readonly oauth2PermissionGrants = new Table("oauth2PermissionGrant", {
    clientId: (row) => [row.clientId],
    resourceId: (row) => [row.resourceId],
    principalId: (row) => (row.principalId === null ? [] : [row.principalId]),
  });
  readonly appRoleAssignments = new Table("appRoleAssignment", {
    principalId: (row) => [row.principalId],
    resourceId: (row) => [row.resourceId],
  });
  readonly deletedObjects = new Table("deletedObject", {
    kind: (row) => [row.object.kind],
    identifierUri: ({ object }) => (object.kind === "application" ? object.row.identifierUris.map(lower) : []),
  });
  readonly refreshTokenFamilies = new Table("refreshTokenFamily", { userId: (row) => [row.userId] });
  readonly managementGroups = new Table("managementGroup", {
    parentName: (row) => (row.parentName === null ? [] : [lower(row.parentName)]),
  });
  readonly subscriptions = new Table("subscription", {
    managementGroupName: (row) => [lower(row.managementGroupName)],
  });
  readonly resourceGroups = new Table("resourceGroup", { subscriptionId: (row) => [row.subscriptionId] });
  readonly storageAccounts = new Table("storageAccount", {
    subscriptionId: (row) => [row.subscriptionId],
    resourceGroup: (row) => [resourceGroupKey(row.subscriptionId, row.resourceGroup)],
  });
  readonly managedIdentities = new Table("managedIdentity", {
    subscriptionId: (row) => [row.subscriptionId],
    resourceGroup: (row) => [resourceGroupKey(row.subscriptionId, row.resourceGroup)],
    principalId: (row) => [row.principalId],
    clientId: (row) => [row.clientId],
  });
  readonly federatedIdentityCredentials = new Table("federatedIdentityCredential", {
    parentId: (row) => [row.parentId],
  });
  readonly roleDefinitions = new Table("roleDefinition", { roleName: (row) => [lower(row.roleName)] });
  readonly roleAssignments: AssignmentRows;
  readonly softModes = new Table("softMode", {});

  readonly denyAssignments = new Table("denyAssignment", {
    denyAssignmentName: (row) => [lower(row.denyAssignmentName)],
  });

  /** Made once: a start applies very many changes. */
  readonly #tables: { readonly [Kind in Exclude<EntityKind, "roleAssignment">]: unknown } = {
    tenant: this.tenants,
    application: this.applications,
    servicePrincipal: this.servicePrincipals,
    user: this.users,
    group: this.groups,
    groupMember: this.groupMembers,
    owner: this.owners,
    directoryRoleAssignment: this.directoryRoleAssignments,
    oauth2PermissionGrant: this.oauth2PermissionGrants,
    appRoleAssignment: this.appRoleAssignments,
    deletedObject: this.deletedObjects,
    refreshTokenFamily: this.refreshTokenFamilies,
    managementGroup: this.managementGroups,
    subscription: this.subscriptions,
    resourceGroup: this.resourceGroups,
    storageAccount: this.storageAccounts,
    managedIdentity: this.managedIdentities,
    federatedIdentityCredential: this.federatedIdentityCredentials,
    roleDefinition: this.roleDefinitions,
    denyAssignment: this.denyAssignments,
    softMode: this.softModes,
  };

  /** What `decide` reads; only this class changes it. */
  readonly access: AccessFacts;

  constructor(builtInRoles: readonly AccessRole[]) {
    this.access = new AccessFacts(builtInRoles);
    this.roleAssignments = new AssignmentRows(this.access);
  }

  /** The one tenant of this cloud. */
  get tenant(): Entities["tenant"] {
    for (const tenant of this.tenants.values()) return tenant;
    throw new Error("the cloud has no tenant yet");
  }

  /** The user, group or service principal with this object id. */
  principal(id: string): Principal | undefined {
    const user = this.users.get(id);
    if (user !== undefined) return { type: "User", row: user };
    const servicePrincipal = this.servicePrincipals.get(id);
    if (servicePrincipal !== undefined) return { type: "ServicePrincipal", row: servicePrincipal };
    const group = this.groups.get(id);
    return group === undefined ? undefined : { type: "Group", row: group };
  }

  /** Those that have a (lower-case) name of their own, their appId first; identifier URIs of applications are added by who asks. */
  servicePrincipalsNamed(name: string): Entities["servicePrincipal"][] {
    const byAppId = this.servicePrincipals.find("appId", name);
    return [...byAppId, ...this.servicePrincipals.find("alternativeName", name)];
  }

  /** The storage account of that (lower-case) name; one that is being deleted is not there any more. */
  storageAccount(name: string): StorageAccount | undefined {
    const account = this.storageAccounts.get(name);
    return account?.provisioningState === "Deleting" ? undefined : account;
  }

  /** Object ids of a principal's groups, direct and through nesting. */
  transitiveGroupIds(principalId: PrincipalId): string[] {
    const seen = new Set<string>();
    const open: string[] = [principalId];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const { groupId } of this.groupMembers.find("memberId", id)) {
        if (!seen.has(groupId)) {
          seen.add(groupId);
          open.push(groupId);
        }
      }
    }
    return [...seen];
  }

  /** Takes in a row as it stands in the store, while the model is built. */
  load(change: Change): void {
    if (change.kind === "roleAssignment" && change.op === "put") this.roleAssignments.take(change.row);
    else this.apply(change);
  }

  /**
   * Applies one change.
   * @returns the change that takes it back.
   */
  apply(change: Change): Change | undefined {
    const table = this.#table(change.kind);
    const key = change.op === "put" ? (keyOf[change.kind] as (row: unknown) => string)(change.row) : change.key;
    const before = change.op === "put" ? table.put(change.row as never) : table.delete(key);
    this.#followAccess(change, before);
    if (before !== undefined) return { kind: change.kind, op: "put", row: before } as Change;
    return change.op === "put" ? ({ kind: change.kind, op: "delete", key } as Change) : undefined;
  }

  #table(kind: EntityKind): Pick<Table<EntityKind>, "put" | "delete"> {
    const table = kind === "roleAssignment" ? this.roleAssignments : this.#tables[kind];
    return table as Pick<Table<EntityKind>, "put" | "delete">;
  }

  /** Hands on to the access facts what decisions depend on; role assignments are in them already. */
  #followAccess(change: Change, before: unknown): void {
    switch (change.kind) {
      case "denyAssignment":
        if (change.op === "put") this.access.putDenyAssignment(denialFact(change.row));
        else this.access.deleteDenyAssignment(change.key);
        return;
      case "roleDefinition":
        if (change.op === "put") this.access.putRole(roleFact(change.row));
        else this.access.deleteRole(change.key);
        return;
      case "groupMember":
        if (change.op === "put") this.access.addMember(change.row.groupId, change.row.memberId);
        else if (before !== undefined) {
          const { groupId, memberId } = before as Entities["groupMember"];
          this.access.removeMember(groupId, memberId);
        }
        return;
      case "managementGroup":
        this.access.setManagementGroupParent(
          change.op === "put" ? change.row.name : change.key,
          change.op === "put" ? change.row.parentName : null,
        );
        return;
      case "subscription":
        this.access.setSubscriptionManagementGroup(
          change.op === "put" ? change.row.subscriptionId : change.key,
          change.op === "put" ? change.row.managementGroupName : null,
        );
        return;
      default:
        return;
    }
  }
}

function denialFact(row: DenyAssignment) {
  return {
    id: row.name,
    denyAssignmentName: row.denyAssignmentName,
    scope: row.scope,
    permissions: row.permissions,
    principalIds: row.principals.map(({ id }) => id),
    excludedPrincipalIds: row.excludePrincipals.map(({ id }) => id),
    doesSpareChildScopes: row.doNotApplyToChildScopes,
  };
}

function roleFact(row: RoleDefinition): AccessRole {
  return {
    id: row.id,
    roleName: row.roleName,
    description: row.description,
    permissions: row.permissions,
    assignableScopes: row.assignableScopes,
  };
}
