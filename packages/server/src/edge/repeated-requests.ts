/**
 * Connections on which a program posts one form after the other, each under the same head: that head is read once.
 *
 * A client without a token cache sends a head that is byte for byte the one before. What Node's parser made of those bytes then stands for the bytes
 * that follow: there is no second reader of HTTP here, only a comparison. Whatever differs in one byte, comes in other pieces, or before the answer to
 * the last is out, goes to Node's parser as it came. Everything after the head (routing, limits, every check, the record) is as for any request.
 *
 * Owns: which connections these are, and their remembered heads, for as long as the connection lasts. A head that carries a credential is not
 * remembered. May use: node:http's types, the wire types. Decision: docs/decisions/0025-heads-that-repeat.md
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type RequestHead, WholeRequest, WholeResponse } from "../wire/whole-request.ts";

/** Longest head that is remembered, in bytes, for each of thousands of connections; our choice: those of token clients have some hundreds. */
const maxHeadBytes = 2048;
/** Largest body of a request that is taken whole, in bytes; our choice: one record of TLS has 16 KiB, and what comes in more is not whole. */
const maxBodyBytes = 16_384;
/** Heads that differ from the one before until a connection is given up, in a row; our choice: such a client sends an id of each request. */
const maxMisses = 4;

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;
type DataHandler = (chunk: Buffer) => void;

/** What Node's parser made of a head. */
type KnownHead = { readonly bytes: Buffer; readonly head: RequestHead; readonly bodyBytes: number };

export type RepeatOptions = {
  /** What node:http's own requests are given to. */
  readonly handle: RequestHandler;
  /** False once the listener drains: then every request goes to Node, which says `Connection: close`. */
  readonly isOpen: () => boolean;
  readonly keepAliveSeconds: number;
};

export class RepeatedRequests {
  readonly #options: RepeatOptions;
  readonly #connections = new WeakMap<Socket, Connection>();

  constructor(options: RepeatOptions) {
    this.#options = options;
  }

  /** To be told of every request that Node's parser has read, before it is handled. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const known = this.#connections.get(socket);
    const connection = known ?? (isForm(request) ? Connection.open(socket, this.#options) : undefined);
    if (connection === undefined) return;
    if (known === undefined) this.#connections.set(socket, connection);
    connection.note(request, response);
  }
}

function isForm({ method, headers }: IncomingMessage): boolean {
  return method === "POST" && headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
}

class Connection {
  readonly #socket: Socket;
  readonly #options: RepeatOptions;
  /** How Node reads this connection's bytes. */
  readonly #readByNode: DataHandler;
  readonly #onData: DataHandler = (chunk) => this.#receive(chunk);
  readonly #onAnswered = () => {
    this.#response = undefined;
    if (this.#held.length > 0) this.#release();
  };
  readonly #onDrained = () => this.#release();
  #known: KnownHead | undefined;
  /** A head that came without its body. */
  #early: Buffer | undefined;
  /** Requests that Node has read and whose answers are not done with; and the last one read, with its answer. */
  #nodeRequests = 0;
  #lastOfNode: IncomingMessage | undefined;
  #lastAnswerOfNode: ServerResponse | undefined;
  /** One whose head Node has read and whose body is to come. */
  #begun: { readonly request: IncomingMessage; readonly learned: KnownHead } | undefined;
  /** The one that is being answered without Node. */
  #response: WholeResponse | undefined;
  /** What came before that was answered. */
  #held: Buffer[] = [];
  #misses = 0;

  /** @returns undefined when Node does not read its connections by one 'data' listener any more: then all of this is left alone. */
  static open(socket: Socket, options: RepeatOptions): Connection | undefined {
    const listeners = socket.listeners("data") as DataHandler[];
    return listeners.length === 1 ? new Connection(socket, options, listeners[0]!) : undefined;
  }

