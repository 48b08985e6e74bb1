/**
 * The HTTP proxy on the listener's plain-text side: CONNECT, absolute-form requests, and `/healthz`.
 *
 * Owns: how each verdict of proxy-policy.ts is carried out. May use: tunnel.ts, upstream-proxy.ts. It reads no header
 * but Host, Via and the hop-by-hop ones, and keeps nothing of what passes through.
 * Spec: RFC 9110 sections 7.6 and 9.3.6, RFC 9112 section 3.2.
 */
import { randomUUID } from "node:crypto";
import { request as httpRequest, type IncomingMessage, type RequestOptions, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";
import { type Authority, formatAuthority, parseAuthority } from "./authority.ts";
import type { EdgeLimits } from "./limits.ts";
import { judgeTarget, type ProxyPolicy } from "./proxy-policy.ts";
import { type DialOptions, dial, guardedLookup, requestUpstream, splice, toDialFailure } from "./tunnel.ts";
import type { UpstreamProxy } from "./upstream-proxy.ts";

export type ForwardProxyOptions = {
  /** Read for each request: the port is known only once the listener is up. */
  readonly policy: () => ProxyPolicy;
  readonly upstream: UpstreamProxy | undefined;
  readonly limits: EdgeLimits;
  /** Ends TLS on a client's socket, as if it had connected to the TLS side. */
  readonly terminate: (socket: Socket) => void;
  /** Told of each request that is not carried out because of what it asks; not of places that cannot be reached. */
  readonly onRefused?: () => void;
};

/** The handlers of the plain-text HTTP server. */
export type ForwardProxy = {
  readonly handleConnect: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
  readonly handleRequest: (request: IncomingMessage, response: ServerResponse) => void;
};

type Target = { readonly host: string; readonly port: number };

const useHttps = "This port takes HTTPS, and proxy requests. Use https:// here.";

/** Fields that are about one connection, not about the message (RFC 9110 section 7.6.1), and those that are for the proxy itself. */
const hopByHopFields: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Makes the two handlers. */
export function makeForwardProxy(options: ForwardProxyOptions): ForwardProxy {
  // Names this instance in Via, so that a request that comes round again through the upstream proxy is seen.
  const viaName = `postern-${randomUUID()}`;
  const via = `1.1 ${viaName}`;
  const hasLooped = (request: IncomingMessage) => (request.headers.via ?? "").includes(viaName);
  const dialOptions = (target: Target, isLocal: boolean): DialOptions => ({
    connectTimeoutMs: options.limits.connectTimeoutMs,
    upstream: isLocal || options.upstream?.isExempt(target) ? undefined : options.upstream,
    canReachLoopback: options.policy().isLoopbackOnly,
    via,
  });

  return {
    handleConnect: (request, socket, head) => {
      const target = parseConnectTarget(request.url ?? "");
      const refuseTunnel = (status: number, text: string) => {
        options.onRefused?.();
        refuseConnect(socket, status, text);
      };
      if (!target) return refuseTunnel(400, "CONNECT takes host:port.");
      if (hasLooped(request)) return refuseTunnel(508, "The upstream proxy leads back here.");
      const verdict = judgeTarget("connect", target, options.policy());
      switch (verdict.kind) {
        case "drop":
        case "self":
          options.onRefused?.();
          socket.destroy();
          return;
        case "refuse":
          return refuseTunnel(verdict.status, verdict.text);
        case "terminate":
          if (head.length > 0) socket.unshift(head); // a client may send its hello in the same packet
          socket.write(connectionEstablished);
          return options.terminate(socket);
        case "pass":
          void openTunnel(socket, head, target, dialOptions(target, verdict.isLocal), options.limits);
          return;
      }
    },

    handleRequest: (request, response) => {
      const absolute = parseAbsoluteTarget(request.url ?? "");
      const refuseRequest = (status: number, text: string) => {
        options.onRefused?.();
        refuse(response, status, `${text}\n`);
      };
      const answerOwn = (path: string) =>
        isHealth(request, path) ? answerHealth(request, response) : refuseRequest(400, useHttps);
      if (absolute === "malformed") return refuseRequest(400, "This target is not an http:// URL.");
      if (absolute === undefined) return answerOwn(request.url ?? "");
      if (hasLooped(request)) return refuseRequest(508, "The upstream proxy leads back here.");
      const verdict = judgeTarget("plain", absolute, options.policy());
      switch (verdict.kind) {
        case "drop":
          options.onRefused?.();
          request.socket.destroy();
          return;
        case "self":
          return answerOwn(absolute.path);
        case "terminate":
          return refuseRequest(400, useHttps);
        case "refuse":
          return refuseRequest(verdict.status, verdict.text);
        case "pass":
          return forwardPlain(request, response, absolute, dialOptions(absolute, verdict.isLocal), options.limits);
      }
    },
  };
}

const connectionEstablished = "HTTP/1.1 200 Connection Established\r\n\r\n";

const reasonPhrases: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  502: "Bad Gateway",
  504: "Gateway Timeout",
  508: "Loop Detected",
};

