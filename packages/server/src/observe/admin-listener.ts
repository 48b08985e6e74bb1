/**
 * The operator's own listener, in plain HTTP: `/metrics`, and health for load balancers and probes that speak no TLS. There is none unless it is asked for.
 *
 * Owns: its sockets, and who may read metrics: on loopback, whoever reaches this machine's loopback and calls it by a loopback name (a page that was led
 * here by DNS calls it by its own); beyond loopback, whoever shows the token. Health answers anyone, as it does on the main port.
 * May use: node:http. Decision: docs/decisions/0030-operation.md
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isLoopbackHost, parseAuthority } from "../edge/authority.ts";

export type AdminOptions = {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What readers of metrics must show as a bearer token; needed unless `host` is loopback. */
  readonly token: string | undefined;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly readiness: () => { readonly isReady: boolean; readonly text: string };
  readonly onFault: (error: unknown) => void;
};

export type AdminListener = {
  /** `http://HOST:PORT`. */
  readonly origin: string;
  close(): Promise<void>;
};

/** Bounds; our choice: one scraper and some probes. */
const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 60_000,
} as const;
const maxConnections = 64;

/** Binds. @throws the system's error when the address cannot be bound, RangeError without a token where one is needed. */
export async function startAdminListener(options: AdminOptions): Promise<AdminListener> {
  const { host, port, token } = options;
  if (token === undefined && !isLoopbackHost(host)) throw new RangeError("beyond loopback a token is needed");
  const server = createServer(limits, (request, response) => {
    response.on("error", () => {}); // the reader left
    answer(options, request, response).catch((cause: unknown) => {
      options.onFault(cause);
      if (response.headersSent) response.destroy();
      else say(response, 500, "The metrics cannot be read; the log says why.");
    });
  });
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host === "localhost" ? "127.0.0.1" : host, resolve);
  });
  server.on("error", () => {}); // out of file descriptors and the like
  const { address, port: bound, family } = server.address() as AddressInfo;
  return {
    origin: `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(options: AdminOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD")
    return say(response, 405, "GET only", { allow: "GET, HEAD" });
  switch (request.url) {
    case "/healthz":
      return say(response, 200, "ok");
    case "/readyz": {
      const { isReady, text } = options.readiness();
      return say(response, isReady ? 200 : 503, text);
    }
    case "/metrics": {
      if (!mayRead(options, request)) return refuse(options, response);
      const { contentType, text } = await options.metrics();
      response.writeHead(200, { "content-type": contentType, "cache-control": "no-store" });
      response.end(request.method === "HEAD" ? undefined : text);
      return;
    }
    default:
      return say(response, 404, "not found");
  }
}

function mayRead({ token, host }: AdminOptions, { headers }: IncomingMessage): boolean {
  if (token !== undefined) {
    const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
    return given !== undefined && timingSafeEqual(digest(given), digest(token));
  }
  const called = parseAuthority(headers.host ?? "");
  return isLoopbackHost(host) && called !== undefined && isLoopbackHost(called.host);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function refuse({ token }: AdminOptions, response: ServerResponse): void {
  if (token === undefined) say(response, 421, "Metrics are read by a loopback name.");
  else say(response, 401, "A token is needed here.", { "www-authenticate": 'Bearer realm="metrics"' });
}

function say(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    ...headers,
  });
  response.end(response.req.method === "HEAD" ? undefined : `${text}\n`);
}
