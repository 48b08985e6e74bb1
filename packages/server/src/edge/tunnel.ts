/**
 * Connections to hosts that are not ours: made straight or through the upstream proxy, then joined to the client's.
 *
 * Owns: dialling, its time limit, the look-up that keeps metadata services out, and the splice. May use: node:net, tls, http.
 * Spec: RFC 9110 section 9.3.6 (CONNECT).
 */
import { type LookupAllOptions, lookup } from "node:dns";
import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type LookupFunction, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { formatAuthority, isMetadataHost, leadsToThisMachine } from "./authority.ts";
import type { UpstreamProxy } from "./upstream-proxy.ts";

export type DialTarget = { readonly host: string; readonly port: number };

export type DialOptions = {
  readonly connectTimeoutMs: number;
  /** Undefined: straight to the target. */
  readonly upstream: UpstreamProxy | undefined;
  /** Whether a name may resolve to this machine: not when others can reach the listener. */
  readonly canReachLoopback: boolean;
  /** Value of the Via header for the upstream proxy, so that a proxy loop can be seen. */
  readonly via: string;
};

/** Why no connection came about; `status` is what the client is told. */
export class DialFailure extends Error {
  readonly status: 403 | 502 | 504;
  /** True when a name turned out to stand for a metadata service: the client's connection is dropped without a word. */
  readonly isMetadata: boolean;
  constructor(status: 403 | 502 | 504, text: string, isMetadata = false) {
    super(text);
    this.status = status;
    this.isMetadata = isMetadata;
  }
}

/** Looks a name up and refuses addresses that requests must not be led to by DNS. */
export function guardedLookup(canReachLoopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    const all: LookupAllOptions = { ...options, all: true };
    lookup(hostname, all, (error, addresses) => {
      if (error) return callback(error, "", 0);
      if (addresses.some(({ address }) => isMetadataHost(address))) {
        return callback(new DialFailure(403, "the name resolves to a metadata service", true), "", 0);
      }
      if (!canReachLoopback && addresses.some(({ address }) => leadsToThisMachine(address))) {
        return callback(new DialFailure(403, "the name resolves to this machine"), "", 0);
      }
      if (options.all) return callback(null, addresses);
      const first = addresses[0];
      return first ? callback(null, first.address, first.family) : callback(new DialFailure(502, "no address"), "", 0);
    });
  };
}

/**
 * Opens a connection to the target.
 * @throws DialFailure 403 for a forbidden address, 504 past the time limit, 502 for everything else.
 */
export function dial(target: DialTarget, options: DialOptions, signal: AbortSignal): Promise<Socket> {
  return options.upstream
    ? dialThrough(options.upstream, target, options, signal)
    : dialStraight(target, options, signal);
}

function dialStraight(target: DialTarget, options: DialOptions, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: target.host,
      port: target.port,
      lookup: guardedLookup(options.canReachLoopback),
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
    });
    const giveUp = boundDial(options.connectTimeoutMs, signal, (failure) => socket.destroy(failure));
    socket.once("connect", () => {
      giveUp.cancel();
      resolve(socket);
    });
    // Stays for good: after the connection is up, an error means the peer went away, which the splice sees as 'close'.
    socket.on("error", (error) => {
      giveUp.cancel();
      reject(toDialFailure(error));
    });
  });
}

function dialThrough(
  proxy: UpstreamProxy,
  target: DialTarget,
  options: DialOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const authority = formatAuthority(target, 0);
  return new Promise((resolve, reject) => {
    const request = requestUpstream(proxy)({
      host: proxy.host,
      port: proxy.port,
      method: "CONNECT",
      path: authority,
      headers: {
        host: authority,
        via: options.via,
        ...(proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization }),
      },
      agent: false,
    });
    const giveUp = boundDial(options.connectTimeoutMs, signal, (failure) => request.destroy(failure));
    request.once("connect", (response, socket, head) => {
      giveUp.cancel();
      socket.on("error", () => {}); // the splice sees 'close'
      if (response.statusCode !== 200) {
        socket.destroy();
        return reject(new DialFailure(502, `the upstream proxy answered ${response.statusCode}`));
      }
      if (head.length > 0) socket.unshift(head);
      socket.allowHalfOpen = true;
      resolve(socket as Socket);
    });
    request.once("response", (response) => {
      giveUp.cancel();
      request.destroy();
      reject(new DialFailure(502, `the upstream proxy answered ${response.statusCode}`));
    });
    request.on("error", (error) => {
      giveUp.cancel();
      reject(toDialFailure(error));
    });
    request.end();
  });
}

/** The request function for the upstream proxy's scheme. */
export function requestUpstream(proxy: UpstreamProxy): (options: RequestOptions) => ReturnType<typeof httpRequest> {
  return proxy.isSecure ? httpsRequest : httpRequest;
}

/** Turns any error of a connection attempt into what the client may be told; system texts stay inside. */
export function toDialFailure(error: Error): DialFailure {
  if (error instanceof DialFailure) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "ETIMEDOUT") return new DialFailure(504, "no connection within the time limit");
  return new DialFailure(502, /^E[A-Z_]+$/.test(code) ? `no connection (${code})` : "no connection");
}

/** Calls `abandon` when the time is up or the client has gone, whichever is first, unless cancelled. */
function boundDial(timeoutMs: number, signal: AbortSignal, abandon: (failure: DialFailure) => void) {
  const onAbort = () => abandon(new DialFailure(502, "the client went away"));
  const timer = setTimeout(() => abandon(new DialFailure(504, "no connection within the time limit")), timeoutMs);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return {
    cancel: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}

/**
 * Joins two connections until both ends are through: bytes, half-closes, abrupt ends and idleness pass from each to the other.
 * Both must allow half-open; errors of either must already be handled.
 */
export function splice(one: Socket, other: Socket, idleTimeoutMs: number): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    // Reads and writes both count, so a stream one way keeps both sides alive.
    from.setTimeout(idleTimeoutMs, () => from.destroy());
    from.once("close", () => {
      // After a clean end the other side may still have bytes to write out.
      if (from.readableEnded && !from.errored) to.destroySoon();
      else breakOff(to);
    });
  }
}

/** A stream that was cut must not look like one that ended: the peer gets a reset where TCP can say so. */
function breakOff(socket: Socket): void {
  if (socket instanceof TLSSocket || socket.destroyed) socket.destroy();
  else socket.resetAndDestroy();
}
