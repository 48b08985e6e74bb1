/** User-assigned managed identities. @see https://learn.microsoft.com/rest/api/managedidentity/ */
import { arm, armAll, listSubscriptions, type Resource } from "./arm.ts";

export type ManagedIdentity = Resource & {
  readonly properties: { readonly clientId: string; readonly principalId: string; readonly tenantId: string };
};

export type IdentityCredential = {
  readonly id: string;
  readonly name: string;
  readonly properties: { readonly issuer: string; readonly subject: string; readonly audiences: readonly string[] };
};

export const identityType = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities";

/** Those in all subscriptions the person sees. */
export async function listIdentities(): Promise<ManagedIdentity[]> {
  const subscriptions = await listSubscriptions();
  const lists = subscriptions.map(({ id }) => armAll<ManagedIdentity>(`${id}${identityType}`, "managedIdentity"));
  return (await Promise.all(lists)).flat();
}

export function listIdentityCredentials(identityId: string): Promise<IdentityCredential[]> {
  return armAll<IdentityCredential>(`${identityId}/federatedIdentityCredentials`, "managedIdentity");
}

export function putIdentityCredential(
  identityId: string,
  name: string,
  properties: IdentityCredential["properties"],
): Promise<void> {
  const target = `${identityId}/federatedIdentityCredentials/${encodeURIComponent(name)}`;
  return arm("PUT", target, "managedIdentity", { properties });
}
