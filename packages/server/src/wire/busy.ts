/**
 * "Not now", in each plane's own shape: throttled (this caller asked too much) or busy (nobody is served at the moment). Always with Retry-After.
 *
 * Owns: these bodies. May use: wire shapes.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 * @see https://learn.microsoft.com/graph/throttling
 * @see https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
import { type Exchange, type Reply, sendReply } from "./exchange.ts";

export type BusyKind = "throttled" | "busy";

/** This caller has asked more than it may; nothing was done. Thrown past the surfaces, answered by whoever dispatched to them. */
export class Throttled extends Error {
  /** Whole seconds, at least 1. */
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super("throttled");
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body: unknown };

function answerEntra({ requestId }: Exchange, isThrottled: boolean, now: Date): Answer {
  const code = isThrottled ? 90055 : 90033;
  const words = isThrottled
    ? "Too many requests; the tenant is throttled."
    : "A transient error has occurred. Please try again.";
  const timestamp = now
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z/, "Z");
  const body = {
    error: "temporarily_unavailable",
    error_description: `AADSTS${code}: ${words} Trace ID: ${requestId} Correlation ID: ${requestId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: requestId,
    correlation_id: requestId,
  };
  return { status: isThrottled ? 429 : 503, body };
}

function answerGraph({ requestId }: Exchange, isThrottled: boolean, now: Date): Answer {
  const innerError = { date: now.toISOString().slice(0, 19), "request-id": requestId, "client-request-id": requestId };
  const error = isThrottled
    ? { code: "TooManyRequests", message: "Too many requests.", innerError }
    : { code: "serviceNotAvailable", message: "The service is not available.", innerError };
  return { status: isThrottled ? 429 : 503, body: { error } };
}

function answerArm(isThrottled: boolean): Answer {
  const error = isThrottled
    ? { code: "TooManyRequests", message: "The request is being throttled. Please try again later." }
    : { code: "ServiceUnavailable", message: "The service is unavailable. Please try again later." };
  return { status: isThrottled ? 429 : 503, body: { error } };
}

/** Blob storage throttles with 503, too. */
function answerBlob({ requestId }: Exchange, now: Date): Answer {
  const message = `The server is busy.\nRequestId:${requestId}\nTime:${now.toISOString().replace("Z", "0000Z")}`;
  const body = `\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>ServerBusy</Code><Message>${message}</Message></Error>`;
  return { status: 503, headers: { "x-ms-error-code": "ServerBusy", "content-type": "application/xml" }, body };
}

function answerOf(exchange: Exchange, kind: BusyKind, now: Date): Answer {
  const isThrottled = kind === "throttled";
  switch (exchange.surface) {
    case "entra":
      return answerEntra(exchange, isThrottled, now);
    case "graph":
      return answerGraph(exchange, isThrottled, now);
    case "blob":
    case "web":
      return answerBlob(exchange, now);
    default:
      return answerArm(isThrottled);
  }
}

/** Answers an exchange whose head is not out yet. @param retryAfterSeconds whole seconds. */
export function sendBusy(exchange: Exchange, kind: BusyKind, retryAfterSeconds: number, now: Date): void {
  const { status, headers = {}, body } = answerOf(exchange, kind, now);
  const reply: Reply = {
    status,
    headers: { ...headers, "retry-after": String(retryAfterSeconds), "x-ms-request-id": exchange.requestId },
    body,
  };
  sendReply(exchange, reply);
}
