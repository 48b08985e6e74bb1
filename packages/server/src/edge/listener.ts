/**
 * One TCP port for everything: TLS for the planes, plain HTTP for the proxy, told apart by the first byte. And a socket for the owner's own programs.
 *
 * Owns: sockets, from accept to close, and the two HTTP servers behind the port. May use: node:net, http, https.
 * Spec: RFC 8446 section 5.1 (a TLS record of a handshake begins with 0x16, which no HTTP method does).
 */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer, type ServerOptions, type Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import { createSecureContext } from "node:tls";
import type { OutgoingResponse } from "../wire/messages.ts";
import { bindAll, portOf, receiveFirstByte } from "./acceptors.ts";
import type { Leaves } from "./certificate-authority.ts";
import type { EdgeLimits } from "./limits.ts";
import { bindLocalDoor } from "./local-door.ts";
import { OpenResponses, type RequestHandler } from "./open-responses.ts";
import { RepeatedRequests } from "./repeated-requests.ts";
import { chooseContext, makeTlsOptions } from "./tls-options.ts";

export type ListenerOptions = {
  /** Addresses to bind, in order; the first must succeed, the others are taken when they can be had. */
  readonly addresses: readonly string[];
  /** 0: any free one. */
  readonly port: number;
  readonly leaves: Leaves;
  readonly limits: EdgeLimits;
  readonly onSecureRequest: RequestHandler;
  readonly onPlainRequest: (request: IncomingMessage, response: ServerResponse) => void;
  /** Told of each response when it is out, or its client gone. */
  readonly onClosed?: (response: OutgoingResponse) => void;
  /** Path of the local door's socket; none when absent. */
  readonly localDoor?: string | undefined;
  readonly onLocalRequest: RequestHandler;
  readonly onConnect: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
  /** Told of each request that was answered for its bytes alone. */
  readonly onUnreadable?: (reason: Unreadable) => void;
};

/** What is wrong with a request that Node's parser gave up on. */
export type Unreadable = "unreadable" | "headers-too-large" | "too-slow";

export type Listener = {
  readonly port: number;
  /** False where none was asked for, or none could be made. */
  readonly hasLocalDoor: boolean;
  /** Ends TLS on a socket that is not read by anyone; bytes put back by `unshift` are read first. */
  readonly terminate: (socket: Socket) => void;
  /** New handshakes get these certificates; connections that are up keep theirs. */
  readonly replaceLeaves: (leaves: Leaves) => void;
  /** From now on each answer ends its connection; new ones are still taken. */
  readonly drain: () => void;
  /** Stops accepting, lets running requests end within the drain time, then closes every socket. */
  readonly close: () => Promise<void>;
  /** Sockets that are open now, of every kind. */
  readonly openSockets: () => number;
};

const tlsHandshakeByte = 0x16;

/**
 * Binds the port and starts serving.
 * @throws the system's error when the first address cannot be bound (EADDRINUSE and the like).
 */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const { limits } = options;
  const { answeredBodyTimeoutMs, maxConnections } = limits;
  const sockets = new Set<Socket>();
  const responses = new OpenResponses({ answeredBodyTimeoutMs, onClosed: options.onClosed });
  const servers = makeServers(options, responses);
  let isClosing = false;
  const welcome = (socket: Socket): boolean => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", ignore); // resets by the peer; whoever uses the socket sees 'close'
    if (isClosing) socket.destroy();
    return !isClosing;
  };
  const accept = (socket: Socket): void => {
    if (!welcome(socket)) return;
    receiveFirstByte(socket, limits.firstByteTimeoutMs, (byte) => {
      if (byte === tlsHandshakeByte) return void servers.secure.emit("connection", socket);
      servers.plain.emit("connection", socket);
      socket.resume(); // the HTTP server does not start a socket that was paused by hand
    });
  };
  const acceptors = await bindAll({ ...options, maxConnections }, accept);
  const port = portOf(acceptors[0]!);
  const acceptLocal = (socket: Socket) => welcome(socket) && servers.local.emit("connection", socket);
  const door =
    options.localDoor === undefined ? undefined : await bindLocalDoor(options.localDoor, maxConnections, acceptLocal);
  if (door !== undefined) acceptors.push(door);

  return {
    port,
    hasLocalDoor: door !== undefined,
    terminate: (socket) => void servers.secure.emit("connection", socket),
    replaceLeaves: servers.replaceLeaves,
    openSockets: () => sockets.size,
    drain: () => responses.drain(),
    close: async () => {
      if (isClosing) return;
      isClosing = true;
      const closed = acceptors.map((acceptor) => new Promise<void>((resolve) => acceptor.close(() => resolve())));
      // Closes idle connections and ends the watch on headers.
      const closeServers = () => {
        for (const server of servers.all) server.close();
      };
      await responses.end(limits.drainTimeoutMs, closeServers, () => {
        for (const socket of sockets) socket.destroy();
      });
      await Promise.all(closed);
    },
  };
}

