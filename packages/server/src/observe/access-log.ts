/**
 * The access log: one line of JSON an answered request: who, what, with what outcome, how long, how many bytes.
 *
 * Owns: the line. Secrets of a query (`sig=` and the like) are taken out, headers but User-Agent are not in it, bodies never are. Lines are made only
 * where somebody asked for them. May use: redaction.ts, trace-context.ts, wire types.
 */
import type { Exchange } from "../wire/exchange.ts";
import { redactQuery, redactText } from "./redaction.ts";
import { readTrace } from "./trace-context.ts";

/** What a line says of an answer beside its exchange. */
export type Outcome = {
  /** 499 where the client had gone before the answer was out. */
  readonly status: number;
  readonly durationMs: number;
  /** Head and body, as sent; of a body that was sent chunked the framing too. */
  readonly sentBytes: number;
};

/** Longest path, host and User-Agent of a line, in characters; our choice. */
const maxPathChars = 2_048;
const maxAgentChars = 256;

/** An identity session's address is its secret. */
const hiddenSession = "/{session}";

/** Writes the line, with its end. @param now when the answer was out. */
export function writeAccessLine(exchange: Exchange, { status, durationMs, sentBytes }: Outcome, now: Date): string {
  const { request, requestId, surface, prefix, path, query, origin, note } = exchange;
  const { traceId, spanId } = readTrace(exchange);
  const clean = redactQuery(query);
  const agent = request.headers["user-agent"];
  const line = {
    time: now.toISOString(),
    trace_id: traceId,
    span_id: spanId,
    request_id: requestId,
    surface,
    operation: note?.operation || undefined,
    caller: note?.caller || undefined,
    address: request.socket.remoteAddress,
    method: request.method,
    host: origin.slice(origin.indexOf("//") + 2),
    path:
      redactText(`${surface === "machines" ? hiddenSession : prefix}${path}`.slice(0, maxPathChars)) +
      (clean === "" ? "" : `?${clean}`),
    status,
    duration_ms: Math.round(durationMs * 1000) / 1000,
    sent_bytes: sentBytes,
    received_bytes: Number(request.headers["content-length"] ?? 0) || 0,
    user_agent: agent === undefined ? undefined : redactText(agent.slice(0, maxAgentChars)),
  };
  return `${JSON.stringify(line)}\n`;
}
