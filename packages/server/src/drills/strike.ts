/**
 * How a drill strikes a request: the answer that Azure's service gives in that state, or a pause.
 *
 * Owns: the bodies of these answers, each surface's in its own shape.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 * @see https://learn.microsoft.com/graph/throttling
 * @see https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Exchange, Reply } from "../wire/exchange.ts";
import { sendReply } from "../wire/exchange.ts";
import type { Drill, DrillSurface, Drills } from "./drills.ts";

/** Longest token whose principal is looked at; past it the request carries none that a drill could mean. */
const maxTokenLength = 16_384;

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

function answerOf(exchange: Exchange, fault: Drill["fault"], now: Date): Answer {
  const isThrottled = fault === "throttled";
  switch (exchange.surface) {
    case "entra":
      return answerEntra(exchange, isThrottled, now);
    case "graph":
      return answerGraph(exchange, isThrottled, now);
    case "blob":
      return answerBlob(exchange, now);
    default:
      return answerArm(isThrottled);
  }
}

/** Which drills a request may meet. Our own planes are met by none: a drill could not be ended. */
function surfacesOf({ surface, path }: Exchange): readonly DrillSurface[] {
  switch (surface) {
    case "entra":
      return /\/oauth2\/(?:v2\.0\/)?token\/?$/i.test(path) ? ["token", "entra"] : ["entra"];
    case "graph":
    case "arm":
    case "blob":
      return [surface];
    default:
      return [];
  }
}

/** The `oid` of the request's token. It is not verified: who lies about it meets another drill, and the surface refuses the lie. */
function principalOf({ request }: Exchange): string | null {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const payload = token !== undefined && token.length <= maxTokenLength ? token.split(".")[1] : undefined;
  if (payload === undefined) return null;
  try {
    const { oid } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as { readonly oid?: unknown };
    return typeof oid === "string" ? oid.toLowerCase() : null;
  } catch {
    return null;
  }
}

/** @returns whether the request was answered; false when it is to go on, late perhaps. */
export async function strike(drills: Drills, exchange: Exchange, now: () => Date): Promise<boolean> {
  const drill = drills.meet(surfacesOf(exchange), () => principalOf(exchange));
  if (drill === undefined) return false;
  if (drill.fault === "slow") {
    await pause(drill.delayMs);
    return false;
  }
  const { status, headers = {}, body } = answerOf(exchange, drill.fault, now());
  const reply: Reply = {
    status,
    headers: { ...headers, "retry-after": String(drill.retryAfterSeconds), "x-ms-request-id": exchange.requestId },
    body,
  };
  sendReply(exchange, reply);
  return true;
}
