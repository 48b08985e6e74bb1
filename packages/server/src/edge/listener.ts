/**
 * One TCP port for everything: TLS for the planes, plain HTTP for the proxy, told apart by the first byte. And a socket for the owner's own programs.
 *
 * Owns: sockets, from accept to close, and the two HTTP servers behind the port. May use: node:net, http, https.
 * Spec: RFC 8446 section 5.1 (a TLS record of a handshake begins with 0x16, which no HTTP method does).
 */
import { constants } from "node:crypto";
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import { createServer as createTcpServer, isIP, type Socket, type Server as TcpServer } from "node:net";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { WholeResponse } from "../wire/whole-request.ts";
import type { Leaves } from "./certificate-authority.ts";
import type { KeyPair } from "./certificate-issue.ts";
import type { EdgeLimits } from "./limits.ts";
import { bindLocalDoor } from "./local-door.ts";
import { RepeatedRequests } from "./repeated-requests.ts";

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export type ListenerOptions = {
  /** Addresses to bind, in order; the first must succeed, the others are taken when they can be had. */
  readonly addresses: readonly string[];
  /** 0: any free one. */
  readonly port: number;
  readonly leaves: Leaves;
  readonly limits: EdgeLimits;
  readonly onSecureRequest: RequestHandler;
  readonly onPlainRequest: RequestHandler;
  /** Told of each response when it is out, or its client gone. */
  readonly onClosed?: (response: ServerResponse) => void;
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
  const sockets = new Set<Socket>();
  const responses: ServerResponse[] = [];
  let isDraining = false;
  let isClosing = false;
  let onResponseClosed = ignore;

  // Made once for all responses, which come by the ten thousand a second.
  function onClose(this: ServerResponse): void {
    take(responses, this);
    const { socket } = this.req;
    if (isClosing && !socket.writableEnded && !socket.destroyed) socket.destroySoon();
    onResponseClosed();
    options.onClosed?.(this);
  }
  function onFinish(this: ServerResponse): void {
    boundRest(this.req, limits.answeredBodyTimeoutMs);
  }
  const track = (handle: RequestHandler): RequestHandler => {
    return (request, response) => {
      responses.push(response);
      response.on("error", ignore); // writes after the client left; the handler sees 'close'
      response.on("close", onClose);
      response.on("finish", onFinish);
      if (isDraining) response.setHeader("connection", "close");
      handle(request, response);
    };
  };
  const httpOptions = makeHttpOptions(limits);
  const handleSecure = track(options.onSecureRequest);
  const repeated = new RepeatedRequests({
    handle: handleSecure,
    isOpen: () => !isDraining,
    keepAliveSeconds: Math.floor(limits.keepAliveTimeoutMs / 1000),
  });
  let forNames = createSecureContext(makeTlsOptions(options.leaves.names));
  const secure = createHttpsServer(
    {
      ...httpOptions,
      ...makeTlsOptions(options.leaves.any),
      ALPNProtocols: ["http/1.1"],
      SNICallback: (name, done) => done(null, chooseContext(name, forNames)),
      handshakeTimeout: limits.handshakeTimeoutMs,
    },
    (request, response) => {
      repeated.watch(request, response);
      handleSecure(request, response);
    },
  );
  const plain = createHttpServer(httpOptions, track(options.onPlainRequest));
  plain.on("connect", (request, socket, head) => options.onConnect(request, socket as Socket, head));
  const established = new WeakSet<object>(); // only a connection whose handshake is done can be told of an error
  secure.on("secureConnection", (socket) => {
    established.add(socket);
    socket.on("error", ignore); // the HTTP server takes its own handler off when it is done
  });
  const local = createHttpServer(httpOptions, track(options.onLocalRequest));
  for (const server of [plain, local]) server.on("connection", (socket) => established.add(socket));
  const servers = [secure, plain, local];
  for (const server of servers) prepareServer(server, established, responses, options.onUnreadable);
  secure.timeout = limits.silenceTimeoutMs;

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
      if (byte === tlsHandshakeByte) return void secure.emit("connection", socket);
      plain.emit("connection", socket);
      socket.resume(); // the HTTP server does not start a socket that was paused by hand
    });
  };
  const acceptors = await bindAll(options, accept);
  const port = portOf(acceptors[0]!);
  const acceptLocal = (socket: Socket) => welcome(socket) && local.emit("connection", socket);
  const door =
    options.localDoor === undefined
      ? undefined
      : await bindLocalDoor(options.localDoor, limits.maxConnections, acceptLocal);
  if (door !== undefined) acceptors.push(door);

  return {
    port,
    hasLocalDoor: door !== undefined,
    terminate: (socket) => void secure.emit("connection", socket),
    replaceLeaves: (leaves) => {
      secure.setSecureContext(makeTlsOptions(leaves.any));
      forNames = createSecureContext(makeTlsOptions(leaves.names));
    },
    openSockets: () => sockets.size,
    drain: () => {
      isDraining = true;
    },
    close: async () => {
      if (isClosing) return;
      isDraining = true;
      isClosing = true;
      const closed = acceptors.map((acceptor) => new Promise<void>((resolve) => acceptor.close(() => resolve())));
      for (const response of responses) if (!response.headersSent) response.setHeader("connection", "close");
      const watch = (check: () => void) => {
        onResponseClosed = check;
      };
      const endMs = performance.now() + limits.drainTimeoutMs;
      // To Node a connection is idle while a request is answered there that its parser has not seen.
      await waitForDrain(() => !responses.some((response) => response instanceof WholeResponse), endMs, watch);
      for (const server of servers) server.close(); // closes idle connections and ends the watch on headers
      await waitForDrain(() => responses.length === 0, endMs, watch);
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

/**
 * Takes one out, in no order. There are as many as requests under way, and a search among them costs less than a Set does: one that is added to and
 * taken from all the time leaves a trail of tables that hold on to one another, and to what was in them, until the whole heap is collected.
 */
function take(responses: ServerResponse[], response: ServerResponse): void {
  const index = responses.indexOf(response);
  if (index < 0) return;
  const last = responses.pop()!;
  if (last !== response) responses[index] = last;
}

/** Resolves when it is done, which is looked at whenever a response closes, or when the time is up. @param endMs as performance.now() tells it. */
function waitForDrain(isDone: () => boolean, endMs: number, watch: (check: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, endMs - performance.now()));
    const check = () => {
      if (!isDone()) return;
      clearTimeout(timer);
      resolve();
    };
    watch(check);
    check();
  });
}

