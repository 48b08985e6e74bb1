/**
 * W3C trace context: whose request this is part of, over all the programs that take part.
 *
 * A client's `traceparent` is taken over: our lines carry its trace id and a span id of ours, and what we ask of others in its name carries both on.
 * Without one the request's own id is the trace: its 16 random bytes are what a trace id is made of. Nothing is parsed or made before a line or a
 * request of ours needs it. Owns: the two headers' form. May use: wire types.
 * Spec: https://www.w3.org/TR/trace-context-1/
 */
import type { Exchange } from "../wire/exchange.ts";

export type TraceContext = {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits: this request, in this process. */
  readonly spanId: string;
  /** The client's span, if it said so. */
  readonly parentSpanId: string | undefined;
  /** Two hexadecimal digits; 01: the client keeps this trace. */
  readonly flags: string;
  /** The client's `tracestate`, for passing on. */
  readonly state: string | undefined;
};

/** Longest `tracestate` that is passed on, in characters: what the specification asks everyone to be able to. */
const maxStateChars = 512;

const parentForm = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTrace = "0".repeat(32);
const noSpan = "0".repeat(16);

/** Reads the trace that a request belongs to. A malformed `traceparent`, and then `tracestate` too, counts as none. */
export function readTrace({ request, requestId }: Pick<Exchange, "request" | "requestId">): TraceContext {
  const digits = requestId.replaceAll("-", "");
  const spanId = digits.slice(16);
  const given = request.headers.traceparent;
  const match = typeof given === "string" ? parentForm.exec(given) : null;
  const [, version, traceId, parentSpanId, flags, rest] = match ?? [];
  // Version 00 has four parts; later ones may have more. ff is no version (section 3.2.2.1).
  const isGood = traceId !== undefined && version !== "ff" && !(version === "00" && rest !== undefined);
  if (!isGood || traceId === noTrace || parentSpanId === noSpan)
    return { traceId: digits, spanId, parentSpanId: undefined, flags: "00", state: undefined };
  return { traceId, spanId, parentSpanId, flags: flags!, state: readState(request.headers.tracestate) };
}

function readState(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(",") : header;
  return text === undefined || text.length > maxStateChars || !/^[\x20-\x7e]+$/.test(text) ? undefined : text;
}

/** The headers of a request that we send in the course of this one. */
export function traceHeaders({ traceId, spanId, flags, state }: TraceContext): Record<string, string> {
  const traceparent = `00-${traceId}-${spanId}-${flags}`;
  return state === undefined ? { traceparent } : { traceparent, tracestate: state };
}

/** What a log line says of its trace, by the names that collectors know. */
export function traceFields({ traceId, spanId, flags }: TraceContext): Record<string, string> {
  return { trace_id: traceId, span_id: spanId, trace_flags: flags };
}