type Servers = {
  readonly secure: TlsServer;
  readonly plain: Server;
  readonly local: Server;
  readonly all: readonly Server[];
  readonly replaceLeaves: (leaves: Leaves) => void;
};

/** The HTTP servers. They get their connections by hand. */
function makeServers(options: ListenerOptions, responses: OpenResponses): Servers {
  const { limits } = options;
  const httpOptions = makeHttpOptions(limits);
  const handleSecure = responses.track(options.onSecureRequest);
  const repeated = new RepeatedRequests({
    handle: handleSecure,
    isOpen: () => !responses.isDraining,
    keepAliveSeconds: Math.floor(limits.keepAliveTimeoutMs / 1000),
  });
  let forNames = createSecureContext(makeTlsOptions(options.leaves.names));
  const secure = createHttpsServer(
    {
      ...httpOptions,
      ...makeTlsOptions(options.leaves.any),
      // Of a list, Node makes each connection a small Buffer, which holds 64 KiB that others' were parts of for as long as the connection lasts.
      ALPNCallback: ({ protocols }) => protocols.find((protocol) => protocol === "http/1.1"),
      SNICallback: (name, done) => done(null, chooseContext(name, forNames)),
      handshakeTimeout: limits.handshakeTimeoutMs,
    },
    (request, response) => {
      repeated.watch(request, response);
      handleSecure(request, response);
    },
  );
  const handlePlain = responses.track(options.onPlainRequest);
  const plain = createHttpServer(httpOptions, handlePlain);
  // Node would say `100 Continue` at once, also to what is not answered at all.
  plain.on("checkContinue", handlePlain);
  plain.on("connect", (request, socket, head) => options.onConnect(request, socket as Socket, head));
  const established = new WeakSet<object>(); // only a connection whose handshake is done can be told of an error
  secure.on("secureConnection", (socket) => {
    established.add(socket);
    socket.on("error", ignore); // the HTTP server takes its own handler off when it is done
  });
  const local = createHttpServer(httpOptions, responses.track(options.onLocalRequest));
  for (const server of [plain, local]) server.on("connection", (socket) => established.add(socket));
  const all = [secure, plain, local];
  for (const server of all) prepareServer(server, established, responses, options.onUnreadable);
  secure.timeout = limits.silenceTimeoutMs;
  const moreMs = limits.silenceTimeoutMs - limits.keepAliveTimeoutMs; // who runs the server may let idle connections last longer
  secure.on("timeout", (socket) => {
    if (moreMs <= 0 || !repeated.extend(socket, moreMs)) socket.destroy();
  });
  const replaceLeaves = (leaves: Leaves) => {
    secure.setSecureContext(makeTlsOptions(leaves.any));
    forNames = createSecureContext(makeTlsOptions(leaves.names));
  };
  return { secure, plain, local, all, replaceLeaves };
}

function ignore(): void {}

function makeHttpOptions(limits: EdgeLimits): ServerOptions {
  return {
    maxHeaderSize: limits.maxHeaderSizeBytes,
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: limits.headersCheckIntervalMs,
    requestTimeout: 0, // a large upload over a slow line takes hours
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    noDelay: true,
  };
}

function prepareServer(
  server: Server,
  established: WeakSet<object>,
  responses: OpenResponses,
  onUnreadable: ListenerOptions["onUnreadable"],
): void {
  // Past this count Node would drop fields in silence, a check could then miss one; their size is bounded instead.
  server.maxHeadersCount = 0;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    // What was answered goes out first, at the end of this turn: see wire/exchange.ts.
    if (responses.isAnswering(socket)) return void setImmediate(() => socket.destroySoon());
    if (!established.has(socket) || !socket.writable) return void socket.destroy();
    const reason = judgeClientError(error.code);
    onUnreadable?.(reason);
    socket.end(`HTTP/1.1 ${unreadableStatuses[reason]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
      socket.destroySoon(),
    );
  });
  // The servers get their connections by hand and never listen; this event is what starts their watch on slow headers.
  server.emit("listening");
}

const unreadableStatuses: Readonly<Record<Unreadable, string>> = {
  unreadable: "400 Bad Request",
  "headers-too-large": "431 Request Header Fields Too Large",
  "too-slow": "408 Request Timeout",
};

/** The parser's error. The codes are Node's. @see https://nodejs.org/api/http.html#event-clienterror */
function judgeClientError(code: string | undefined): Unreadable {
  if (code === "HPE_HEADER_OVERFLOW") return "headers-too-large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "too-slow" : "unreadable";
}