/** What still comes of an answered request's body must come to its end in time. */
function boundRest(request: IncomingMessage, timeoutMs: number): void {
  if (request.complete) return;
  const { socket } = request;
  const timer = setTimeout(() => {
    if (!request.complete) socket.destroy();
  }, timeoutMs).unref();
  request.once("close", () => clearTimeout(timer));
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

/**
 * The ciphers of both versions: authenticated encryption with forward secrecy only. Our keys are ECDSA's; no others could be negotiated.
 * @see https://wiki.mozilla.org/Security/Server_Side_TLS#Intermediate_compatibility_.28recommended.29
 */
const ciphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
].join(":");

/** TLS 1.2 is what Azure's own endpoints ask for. @see https://learn.microsoft.com/azure/storage/common/transport-layer-security-configure-minimum-version */
function makeTlsOptions(leaf: KeyPair): SecureContextOptions {
  return {
    key: leaf.keyPem,
    cert: leaf.certificatePem,
    minVersion: "TLSv1.2",
    ciphers,
    // A client that asks for new keys over and over makes a server work for nothing; TLS 1.3 has no such thing.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

/** @param name as the client asks for it (RFC 6066 section 3); some send an address there. @returns undefined for the server's own context. */
function chooseContext(name: string, forNames: SecureContext): SecureContext | undefined {
  return name === "" || isIP(name) !== 0 ? undefined : forNames;
}

function prepareServer(
  server: Server,
  established: WeakSet<object>,
  responses: readonly ServerResponse[],
  onUnreadable: ListenerOptions["onUnreadable"],
): void {
  // Past this count Node would drop fields in silence, a check could then miss one; their size is bounded instead.
  server.maxHeadersCount = 0;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    const isAnswering = responses.some((response) => response.socket === socket && response.headersSent);
    // What was answered goes out first, at the end of this turn: see wire/exchange.ts.
    if (isAnswering) return void setImmediate(() => socket.destroySoon());
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

/** Waits for the first bytes, puts them back, and hands on a paused socket. A connection that says nothing is closed. */
function receiveFirstByte(socket: Socket, timeoutMs: number, proceed: (byte: number) => void): void {
  const giveUp = () => socket.destroy();
  socket.setTimeout(timeoutMs, giveUp);
  socket.once("end", giveUp);
  socket.once("data", (chunk: Buffer) => {
    socket.pause();
    socket.setTimeout(0, giveUp); // also takes the handler off
    socket.removeListener("end", giveUp);
    socket.unshift(chunk);
    proceed(chunk[0]!);
  });
}

async function bindAll(options: ListenerOptions, accept: (socket: Socket) => void): Promise<TcpServer[]> {
  const acceptors: TcpServer[] = [];
  for (const address of options.addresses) {
    const isFirst = acceptors.length === 0;
    const port = isFirst ? options.port : portOf(acceptors[0]!);
    try {
      acceptors.push(await bind(address, port, options.limits.maxConnections, accept));
    } catch (error) {
      if (isFirst) throw error;
      // No IPv6 on this machine, or the port is taken there: clients fall back to the first address.
    }
  }
  return acceptors;
}

function bind(
  host: string,
  port: number,
  maxConnections: number,
  accept: (socket: Socket) => void,
): Promise<TcpServer> {
  return new Promise((resolve, reject) => {
    const server = createTcpServer({ allowHalfOpen: true, noDelay: true }, accept);
    server.maxConnections = maxConnections;
    server.once("error", reject);
    server.listen({ host, port, ipv6Only: host === "::1" }, () => {
      server.removeListener("error", reject);
      server.on("error", ignore); // out of file descriptors and the like: accepting goes on when it can
      resolve(server);
    });
  });
}

function portOf(server: TcpServer): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the listener is not bound to a TCP port");
  return address.port;
}
