/**
 * The one table of host names and path roots, and the pure function that picks a surface by it.
 *
 * Owns: which names Postern answers for. Certificates (subject names and the CA's constraints), the CONNECT proxy and
 * request routing are all made from this table, so that they cannot disagree. May use: authority.ts, the wire types.
 * Spec: RFC 9112 section 3.2 (request targets); Azure's public names as Microsoft documents them.
 * @see https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 * @see https://learn.microsoft.com/azure/storage/common/storage-account-overview#standard-endpoints
 */
import type { SurfaceName } from "../wire/exchange.ts";
import { type Authority, formatAuthority, parseAuthority } from "./authority.ts";

/** Fixed host names of each plane, and their public aliases. */
const surfaceHosts = {
  entra: ["login.microsoftonline.com", "login.microsoft.com", "login.windows.net", "sts.windows.net"],
  graph: ["graph.microsoft.com"],
  arm: ["management.azure.com", "management.core.windows.net"],
  iam: ["main.iam.ad.ext.azure.com"],
} as const satisfies Partial<Record<SurfaceName, readonly string[]>>;

/** The account's name is the one label before this. */
const blobDomain = "blob.core.windows.net";

/** Static websites: the account's name is the one label before a zone of this. Ours are all in one zone. */
const webDomain = "web.core.windows.net";
const webZone = "z6";

/** Names of this machine: the planes are told apart by the path's first segment there. */
const localNames = ["localhost"] as const;
const localAddresses = ["127.0.0.1", "::1"] as const;

/** First path segments on {@link localNames}, in lower case; they are compared without case. */
const pathRoots = {
  graph: ["v1.0", "beta"],
  arm: ["subscriptions", "providers", "tenants", "metadata"],
  entra: ["common", "organizations", "consumers", "adfs"],
  portal: ["portal"],
  postern: ["postern", "healthz", "readyz"],
} as const satisfies Partial<Record<SurfaceName, readonly string[]>>;

const hostToSurface: ReadonlyMap<string, SurfaceName> = invert(surfaceHosts);
const rootToSurface: ReadonlyMap<string, SurfaceName> = invert(pathRoots);
const localHosts: ReadonlySet<string> = new Set([...localNames, ...localAddresses]);

/** A storage account's name. @see https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name */
const accountPattern = /^[a-z0-9]{3,24}$/;
/** In a path also the secondary endpoint's name; whether the account has one is the blob surface's to judge. */
const accountSegmentPattern = /^[a-z0-9]{3,24}(?:-secondary)?$/;
const accountLabelPattern = /^[a-z0-9-]{1,63}$/;
const guidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const domainNamePattern = /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+$/i;

/** Subject alternative names of the leaf certificate, DNS part. */
export const certificateDnsNames: readonly string[] = [
  ...Object.values(surfaceHosts).flat(),
  `*.${blobDomain}`,
  `*.${webZone}.${webDomain}`,
  ...localNames,
];

/** Subject alternative names of the leaf certificate, address part. */
export const certificateAddresses: readonly string[] = localAddresses;

/** The DNS subtrees the local CA may certify (RFC 5280 section 4.2.1.10: a name covers itself and what is below it). */
export const permittedDomains: readonly string[] = [
  ...Object.values(surfaceHosts).flat(),
  blobDomain,
  `${webZone}.${webDomain}`,
  ...localNames,
];

/** The address ranges the local CA may certify, as address and prefix length in bits. */
export const permittedSubnets: readonly (readonly [address: string, prefixBits: number])[] = [
  ["127.0.0.0", 8],
  ["::1", 128],
];

/** Path roots that a storage account of the same name could never be reached under, path-style; refuse them as names. */
export const reservedAccountNames: ReadonlySet<string> = new Set(
  Object.values(pathRoots)
    .flat()
    .filter((root) => accountPattern.test(root)),
);

/** What a host name stands for: one plane, one storage account, this machine, or nothing of ours. */
export type HostMeaning =
  | { readonly kind: "surface"; readonly surface: SurfaceName }
  | { readonly kind: "account"; readonly account: string }
  | { readonly kind: "website"; readonly account: string }
  | { readonly kind: "local" }
  | { readonly kind: "unknown" };

/** Looks a host up in the table. @param host as {@link parseAuthority} gives it. */
export function findHost(host: string): HostMeaning {
  const surface = hostToSurface.get(host);
  if (surface !== undefined) return { kind: "surface", surface };
  if (localHosts.has(host)) return { kind: "local" };
  if (host.endsWith(`.${blobDomain}`)) {
    const label = host.slice(0, -blobDomain.length - 1);
    if (accountLabelPattern.test(label)) return { kind: "account", account: label };
  }
  if (host.endsWith(`.${webZone}.${webDomain}`)) {
    const label = host.slice(0, -webZone.length - webDomain.length - 2);
    if (accountLabelPattern.test(label)) return { kind: "website", account: label };
  }
  return { kind: "unknown" };
}

