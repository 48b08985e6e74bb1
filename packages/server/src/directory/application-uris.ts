/** Which URIs an application may carry: names for itself (identifierUris) and places to send answers to (redirect URIs). Pure. */
import type { Application } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { ReadModel } from "../state/read-model.ts";
import { maxIdentifierUriLength, maxRedirectUriLength, maxRedirectUris } from "./limits.ts";
import { checkLength } from "./values.ts";

const identifierUriAt = { objectKind: "application", property: "identifierUris" } as const;

/**
 * Checks shape, length and uniqueness over the tenant; an http(s) URI must lie in one of the tenant's domains.
 * @throws Refusal `value-invalid`, `value-taken`.
 * @see https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration#application-id-uri
 */
export function checkIdentifierUris(model: ReadModel, row: Application): void {
  const seen = new Set<string>();
  for (const uri of row.identifierUris) {
    checkLength(identifierUriAt, uri, maxIdentifierUriLength);
    const url = URL.parse(uri);
    if (url === null || /\s/.test(uri) || uri.includes("#") || uri.endsWith("//"))
      refuse({ kind: "value-invalid", ...identifierUriAt, why: "malformed" });
    if (/^https?:$/.test(url.protocol) && !isInDomains(url.hostname, model.tenant.domains))
      refuse({ kind: "value-invalid", ...identifierUriAt, why: "not-allowed" });
    const folded = uri.toLowerCase();
    // An application in the bin keeps its names until it is restored or gone for good.
    const holders = [
      ...model.applications.find("identifierUri", folded),
      ...model.deletedObjects.find("identifierUri", folded),
    ];
    if (seen.has(folded) || holders.some((holder) => holder.id !== row.id))
      refuse({ kind: "value-taken", ...identifierUriAt, value: uri });
    seen.add(folded);
  }
}

function isInDomains(hostname: string, domains: readonly string[]): boolean {
  return domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

/**
 * Checks the three platforms' redirect URIs. Web and single-page URIs must be https, or http to this machine; native apps may use schemes of their own.
 * @throws Refusal `value-invalid`, `limit-reached`.
 * @see https://learn.microsoft.com/entra/identity-platform/reply-url
 */
export function checkRedirectUris(row: Application): void {
  const uris = [...row.webRedirectUris, ...row.spaRedirectUris, ...row.publicClientRedirectUris];
  if (uris.length > maxRedirectUris)
    refuse({ kind: "limit-reached", objectKind: "application", property: "redirectUris", limit: maxRedirectUris });
  // One address on two platforms would be answered as either.
  if (new Set(uris.map((uri) => uri.toLowerCase())).size < uris.length)
    refuse({ kind: "value-invalid", objectKind: "application", property: "redirectUris", why: "not-allowed" });
  for (const uri of row.webRedirectUris) checkRedirectUri("web", uri, isSafeForBrowsers);
  for (const uri of row.spaRedirectUris) checkRedirectUri("spa", uri, isSafeForBrowsers);
  for (const uri of row.publicClientRedirectUris) checkRedirectUri("publicClient", uri, isSafeForNativeApps);
}

/**
 * Checks where the application signs people out: an address that browsers may be sent to.
 * @throws Refusal `value-invalid`.
 * @see https://learn.microsoft.com/graph/api/resources/webapplication
 */
export function checkLogoutUrl({ logoutUrl }: Application): void {
  if (logoutUrl !== null) checkAddress("web/logoutUrl", logoutUrl, isSafeForBrowsers);
}

function checkRedirectUri(platform: string, uri: string, isSafe: (url: URL) => boolean): void {
  checkAddress(`${platform}/redirectUris`, uri, isSafe);
}

function checkAddress(property: string, uri: string, isSafe: (url: URL) => boolean): void {
  const at = { objectKind: "application", property } as const;
  checkLength(at, uri, maxRedirectUriLength);
  const url = URL.parse(uri);
  if (url === null || /\s/.test(uri) || uri.includes("#") || !isSafe(url))
    refuse({ kind: "value-invalid", ...at, why: "malformed" });
}

function isSafeForBrowsers(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

/** A scheme of its own is fine; one that runs code in the browser is not, and plain http only to this machine. */
function isSafeForNativeApps(url: URL): boolean {
  if (url.protocol === "http:") return isLoopback(url.hostname);
  return !["javascript:", "data:", "vbscript:", "file:", "blob:"].includes(url.protocol);
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}
