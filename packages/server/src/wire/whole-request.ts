/**
 * A request that came whole, and the answer to one that goes out whole: what node:http makes of a stream of bytes, without the streams.
 *
 * For the surfaces these are requests and responses like any other; only what reads a body or writes an answer in one piece saves the way through
 * the machinery of streams, which for a short request is most of its cost. Owns: how such an answer is written. May use: node:http.
 * Spec: RFC 9112 sections 4 and 6.
 */
import { EventEmitter } from "node:events";
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeader,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { BodyMemory } from "./body-memory.ts";
import { writeEnd, writeLastEnd, writeLine } from "./head-lines.ts";
import type { HeaderFields, IncomingRequest, Listener, OutgoingResponse, Written } from "./messages.ts";

/** What the head of a request says, as Node's parser read it. */
export type RequestHead = Readonly<
  Pick<IncomingMessage, "httpVersion" | "method" | "url" | "rawHeaders" | "headers">
> & {
  /** One and the same for heads that have host and path in common, so that what follows from these alone may be kept for it. */
  readonly routeKey?: object | undefined;
  /** One and the same for heads that are one but for their places, as long as that one is remembered. */
  readonly headKey?: object | undefined;
  /** Of the forms that come under this head, one after the other. */
  readonly formMemory?: FormMemory | undefined;
};

/** Names and values of a form. */
export type FormMemory = BodyMemory<ReadonlyMap<string, string>>;

/** A request with its body at hand; a stream of that body is made for whoever reads it as one. */
export class WholeRequest implements IncomingRequest {
  readonly socket: Socket;
  readonly httpVersion: string;
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly complete = true;
  readonly body: Buffer;
  readonly routeKey: object | undefined;
  readonly headKey: object | undefined;
  readonly formMemory: FormMemory | undefined;
  #stream: Readable | undefined;

  constructor(socket: Socket, head: RequestHead, body: Buffer) {
    this.socket = socket;
    this.httpVersion = head.httpVersion;
    this.method = head.method;
    this.url = head.url;
    this.rawHeaders = head.rawHeaders;
    this.headers = head.headers;
    this.body = body;
    this.routeKey = head.routeKey;
    this.headKey = head.headKey;
    this.formMemory = head.formMemory;
  }

  get destroyed(): boolean {
    return this.#stream?.destroyed === true;
  }

  get readableEnded(): boolean {
    return this.#stream?.readableEnded === true;
  }

  get readableLength(): number {
    return this.#open().readableLength;
  }

  #open(): Readable {
    if (this.#stream === undefined) {
      this.#stream = new Readable({ read: () => {} });
      this.#stream.push(this.body);
      this.#stream.push(null);
    }
    return this.#stream;
  }

  on(event: string, listener: Listener): this {
    this.#open().on(event, listener);
    return this;
  }

  once(event: string, listener: Listener): this {
    this.#open().once(event, listener);
    return this;
  }

  off(event: string, listener: Listener): this {
    this.#stream?.off(event, listener);
    return this;
  }

  read(): Buffer | null {
    return this.#open().read() as Buffer | null;
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return this.#open()[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  pause(): this {
    this.#open().pause();
    return this;
  }

  resume(): this {
    this.#open().resume();
    return this;
  }

  isPaused(): boolean {
    return this.#open().isPaused();
  }

  /** As with a request of Node's, its connection goes with it. */
  destroy(cause?: Error): this {
    this.#open().destroy(cause);
    this.socket.destroy(cause);
    return this;
  }
}

type Closed = (response: WholeResponse) => void;

/**
 * An answer to such a request: `writeHead`, then `end` in one piece; or, when its head tells how long it is, `write` for each piece before, which says whether
 * more is wanted before `drain`.
 */
export class WholeResponse implements OutgoingResponse {
  readonly req: WholeRequest;
  readonly socket: Socket;
  statusCode = 200;
  writableEnded = false;
  destroyed = false;
  readonly #keepAliveSeconds: number;
  /** What was set before the head is written, by names in lower case. */
  #fields: Map<string, OutgoingHttpHeader> | undefined;
  /** Up to where the length stands, if it does not yet. */
  #head = "";
  #isSized = false;
  #isHeadOut = false;
  #hasBody = true;
  #isLast = false;
  #isWaiting = false;
  #isClosed = false;
  readonly #onClosed: Closed | undefined;
  #watcher: Closed | undefined;
  /** For whoever else listens, which for a short answer is nobody. */
  #emitter: EventEmitter | undefined;

  /** @param onClosed told first when the answer is out, or its client gone. */
  constructor(request: WholeRequest, socket: Socket, keepAliveSeconds: number, onClosed?: Closed) {
    this.req = request;
    this.socket = socket;
    this.#keepAliveSeconds = keepAliveSeconds;
    this.#onClosed = onClosed;
  }

  on(event: string, listener: Listener): this {
    this.#emitter ??= new EventEmitter();
    this.#emitter.on(event, listener);
    return this;
  }

  once(event: string, listener: Listener): this {
    this.#emitter ??= new EventEmitter();
    this.#emitter.once(event, listener);
    return this;
  }

  off(event: string, listener: Listener): this {
    this.#emitter?.off(event, listener);
    return this;
  }

  /** The one that is told next, before those who listen to `close`. */
  watch(watcher: Closed): void {
    this.#watcher = watcher;
  }

  get headersSent(): boolean {
    return this.#head !== "";
  }

  get writableFinished(): boolean {
    return this.writableEnded;
  }

  /** Whether any header was set. */
  get hasFields(): boolean {
    return this.#fields !== undefined && this.#fields.size > 0;
  }