  private constructor(socket: Socket, options: RepeatOptions, readByNode: DataHandler) {
    this.#socket = socket;
    this.#options = options;
    this.#readByNode = readByNode;
    // Adding a listener makes Node's parser let go of the socket's handle and read by its own listener, which ours then stands in for.
    socket.on("data", this.#onData);
    socket.removeListener("data", readByNode);
    socket.once("close", () => this.#response?.close());
  }

  note(request: IncomingMessage, response: ServerResponse): void {
    this.#lastOfNode = request;
    this.#lastAnswerOfNode = response;
    this.#nodeRequests += 1;
    response.once("close", () => {
      this.#nodeRequests -= 1;
    });
  }

  /** Whether Node's parser is between two requests, and what is written now comes after its last answer. */
  #isNodeIdle(): boolean {
    if (this.#nodeRequests === 0) return true;
    // The last byte of an answer is with the socket some turns of the event loop before Node closes the answer.
    const last = this.#lastAnswerOfNode;
    return this.#nodeRequests === 1 && last?.writableEnded === true && last.socket !== null && last.shouldKeepAlive;
  }

  #receive(chunk: Buffer): void {
    if (this.#socket.writableEnded) return; // the last answer is out
    if (this.#isBusy()) this.#hold(chunk);
    else if (!this.#take(chunk)) this.#passOn(chunk);
  }

  /** One request at a time; and none while its client does not read the answers. */
  #isBusy(): boolean {
    return this.#response !== undefined || this.#socket.writableNeedDrain;
  }

  /** Answers what is a request under the known head, in one piece or with its body after it. @returns false for what is none. */
  #take(chunk: Buffer): boolean {
    const early = this.#early;
    const known = this.#isNodeIdle() && this.#options.isOpen() ? this.#known : undefined;
    if (early !== undefined) {
      this.#early = undefined;
      if (known !== undefined && chunk.length === known.bodyBytes) this.#answer(known.head, chunk);
      else this.#passOn(early);
      return known !== undefined && chunk.length === known.bodyBytes;
    }
    if (known === undefined) return false;
    const { bytes, bodyBytes } = known;
    const isWhole = chunk.length === bytes.length + bodyBytes;
    if (!isWhole && chunk.length !== bytes.length) return false;
    if (chunk.compare(bytes, 0, bytes.length, 0, bytes.length) !== 0) return false;
    if (isWhole) this.#answer(known.head, chunk.subarray(bytes.length));
    else this.#early = chunk;
    return true;
  }

  #answer(head: RequestHead, body: Buffer): void {
    this.#misses = 0;
    const request = new WholeRequest(this.#socket, head, body);
    const response = new WholeResponse(request, this.#socket, this.#options.keepAliveSeconds);
    this.#response = response;
    response.on("close", this.#onAnswered);
    this.#options.handle(request, response);
  }

  /** What comes before the answer is out waits, and nothing more is read. */
  #hold(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#socket.pause();
    this.#awaitRelease();
  }

  #awaitRelease(): void {
    if (this.#response === undefined) this.#socket.once("drain", this.#onDrained);
  }

  #release(): void {
    while (this.#held.length > 0 && !this.#isBusy()) this.#receive(this.#held.shift()!);
    if (this.#held.length === 0) this.#socket.resume();
    else this.#awaitRelease();
  }

  #passOn(chunk: Buffer): void {
    const begun = this.#begun;
    this.#known = undefined;
    this.#begun = undefined;
    this.#lastOfNode = undefined;
    this.#readByNode(chunk);
    if (this.#socket.destroyed) return;
    const request = this.#lastOfNode as IncomingMessage | undefined;
    if (request !== undefined) {
      const learned = learn(chunk, request);
      if (request.complete) this.#known = learned;
      else if (learned !== undefined) this.#begun = { request, learned };
      this.#misses += 1;
      if (this.#misses > maxMisses) this.#giveUp();
    } else if (begun?.request.complete === true && chunk.length === begun.learned.bodyBytes)
      this.#known = begun.learned;
  }

  #giveUp(): void {
    this.#known = undefined;
    this.#socket.removeListener("data", this.#onData);
    this.#socket.on("data", this.#readByNode);
  }
}

const endOfHead = Buffer.from("\r\n\r\n");

/**
 * Makes sure that bytes are one request from first to last, or its head alone: the very lines that Node's parser found, and no other.
 * @param request the only one that the parser found in them, or the last.
 */
function learn(chunk: Buffer, request: IncomingMessage): KnownHead | undefined {
  const end = chunk.indexOf(endOfHead);
  const headBytes = end + endOfHead.length;
  if (end < 0 || headBytes > maxHeadBytes || !canRepeat(request)) return undefined;
  const bodyBytes = Number(request.headers["content-length"]);
  if (!(bodyBytes > 0 && bodyBytes <= maxBodyBytes)) return undefined;
  const isWhole = request.complete ? chunk.length === headBytes + bodyBytes : chunk.length === headBytes;
  if (!isWhole || writeHead(request) !== chunk.toString("latin1", 0, end)) return undefined;
  const { httpVersion, httpVersionMajor, httpVersionMinor, method, url, rawHeaders, headers } = request;
  const head = {
    httpVersion,
    httpVersionMajor,
    httpVersionMinor,
    method,
    url,
    rawHeaders,
    headers: Object.freeze(headers),
  };
  return { bytes: Buffer.from(chunk.subarray(0, headBytes)), head, bodyBytes };
}

/** As nearly every client writes it; who does not is not remembered. */
function writeHead({ method, url, rawHeaders }: IncomingMessage): string {
  let text = `${method} ${url} HTTP/1.1`;
  for (let index = 0; index < rawHeaders.length; index += 2)
    text += `\r\n${rawHeaders[index]}: ${rawHeaders[index + 1]}`;
  return text;
}

/** No credential, nothing of HTTP that means more than one body of a known length, and a connection that stays. */
function canRepeat({ headers, httpVersion }: IncomingMessage): boolean {
  return (
    httpVersion === "1.1" &&
    headers.authorization === undefined &&
    headers.cookie === undefined &&
    headers["proxy-authorization"] === undefined &&
    headers["transfer-encoding"] === undefined &&
    headers.expect === undefined &&
    headers.upgrade === undefined &&
    /^[0-9]+$/.test(headers["content-length"] ?? "") &&
    (headers.connection ?? "keep-alive").toLowerCase() === "keep-alive"
  );
}
