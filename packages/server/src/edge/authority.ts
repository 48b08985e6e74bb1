/**
 * Host names, addresses and ports as they stand in `Host`, CONNECT and absolute-form targets, in one normal form.
 *
 * Owns: the parsing of `host[:port]` and what counts as loopback or link-local. May use: node:net only.
 * Spec: RFC 9110 section 7.2 (Host), RFC 3986 section 3.2 (authority).
 */
import { BlockList, isIP } from "node:net";

/** `host` is lower case, without a trailing dot and without brackets; `port` is undefined when none was written. */
export type Authority = { readonly host: string; readonly port: number | undefined };

/** Longest host name of the DNS, in characters (RFC 1035 section 2.3.4, without the closing dot). */
const maxHostLength = 253;
const maxPort = 65_535;

/** One DNS label; `_` is not in RFC 1123 but stands in names that people do use. */
const labelPattern = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Parses `host`, `host:port`, `[v6]` or `[v6]:port`.
 * @returns undefined for anything else: user info, empty labels, ports past 65535, zone ids.
 */
export function parseAuthority(text: string): Authority | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:@[\]/?#\s]+))(?::([0-9]{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && (port === 0 || port > maxPort)) return undefined;
  if (match[1] !== undefined) {
    return isIP(match[1]) === 6 ? { host: canonicalIPv6(match[1]), port } : undefined;
  }
  const host = match[2]!.toLowerCase().replace(/\.$/, "");
  if (host.length === 0 || host.length > maxHostLength) return undefined;
  if (!host.split(".").every((label) => labelPattern.test(label))) return undefined;
  return { host, port };
}

/** Writes an authority back, with brackets around an IPv6 address and without the port when it is `defaultPort`. */
export function formatAuthority(authority: Authority, defaultPort: number): string {
  const host = authority.host.includes(":") ? `[${authority.host}]` : authority.host;
  return authority.port === undefined || authority.port === defaultPort ? host : `${host}:${authority.port}`;
}

/** `0:0:0:0:0:0:0:1` and `::1` are one address; the URL parser knows the short form (RFC 5952). */
function canonicalIPv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Tells whether an address literal or the name `localhost` means this machine. Other names are never looked up here. */
export function isLoopbackHost(host: string): boolean {
  if (host === "localhost") return true;
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 6 ? "ipv6" : "ipv4");
}

const numericHost = /^(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}$/;

/**
 * Writes an IPv4 address that is spelled in another way (`2852039166`, `0xa9.254.43518`) with its four decimal numbers: systems and proxies
 * connect to it under any spelling.
 * @returns any other host as it is.
 */
export function readNumericAddress(host: string): string {
  if (!numericHost.test(host)) return host;
  const url = `http://${host}/`;
  return URL.canParse(url) ? new URL(url).hostname : host;
}

const unspecified = new BlockList();
unspecified.addAddress("0.0.0.0", "ipv4");
unspecified.addAddress("::", "ipv6");

/**
 * Tells whether a connection to this host ends on this machine, by the address literal or `localhost` alone: the loopback addresses, and the
 * unspecified ones, which systems connect to themselves.
 */
export function leadsToThisMachine(host: string): boolean {
  if (isLoopbackHost(host)) return true;
  const family = isIP(host);
  return family !== 0 && unspecified.check(host, family === 6 ? "ipv6" : "ipv4");
}

/** Tells whether binding to this address accepts connections on every interface. */
export function isWildcardHost(host: string): boolean {
  return host === "0.0.0.0" || host === "::" || host === "";
}

/**
 * Where clouds keep their instance metadata services: all of link-local, and the addresses and name outside of it.
 * A credential chain asks them for a managed identity; nothing of ours may pass such a question on to the machine it
 * happens to run on, whose own identity would be handed out.
 * @see https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
 */
const metadataAddresses = new BlockList();
metadataAddresses.addSubnet("169.254.0.0", 16, "ipv4");
metadataAddresses.addSubnet("fe80::", 10, "ipv6");
metadataAddresses.addAddress("fd00:ec2::254", "ipv6"); // Amazon EC2
metadataAddresses.addAddress("fd20:ce::254", "ipv6"); // Google Compute Engine
metadataAddresses.addAddress("168.63.129.16", "ipv4"); // Azure's wire server
metadataAddresses.addAddress("100.100.100.200", "ipv4"); // Alibaba Cloud
const metadataNames: ReadonlySet<string> = new Set(["metadata.google.internal", "metadata"]);

/** Tells whether a host is a cloud's metadata service, by address literal or well-known name. */
export function isMetadataHost(host: string): boolean {
  if (metadataNames.has(host)) return true;
  const family = isIP(host);
  return family !== 0 && metadataAddresses.check(host, family === 6 ? "ipv6" : "ipv4");
}
