/**
 * What is used of a request and its answer, whether node:http made them out of streams or they came whole (whole-request.ts): whoever handles requests
 * asks for these, so that whole ones need no streams.
 *
 * Owns: these shapes. May use: types only.
 */
import type { IncomingHttpHeaders, OutgoingHttpHeader, OutgoingHttpHeaders } from "node:http";
import type { Socket } from "node:net";

// biome-ignore lint/suspicious/noExplicitAny: what is told hangs on the event, as with every emitter of Node's.
export type Listener = (...told: any[]) => void;

interface Emitter {
  on(event: string, listener: Listener): this;
  once(event: string, listener: Listener): this;
  off(event: string, listener: Listener): this;
}

/** Its body is read by `data` and `end`, by `read` where it is at hand, or in turns. */
export interface IncomingRequest extends Emitter, AsyncIterable<Buffer> {
  readonly httpVersion: string;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turns, as they came. */
  readonly rawHeaders: readonly string[];
  readonly socket: Socket;
  /** Whether all of it has come. */
  readonly complete: boolean;
  readonly destroyed: boolean;
  readonly readableEnded: boolean;
  readonly readableLength: number;
  read(): Buffer | null;
  pause(): this;
  resume(): this;
  isPaused(): boolean;
  destroy(cause?: Error): this;
}

export type HeaderFields = OutgoingHttpHeaders | readonly OutgoingHttpHeader[];
export type Written = (cause?: Error | null) => void;

/** `close` is told when it is out, or its client gone; `drain` when more can be written. */
export interface OutgoingResponse extends Emitter {
  readonly req: IncomingRequest;
  readonly socket: Socket | null;
  statusCode: number;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  getHeader(name: string): OutgoingHttpHeader | undefined;
  getHeaderNames(): string[];
  setHeader(name: string, value: number | string | readonly string[]): this;
  removeHeader(name: string): void;
  writeHead(status: number, fields?: OutgoingHttpHeaders | OutgoingHttpHeader[]): this;
  flushHeaders(): void;
  write(piece: string | Uint8Array, written?: Written): boolean;
  end(payload?: string | Uint8Array, encoding?: BufferEncoding): this;
  destroy(cause?: Error): this;
}
