/**
 * How much the process has on its hands, and when it takes no more: refused at once with 503 and Retry-After, a request costs next to nothing; taken on,
 * it would wait in memory until its client has given up.
 *
 * Owns: the counts of what is under way, the watch over event loop and heap. Knows no surface. May use: node:v8, a timer.
 * Decision: docs/decisions/0030-operation.md
 */
import { getHeapStatistics } from "node:v8";

export type LoadLimits = {
  /** Requests under way at once. */
  readonly maxRequests: number;
  /** Bytes of request bodies under way that may have to be held in memory. */
  readonly maxBodyBytes: number;
  /** How late the event loop may come round, in milliseconds. */
  readonly maxDelayMs: number;
  /** Share of the heap's limit that may be in use, in percent. */
  readonly maxHeapPercent: number;
};

const loadReasons = ["requests", "body-bytes", "event-loop", "heap"] as const;
/** What there is too much of. */
export type LoadReason = (typeof loadReasons)[number];

/** How often event loop and heap are looked at, in milliseconds; our choice: the heap cannot fill in so short a time. */
const lookIntervalMs = 100;
/** What a refused client is told to wait, in seconds; our choice: the queue is gone by then. */
export const shedRetryAfterSeconds = 1;
/** Of one body that is collected before it is read, in bytes: the largest that any surface collects. A body without a length may be as large. */
const maxCollectedBytes = 4 * 1024 * 1024;
/** Of one body that is streamed to disk, in bytes: what stands in its buffers. */
const streamedBytes = 256 * 1024;

export class Load {
  readonly #limits: LoadLimits;
  readonly #nowMs: () => number;
  readonly #timer: NodeJS.Timeout;
  #lookedAtMs: number;
  #delayMs = 0;
  #heapPercent = 0;
  requestCount = 0;
  bodyBytes = 0;
  /** Requests refused so far, by reason. */
  readonly shedCounts: Record<LoadReason, number> = { requests: 0, "body-bytes": 0, "event-loop": 0, heap: 0 };

  constructor(limits: LoadLimits, nowMs: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#lookedAtMs = nowMs();
    this.#timer = setInterval(() => this.look(), lookIntervalMs).unref();
  }

  /** Looks at the event loop and the heap; done by itself ten times a second. */
  look(heap: { readonly used_heap_size: number; readonly heap_size_limit: number } = getHeapStatistics()): void {
    const now = this.#nowMs();
    this.#delayMs = Math.max(0, now - this.#lookedAtMs - lookIntervalMs);
    this.#lookedAtMs = now;
    this.#heapPercent = (100 * heap.used_heap_size) / heap.heap_size_limit;
  }

  /** How late the event loop came round when it was last looked at. */
  get delayMs(): number {
    return this.#delayMs;
  }

  /** Why a request is not to be taken on now; undefined: it is. */
  refusal(): LoadReason | undefined {
    const { maxRequests, maxBodyBytes, maxDelayMs, maxHeapPercent } = this.#limits;
    if (this.requestCount >= maxRequests) return "requests";
    if (this.bodyBytes > maxBodyBytes) return "body-bytes";
    if (this.#delayMs > maxDelayMs) return "event-loop";
    if (this.#heapPercent > maxHeapPercent) return "heap";
    return undefined;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/**
 * How many bytes a body may have to be held in memory.
 * @param declared value of Content-Length. @param isChunked the body has no length.
 */
export function weighBody(declared: string | undefined, isChunked: boolean, isStreamed: boolean): number {
  if (declared === undefined && !isChunked) return 0;
  const most = isStreamed ? streamedBytes : maxCollectedBytes;
  const bytes = isChunked ? most : Number(declared);
  return bytes >= 0 ? Math.min(bytes, most) : 0;
}
