/**
 * One HTTPS exchange with a bounded answer. May use: node:https, faults.ts, notes.ts.
 *
 * To the cloud on this machine no proxy variable is read, so that `postern` inside `postern run` talks straight to it; to others they are.
 */
import { existsSync, readFileSync } from "node:fs";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { describeError, failure } from "../faults.ts";
import type { Notes } from "../notes.ts";

/** Listing every built-in role is 3 MiB; a page of anything else is smaller. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Silence of the server after which an exchange is given up. */
const IDLE_LIMIT_MS = 60_000;
const MAX_CONNECTIONS = 8;

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** The reason phrase as it was sent, e.g. Bad Request. */
  readonly statusText?: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

/** What sends a request: `node:https`, or `node:http` in tests. */
export type Send = (url: string, options: RequestOptions, onAnswer: (answer: IncomingMessage) => void) => ClientRequest;

export interface TransportOptions {
  readonly notes: Notes;
  /** PEM file of the CAs to trust; the system's when absent. */
  readonly caBundle?: string;
  readonly userAgent: string;
  /** Whose proxy variables are read; none when absent. */
  readonly proxyEnvironment?: Readonly<NodeJS.ProcessEnv>;
  readonly send?: Send;
}

/** Makes a transport that keeps its connections open between exchanges. */
export function createTransport(options: TransportOptions): Transport {
  const open = createStreamTransport(options);
  return async (request) => {
    const answer = await open(request);
    try {
      const body = await readBody(answer);
      return { status: answer.statusCode ?? 0, statusText: answer.statusMessage ?? "", headers: answer.headers, body };
    } catch (error) {
      throw describeConnectionFault(request.url, error);
    }
  };
}

/** An exchange whose bodies are too large to hold: the answer's comes as it arrives. The caller reads it to its end, or destroys it. */
export type StreamTransport = (request: StreamRequest) => Promise<IncomingMessage>;

export interface StreamRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream's length must be among the headers. */
  readonly body?: string | Buffer | Readable | undefined;
}

export function createStreamTransport(options: TransportOptions): StreamTransport {
  const { notes, caBundle, userAgent, proxyEnvironment, send = request } = options;
  const agent = send === request ? new Agent(agentOptions(caBundle, proxyEnvironment)) : undefined;
  return async ({ method, url, headers, body }) => {
    const started = performance.now();
    const isWhole = typeof body === "string" || Buffer.isBuffer(body);
    const { host, hostname } = new URL(url);
    const answer = await exchange(send, url, body, {
      method,
      ...(agent === undefined ? {} : { agent }),
      ...(caBundle !== undefined && hostname === "localhost" ? localAddress : {}),
      headers: {
        "user-agent": userAgent,
        accept: "application/json",
        host,
        ...headers,
        ...(isWhole ? { "content-length": String(Buffer.byteLength(body)) } : {}),
      },
    });
    // A signature in an address lets whoever has it in.
    const shown = url.replace(/([?&]sig=)[^&]*/g, "$1...");
    notes.debug(`${method} ${shown} -> ${answer.statusCode} in ${Math.round(performance.now() - started)} ms`);
    return answer;
  };
}

/**
 * Where the cloud on this machine always listens, by number, and that number is what its certificate is checked against. A name would be looked up, and
 * Node would compile its pattern of IPv6 addresses, 10 ms, to see that it is none.
 */
const localAddress = { hostname: "127.0.0.1", servername: "" } as const;

function agentOptions(caBundle: string | undefined, proxyEnvironment: Readonly<NodeJS.ProcessEnv> | undefined) {
  const proxyEnv = proxyEnvironment === undefined ? {} : { proxyEnv: { ...proxyEnvironment } };
  const common = { keepAlive: true, maxSockets: MAX_CONNECTIONS, ...proxyEnv };
  return caBundle === undefined ? common : { ...common, ca: readFileSync(findOwnCa(caBundle)) };
}

/** The local CA alone stands beside the bundle: nobody else's word is wanted for localhost, and the system's 140 roots take 15 ms to read. */
function findOwnCa(caBundle: string): string {
  const own = join(dirname(caBundle), "ca.pem");
  return existsSync(own) ? own : caBundle;
}

function exchange(send: Send, url: string, body: StreamRequest["body"], options: RequestOptions) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const fail = (error: unknown) => reject(describeConnectionFault(url, error));
    const sent = send(url, options, resolve);
    sent.setTimeout(IDLE_LIMIT_MS, () => sent.destroy(new Error(`no answer within ${IDLE_LIMIT_MS / 1000} s`)));
    sent.once("error", fail);
    if (body === undefined || typeof body === "string" || Buffer.isBuffer(body)) sent.end(body);
    else {
      body.once("error", (error) => sent.destroy(error));
      body.pipe(sent);
    }
  });
}

/** Reads an answer's whole body. @throws Error when it is larger than any that is expected. */
export async function readBody(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    sizeBytes += part.length;
    if (sizeBytes > MAX_ANSWER_BYTES) {
      answer.destroy();
      throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function describeConnectionFault(url: string, error: unknown): Error {
  const { origin } = new URL(url);
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") {
    return failure(`Nothing answers at ${origin}.`, "See whether the cloud still runs: postern status");
  }
  return failure(`Cannot reach ${origin}: ${describeError(error)}`);
}
