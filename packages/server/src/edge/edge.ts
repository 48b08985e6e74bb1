/**
 * The edge: one port where every plane is reached, under Azure's own names through the proxy or under localhost.
 *
 * Owns: the way of a request from the socket to a surface: end TLS -> pick the surface by host or path -> dispatch, and
 * the answer when there is no surface. May use: its own folder and the wire types; it knows no surface. It decides on the
 * Host header (or an absolute target) alone: the name in the TLS hello or in CONNECT only picks the certificate and the
 * listener, and a host outside the table gets 421 whatever those said.
 * Spec: RFC 9110 sections 7.2, 7.4 and 15.5.20 (421 Misdirected Request).
 */
import type { SecretFiles } from "../secret-files.ts";
import { answered, type Exchange, type SurfaceName } from "../wire/exchange.ts";
import type { IncomingRequest, OutgoingResponse } from "../wire/messages.ts";
import { makeGuid } from "../wire/randomness.ts";
import { WholeRequest } from "../wire/whole-request.ts";
import { isLoopbackHost, isWildcardHost } from "./authority.ts";
import { ensureCertificates } from "./certificate-authority.ts";
import { makeForwardProxy } from "./forward-proxy.ts";
import { type Route, type RouteRefusal, route } from "./hosts.ts";
import { type EdgeLimits, edgeLimits } from "./limits.ts";
import { type Listener, startListener } from "./listener.ts";
import { type EdgeRefusal, RefusalCounts } from "./refusal-counts.ts";
import { parseUpstreamProxy } from "./upstream-proxy.ts";

export type EdgeOptions = {
  readonly stateDir: string;
  /** How the folder's private keys are kept; left out: in the clear. */
  readonly files?: SecretFiles | undefined;
  /** Address to bind. A loopback one (or `localhost`) is bound as 127.0.0.1 and, when it can be had, ::1. */
  readonly listenHost: string;
  /** 0: any free one. */
  readonly port: number;
  /** Path of a socket in a folder that only its owner may enter: the local door. None when absent. */
  readonly localDoor?: string | undefined;
  /** Refuse every host but ours at once, instead of tunnelling it. */
  readonly offline: boolean;
  /** With a listenHost that other machines can reach: tunnel other hosts for them too. Default false. */
  readonly canTunnelForOthers?: boolean;
  /** `http[s]://[user:password@]host[:port]`: the proxy that other hosts are reached through. */
  readonly upstreamProxy?: string | undefined;
  /** Hosts that are reached without the upstream proxy, as in NO_PROXY. */
  readonly noProxy?: string | undefined;
  /** Bundles of system roots, best first. */
  readonly systemCaFiles: readonly string[];
  readonly clock: () => Date;
  readonly dispatch: (exchange: Exchange) => void | Promise<void>;
  /** Told of whatever `dispatch` throws, and of a failed renewal of the certificate (then without an exchange). */
  readonly onFault: (error: unknown, exchange?: Exchange) => void;
  /** Answers what `dispatch` threw when it is no fault of ours. @returns whether it did. */
  readonly answerRefusal?: (error: unknown, exchange: Exchange) => boolean;
  /** Told of every exchange once its answer is out, or its client gone. */
  readonly onAnswered?: (exchange: Exchange) => void;
  /** Other bounds than {@link edgeLimits}. */
  readonly limits?: Partial<EdgeLimits>;
};

export type Edge = {
  readonly port: number;
  /** `https://localhost:PORT`. */
  readonly baseUrl: string;
  /** `http://127.0.0.1:PORT`, for HTTPS_PROXY and HTTP_PROXY. */
  readonly proxyUrl: string;
  /** Path of the local door's socket, where there is one. */
  readonly localDoor: string | undefined;
  /** Path of the PEM file with the system's roots and our CA. */
  readonly caBundle: string;
  /** Path of our CA's certificate alone. */
  readonly caFile: string;
  /** Makes and takes into use a new leaf when the present one is near its end; done daily by itself. True when it did. */
  readonly renewCertificate: () => Promise<boolean>;
  /** Sockets open now. */
  readonly openSockets: () => number;
  /** Requests that no surface heard of, by why. */
  readonly refusedCounts: Readonly<Record<EdgeRefusal, number>>;
  /** Goes on answering, and has each client come back by a new connection, which a load balancer leads elsewhere. */
  readonly drain: () => void;
  /** Stops accepting, lets running requests end for 8 s at most, closes the rest. */
  readonly close: () => Promise<void>;
};

