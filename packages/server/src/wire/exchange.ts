/**
 * One HTTP request on its way through a surface: what the edge hands over after it has ended TLS and picked the surface.
 *
 * Owns: the shapes every surface shares. May use: node:http types only.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * The planes of the cloud, each with one operation table. `postern` is our own small plane (health, identity sessions); `machines` is the
 * identity endpoint of programs on this machine, which has a plain-HTTP port of its own; `iam` is the Azure portal's own service for consents.
 */
export type SurfaceName = "entra" | "graph" | "arm" | "blob" | "iam" | "portal" | "postern" | "machines";

export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Lower-case GUID made by the edge; sent back as `x-ms-request-id` and the like. */
  readonly requestId: string;
  readonly surface: SurfaceName;
  /** `https://host[:port]` as the client addressed us; never carries `:443`. Absolute links in answers are built on it. */
  readonly origin: string;
  /** Blob: the storage account's name as the client wrote it; else "". */
  readonly account: string;
  /** Path prefix that routing took away (`/acct` when path-style), else "". */
  readonly prefix: string;
  /** Raw path, still percent-encoded; starts with "/". */
  readonly path: string;
  /** Raw query, without "?". */
  readonly query: string;
};

/** What a handler of a JSON surface answers; written to the wire by {@link sendReply}. */
export type Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string or Buffer goes out as it is; anything else as JSON; undefined is no body. */
  readonly body?: unknown;
};

/** Writes a reply with its Content-Length; a HEAD request and a 204 get no body. */
export function sendReply(exchange: Exchange, reply: Reply): void {
  const { response, request } = exchange;
  const headers: Record<string, string> = { ...reply.headers };
  let payload: string | Buffer | undefined;
  if (typeof reply.body === "string" || Buffer.isBuffer(reply.body)) payload = reply.body;
  else if (reply.body !== undefined) {
    payload = JSON.stringify(reply.body);
    headers["content-type"] ??= "application/json; charset=utf-8";
  }
  const sizeBytes = payload === undefined ? 0 : Buffer.byteLength(payload);
  if (reply.status !== 204 && reply.status !== 304) headers["content-length"] = String(sizeBytes);
  response.writeHead(reply.status, headers);
  const hasNoBody = request.method === "HEAD" || reply.status === 204 || reply.status === 304;
  if (hasNoBody || payload === undefined) response.end();
  // A text of as many bytes as characters is ASCII, which Node writes faster when it is told so.
  else if (typeof payload === "string" && sizeBytes === payload.length) response.end(payload, "latin1");
  else response.end(payload);
}
