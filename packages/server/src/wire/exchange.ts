/**
 * One HTTP request on its way through a surface: what the edge hands over after it has ended TLS and picked the surface.
 *
 * Owns: the shapes every surface shares. May use: the types of node:http, and how heads are written (lasting-headers.ts).
 */
import { canTakeLines, LastingHeaders } from "./lasting-headers.ts";
import type { IncomingRequest, OutgoingResponse } from "./messages.ts";

/**
 * The planes of the cloud, each with one operation table. `postern` is our own small plane (health, identity sessions); `machines` is the
 * identity endpoint of programs on this machine, which has a plain-HTTP port of its own; `web` are static websites; `iam` is the Azure portal's own service for consents.
 */
export type SurfaceName = "entra" | "graph" | "arm" | "blob" | "web" | "iam" | "portal" | "postern" | "machines";

/** What becomes known of a request while it is answered, for logs and metrics: filled by the surface, read when the answer is out. */
export type ExchangeNote = {
  /** The row of the operation table; "" for none. */
  operation: string;
  /** Who asks: a principal's id, or the way in that names none (`key`, `signature`); "" for nobody known. */
  caller: string;
  /** When the head of the request had come, by the process's steady clock. */
  readonly startedAtMs: number;
  /** What the connection had carried to the client by then, in bytes. */
  readonly sentBytesBefore: number;
};

export type Exchange = {
  readonly request: IncomingRequest;
  readonly response: OutgoingResponse;
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
  /** Absent where nobody counts. Parts of a batch share the whole's. */
  readonly note?: ExchangeNote;
};

/** A text of which its maker knows that each character is one byte: nobody need look through it to tell its size. */
export class AsciiText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a handler of a JSON surface answers; written to the wire by {@link sendReply}. */
export type Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of `headers`; none of them is a standard one of the surface. */
  readonly lasting?: LastingHeaders;
  /** A text or Buffer goes out as it is; anything else as JSON; undefined is no body. */
  readonly body?: unknown;
};

/** Headers of a surface's every answer. */
export type StandardHeaders = {
  /** Names in lower case and GUIDs in turns. */
  readonly ids: readonly string[];
  readonly lasting: LastingHeaders;
};

const noStandardHeaders: StandardHeaders = { ids: [], lasting: new LastingHeaders({}) };

/**
 * Writes a reply with its Content-Length; a HEAD request and a 204 get no body.
 * @param standard the reply's own headers of the same name stand in their place.
 */
export function sendReply(exchange: Exchange, reply: Reply, standard = noStandardHeaders): void {
  const { response, request } = exchange;
  const { status, lasting, headers: own = lasting?.fields ?? {} } = reply;
  if (lasting !== undefined && reply.body instanceof AsciiText && canTakeLines(response)) {
    const { text } = reply.body;
    let lines = "";
    for (let index = 0; index < standard.ids.length; index += 2)
      lines += `${standard.ids[index]}: ${standard.ids[index + 1]}\r\n`;
    response.writeLines(status, `${lines}${standard.lasting.lines}${lasting.lines}content-length: ${text.length}\r\n`);
    endSoon(response, text, text.length);
    return;
  }
  const headers: string[] = [];
  for (let index = 0; index < standard.ids.length; index += 2) {
    const name = standard.ids[index]!;
    if (own[name] === undefined) headers.push(name, standard.ids[index + 1]!);
  }
  const { fields } = standard.lasting;
  for (const name in fields) if (own[name] === undefined) headers.push(name, fields[name]!);
  for (const name in own) headers.push(name, own[name]!);
  const isAscii = reply.body instanceof AsciiText;
  let payload: string | Buffer | undefined;
  if (isAscii) payload = (reply.body as AsciiText).text;
  else if (typeof reply.body === "string" || Buffer.isBuffer(reply.body)) payload = reply.body;
  else if (reply.body !== undefined) {
    payload = JSON.stringify(reply.body);
    if (own["content-type"] === undefined) headers.push("content-type", "application/json; charset=utf-8");
  }
  const sizeBytes = payload === undefined ? 0 : isAscii ? payload.length : Buffer.byteLength(payload);
  const canHaveBody = status !== 204 && status !== 304;
  if (canHaveBody) headers.push("content-length", String(sizeBytes));
  response.writeHead(status, headers);
  endSoon(response, request.method === "HEAD" || !canHaveBody ? undefined : payload, sizeBytes);
}

/** What a surface's `handle` gives back when all is done already: nobody needs to wait for it. */
export const answered: Promise<void> = Promise.resolve();

type Ending = {
  readonly response: OutgoingResponse;
  readonly payload: string | Buffer | undefined;
  readonly sizeBytes: number;
};

let endings: Ending[] = [];

/**
 * Answers that become ready in one turn of the event loop go out together at its end. A client on the same machine sleeps until its answer comes,
 * and to wake it is the dearest part of writing a short one: it is woken once for all of them.
 */
export function endSoon(response: OutgoingResponse, payload: string | Buffer | undefined, sizeBytes: number): void {
  if (endings.length === 0) setImmediate(endAll);
  endings.push({ response, payload, sizeBytes });
}

function endAll(): void {
  const ready = endings;
  endings = [];
  for (const { response, payload, sizeBytes } of ready) {
    if (payload === undefined) response.end();
    // A text of as many bytes as characters is ASCII, which Node writes faster when it is told so.
    else if (typeof payload === "string" && sizeBytes === payload.length) response.end(payload, "latin1");
    else response.end(payload);
  }
}
