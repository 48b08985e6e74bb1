/**
 * The development account's own door: plain HTTP on loopback, at the port and paths that users of Azurite have in their connection strings.
 *
 * Owns: the socket, and that nothing but this one account is reached there. It is open only where it was asked for. A page that a browser was led to by
 * DNS names another host than this machine, and is refused: the account's key is known to everybody. May use: this folder and the wire types.
 * @see https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Exchange } from "../wire/exchange.ts";
import { makeGuid } from "../wire/randomness.ts";
import { bindAll, portOf } from "./acceptors.ts";
import { route } from "./hosts.ts";
import type { EdgeLimits } from "./limits.ts";
import { OpenResponses } from "./open-responses.ts";

export type DevelopmentDoorOptions = {
  /** The one account's name. */
  readonly account: string;
  /** 0: any free one. */
  readonly port: number;
  readonly limits: EdgeLimits;
  /** Answers a request; never throws. */
  readonly serve: (exchange: Exchange) => void;
  /** Told of every exchange once its answer is out, or its client gone. */
  readonly onAnswered: (exchange: Exchange) => void;
};

export type DevelopmentDoor = {
  /** `http://127.0.0.1:PORT/ACCOUNT`, for connection strings. */
  readonly url: string;
  /** Goes on answering, and has each client come back by a new connection. */
  readonly drain: () => void;
  /** Stops accepting, lets running requests end within the drain time, closes the rest. */
  readonly close: () => Promise<void>;
};

const address = "127.0.0.1";

/** @throws the system's error when the port cannot be bound. */
export async function openDevelopmentDoor(options: DevelopmentDoorOptions): Promise<DevelopmentDoor> {
  const { limits, account } = options;
  const exchanges = new WeakMap<object, Exchange>();
  const responses = new OpenResponses({
    answeredBodyTimeoutMs: limits.answeredBodyTimeoutMs,
    onClosed: (response) => {
      const exchange = exchanges.get(response);
      if (exchange !== undefined) options.onAnswered(exchange);
    },
  });
  const receive = responses.track((request: IncomingMessage, response: ServerResponse) => {
    const exchange = readExchange(request, response, account);
    if (exchange === undefined) return refuse(response);
    exchanges.set(response, exchange);
    options.serve(exchange);
  });
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderSizeBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.headersCheckIntervalMs,
      requestTimeout: 0, // a large upload takes as long as it takes
      keepAliveTimeout: limits.keepAliveTimeoutMs,
    },
    receive,
  );
  // Past this count Node would drop fields in silence, a check could then miss one; their size is bounded instead.
  server.maxHeadersCount = 0;
  server.timeout = limits.silenceTimeoutMs;
  server.emit("listening"); // starts the watch on slow headers, for it gets its connections by hand
  const sockets = new Set<{ destroy(): void }>();
  const [acceptor] = await bindAll(
    { addresses: [address], port: options.port, maxConnections: limits.maxConnections },
    (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      socket.on("error", () => {}); // resets by the peer; whoever uses the socket sees 'close'
      server.emit("connection", socket);
    },
  );
  return {
    url: `http://${address}:${portOf(acceptor!)}/${account}`,
    drain: () => responses.drain(),
    close: async () => {
      const closed = new Promise<void>((resolve) => acceptor!.close(() => resolve()));
      const cutOff = () => {
        for (const socket of sockets) socket.destroy();
      };
      await responses.end(limits.drainTimeoutMs, () => server.close(), cutOff);
      await closed;
    },
  };
}

/** @returns undefined for what is not of the account, by its path below a name of this machine. */
function readExchange(request: IncomingMessage, response: ServerResponse, account: string): Exchange | undefined {
  const hosts = request.headersDistinct.host ?? [];
  const encoding = request.headers["transfer-encoding"];
  // Node's parser finds out about an encoding it does not know only after it has handed the request over.
  if (hosts.length !== 1 || (encoding !== undefined && encoding.toLowerCase() !== "chunked")) return undefined;
  const found = route({ host: hosts[0]!, target: request.url ?? "" });
  if ("refused" in found || found.prefix === "" || found.surface !== "blob") return undefined;
  if (found.account.replace(/-secondary$/, "") !== account) return undefined;
  const { bytesWritten } = request.socket;
  const note = { operation: "", caller: "", startedAtMs: performance.now(), sentBytesBefore: bytesWritten };
  const origin = found.origin.replace(/^https:/, "http:");
  return { request, response, requestId: makeGuid(), note, ...found, origin };
}

function refuse(response: ServerResponse): void {
  const text = "Only the development account is served here, by its path on this machine.\n";
  response.writeHead(421, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    connection: "close",
  });
  response.end(text);
}
