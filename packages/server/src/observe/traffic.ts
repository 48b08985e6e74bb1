/**
 * Counts what comes and goes: requests by surface, operation and outcome, and how long they took.
 *
 * Plain numbers, added to in place: a request costs one look-up and a few additions, and nothing is made for it. Metrics are read from here when
 * somebody asks. Owns: the counts. Labels come from the operation tables alone, so there are as many as the tables have rows.
 */

/** Upper bounds of the latency histogram, in seconds; our choice: from an answer out of memory to a client's time limit. */
export const latencyBoundsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

const boundsMs = latencyBoundsSeconds.map((seconds) => seconds * 1000);

/** `aborted`: the client had gone before the answer was out. */
export const statusClasses = ["1xx", "2xx", "3xx", "4xx", "5xx", "aborted"] as const;

export type Series = {
  readonly surface: string;
  /** The row of the operation table; `other` for what matches none. */
  readonly operation: string;
  /** In the order of {@link statusClasses}. */
  readonly counts: number[];
  /** Answers within each bound, not added up, and one more for those past the last. */
  readonly buckets: number[];
  totalMs: number;
  sentBytes: number;
};

/** What stands for "the client had gone", as proxies write it. */
export const abortedStatus = 499;

export class Traffic {
  readonly #surfaces = new Map<string, Map<string, Series>>();

  /** @param operation "" for what matches no row. */
  count(surface: string, operation: string, status: number, durationMs: number, sentBytes: number): void {
    const series = this.#surfaces.get(surface)?.get(operation) ?? this.#add(surface, operation);
    const place = status === abortedStatus ? 5 : ((status / 100) | 0) - 1;
    series.counts[place]! += 1;
    let bucket = 0;
    while (bucket < boundsMs.length && durationMs > boundsMs[bucket]!) bucket += 1;
    series.buckets[bucket]! += 1;
    series.totalMs += durationMs;
    series.sentBytes += sentBytes;
  }

  #add(surface: string, operation: string): Series {
    let operations = this.#surfaces.get(surface);
    if (operations === undefined) {
      operations = new Map();
      this.#surfaces.set(surface, operations);
    }
    const series: Series = {
      surface,
      operation: operation === "" ? "other" : operation,
      counts: statusClasses.map(() => 0),
      buckets: [...boundsMs, 0].map(() => 0),
      totalMs: 0,
      sentBytes: 0,
    };
    operations.set(operation, series);
    return series;
  }

  list(): Series[] {
    return [...this.#surfaces.values()].flatMap((operations) => [...operations.values()]);
  }
}
