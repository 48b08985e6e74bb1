/**
 * What the proxy does with a target, as a pure function.
 *
 * Owns: the rule that makes it never an open proxy, never a way to a metadata service, and never a way past Postern to
 * the real Azure names. May use: the table of hosts.
 */
import { type Authority, isMetadataHost, leadsToThisMachine, readNumericAddress } from "./authority.ts";
import { isAzureHost } from "./hosts.ts";

export type ProxyPolicy = {
  /** Refuse every host but ours at once. */
  readonly isOffline: boolean;
  /** The listener accepts connections from this machine only. */
  readonly isLoopbackOnly: boolean;
  /** Tunnel other hosts although the listener can be reached from other machines. */
  readonly canTunnelForOthers: boolean;
  readonly ownPort: number;
};

/** How the target was asked for: `CONNECT host:port`, or `GET http://host/..` in plain text. */
export type ProxyForm = "connect" | "plain";

export type ProxyVerdict =
  /** One of our hosts: end TLS here. */
  | { readonly kind: "terminate" }
  /** Our own listener, in plain text. */
  | { readonly kind: "self" }
  /** A metadata service: close the connection without an answer. */
  | { readonly kind: "drop" }
  /** Somebody else's host. */
  | { readonly kind: "pass"; readonly isLocal: boolean }
  | { readonly kind: "refuse"; readonly status: 400 | 403; readonly text: string };

/**
 * Judges one target.
 * @returns `drop` for metadata services: a credential chain that gets any HTTP answer there retries for a minute, while a
 * closed connection sends it on to the next credential at once (measured with azure-identity).
 */
export function judgeTarget(form: ProxyForm, target: Required<Authority>, policy: ProxyPolicy): ProxyVerdict {
  const { port } = target;
  const host = readNumericAddress(target.host);
  if (isMetadataHost(host)) return { kind: "drop" };
  if (isAzureHost(host)) {
    if (form === "plain") return { kind: "refuse", status: 400, text: `${host} takes requests only over https.` };
    if (port === 443) return { kind: "terminate" };
    return { kind: "refuse", status: 403, text: `${host} is served on port 443 only.` };
  }
  if (leadsToThisMachine(host)) {
    if (port === policy.ownPort) return { kind: form === "connect" ? "terminate" : "self" };
    // "Offline" is about leaving the machine; a program's own local services are its own affair.
    if (policy.isLoopbackOnly) return { kind: "pass", isLocal: true };
    return { kind: "refuse", status: 403, text: "Local services are not reachable through this proxy." };
  }
  if (policy.isOffline)
    return { kind: "refuse", status: 403, text: `${host} is not served here, and Postern is offline.` };
  if (!policy.isLoopbackOnly && !policy.canTunnelForOthers) {
    return {
      kind: "refuse",
      status: 403,
      text: `${host} is not served here, and this proxy is open to other machines.`,
    };
  }
  return { kind: "pass", isLocal: false };
}
