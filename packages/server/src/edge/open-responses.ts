/**
 * The requests under way on all connections: each is told of when its answer is out, and at the end they are waited for.
 *
 * Owns: what an answer still needs once it is written, and the order of the end. May use: node:http.
 */
import type { Socket } from "node:net";
import type { IncomingRequest, OutgoingResponse } from "../wire/messages.ts";
import { WholeResponse } from "../wire/whole-request.ts";

export type RequestHandler = (request: IncomingRequest, response: OutgoingResponse) => void;

export type OpenResponsesOptions = {
  /** How long the rest of a body may take to come whose request was answered already. */
  readonly answeredBodyTimeoutMs: number;
  /** Told of each response when it is out, or its client gone. */
  readonly onClosed: ((response: OutgoingResponse) => void) | undefined;
};

/** How long connections that were cut off may take to be gone; our choice: a few turns of the event loop, however busy. */
const cutOffMs = 5000;

export class OpenResponses {
  readonly #open: OutgoingResponse[] = [];
  // Made once for all responses, which come by the ten thousand a second.
  readonly #closed: (response: OutgoingResponse) => void;
  readonly #onClose: (this: OutgoingResponse) => void;
  readonly #onFinish: (this: OutgoingResponse) => void;
  #isDraining = false;
  #isEnding = false;
  #check = ignore;

  constructor({ answeredBodyTimeoutMs, onClosed }: OpenResponsesOptions) {
    const closed = (response: OutgoingResponse) => {
      this.#close(response);
      onClosed?.(response);
    };
    this.#closed = closed;
    this.#onClose = function (this: OutgoingResponse) {
      closed(this);
    };
    this.#onFinish = function (this: OutgoingResponse) {
      boundRest(this.req, answeredBodyTimeoutMs);
    };
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** From now on each answer ends its connection. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Makes a handler whose responses are known here. */
  track<Request extends IncomingRequest, Response extends OutgoingResponse>(
    handle: (request: Request, response: Response) => void,
  ): (request: Request, response: Response) => void {
    return (request, response) => {
      this.#open.push(response);
      // The request of a whole one has come to its end, and nothing that is written of it fails by itself.
      if (response instanceof WholeResponse) response.watch(this.#closed);
      else {
        response.on("close", this.#onClose);
        response.on("error", ignore); // writes after the client left; the handler sees 'close'
        response.on("finish", this.#onFinish);
      }
      if (this.#isDraining) response.setHeader("connection", "close");
      handle(request, response);
    };
  }

  /** Whether an answer has begun on a connection and is not out. */
  isAnswering(socket: Socket): boolean {
    return this.#open.some((response) => response.socket === socket && response.headersSent);
  }

  /**
   * Waits for those under way, as long as they may take, and for the last of them to be counted and logged.
   * @param closeServers ends the connections that Node holds for idle.
   * @param cutOff ends all that are left.
   */
  async end(timeoutMs: number, closeServers: () => void, cutOff: () => void): Promise<void> {
    this.#isDraining = true;
    this.#isEnding = true;
    for (const response of this.#open) if (!response.headersSent) response.setHeader("connection", "close");
    const endMs = performance.now() + timeoutMs;
    // To Node a connection is idle while a request is answered there that its parser has not seen.
    await this.#waitUntil(() => !this.#open.some((response) => response instanceof WholeResponse), endMs);
    closeServers();
    await this.#waitUntil(() => this.#open.length === 0, endMs);
    cutOff();
    await this.#waitUntil(() => this.#open.length === 0, performance.now() + cutOffMs);
  }

  #close(response: OutgoingResponse): void {
    take(this.#open, response);
    const { socket } = response.req;
    if (this.#isEnding && !socket.writableEnded && !socket.destroyed) socket.destroySoon();
    this.#check();
  }

  /** Resolves when it is done, which is looked at whenever a response closes, or when the time is up. @param endMs as performance.now() tells it. */
  #waitUntil(isDone: () => boolean, endMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, endMs - performance.now()));
      this.#check = () => {
        if (!isDone()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#check();
    });
  }
}

/**
 * Takes one out, in no order. There are as many as requests under way, and a search among them costs less than a Set does: one that is added to and
 * taken from all the time leaves a trail of tables that hold on to one another, and to what was in them, until the whole heap is collected.
 */
function take(responses: OutgoingResponse[], response: OutgoingResponse): void {
  const index = responses.indexOf(response);
  if (index < 0) return;
  const last = responses.pop()!;
  if (last !== response) responses[index] = last;
}

/** What still comes of an answered request's body must come to its end in time. */
function boundRest(request: IncomingRequest, timeoutMs: number): void {
  if (request.complete) return;
  const { socket } = request;
  const timer = setTimeout(() => {
    if (!request.complete) socket.destroy();
  }, timeoutMs).unref();
  request.once("close", () => clearTimeout(timer));
}

function ignore(): void {}
