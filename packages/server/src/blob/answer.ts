/** Puts answers and errors on the wire, and deals with what is left of a request's body. */

import { setTimeout as delay } from "node:timers/promises";
import { type Exchange, endSoon } from "../wire/exchange.ts";
import { LastingHeaders, writeHeadWith } from "../wire/lasting-headers.ts";
import type { IncomingRequest, OutgoingResponse } from "../wire/messages.ts";
import type { Awaitable } from "./engine/blob-store.ts";
import { giveBackPiece } from "./engine/read-slab.ts";
import type { StorageError } from "./errors.ts";
import { maxClientRequestIdLength, maxDiscardedBytes, maxDiscardMs } from "./limits.ts";
import type { Answer } from "./operation-row.ts";
import { answerHeadersOf } from "./version-words.ts";
import { element, xmlDeclaration } from "./xml.ts";

/**
 * Path-style, the account shares its origin with the sign-in pages and the portal: a page in it must not act as one of theirs. The browser gives it
 * an origin of its own, runs nothing of it, and takes no blob for what it is not declared to be. By an account's own name answers are as Azure's.
 * Spec: https://html.spec.whatwg.org/multipage/browsers.html#sandboxing; https://fetch.spec.whatwg.org/#x-content-type-options-header
 */
const confinement = {
  "Content-Security-Policy": "sandbox; default-src 'none'",
  "X-Content-Type-Options": "nosniff",
} as const;

/** What every answer carries. @param version of the service that the answer follows. */
export function commonHeaders(exchange: Exchange, version: string): Record<string, string> {
  const headers: Record<string, string> = {
    Server: "Postern-Blob",
    "x-ms-request-id": exchange.requestId,
    "x-ms-version": version,
  };
  if (exchange.prefix !== "") Object.assign(headers, confinement);
  const clientRequestId = findHeader(exchange.request, "x-ms-client-request-id");
  if (
    clientRequestId !== undefined &&
    clientRequestId.length <= maxClientRequestIdLength &&
    /^[\x20-\x7e]+$/.test(clientRequestId)
  ) {
    headers["x-ms-client-request-id"] = clientRequestId;
  }
  return headers;
}

/** A request's header, the first of its name, without making Node sort them all. @param name in lower case. */
function findHeader({ rawHeaders }: IncomingRequest, name: string): string | undefined {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const found = rawHeaders[index]!;
    if (found.length === name.length && found.toLowerCase() === name) return rawHeaders[index + 1]!;
  }
  return undefined;
}

const lastingHeaders = new WeakMap<Answer["headers"], LastingHeaders>();

/** To be told of headers of answers that will go out again as they are, with a body of the same length: these very ones are written as text once. */
export function keepHeaders(headers: Answer["headers"]): void {
  lastingHeaders.set(Object.freeze(headers), new LastingHeaders(headers));
}

/** Sends an answer; what comes back is there when it is out, or the client is gone. */
export function sendAnswer(exchange: Exchange, version: string, answer: Answer): Awaitable<void> {
  const { request, response } = exchange;
  const { body } = answer;
  const headers = commonHeaders(exchange, version);
  const own = answerHeadersOf(answer.headers, version);
  const lasting = lastingHeaders.get(own);
  if (lasting !== undefined && Buffer.isBuffer(body)) {
    writeHeadWith(response, answer.status, headers, lasting);
    return finish(exchange, body);
  }
  for (const name in own) headers[name] = own[name]!;
  const isHead = request.method === "HEAD";
  if (body === undefined || typeof body === "string" || Buffer.isBuffer(body)) {
    if (body !== undefined) headers["Content-Length"] = String(Buffer.byteLength(body));
    else if (!isHead && answer.status !== 304) headers["Content-Length"] = "0";
    response.writeHead(answer.status, headers);
    return finish(exchange, isHead ? undefined : body);
  }
  return sendPieces(exchange, answer.status, headers, body);
}