  getHeaderNames(): string[] {
    return [...(this.#fields?.keys() ?? [])];
  }

  getHeader(name: string): OutgoingHttpHeader | undefined {
    return this.#fields?.get(name.toLowerCase());
  }

  /** @throws for a name or value that no header can have. */
  setHeader(name: string, value: number | string | readonly string[]): this {
    const kept = typeof value === "object" ? [...value] : value;
    validateHeaderName(name);
    for (const one of typeof kept === "object" ? kept : [String(kept)]) validateHeaderValue(name, one);
    this.#fields ??= new Map();
    this.#fields.set(name.toLowerCase(), kept);
    return this;
  }

  removeHeader(name: string): void {
    this.#fields?.delete(name.toLowerCase());
  }

  writeHead(status: number, reason?: string | HeaderFields, fields?: HeaderFields): this {
    const given = typeof reason === "string" ? fields : reason;
    let head = this.#begin(status);
    const add = (name: string, value: OutgoingHttpHeader) => {
      if (name.length === 10 && name.toLowerCase() === "connection") {
        this.#isLast = String(value).toLowerCase() === "close";
        return;
      }
      if (name.length === 14 && name.toLowerCase() === "content-length") this.#isSized = true;
      if (typeof value === "string") head += writeLine(name, value);
      else for (const one of Array.isArray(value) ? value : [String(value)]) head += writeLine(name, one);
    };
    const isAlone = !this.hasFields;
    // What was set before is replaced by what is given now under the same name.
    const take = isAlone ? add : (name: string, value: OutgoingHttpHeader) => void this.setHeader(name, value);
    if (isList(given))
      for (let index = 0; index < given.length; index += 2) take(String(given[index]), given[index + 1]!);
    else for (const name in given) if (given[name] !== undefined) take(name, given[name]);
    if (!isAlone) for (const name of this.getHeaderNames()) add(name, this.getHeader(name)!);
    this.#head = head;
    return this;
  }

  /** Writes the head, the length of the body in it. @param lines each with its end, looked through before; none is about the connection. */
  writeLines(status: number, lines: string): void {
    this.#head = this.#begin(status) + lines;
    this.#isSized = true;
  }

  /** @returns the first line of the head. */
  #begin(status: number): string {
    if (this.#head !== "") throw new Error("the head of this answer was written before");
    this.statusCode = status;
    this.#hasBody = this.req.method !== "HEAD" && status !== 204 && status !== 304;
    return status === 200 ? "HTTP/1.1 200 OK\r\n" : `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "unknown"}\r\n`;
  }

  /** Adds lines to the head that was written, the length of the body among them. @param lines each with its end, looked through before. */
  addLines(lines: string): void {
    this.#head += lines;
    this.#isSized = true;
  }

  end(payload?: string | Uint8Array, encoding?: BufferEncoding): this {
    if (this.writableEnded || this.#isClosed) return this;
    if (this.socket.destroyed) return this.destroy();
    if (this.#head === "") this.writeHead(this.statusCode);
    this.writableEnded = true;
    const body = this.#hasBody ? payload : undefined;
    if (typeof body === "string" && encoding === "latin1" && !this.#isHeadOut)
      this.socket.write(this.#wholeHead(body.length) + body, "latin1");
    else this.#sendLast(body);
    this.#emitter?.emit("finish");
    if (this.#isLast) this.socket.destroySoon();
    this.close();
    return this;
  }

  #sendLast(body: string | Uint8Array | undefined): void {
    this.socket.cork();
    this.#sendHead(body === undefined ? 0 : Buffer.byteLength(body));
    if (body !== undefined) this.socket.write(body);
    this.socket.uncork();
  }

  #sendHead(sizeBytes: number): void {
    if (this.#isHeadOut) return;
    this.#isHeadOut = true;
    this.socket.write(this.#wholeHead(sizeBytes), "latin1");
  }

  /** @param sizeBytes of the body, where the head does not tell it. */
  #wholeHead(sizeBytes: number): string {
    const length = this.#isSized || !this.#hasBody ? "" : `content-length: ${sizeBytes}\r\n`;
    return this.#head + length + (this.#isLast ? writeLastEnd() : writeEnd(this.#keepAliveSeconds));
  }

  /** Tells those who wait for the end that it has come, sent or not. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.writableEnded) this.destroyed = true;
    this.#onClosed?.(this);
    this.#watcher?.(this);
    this.#emitter?.emit("close");
  }

  /** @throws for an answer whose head does not tell its length: nothing else would mark its end. */
  write(piece: string | Uint8Array, written?: Written): boolean {
    const isGone = this.writableEnded || this.#isClosed || this.socket.destroyed;
    this.socket.cork();
    if (!isGone) this.flushHeaders();
    const isSent = !isGone && this.#hasBody;
    const canTakeMore = isSent ? this.socket.write(piece, written) : !isGone;
    this.socket.uncork();
    if (!isSent && written !== undefined)
      process.nextTick(written, isGone ? new Error("the answer is at its end") : undefined);
    if (isGone) return false;
    if (!canTakeMore && !this.#isWaiting) {
      this.#isWaiting = true;
      this.socket.once("drain", () => {
        this.#isWaiting = false;
        this.#emitter?.emit("drain");
      });
    }
    return canTakeMore;
  }

  flushHeaders(): void {
    if (this.#head === "" || (this.#hasBody && !this.#isSized))
      throw new Error("an answer of several pieces must tell its length");
    if (!this.#isClosed && !this.socket.destroyed) this.#sendHead(0);
  }

  destroy(): this {
    this.socket.destroy();
    this.close();
    return this;
  }
}

function isList(fields: HeaderFields | undefined): fields is readonly OutgoingHttpHeader[] {
  return Array.isArray(fields);
}
