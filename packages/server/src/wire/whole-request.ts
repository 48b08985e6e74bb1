/**
 * A request that came whole, and the answer to one that goes out whole: what node:http makes of a stream of bytes, without the streams.
 *
 * For the surfaces these are requests and responses like any other; only what reads a body or writes an answer in one piece saves the way through
 * the machinery of streams, which for a short request is most of its cost. Owns: how such an answer is written. May use: node:http.
 * Spec: RFC 9112 sections 4 and 6.
 */
import {
  IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} from "node:http";
import type { Socket } from "node:net";

/** What the head of a request says, as Node's parser read it. */
export type RequestHead = Readonly<
  Pick<
    IncomingMessage,
    "httpVersion" | "httpVersionMajor" | "httpVersionMinor" | "method" | "url" | "rawHeaders" | "headers"
  >
>;

/** A request with its body at hand; whoever reads it as a stream gets that body, too. */
export class WholeRequest extends IncomingMessage {
  readonly body: Buffer;
  #isUnread = true;

  constructor(socket: Socket, head: RequestHead, body: Buffer) {
    super(socket);
    this.body = body;
    this.httpVersion = head.httpVersion;
    this.httpVersionMajor = head.httpVersionMajor;
    this.httpVersionMinor = head.httpVersionMinor;
    this.method = head.method;
    this.url = head.url;
    this.rawHeaders = head.rawHeaders;
    this.headers = head.headers;
    this.complete = true;
  }

  override _read(sizeBytes: number): void {
    super._read(sizeBytes);
    if (!this.#isUnread) return;
    this.#isUnread = false;
    this.push(this.body);
    this.push(null);
  }
}

type HeaderFields = OutgoingHttpHeaders | readonly OutgoingHttpHeader[];

/** An answer in one piece: `writeHead`, then `end`. It never has a part that others wait for. */
export class WholeResponse extends ServerResponse {
  readonly #socket: Socket;
  readonly #keepAliveSeconds: number;
  #head = "";
  #isLast = false;
  #isClosed = false;

  static {
    // Node has them as accessors over fields of its own, which this answer does not use.
    Object.defineProperties(WholeResponse.prototype, {
      headersSent: {
        get(this: WholeResponse) {
          return this.#head !== "";
        },
      },
      writableFinished: {
        get(this: WholeResponse) {
          return this.finished;
        },
      },
    });
  }

  constructor(request: WholeRequest, socket: Socket, keepAliveSeconds: number) {
    super(request);
    this.#socket = socket;
    this.#keepAliveSeconds = keepAliveSeconds;
  }

  override writeHead(status: number, reason?: string | HeaderFields, fields?: HeaderFields): this {
    if (this.#head !== "") throw new Error("the head of this answer was written before");
    const given = typeof reason === "string" ? fields : reason;
    this.statusCode = status;
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "unknown"}\r\n`;
    const add = (name: string, value: OutgoingHttpHeader) => {
      validateHeaderName(name);
      for (const one of Array.isArray(value) ? value : [String(value)]) {
        validateHeaderValue(name, one);
        if (name.length === 10 && name.toLowerCase() === "connection") this.#isLast = one.toLowerCase() === "close";
        else head += `${name}: ${one}\r\n`;
      }
    };
    const isAlone = this.getHeaderNames().length === 0;
    // What was set before is replaced by what is given now under the same name.
    const take = isAlone ? add : (name: string, value: OutgoingHttpHeader) => void this.setHeader(name, value);
    if (isList(given))
      for (let index = 0; index < given.length; index += 2) take(String(given[index]), given[index + 1]!);
    else for (const name in given) if (given[name] !== undefined) take(name, given[name]);
    if (!isAlone) for (const name of this.getHeaderNames()) add(name, this.getHeader(name)!);
    head += `Date: ${writeDate()}\r\n`;
    head += this.#isLast
      ? "Connection: close\r\n\r\n"
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${this.#keepAliveSeconds}\r\n\r\n`;
    this.#head = head;
    return this;
  }

  override end(payload?: unknown, encoding?: unknown): this {
    if (this.finished || this.#isClosed) return this;
    if (this.#socket.destroyed) return this.destroy();
    if (this.#head === "") this.writeHead(this.statusCode, { "content-length": sizeOf(payload) });
    this.finished = true;
    if (typeof payload === "string" && encoding === "latin1") this.#socket.write(this.#head + payload, "latin1");
    else this.#writeBytes(payload);
    this.emit("finish");
    if (this.#isLast) this.#socket.destroySoon();
    this.close();
    return this;
  }

  #writeBytes(payload: unknown): void {
    this.#socket.cork();
    this.#socket.write(this.#head, "latin1");
    if (payload !== undefined) this.#socket.write(payload as string | Uint8Array);
    this.#socket.uncork();
  }

  /** Tells those who wait for the end that it has come, sent or not. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.emit("close");
  }

  override write(): boolean {
    throw new Error("this answer goes out in one piece");
  }

  override destroy(): this {
    this.#socket.destroy();
    this.close();
    return this;
  }
}

function isList(fields: HeaderFields | undefined): fields is readonly OutgoingHttpHeader[] {
  return Array.isArray(fields);
}

function sizeOf(payload: unknown): number {
  return payload === undefined ? 0 : Buffer.byteLength(payload as string | Uint8Array);
}

const lastDate = { second: Number.NaN, text: "" };

/** `Date` of now (RFC 9110 section 6.6.1), made once a second. */
function writeDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== lastDate.second) Object.assign(lastDate, { second, text: new Date(second * 1000).toUTCString() });
  return lastDate.text;
}
