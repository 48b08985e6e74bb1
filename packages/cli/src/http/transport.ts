/**
 * One HTTPS exchange with a bounded answer. May use: node:https, node:http, faults.ts, notes.ts.
 *
 * To the cloud on this machine no proxy variable is read, so that `postern` inside `postern run` talks straight to it; to others they are. Its own
 * user's commands go by the local door (decision 27), a socket that nobody else can open: neither TLS nor what Node needs for it is loaded then.
 */
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { describeError, failure } from "../faults.ts";
import type { Notes } from "../notes.ts";
import { isOwnSocket } from "../state/private-file.ts";

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
  readonly localDoor?: LocalDoor | undefined;
}

/** Where what is meant for an origin goes by a socket. */
export interface LocalDoor {
  readonly origin: string;
  readonly socketPath: string;
}

/** Makes a transport that keeps its connections open between exchanges. */
export function createTransport(options: TransportOptions): Transport {
  const byPort = readWhole(createStreamTransport(options));
  const { localDoor } = options;
  if (localDoor === undefined || !isOwnSocket(localDoor.socketPath)) return byPort;
  const byDoor = readWhole(createDoorTransport(options, localDoor.socketPath));
  return (request) => (request.url.startsWith(`${localDoor.origin}/`) ? byDoor(request) : byPort(request));
}

/** A transport whose answers are read to their end. */
export function readWhole(open: StreamTransport): Transport {
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
  const { caBundle, proxyEnvironment } = options;
  let found: { readonly send: Send; readonly way: RequestOptions } | undefined;
  return openBy(options, (url) => {
    found ??= options.send === undefined ? openPort(caBundle, proxyEnvironment) : { send: options.send, way: {} };
    const isLocal = caBundle !== undefined && new URL(url).hostname === "localhost";
    return { ...found, url, way: isLocal ? { ...found.way, ...localAddress } : found.way };
  });
}

/** TLS takes 20 ms to load: it is loaded for the first request that needs it. */
function openPort(caBundle: string | undefined, proxyEnvironment: Readonly<NodeJS.ProcessEnv> | undefined) {
  const { Agent, request } = process.getBuiltinModule("node:https");
  return { send: request as Send, way: { agent: new Agent(agentOptions(caBundle, proxyEnvironment)) } };
}

/** HTTP by a socket. What the URL says of the host goes into the headers only. */
function createDoorTransport(options: TransportOptions, socketPath: string): StreamTransport {
  const { Agent, request } = process.getBuiltinModule("node:http");
  // Without a name to check Node would compile its pattern of IPv6 addresses to find one.
  const way = { agent: new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS }), socketPath, servername: "" };
  return openBy(options, (url) => ({ send: request as Send, url: url.replace(/^https:/, "http:"), way }));
}

type Way = { readonly send: Send; readonly url: string; readonly way: RequestOptions };

function openBy({ notes, userAgent }: TransportOptions, choose: (url: string) => Way): StreamTransport {
  return async ({ method, url, headers, body }) => {
    const startedMs = Date.now();
    const isWhole = typeof body === "string" || Buffer.isBuffer(body);
    const { send, url: target, way } = choose(url);
    const answer = await exchange(send, target, body, {
      method,
      ...way,
      headers: {
        "user-agent": userAgent,
        accept: "application/json",
        host: new URL(url).host,
        ...headers,
        ...(isWhole ? { "content-length": String(Buffer.byteLength(body)) } : {}),
      },
    });
    // A signature in an address lets whoever has it in.
    const shown = url.replace(/([?&]sig=)[^&]*/g, "$1...");
    notes.debug(`${method} ${shown} -> ${answer.statusCode} in ${Date.now() - startedMs} ms`);
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
  return caBundle === undefined
    ? common
    : { ...common, ca: process.getBuiltinModule("node:fs").readFileSync(findOwnCa(caBundle)) };
}

/** The local CA alone stands beside the bundle: nobody else's word is wanted for localhost, and the system's 140 roots take 15 ms to read. */
function findOwnCa(caBundle: string): string {
  const own = join(dirname(caBundle), "ca.pem");
  return process.getBuiltinModule("node:fs").existsSync(own) ? own : caBundle;
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
  if (code === "ECONNREFUSED" || code === "ENOENT") {
    return failure(`Nothing answers at ${origin}.`, "See whether the cloud still runs: postern status");
  }
  return failure(`Cannot reach ${origin}: ${describeError(error)}`);
}