function refuseConnect(socket: Socket, status: number, text: string): void {
  const body = `${text}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${reasonPhrases[status] ?? "Refused"}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroySoon(),
  );
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    connection: "close",
  });
  response.end(text);
}

/** The one request in plain text that is for this listener itself: the health of the process, which says nothing else. */
function isHealth({ method }: IncomingMessage, path: string): boolean {
  return path === "/healthz" && (method === "GET" || method === "HEAD");
}

function answerHealth(request: IncomingMessage, response: ServerResponse): void {
  const body = "ok\n";
  response.writeHead(200, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function parseConnectTarget(text: string): Target | undefined {
  const authority = parseAuthority(text);
  return authority?.port === undefined ? undefined : { host: authority.host, port: authority.port };
}

/** @returns undefined for origin-form; "malformed" for other schemes, user info and the like. */
function parseAbsoluteTarget(text: string): (Target & { readonly path: string }) | "malformed" | undefined {
  if (text.startsWith("/")) return undefined;
  const match = /^http:\/\/([^/?#]+)([\x21\x22\x24-\x7e]*)$/i.exec(text);
  const authority: Authority | undefined = match ? parseAuthority(match[1]!) : undefined;
  if (!match || !authority) return "malformed";
  return { host: authority.host, port: authority.port ?? 80, path: match[2]!.replace(/^(?!\/)/, "/") };
}

async function openTunnel(
  client: Socket,
  head: Buffer,
  target: Target,
  dialOptions: DialOptions,
  limits: EdgeLimits,
): Promise<void> {
  const abandonment = new AbortController();
  const onClose = () => abandonment.abort();
  client.once("close", onClose);
  client.read(0); // a socket that nobody reads would not notice that its peer has gone
  try {
    const remote = await dial(target, dialOptions, abandonment.signal);
    client.removeListener("close", onClose);
    if (client.destroyed) return void remote.destroy();
    client.write(connectionEstablished);
    if (head.length > 0) remote.write(head);
    splice(client, remote, limits.tunnelIdleTimeoutMs);
  } catch (error) {
    const failure = toDialFailure(error as Error);
    if (failure.isMetadata) client.destroy();
    else refuseConnect(client, failure.status, `${formatAuthority(target, 0)}: ${failure.message}.`);
  }
}

function forwardPlain(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target & { readonly path: string },
  dialOptions: DialOptions,
  limits: EdgeLimits,
): void {
  const { upstream } = dialOptions;
  const authority = formatAuthority(target, 80);
  const headers = [...endToEndFields(request.rawHeaders), "Via", dialOptions.via, "Host", authority];
  // Without a length the body was chunked, which is dropped above as one hop's framing and put back here.
  if (request.headers["transfer-encoding"] !== undefined) headers.push("Transfer-Encoding", "chunked");
  if (upstream?.authorization !== undefined) headers.push("Proxy-Authorization", upstream.authorization);
  const isDirect = upstream === undefined;
  const outgoingOptions: RequestOptions = {
    method: request.method ?? "GET",
    host: upstream?.host ?? target.host,
    port: upstream?.port ?? target.port,
    path: isDirect ? target.path : `http://${authority}${target.path}`,
    headers,
    agent: false,
    ...(isDirect ? { lookup: guardedLookup(dialOptions.canReachLoopback) } : {}),
  };
  const outgoing = (upstream ? requestUpstream(upstream) : httpRequest)(outgoingOptions);
  const timer = setTimeout(
    () => outgoing.destroy(Object.assign(new Error("connect"), { code: "ETIMEDOUT" })),
    limits.connectTimeoutMs,
  );
  outgoing.once("socket", (socket) => {
    socket.setTimeout(limits.tunnelIdleTimeoutMs, () => socket.destroy());
    socket.once("connect", () => {
      clearTimeout(timer);
      // Whoever asks first is told to go on once there is somewhere to go.
      if (request.headers.expect !== undefined) response.writeContinue();
    });
  });
  const fail = (error: Error): void => {
    clearTimeout(timer);
    if (response.headersSent) return void response.destroy();
    const failure = toDialFailure(error);
    if (failure.isMetadata) request.socket.destroy();
    else refuse(response, failure.status, `${authority}: ${failure.message}.\n`);
  };
  outgoing.on("error", fail);
  outgoing.once("close", () => {
    if (!response.headersSent) fail(new Error("closed without an answer")); // 101, for one, ends like this
  });
  outgoing.once("response", (answer) => {
    response.sendDate = false; // the origin's own, or none
    try {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEndFields(answer.rawHeaders));
    } catch {
      response.statusMessage = ""; // else the refusal would carry it on
      outgoing.destroy(new Error("an answer that cannot be passed on")); // a status like 099, a control in the reason
      return;
    }
    pipeline(answer, response, (error) => {
      if (error) response.destroy();
    });
  });
  response.once("close", () => outgoing.destroy());
  request.on("error", () => outgoing.destroy());
  request.pipe(outgoing);
}

/** Raw header pairs without the hop-by-hop ones, those that Connection names, and Host. */
function endToEndFields(rawHeaders: readonly string[]): string[] {
  const pairs: [name: string, value: string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    pairs.push([rawHeaders[index]!, rawHeaders[index + 1]!]);
  const named = new Set(
    pairs
      .filter(([name]) => name.toLowerCase() === "connection")
      .flatMap(([, value]) => value.split(",").map((token) => token.trim().toLowerCase())),
  );
  return pairs
    .filter(([name]) => {
      const field = name.toLowerCase();
      return field !== "host" && !hopByHopFields.has(field) && !named.has(field);
    })
    .flat();
}
