/**
 * Microsoft Graph's own permissions, as far as this cloud enforces them: application permissions (app roles) and delegated ones (scopes).
 * @see https://learn.microsoft.com/graph/permissions-reference
 */
import type { Guid } from "../state/identifiers.ts";

export type GraphPermission = { readonly id: Guid; readonly value: string; readonly displayName: string };

const permission = (id: string, value: string, displayName: string): GraphPermission => ({
  id: id as Guid,
  value,
  displayName,
});

/** What an app can hold for itself; granted by an app role assignment, carried in a token's `roles`. */
export const graphAppRoles: readonly GraphPermission[] = [
  permission("9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", "Application.Read.All", "Read all applications"),
  permission("1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "Application.ReadWrite.All", "Read and write all applications"),
  permission("18a4783c-866b-4cc7-a460-3d5e5662c884", "Application.ReadWrite.OwnedBy", "Manage apps this app owns"),
  permission("7ab1d382-f21e-4acd-a863-ba3e13f7da61", "Directory.Read.All", "Read directory data"),
  permission("19dbc75e-c2e2-444c-a770-ec69d8559fc7", "Directory.ReadWrite.All", "Read and write directory data"),
  permission("5b567255-7703-4780-807c-7be8301ae99b", "Group.Read.All", "Read all groups"),
  permission("62a82d76-70ea-41e2-9197-370581804d09", "Group.ReadWrite.All", "Read and write all groups"),
  permission("98830695-27a2-44f7-8c18-0c3ebc9698f6", "GroupMember.Read.All", "Read all group memberships"),
  permission(
    "dbaae8cf-10b5-4b86-a4a1-f871c94c6695",
    "GroupMember.ReadWrite.All",
    "Read and write all group memberships",
  ),
  permission("b0afded3-3588-46d8-8b3d-9842eff778da", "AuditLog.Read.All", "Read all audit log data"),
  permission(
    "06b708a9-e830-4db3-a914-8e69da51d44f",
    "AppRoleAssignment.ReadWrite.All",
    "Manage app permission grants and app role assignments",
  ),
  permission(
    "8e8e4742-1d95-4f68-9d56-6ee75648c72a",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Manage all delegated permission grants",
  ),
  permission("498476ce-e0fe-48b0-b801-37ba7e2685c6", "Organization.Read.All", "Read organization information"),
  permission(
    "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
    "RoleManagement.Read.Directory",
    "Read directory role assignments",
  ),
  permission(
    "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
    "RoleManagement.ReadWrite.Directory",
    "Read and write directory role assignments",
  ),
  permission("df021288-bdef-4463-88db-98f22de89214", "User.Read.All", "Read all users"),
  permission("741f803b-c850-494e-b5df-cde7c675a1ca", "User.ReadWrite.All", "Read and write all users"),
  permission("77f3a031-c388-4f99-b373-dc68676a979e", "User.RevokeSessions.All", "End all sign-in sessions of any user"),
];

/** What an app can hold on behalf of a signed-in person; carried in a token's `scp`. */
export const graphScopes: readonly GraphPermission[] = [
  permission("e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20", "AuditLog.Read.All", "Read audit log data"),
  permission(
    "84bccea3-f856-4a8a-967b-dbe0a3d53a64",
    "AppRoleAssignment.ReadWrite.All",
    "Manage app permission grants and app role assignments",
  ),
  permission(
    "41ce6ca6-6826-4807-84f1-1c82854f7ee5",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Manage all delegated permission grants",
  ),
  permission("c79f8feb-a9db-4090-85f9-90d820caa0eb", "Application.Read.All", "Read applications"),
  permission("bdfbf15f-ee85-4955-8675-146e8e5296b5", "Application.ReadWrite.All", "Read and write applications"),
  permission("0e263e50-5827-48a4-b97c-d940288653c7", "Directory.AccessAsUser.All", "Access directory as the person"),
  permission("06da0dbc-49e2-44d2-8312-53f166ab848a", "Directory.Read.All", "Read directory data"),
  permission("c5366453-9fb0-48a5-a156-24f0c49a4b84", "Directory.ReadWrite.All", "Read and write directory data"),
  permission("5f8c59db-677d-491f-a6b8-5f174b11ec1d", "Group.Read.All", "Read all groups"),
  permission("4e46008b-f24c-477d-8fff-7bb4ec7aafe0", "Group.ReadWrite.All", "Read and write all groups"),
  permission(
    "741c54c3-0c1e-44a1-818b-3f97ab4e8c83",
    "RoleManagement.Read.Directory",
    "Read directory role assignments",
  ),
  permission(
    "d01b97e9-cbc0-49fe-810a-750afd5527a3",
    "RoleManagement.ReadWrite.Directory",
    "Read and write directory role assignments",
  ),
  permission("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "User.Read", "Sign in and read one's own profile"),
  permission("a154be20-db9c-4678-8ab7-66f6cc099a59", "User.Read.All", "Read all people's full profiles"),
  permission("b340eb25-3456-403f-be2f-af7a0d370277", "User.ReadBasic.All", "Read all people's basic profiles"),
  permission("fc30e98b-8810-4501-81f5-c20a3196387b", "User.RevokeSessions.All", "End all sign-in sessions of people"),
  permission("204e0828-b5ca-4ad8-b9f3-f32a958e7cc4", "User.ReadWrite.All", "Read and write all people's full profiles"),
];