async function sendPieces(
  exchange: Exchange,
  status: number,
  headers: Record<string, string>,
  body: AsyncIterable<Buffer>,
): Promise<void> {
  const { response } = exchange;
  // The first piece before the head: what is damaged there can still be said in a status.
  const pieces = body[Symbol.asyncIterator]();
  try {
    let piece = await pieces.next();
    response.writeHead(status, headers);
    for (; !piece.done; piece = await pieces.next()) {
      if (response.destroyed) return;
      if (response.write(piece.value, sent(piece.value))) continue;
      await drained(response);
      // For a client that is gone nothing more is read.
      if (response.destroyed) return;
    }
    await finish(exchange, undefined);
  } finally {
    await pieces.return?.();
  }
}

/** Gives a piece back when it has gone out. What never did may still be on its way to a broken connection, and is left to be collected. */
function sent(piece: Buffer): (cause?: Error | null) => void {
  return (cause) => {
    if (!cause) giveBackPiece(piece);
  };
}

/** Waits until the client has taken what was written, or is gone. */
function drained(response: OutgoingResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  // By plain listeners: what waits with a signal makes an error each time that it is told to stop.
  return new Promise((resolve) => {
    const go = () => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });
}

/**
 * Sends an error, or breaks the connection when an answer is already under way: a cut body is seen as cut, a wrong one would not be.
 */
export function sendError(exchange: Exchange, version: string, error: StorageError, time: Date): Awaitable<void> {
  const { request, response } = exchange;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return undefined;
  }
  const headers: Record<string, string> = {
    ...commonHeaders(exchange, version),
    "x-ms-error-code": error.code,
    ...error.headers,
  };
  let body: string | undefined;
  if (request.method !== "HEAD" && error.status !== 304) {
    body = renderError(error, exchange.requestId, time);
    headers["Content-Type"] = "application/xml";
    headers["Content-Length"] = String(Buffer.byteLength(body));
  }
  response.writeHead(error.status, headers);
  return finish(exchange, body);
}

/** An error's body. */
export function renderError(error: StorageError, requestId: string, time: Date): string {
  const message = `${error.message}\nRequestId:${requestId}\nTime:${time.toISOString().replace("Z", "0000Z")}`;
  const details = Object.entries(error.details).map(([name, value]) => element(name, value));
  return `${xmlDeclaration}<Error>${element("Code", error.code)}${element("Message", message)}${details.join("")}</Error>`;
}

/** Bodies up to here are copied to be sent with their head. Our choice: to copy so much costs less than a write of its own. */
const maxJoinedBytes = 16 * 1024;

function hasBody(request: IncomingRequest): boolean {
  const isChunked = findHeader(request, "transfer-encoding") !== undefined;
  return isChunked || (findHeader(request, "content-length") ?? "0") !== "0";
}

/**
 * Ends an answer. A body the client is still sending is read and dropped first, within bounds: most clients hear nothing until they have sent all,
 * and the connection stays good. Past the bounds the connection is broken.
 */
function finish({ request, response }: Exchange, body: string | Buffer | undefined): Awaitable<void> {
  if (request.complete || request.destroyed || !hasBody(request)) {
    // As text of single bytes a small body goes out in one piece with the head; as a Buffer it would be a second one.
    if (Buffer.isBuffer(body) && body.length <= maxJoinedBytes) endSoon(response, body.toString("latin1"), body.length);
    else endSoon(response, body, -1);
    return undefined;
  }
  return finishLater(request, response, body);
}

async function finishLater(
  request: IncomingRequest,
  response: OutgoingResponse,
  body: string | Buffer | undefined,
): Promise<void> {
  if (body === undefined) response.flushHeaders();
  else response.write(body);
  let droppedBytes = 0;
  const timer = new AbortController();
  const dropAll = new Promise<boolean>((resolve) => {
    request.on("data", (chunk: Buffer) => {
      droppedBytes += chunk.length;
      if (droppedBytes > maxDiscardedBytes) resolve(false);
    });
    request.once("end", () => resolve(true));
    request.once("close", () => resolve(request.complete));
    request.resume();
  });
  const timeUp = delay(maxDiscardMs, false, { signal: timer.signal, ref: false }).catch(() => false);
  const isWhole = await Promise.race([dropAll, timeUp]);
  timer.abort();
  if (isWhole) response.end();
  else response.destroy();
}
