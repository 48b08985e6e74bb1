/**
 * The user's own proxy: how it is written down, and which hosts go past it.
 *
 * Owns: the parsing of the proxy URL and of NO_PROXY. May use: authority.ts. Nothing here is logged: the URL may hold a password.
 * Spec: none; NO_PROXY as curl, Go and Node read it (names with what is below them, addresses, CIDR ranges, optional ports).
 */
import { BlockList, isIP } from "node:net";
import { type Authority, parseAuthority } from "./authority.ts";

/** A proxy that CONNECT and plain requests for other hosts are sent through. */
export type UpstreamProxy = {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** Value of the Proxy-Authorization header, when the URL carried credentials. */
  readonly authorization: string | undefined;
  /** Tells whether this target goes straight to its host. */
  readonly isExempt: (target: Authority) => boolean;
};

/** Entries of a NO_PROXY list that are looked at. Our choice: a list past it is a mistake. */
const maxExemptions = 1_000;

/**
 * Reads `http://[user:password@]host[:port]` (or https) and a NO_PROXY list.
 * @throws Error whose text names no part of the URL, when it is not such a URL.
 */
export function parseUpstreamProxy(proxyUrl: string, noProxy = ""): UpstreamProxy {
  const url = URL.parse(proxyUrl.includes("://") ? proxyUrl : `http://${proxyUrl}`);
  const isSecure = url?.protocol === "https:";
  const authority = url && parseAuthority(url.host);
  if (!url || !authority || !(isSecure || url.protocol === "http:")) {
    throw new Error("the upstream proxy must be an http:// or https:// URL with a host");
  }
  const credentials = `${decodePart(url.username)}:${decodePart(url.password)}`;
  return {
    isSecure,
    host: authority.host,
    port: authority.port ?? (isSecure ? 443 : 80),
    authorization: credentials === ":" ? undefined : `Basic ${Buffer.from(credentials, "utf8").toString("base64")}`,
    isExempt: compileNoProxy(noProxy),
  };
}

/** Compiles a NO_PROXY list: comma or blank separated; `*` exempts all; `example.com` and `.example.com` exempt what is below, too. */
export function compileNoProxy(list: string): (target: Authority) => boolean {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
  if (entries.length > maxExemptions) throw new Error(`NO_PROXY has more than ${maxExemptions} entries`);
  const tests = entries.map(compileEntry);
  return (target) => tests.some((isMatch) => isMatch(target));
}

function compileEntry(entry: string): (target: Authority) => boolean {
  if (entry === "*") return () => true;
  const range = /^([0-9a-fA-F:.]+)\/([0-9]{1,3})$/.exec(entry);
  if (range && isIP(range[1]!) !== 0) return compileRange(range[1]!, Number(range[2]));
  // A bare IPv6 address stands without brackets in NO_PROXY.
  const authority = parseAuthority(isIP(entry) === 6 ? `[${entry}]` : entry.replace(/^\*?\./, ""));
  if (!authority) return () => false;
  const { host, port } = authority;
  return (target) =>
    (port === undefined || port === target.port) &&
    (target.host === host || (isIP(host) === 0 && target.host.endsWith(`.${host}`)));
}

function compileRange(address: string, prefixBits: number): (target: Authority) => boolean {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (prefixBits > (family === "ipv6" ? 128 : 32)) return () => false;
  const range = new BlockList();
  range.addSubnet(address, prefixBits, family);
  return ({ host }) => isIP(host) !== 0 && range.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a bare `%` in a password is meant as it stands
  }
}