/**
 * Starts the edge.
 * @throws the system's error when the port cannot be bound or the state folder cannot be written, and an Error for an
 * upstream proxy that is not a URL.
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const limits: EdgeLimits = { ...edgeLimits, ...options.limits };
  const upstream =
    options.upstreamProxy === undefined ? undefined : parseUpstreamProxy(options.upstreamProxy, options.noProxy);
  const readCertificates = () =>
    ensureCertificates({
      stateDir: options.stateDir,
      systemCaFiles: options.systemCaFiles,
      now: options.clock(),
      files: options.files,
    });
  const certificates = await readCertificates();
  const isLoopbackOnly = isLoopbackHost(options.listenHost);
  const refusals = new RefusalCounts();
  const onRefused = (reason: EdgeRefusal) => refusals.count(reason);
  const proxy = makeForwardProxy({
    policy: () => ({
      isOffline: options.offline,
      isLoopbackOnly,
      canTunnelForOthers: options.canTunnelForOthers ?? false,
      ownPort: listener.port,
    }),
    upstream,
    limits,
    terminate: (socket) => listener.terminate(socket),
    onRefused: () => onRefused("proxy-policy"),
  });
  const listener: Listener = await startListener({
    addresses: chooseAddresses(options.listenHost),
    port: options.port,
    leaves: certificates.leaves,
    limits,
    onSecureRequest: (request, response) => receive(request, response, options, onRefused),
    onPlainRequest: proxy.handleRequest,
    onClosed: (response: Tracked) => {
      const exchange = response[exchangeKey];
      if (exchange !== undefined) options.onAnswered?.(exchange);
    },
    localDoor: options.localDoor,
    onLocalRequest: (request, response) => receive(request, response, options, onRefused, true),
    onUnreadable: onRefused,
    onConnect: proxy.handleConnect,
  });

  const renewCertificate = async (): Promise<boolean> => {
    const { leaves, isRenewed } = await readCertificates();
    if (isRenewed) listener.replaceLeaves(leaves);
    return isRenewed;
  };
  const renewal = setInterval(
    () => renewCertificate().catch((error) => reportFault(options, error)),
    limits.renewalCheckIntervalMs,
  ).unref();
  return {
    port: listener.port,
    baseUrl: `https://localhost:${listener.port}`,
    proxyUrl: `http://127.0.0.1:${listener.port}`,
    localDoor: listener.hasLocalDoor ? options.localDoor : undefined,
    caBundle: certificates.bundlePath,
    caFile: certificates.caPath,
    renewCertificate,
    openSockets: listener.openSockets,
    refusedCounts: refusals.byReason,
    drain: listener.drain,
    close: async () => {
      clearInterval(renewal);
      await listener.close();
    },
  };
}

/** Programs on this machine always find us on loopback, also when another address is served besides. */
function chooseAddresses(listenHost: string): string[] {
  const host = listenHost.replace(/^\[|\]$/g, "");
  if (isLoopbackHost(host) || host === "") return ["127.0.0.1", "::1"];
  return isWildcardHost(host) ? [host] : [host, "127.0.0.1", "::1"];
}

type Refusal = RouteRefusal | "not-local" | "bad-encoding";

const refusalTexts: Readonly<Record<Refusal, { readonly status: number; readonly text: string }>> = {
  "bad-host": { status: 400, text: "The Host header is missing, repeated or malformed." },
  "bad-target": { status: 400, text: "The request target is malformed." },
  "bad-encoding": { status: 400, text: "The Transfer-Encoding is not one that is understood here." },
  "not-https": { status: 400, text: "Only https:// targets are served here." },
  "unknown-host": { status: 421, text: "This host is not served here." },
  "unknown-path": { status: 404, text: "No service or storage account is served under this path." },
  "not-local": { status: 421, text: "Blob storage is served by TLS only." },
};

/** Where accounts are reached: their blobs, and those of their websites. */
const storageSurfaces: ReadonlySet<SurfaceName> = new Set(["blob", "web"]);

