/** For tests: an administrator's consent that an application may do in Azure whatever a person may. */
import { type Change, put } from "../state/change.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import type { AppId, Guid, ServicePrincipalObjectId } from "../state/identifiers.ts";
import { servicePrincipal } from "../tokens/sample-directory.ts";

const resources: Readonly<Record<"arm" | "storage", AppId>> = {
  arm: firstPartyAppIds.azureResourceManager,
  storage: firstPartyAppIds.azureStorage,
};

/** The resource's service principal, and the grant of `user_impersonation` on it. */
export function impersonationConsent(clientId: ServicePrincipalObjectId, resource: keyof typeof resources): Change[] {
  const appId = resources[resource];
  const id = appId as string as ServicePrincipalObjectId;
  return [
    put("servicePrincipal", { ...servicePrincipal, id, appId, displayName: resource, passwordCredentials: [] }),
    put("oauth2PermissionGrant", {
      id: `${clientId.slice(0, 24)}${appId.slice(24)}` as Guid,
      clientId,
      consentType: "AllPrincipals",
      principalId: null,
      resourceId: id,
      scopes: ["user_impersonation"],
    }),
  ];
}
