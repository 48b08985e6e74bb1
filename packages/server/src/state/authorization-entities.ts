/** Custom roles, who was given which role where, what is denied all the same, and soft modes. See entities.ts. */
import type { Guid, PrincipalId } from "./identifiers.ts";

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
