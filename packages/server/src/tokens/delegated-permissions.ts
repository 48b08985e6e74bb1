/**
 * What a client may do on behalf of a person, as far as the tenant's rules do not narrow it: the `scp` of delegated tokens.
 *
 * Owns: the permissions Microsoft's own clients hold without anyone's consent, and those any person may consent to.
 * @see https://learn.microsoft.com/entra/identity-platform/permissions-consent-overview
 */
import { firstPartyAppIds } from "../state/first-party.ts";
import type { AppId } from "../state/identifiers.ts";
import type { Resource } from "./audiences.ts";

/** Microsoft's public clients and the portal: no secret, one family of refresh tokens. */
export const firstPartyClients: ReadonlyMap<string, { readonly displayName: string }> = new Map([
  [firstPartyAppIds.azureCli, { displayName: "Microsoft Azure CLI" }],
  [firstPartyAppIds.azurePowerShell, { displayName: "Microsoft Azure PowerShell" }],
  [firstPartyAppIds.azurePortal, { displayName: "Azure Portal" }],
]);

/** The family of refresh tokens the first-party clients share (`foci`). */
export const firstPartyFamily = "1";

const userImpersonation = ["user_impersonation"] as const;

/** From decoded Graph tokens of the Azure CLI. */
const graphForFirstParty = [
  "Application.ReadWrite.All",
  "AppRoleAssignment.ReadWrite.All",
  "AuditLog.Read.All",
  "DelegatedPermissionGrant.ReadWrite.All",
  "Directory.AccessAsUser.All",
  "email",
  "Group.ReadWrite.All",
  "openid",
  "profile",
  "User.Read.All",
  "User.ReadWrite.All",
] as const;

/** What a person may let an application of the tenant do without an administrator. */
const graphForAnyone = ["email", "openid", "profile", "User.Read"] as const;

/**
 * `user_impersonation` is everything a person may do in Azure: but for Microsoft's own clients it takes consent, or whoever signed in to read
 * their name to an application would have handed it their subscriptions.
 * @returns the permissions the client holds on a resource of Microsoft's for any person; what else it holds was consented to.
 */
export function delegatedPermissions(clientId: AppId, resource: Resource): readonly string[] {
  const isFirstParty = firstPartyClients.has(clientId);
  const graph = isFirstParty ? graphForFirstParty : graphForAnyone;
  const impersonation = isFirstParty ? userImpersonation : [];
  switch (resource.kind) {
    case "arm":
    case "storage":
    case "iam":
      return impersonation;
    case "graph":
      return graph;
    case "own-origin":
      return [...graph, ...impersonation];
    case "token-exchange":
    case "application":
      return [];
  }
}
