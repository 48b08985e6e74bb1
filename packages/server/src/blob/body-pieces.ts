/** A long request body, piece by piece as it comes. */
import type { IncomingRequest } from "../wire/messages.ts";

/** Bytes that have come and were not asked for before the sender has to wait. Our choice: two reads of a socket. */
const maxWaitingBytes = 128 * 1024;
/** Pieces from here on are freed when they were used. Our choice: shorter ones are not worth a call, and Node may cut them from memory it shares. */
const leastFreedBytes = 8 * 1024;

/**
 * Reads a body; the connection outlives a reader that stops early. A piece is there until the next is asked for: what a large body goes through would
 * else lie about until V8 collects it, and makes V8 collect the whole heap over and over. By events: the stream's own iterator costs twice as much.
 */
export function readPieces(request: IncomingRequest): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => new BodyPieces(request) };
}

type Asker = { readonly resolve: (next: IteratorResult<Buffer>) => void; readonly reject: (cause: Error) => void };

class BodyPieces implements AsyncIterator<Buffer> {
  readonly #request: IncomingRequest;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #asker: Asker | undefined;
  #used: Buffer | undefined;
  #isOver = false;
  #failure: Error | undefined;

  constructor(request: IncomingRequest) {
    this.#request = request;
    if (request.destroyed || request.readableEnded) this.#fail();
    else request.on("data", this.#take).on("end", this.#end).on("error", this.#fail).on("close", this.#fail);
  }

  readonly #take = (piece: Buffer): void => {
    if (this.#asker !== undefined) {
      this.#hand(this.#asker, piece);
      return;
    }
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    if (this.#waitingBytes >= maxWaitingBytes) this.#request.pause();
  };

  #hand({ resolve }: Asker, piece: Buffer): void {
    this.#asker = undefined;
    this.#used = piece;
    resolve({ done: false, value: piece });
  }

  readonly #end = (): void => {
    this.#isOver = true;
    this.#letGo();
    this.#asker?.resolve({ done: true, value: undefined });
  };

  readonly #fail = (cause: Error = new Error("the body did not come to its end")): void => {
    this.#failure = cause;
    this.#letGo();
    this.#asker?.reject(cause);
  };

  #letGo(): void {
    this.#request.off("data", this.#take).off("end", this.#end).off("error", this.#fail).off("close", this.#fail);
  }

  next(): Promise<IteratorResult<Buffer>> {
    this.#freeUsed();
    return new Promise((resolve, reject) => {
      const asker = { resolve, reject };
      const piece = this.#waiting.shift();
      if (piece === undefined) {
        if (this.#failure !== undefined) reject(this.#failure);
        else if (this.#isOver) resolve({ done: true, value: undefined });
        else this.#asker = asker;
        return;
      }
      this.#waitingBytes -= piece.length;
      if (this.#waiting.length === 0 && this.#request.isPaused()) this.#request.resume();
      this.#hand(asker, piece);
    });
  }

  return(): Promise<IteratorResult<Buffer>> {
    this.#freeUsed();
    if (!this.#isOver && this.#failure === undefined) this.#request.pause();
    this.#isOver = true;
    this.#letGo();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Gives a piece's memory back at once. Node's HTTP parser made it for that piece, and nobody else has it. */
  #freeUsed(): void {
    const piece = this.#used;
    this.#used = undefined;
    if (piece === undefined || piece.length < leastFreedBytes || piece.length !== piece.buffer.byteLength) return;
    if (piece.buffer instanceof ArrayBuffer) piece.buffer.transfer(0);
  }
}
