/**
 * The list of hosts a client reaches without the proxy. May use: clouds.ts.
 *
 * The user's own list is kept, less every entry by which a client would go past the proxy to Azure itself; this machine is added.
 */
import { azureDomains } from "../clouds.ts";

const localHosts = ["localhost", "127.0.0.1", "::1"];

/** @param list a NO_PROXY value: entries by commas or spaces. */
export function cleanNoProxy(list: string): string {
  const kept = list.split(/[\s,]+/).filter((entry) => entry !== "" && !reachesAzure(entry));
  return [...new Set([...kept, ...localHosts])].join(",");
}

/** Clients differ in how they read an entry; this takes the widest reading of any of them. */
function reachesAzure(entry: string): boolean {
  if (entry.includes("*") && !/^\*\./.test(entry)) return true;
  const name = entry
    .toLowerCase()
    .replace(/:\d+$/, "")
    .replace(/^\*?\.|\.$/g, "");
  // 169.254.169.254 must reach the proxy, which drops it; an address range is compared by its first half only.
  if (/^169\.254\b/.test(name) || name === "0.0.0.0/0") return true;
  // A suffix is one at a dot to some clients and anywhere to others: `azure.com` and `zure.com` both cover management.azure.com.
  return azureDomains.some((domain) => domain.endsWith(name) || name.endsWith(`.${domain}`));
}