/** @param isLocal by the local door: accounts judge by which way and from which address a request comes, so no blobs are served there. */
function receive(
  request: IncomingRequest,
  response: OutgoingResponse,
  options: EdgeOptions,
  onRefused: (reason: EdgeRefusal) => void,
  isLocal = false,
): void {
  const requestId = makeGuid();
  const found = findRoute(request);
  const refusal =
    "refused" in found ? found.refused : isLocal && storageSurfaces.has(found.surface) ? "not-local" : undefined;
  if (refusal !== undefined) {
    onRefused(refusal);
    refuse(response, requestId, refusal);
  } else if (!("refused" in found)) {
    const note = {
      operation: "",
      caller: "",
      startedAtMs: performance.now(),
      sentBytesBefore: request.socket.bytesWritten,
    };
    const exchange: Exchange = { request, response, requestId, note, ...found };
    (response as Tracked)[exchangeKey] = exchange;
    dispatchSafely(exchange, options);
  }
}

type Found = Route | { readonly refused: Refusal };

/** Where requests under one remembered head go: their host and path are the same, and their query has the same characters but for a GUID. */
const knownRoutes = new WeakMap<object, Found>();

function findRoute(request: IncomingRequest): Found {
  const key = request instanceof WholeRequest ? request.routeKey : undefined;
  if (key === undefined) return readRoute(request);
  let found = knownRoutes.get(key);
  if (found === undefined) {
    found = readRoute(request);
    knownRoutes.set(key, found);
  }
  if ("refused" in found || found.query === "") return found;
  const { url = "" } = request;
  return { ...found, query: url.slice(url.indexOf("?") + 1) };
}

function readRoute(request: IncomingRequest): Found {
  const hosts = hostsOf(request);
  // Two Host headers are how one request is made to mean two things (RFC 9112 section 3.2): neither is used.
  if (hosts.length > 1) return { refused: "bad-host" };
  if (hasOddEncoding(request)) return { refused: "bad-encoding" };
  return route({ host: hosts[0] ?? "", target: request.url ?? "" });
}

const exchangeKey = Symbol("exchange");
/** A response knows what it answers: the listener hears of its end. */
type Tracked = OutgoingResponse & { [exchangeKey]?: Exchange };

/** Node's parser finds out about an encoding it does not know only after it has handed the request over: nobody must act on it. */
function hasOddEncoding({ headers }: IncomingRequest): boolean {
  const encoding = headers["transfer-encoding"];
  return encoding !== undefined && encoding.toLowerCase() !== "chunked";
}

/** Every Host header. `request.headers` keeps the first alone, `headersDistinct` sorts all headers to tell of one. */
function hostsOf({ rawHeaders }: IncomingRequest): string[] {
  const hosts: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4 && name.toLowerCase() === "host") hosts.push(rawHeaders[index + 1]!);
  }
  return hosts;
}

function refuse(response: OutgoingResponse, requestId: string, refusal: Refusal): void {
  const { status, text } = refusalTexts[refusal];
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text) + 1,
    "x-ms-request-id": requestId,
    connection: "close",
  });
  response.end(`${text}\n`);
}

/** A fault of ours must neither end the process nor show its insides: the client gets the request's id to ask about. */
function dispatchSafely(exchange: Exchange, options: EdgeOptions): void {
  try {
    const answering = options.dispatch(exchange);
    if (answering !== undefined && answering !== answered)
      answering.catch((error: unknown) => answerFault(error, exchange, options));
  } catch (error) {
    answerFault(error, exchange, options);
  }
}

function answerFault(error: unknown, exchange: Exchange, options: EdgeOptions): void {
  const { response, requestId } = exchange;
  if (hasClientLeft(error, exchange)) return;
  if (!response.headersSent && options.answerRefusal?.(error, exchange) === true) return;
  reportFault(options, error, exchange);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(500, { "content-length": 0, "x-ms-request-id": requestId, connection: "close" }).end();
}

/** A log that cannot be written must not take the process down with it. */
function reportFault(options: EdgeOptions, error: unknown, exchange?: Exchange): void {
  try {
    options.onFault(error, exchange);
  } catch {
    // nowhere left to say it
  }
}

const departureCodes: ReadonlySet<string> = new Set([
  "ABORT_ERR",
  "ECONNRESET",
  "EPIPE",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/** The client's going away in the middle is no fault of ours; any other error is, whether someone still listens or not. */
function hasClientLeft(error: unknown, exchange: Exchange): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return exchange.request.socket.destroyed && code !== undefined && departureCodes.has(code);
}
