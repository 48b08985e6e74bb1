/**
 * Which redirect URIs an application may be answered at. Compared as text, character by character, so that nothing can be read in two ways; the
 * one exception is the port of this machine's own addresses, which programs cannot know beforehand.
 * Spec: RFC 8252 sections 7.3 and 8.3, RFC 9700 section 2.1; https://learn.microsoft.com/entra/identity-platform/reply-url
 */
import type { Application } from "../../state/entities.ts";
import type { ClientPlatform } from "../../tokens/refresh-token.ts";

/** Longest one looked at, in characters: the registered ones have 256 at most, a port adds six. */
const maxRedirectUriChars = 300;

/** What Microsoft's own clients are registered with, as far as they are served here. */
const firstPartyRedirectUris = ["http://localhost", "http://127.0.0.1"];

/** Where the portal is; its page signs people in from this server's own origin and no other. */
const portalPath = "/portal";

export type RedirectMatch = { readonly uri: string; readonly platform: ClientPlatform };

/**
 * @param application undefined for Microsoft's own clients.
 * @param uri as the request carries it; undefined when it carries none, which is enough for an application that has only one.
 * @returns undefined when the application is not registered with it.
 */
export function matchRedirectUri(
  application: Application | undefined,
  uri: string | undefined,
): RedirectMatch | undefined {
  const registered = registeredUris(application);
  if (uri === undefined) return registered.length === 1 ? registered[0] : undefined;
  if (uri.length > maxRedirectUriChars) return undefined;
  const found = registered.find((one) => one.uri === uri) ?? registered.find((one) => isSameLoopback(one.uri, uri));
  return found && { uri, platform: found.platform };
}

/**
 * The same for the portal, which has one address on each name this server goes by.
 * @param ownOrigins empty for a client that came by a public host name: the portal is not there.
 */
export function matchPortalUri(ownOrigins: readonly string[], uri: string | undefined): RedirectMatch | undefined {
  const isOwn = uri !== undefined && ownOrigins.some((origin) => uri === `${origin}${portalPath}`);
  return isOwn ? { uri, platform: "spa" } : undefined;
}

/** @returns all redirect URIs of an application, those of browsers' pages first: they are the narrower ones. */
function registeredUris(application: Application | undefined): RedirectMatch[] {
  const of = (platform: ClientPlatform, uris: readonly string[]) => uris.map((uri) => ({ uri, platform }));
  if (application === undefined) return of("native", firstPartyRedirectUris);
  return [
    ...of("spa", application.spaRedirectUris),
    ...of("web", application.webRedirectUris),
    ...of("native", application.publicClientRedirectUris),
  ];
}

/** An http URI of this machine, in parts; no user name, no backslash, no escape in the host, no fragment fits. */
const loopbackPattern = /^http:\/\/(localhost|127\.0\.0\.1)(?::\d{1,5})?(\/[^\s\\#?]*)?(\?[^\s\\#]*)?$/;

/** Whether two URIs of this machine differ in the port only (and in whether an empty path has its slash). */
function isSameLoopback(registered: string, given: string): boolean {
  const [wanted, found] = [loopbackPattern.exec(registered), loopbackPattern.exec(given)];
  if (wanted === null || found === null) return false;
  const [, host, path = "/", query = ""] = wanted;
  const [, givenHost, givenPath = "/", givenQuery = ""] = found;
  return host === givenHost && path === givenPath && query === givenQuery;
}

/** Whether an address is registered with an application as one that browsers may be sent to, for the end of a sign-out. */
export function isSignOutUri(application: Application, uri: string): boolean {
  const match = matchRedirectUri(application, uri);
  return match !== undefined && /^https?:\/\//.test(match.uri);
}