/** Tells whether a host is one of Azure's names that we stand in for; such a host is never tunnelled to the real one. */
export function isAzureHost(host: string): boolean {
  const { kind } = findHost(host);
  return kind === "surface" || kind === "account" || kind === "website";
}

/** Why a request could not be given to a surface. */
export type RouteRefusal = "bad-host" | "bad-target" | "not-https" | "unknown-host" | "unknown-path";

/** The routed part of an Exchange: see there for each member's shape. */
export type Route = {
  readonly surface: SurfaceName;
  readonly origin: string;
  readonly account: string;
  readonly prefix: string;
  readonly path: string;
  readonly query: string;
};

/**
 * Picks the surface for one request that came over TLS.
 * @param request `host` is the Host header as sent ("" when there was none); `target` is the raw request target.
 * @returns the route, or why there is none. An absolute-form target's own host wins over the header (RFC 9112 3.2.2).
 */
export function route(request: { readonly host: string; readonly target: string }): Route | { refused: RouteRefusal } {
  const absolute = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(request.target);
  if (absolute && absolute[1]!.toLowerCase() !== "https") return { refused: "not-https" };
  const authority = parseRecent(absolute ? absolute[2]! : request.host);
  if (!authority) return { refused: "bad-host" };
  const target = absolute ? absolute[3]!.replace(/^(?!\/)/, "/") : request.target;
  // A raw space, control, `#` or byte above 0x7e can be read in more than one way further on: none gets through.
  if (!/^\/[\x21\x22\x24-\x7e]*$/.test(target)) return { refused: "bad-target" };
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? "" : target.slice(mark + 1);
  return routeByHost(authority, path, query);
}

/** Authorities that were read lately; clients come by few names. Our choice. */
const maxRecentAuthorities = 256;
const recentAuthorities = new Map<string, Authority>();

function parseRecent(text: string): Authority | undefined {
  const known = recentAuthorities.get(text);
  if (known !== undefined) return known;
  const authority = parseAuthority(text);
  if (authority === undefined) return undefined;
  if (recentAuthorities.size >= maxRecentAuthorities) recentAuthorities.clear();
  recentAuthorities.set(text, authority);
  return authority;
}

function routeByHost(authority: Authority, path: string, query: string): Route | { refused: RouteRefusal } {
  const meaning = findHost(authority.host);
  const origin = `https://${formatAuthority(authority, 443)}`;
  switch (meaning.kind) {
    case "unknown":
      return { refused: "unknown-host" };
    case "surface":
      return { surface: meaning.surface, origin, account: "", prefix: "", path: collapseLeadingSlashes(path), query };
    case "account":
      return { surface: "blob", origin, account: meaning.account, prefix: "", path, query };
    case "website":
      return { surface: "web", origin, account: meaning.account, prefix: "", path, query };
    case "local":
      return routeByPath(origin, path, query);
  }
}

function routeByPath(origin: string, rawPath: string, query: string): Route | { refused: RouteRefusal } {
  const path = collapseLeadingSlashes(rawPath);
  const end = path.indexOf("/", 1);
  const segment = end < 0 ? path.slice(1) : path.slice(1, end);
  const surface = findRoot(segment);
  if (surface !== undefined) return { surface, origin, account: "", prefix: "", path, query };
  // Blob names may begin with slashes, so a path there is never tidied: `//acct/..` is not `/acct/..`.
  if (path !== rawPath || !accountSegmentPattern.test(segment)) return { refused: "unknown-path" };
  const rest = end < 0 ? "/" : path.slice(end);
  return { surface: "blob", origin, account: segment, prefix: `/${segment}`, path: rest, query };
}

/** The bare root is ours; tenants are named by GUID or by domain (Entra); everything else stands in the table. */
function findRoot(segment: string): SurfaceName | undefined {
  if (segment === "") return "postern";
  const surface = rootToSurface.get(segment.toLowerCase());
  if (surface !== undefined) return surface;
  return guidPattern.test(segment) || domainNamePattern.test(segment) ? "entra" : undefined;
}

/** JS clients send `//subscriptions/..`, which a URL parser reads as a host name: seen from @azure/arm-authorization. */
function collapseLeadingSlashes(path: string): string {
  return path.replace(/^\/+/, "/");
}

function invert(table: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, SurfaceName> {
  const entries = Object.entries(table) as [SurfaceName, readonly string[]][];
  return new Map(entries.flatMap(([surface, names]) => names.map((name) => [name, surface] as const)));
}
