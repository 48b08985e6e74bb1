/**
 * What stands before and behind every request, whatever its surface: whether it is taken on at all, and what is written down of it when it is out.
 *
 * Costs little by design: a few comparisons before, a few additions after; a line of the access log only where one is kept.
 * Decision: docs/decisions/0030-operation.md
 */
import { Load, type LoadLimits, shedRetryAfterSeconds, weighBody } from "./guard/load.ts";
import { RateLimits, type RateOptions } from "./guard/rate-limits.ts";
import { writeAccessLine } from "./observe/access-log.ts";
import { LineFile } from "./observe/line-file.ts";
import { abortedStatus, Traffic } from "./observe/traffic.ts";
import { healthPaths } from "./postern-surface.ts";
import { sendBusy, Throttled } from "./wire/busy.ts";
import type { Exchange } from "./wire/exchange.ts";

/** `path` "-": standard output, which somebody else keeps within bounds. */
export type AccessLogOptions = { readonly path: string; readonly maxBytes: number; readonly keptFiles: number };

export type FrontOptions = {
  readonly load: LoadLimits;
  readonly rates: RateOptions;
  readonly accessLog: AccessLogOptions | undefined;
};

/** Our choice, far above what one process does in a second. */
export const defaultLoadLimits: LoadLimits = {
  maxRequests: 4_096,
  maxBodyBytes: 256 * 1024 * 1024,
  maxDelayMs: 3_000,
  maxHeapPercent: 92,
};

/** No limit: whoever reaches a loopback port alone is the owner of the machine, or somebody they let in. */
export const noRates: RateOptions = { tokens: { perSecond: 0, burst: 0 }, planes: { perSecond: 0, burst: 0 } };

type LineSink = { write(line: string): void; close(): Promise<void>; readonly droppedCount: number };

export class Front {
  readonly traffic = new Traffic();
  readonly load: Load;
  readonly rateLimits: RateLimits;
  readonly #accessLog: LineSink | undefined;
  readonly #now: () => Date;

  /** @param report takes one line without a secret in it. */
  constructor(options: FrontOptions, now: () => Date, report: (line: string) => void) {
    this.load = new Load(options.load);
    this.rateLimits = new RateLimits(options.rates);
    this.#accessLog = options.accessLog && openAccessLog(options.accessLog, report);
    this.#now = now;
  }

  get droppedAccessLines(): number {
    return this.#accessLog?.droppedCount ?? 0;
  }

  /** @returns false when there is too much to do; then it is answered. Health is always told: who restarts what does not answer would make it worse. */
  admit(exchange: Exchange): boolean {
    const { load } = this;
    const refusal = asksForHealth(exchange) ? undefined : load.refusal();
    load.requestCount += 1;
    load.bodyBytes += weightOf(exchange);
    if (refusal === undefined) return true;
    load.shedCounts[refusal] += 1;
    sendBusy(exchange, "busy", shedRetryAfterSeconds, this.#now());
    return false;
  }

  /** Answers who asked too much. @returns false for anything else that was thrown. */
  answerRefusal(error: unknown, exchange: Exchange): boolean {
    if (!(error instanceof Throttled)) return false;
    const { response } = exchange;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    sendBusy(exchange, "throttled", error.retryAfterSeconds, this.#now());
    return true;
  }

  /** Counts an exchange whose answer is out; each that was admitted, or not, comes by here once. */
  onAnswered(exchange: Exchange): void {
    const { response, request, surface, note } = exchange;
    this.load.requestCount -= 1;
    this.load.bodyBytes -= weightOf(exchange);
    if (note === undefined) return;
    const status = response.writableFinished ? response.statusCode : abortedStatus;
    const durationMs = performance.now() - note.startedAtMs;
    const sentBytes = request.socket.bytesWritten - note.sentBytesBefore;
    this.traffic.count(surface, note.operation, status, durationMs, sentBytes);
    this.#accessLog?.write(writeAccessLine(exchange, { status, durationMs, sentBytes }, this.#now()));
  }

  async close(): Promise<void> {
    this.load.close();
    await this.#accessLog?.close();
  }
}

function asksForHealth({ surface, path }: Exchange): boolean {
  return surface === "postern" && healthPaths.has(path);
}

/** Blobs are streamed to disk; what other surfaces take they collect first. */
function weightOf({ request, surface }: Exchange): number {
  const { method } = request;
  // Nobody collects the body of one, if it has any; and to look into its headers makes Node sort them all.
  if (method === "GET" || method === "HEAD") return 0;
  const { headers } = request;
  return weighBody(headers["content-length"], headers["transfer-encoding"] !== undefined, surface === "blob");
}

function openAccessLog(options: AccessLogOptions, report: (line: string) => void): LineSink {
  if (options.path !== "-") return new LineFile({ ...options, report });
  return { write: (line) => process.stdout.write(line), close: async () => {}, droppedCount: 0 };
}
