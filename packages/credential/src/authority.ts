/** Which Entra ID is spoken to, and for which tenant. Nothing here asks the network: the authority is the one configured. */
import { misconfigured, unavailable } from "./errors.ts";
import { readVariable } from "./variables.ts";

const PUBLIC_CLOUD = "https://login.microsoftonline.com";

/** The sign-in hosts of Azure's clouds. @see https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
export const AzureAuthorityHosts = {
  AzureChina: "https://login.chinacloudapi.cn",
  AzureGovernment: "https://login.microsoftonline.us",
  AzurePublicCloud: PUBLIC_CLOUD,
} as const;

/**
 * @param host an address or a bare host name; default AZURE_AUTHORITY_HOST, else the public cloud.
 * @returns the address without a slash at its end. Throws `misconfigured` for what is not https (or http on localhost).
 */
export function resolveAuthority(credential: string, host?: string): string {
  const given = host ?? readVariable("AZURE_AUTHORITY_HOST") ?? PUBLIC_CLOUD;
  let url: URL | undefined;
  try {
    url = new URL(given.includes("://") ? given : `https://${given}`);
  } catch {}
  // Plain http is for hosts that it does not leave this machine for; an address as URL writes it has no more than one way to be read.
  if (!url || !/^https:|^http:\/\/(localhost|127(\.\d+){3}|\[::1\])(:\d+)?\//.test(url.href)) {
    throw misconfigured(credential, `${given} is not an https address.`, "http is for localhost only.");
  }
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

/** @returns the tenant, when it could be one: it becomes part of an address and of command lines. */
export function checkTenant(credential: string, tenantId: string): string {
  if (!/^[0-9a-zA-Z.-]+$/.test(tenantId)) {
    throw misconfigured(credential, "The tenant is no ID and no domain name.");
  }
  return tenantId;
}

/**
 * Which tenant one request is for.
 * @param own the credential's; undefined lets the caller choose. @param asked the caller's, from `getToken`.
 * @see https://learn.microsoft.com/javascript/api/@azure/identity/multitenanttokencredentialoptions
 */
export function chooseTenant(
  credential: string,
  own: string | undefined,
  asked: string | undefined,
  allowed: readonly string[] = [],
): string | undefined {
  if (asked === undefined || asked === own || own === "adfs") return own;
  if (readVariable("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH")) return own;
  checkTenant(credential, asked);
  if (own !== undefined && !allowed.includes("*") && !allowed.includes(asked)) {
    const remedy = "Add it to additionallyAllowedTenants.";
    throw unavailable(credential, `The credential is not for tenant ${asked}.`, remedy);
  }
  return asked;
}

/** @returns where the tenant's tokens are, in the region of AZURE_REGIONAL_AUTHORITY_NAME when that is one and the cloud has regions. */
export function tokenEndpoint(authority: string, tenantId: string, isRegional = false): string {
  if (tenantId === "adfs") return `${authority}/adfs/oauth2/token`;
  const region = isRegional ? readVariable("AZURE_REGIONAL_AUTHORITY_NAME") : undefined;
  const isPublic = authority === PUBLIC_CLOUD;
  const base = isPublic && region && /^[a-z0-9]+$/.test(region) ? `https://${region}.login.microsoft.com` : authority;
  return `${base}/${tenantId}/oauth2/v2.0/token`;
}
