/**
 * Connections on which a program posts one form after the other, or reads one thing after the other, each under the same head: that head is read once.
 *
 * A client sends a head that is the one before, but for its own name for the request, a date, or what a read asks for. What Node's parser made of those bytes
 * then stands for the bytes that follow (head-pattern.ts says what may differ): there is no second reader of HTTP here, only a comparison. Whatever else
 * differs in one byte, comes in other pieces, or before the answer to the last is out, goes to Node's parser as it came. Everything after the head (routing,
 * limits, every check, the record) is as for any request.
 *
 * What takes part: POST of a form, without a credential in its head; GET and HEAD with one bearer token and no body. For a surface these are requests and
 * responses as any other: {@link WholeRequest} with its body at hand, {@link WholeResponse} that is ended in one piece, or written piece by piece when its head
 * tells its length (`false` from `write` until `drain`). Nothing about them needs to be known there.
 *
 * Owns: which connections these are, and their remembered heads, with what is kept of the forms under them, for as long as the connection lasts; then they are
 * wiped. May use: node:http's types, the wire types. Decisions: docs/decisions/0025-heads-that-repeat.md, 0033-places-in-heads.md, 0040-bodies-that-repeat.md
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type RequestHead, WholeRequest, WholeResponse } from "../wire/whole-request.ts";
import { HeadPattern } from "./head-pattern.ts";
import type { RequestHandler } from "./open-responses.ts";

/** Heads that differ from the one before until a connection is given up, in a row; our choice: such a client signs each request, or is a browser. */
const maxMisses = 4;
/** Connections that may have a remembered head at once, of at most 4 KiB each; our choice: whoever is busy has some dozens. */
const maxPatterns = 2048;

type DataHandler = (chunk: Buffer) => void;

export type RepeatOptions = {
  /** What node:http's own requests are given to. */
  readonly handle: RequestHandler;
  /** False once the listener drains: then every request goes to Node, which says `Connection: close`. */
  readonly isOpen: () => boolean;
  readonly keepAliveSeconds: number;
};

/** How many heads are remembered, over all connections. */
type Memory = { patternCount: number };

export class RepeatedRequests {
  readonly #options: RepeatOptions;
  readonly #connections = new WeakMap<Socket, Connection>();
  readonly #memory: Memory = { patternCount: 0 };

  constructor(options: RepeatOptions) {
    this.#options = options;
  }

  /** To be told of every request that Node's parser has read, before it is handled. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const known = this.#connections.get(socket);
    const connection =
      known ?? (canTakePart(request) ? Connection.open(socket, this.#options, this.#memory) : undefined);
    if (connection === undefined) return;
    if (known === undefined) this.#connections.set(socket, connection);
    connection.note(request, response);
  }

  /**
   * To be told of a connection on which nothing has moved for as long as an idle one may last: to Node it is idle while a request is under way that its
   * parser has not seen.
   * @returns true where one is, which was given its own time, once.
   */
  extend(socket: Socket, moreMs: number): boolean {
    return this.#connections.get(socket)?.extend(moreMs) === true;
  }
}

function canTakePart({ method, headers }: IncomingMessage): boolean {
  if (method === "GET" || method === "HEAD") return headers.authorization !== undefined;
  return method === "POST" && headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
}

class Connection {
  readonly #socket: Socket;
  readonly #options: RepeatOptions;
  readonly #memory: Memory;
  /** How Node reads this connection's bytes. */
  readonly #readByNode: DataHandler;
  readonly #onData: DataHandler = (chunk) => this.#receive(chunk);
  readonly #onAnswered = () => {
    this.#response = undefined;
    this.#isExtended = false;
    if (this.#held.length > 0) this.#release();
  };
  readonly #onDrained = () => this.#release();
  #known: HeadPattern | undefined;
  /** A head that came without its body. */
  #early: { readonly bytes: Buffer; readonly head: RequestHead } | undefined;
  /** Requests that Node has read and whose answers are not done with; and the last one read, with its answer. */
  #nodeRequests = 0;
  #lastOfNode: IncomingMessage | undefined;
  #lastAnswerOfNode: ServerResponse | undefined;
  /** One whose head Node has read and whose body is to come. */
  #begun: { readonly request: IncomingMessage; readonly learned: HeadPattern } | undefined;
  /** The one that is being answered without Node. */
  #response: WholeResponse | undefined;
  /** What came before that was answered. */
  #held: Buffer[] = [];
  #misses = 0;
  #isExtended = false;

  /** @returns undefined when Node does not read its connections by one 'data' listener any more: then all of this is left alone. */
  static open(socket: Socket, options: RepeatOptions, memory: Memory): Connection | undefined {
    const listeners = socket.listeners("data") as DataHandler[];
    return listeners.length === 1 ? new Connection(socket, options, memory, listeners[0]!) : undefined;
  }

  private constructor(socket: Socket, options: RepeatOptions, memory: Memory, readByNode: DataHandler) {
    this.#socket = socket;
    this.#options = options;
    this.#memory = memory;
    this.#readByNode = readByNode;
    // Adding a listener makes Node's parser let go of the socket's handle and read by its own listener, which ours then stands in for.
    socket.on("data", this.#onData);
    socket.removeListener("data", readByNode);
    socket.once("close", () => {
      this.#forget();
      this.#response?.close();
    });
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

  /** Gives the request that is under way more time. @returns false where there is none, and the second time. */
  extend(moreMs: number): boolean {
    if (this.#isExtended || (this.#response === undefined && this.#early === undefined)) return false;
    this.#isExtended = true;
    this.#socket.setTimeout(moreMs);
    return true;
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
      const isBody = known !== undefined && chunk.length === known.bodyBytes;
      if (isBody) this.#answer(early.head, chunk);
      else this.#passOn(early.bytes);
      return isBody;
    }
    const headBytes = known?.sizeIn(chunk.length);
    const head = headBytes === undefined ? undefined : known!.read(chunk, headBytes);
    if (head === undefined) return false;
    if (chunk.length === headBytes! + known!.bodyBytes) this.#answer(head, chunk.subarray(headBytes));
    else this.#early = { bytes: chunk, head };
    return true;
  }

  #answer(head: RequestHead, body: Buffer): void {
    this.#misses = 0;
    const request = new WholeRequest(this.#socket, head, body);
    const response = new WholeResponse(request, this.#socket, this.#options.keepAliveSeconds, this.#onAnswered);
    this.#response = response;
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
    this.#forget();
    this.#begun = undefined;
    this.#lastOfNode = undefined;
    this.#readByNode(chunk);
    if (this.#socket.destroyed) return;
    const request = this.#lastOfNode as IncomingMessage | undefined;
    if (request !== undefined) {
      const learned = HeadPattern.learn(chunk, request);
      if (learned !== undefined && request.complete) this.#remember(learned);
      else if (learned !== undefined) this.#begun = { request, learned };
      this.#misses += 1;
      if (this.#misses > maxMisses) this.#giveUp();
    } else if (begun?.request.complete === true && chunk.length === begun.learned.bodyBytes)
      this.#remember(begun.learned);
  }

  #remember(learned: HeadPattern): void {
    if (this.#memory.patternCount >= maxPatterns) return;
    this.#memory.patternCount += 1;
    this.#known = learned;
  }

  #forget(): void {
    if (this.#known === undefined) return;
    this.#memory.patternCount -= 1;
    this.#known.wipe();
    this.#known = undefined;
  }

  #giveUp(): void {
    this.#forget();
    this.#socket.removeListener("data", this.#onData);
    this.#socket.on("data", this.#readByNode);
  }
}
