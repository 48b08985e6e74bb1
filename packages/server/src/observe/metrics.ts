/**
 * The metrics, in Prometheus' words: made out of the counts of other rooms when somebody asks, so that counting costs next to nothing.
 *
 * Owns: names, help and labels. Labels have few values each, all of them from our own tables: never an id, a name, an address or anything a request
 * says. May use: prom-client (loaded with this file, on demand). deploy/grafana-dashboard.json and deploy/alerts.yml name these; a test compares.
 * @see https://prometheus.io/docs/practices/naming/
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Load } from "../guard/load.ts";
import type { RateLimits } from "../guard/rate-limits.ts";
import type { Tallies } from "./tallies.ts";
import { latencyBoundsSeconds, statusClasses, type Traffic } from "./traffic.ts";

/** Where the numbers are read from. */
export type MetricSources = {
  readonly version: string;
  readonly traffic: Traffic;
  readonly load: Load;
  readonly rateLimits: RateLimits | undefined;
  readonly tallies: Tallies;
  readonly issuedTokens: { readonly fresh: number; readonly reused: number };
  readonly store: {
    readonly model: { readonly revision: number };
    readonly ageMs: number;
    /** Counts of commits by the number of changes they shared, not added up; one more than there are bounds. */
    readonly commitSizes: {
      readonly bounds: readonly number[];
      readonly buckets: readonly number[];
      readonly total: number;
    };
  };
  readonly openSockets: () => number;
  /** What the edge refused before a surface was picked, by why. */
  readonly edgeRefusals: Readonly<Record<string, number>>;
  readonly maxConnections: number;
  readonly isReady: () => boolean;
  readonly droppedAccessLines: () => number;
  /** Files and bytes of the blobs' extents on this machine. */
  readonly extents: () => Promise<{ readonly count: number; readonly bytes: number }>;
};

type Labels = Readonly<Record<string, string>>;
type Reading = readonly [labels: Labels, value: number];

export type Metrics = {
  readonly contentType: string;
  /** The whole exposition. */
  read(): Promise<string>;
};

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Sums of what is told by kind beside them, named as only counters may be: `promtool check metrics` finds fault with them.
  for (const what of ["handles", "requests", "resources"]) registry.removeSingleMetric(`nodejs_active_${what}_total`);
  addTraffic(registry, sources);
  addSignIns(registry, sources);
  addLoad(registry, sources);
  addStore(registry, sources);
  return { contentType: registry.contentType, read: () => registry.metrics() };
}

function addTraffic(registry: Registry, { traffic }: MetricSources): void {
  counter(registry, "postern_requests_total", "Answered requests.", ["surface", "operation", "status"], () =>
    traffic
      .list()
      .flatMap(({ surface, operation, counts }) =>
        counts.flatMap((count, place): Reading[] =>
          count === 0 ? [] : [[{ surface, operation, status: statusClasses[place]! }, count]],
        ),
      ),
  );
  histogram(
    registry,
    {
      name: "postern_request_duration_seconds",
      help: "From the request's head to the end of its answer.",
      labelNames: ["surface", "operation"],
    },
    latencyBoundsSeconds,
    () =>
      traffic.list().map(({ surface, operation, buckets, totalMs }) => ({
        labels: { surface, operation },
        buckets,
        sum: totalMs / 1000,
      })),
  );
  counter(registry, "postern_sent_bytes_total", "Bytes of answers, heads included.", ["surface"], () => {
    const bySurface = new Map<string, number>();
    for (const { surface, sentBytes } of traffic.list())
      bySurface.set(surface, (bySurface.get(surface) ?? 0) + sentBytes);
    return [...bySurface].map(([surface, bytes]): Reading => [{ surface }, bytes]);
  });
}

function addSignIns(registry: Registry, { tallies, issuedTokens }: MetricSources): void {
  counter(
    registry,
    "postern_tokens_issued_total",
    "Access tokens given out, made fresh or given again.",
    ["origin"],
    () => [
      [{ origin: "fresh" }, issuedTokens.fresh],
      [{ origin: "reused" }, issuedTokens.reused],
    ],
  );
  counter(registry, "postern_sign_ins_total", "Sign-ins that succeeded.", [], () => [[{}, tallies.signInCount]]);
  counter(registry, "postern_sign_in_failures_total", "Sign-ins that were refused, by AADSTS code.", ["code"], () =>
    [...tallies.refusedSignIns].map(
      ([code, count]): Reading => [{ code: code === 0 ? "other" : `AADSTS${code}` }, count],
    ),
  );
  counter(registry, "postern_decisions_total", "Access decisions by outcome.", ["surface", "outcome"], () =>
    Object.entries(tallies.decisions).flatMap(([surface, outcomes]) =>
      Object.entries(outcomes).map(([outcome, count]): Reading => [{ surface, outcome }, count]),
    ),
  );
}

function addLoad(registry: Registry, sources: MetricSources): void {
  const { load, rateLimits, version } = sources;
  gauge(registry, "postern_info", "1; the version is in its label.", ["version"], () => [[{ version }, 1]]);
  gauge(registry, "postern_ready", "1 while requests should be sent here.", [], () => [
    [{}, sources.isReady() ? 1 : 0],
  ]);
  gauge(registry, "postern_requests_in_flight", "Requests under way.", [], () => [[{}, load.requestCount]]);
  gauge(
    registry,
    "postern_request_body_bytes_in_flight",
    "Bytes of bodies under way that may be held in memory.",
    [],
    () => [[{}, load.bodyBytes]],
  );
  gauge(
    registry,
    "postern_event_loop_delay_seconds",
    "How late the event loop came round when last looked at.",
    [],
    () => [[{}, load.delayMs / 1000]],
  );
  counter(
    registry,
    "postern_requests_shed_total",
    "Requests refused because there was too much to do.",
    ["reason"],
    () => Object.entries(load.shedCounts).map(([reason, count]): Reading => [{ reason }, count]),
  );
  counter(
    registry,
    "postern_requests_throttled_total",
    "Requests refused because their caller asked too much.",
    ["limit"],
    () => Object.entries(rateLimits?.refused ?? {}).map(([limit, count]): Reading => [{ limit }, count]),
  );
  counter(
    registry,
    "postern_edge_refused_total",
    "Requests refused before a service was picked: their bytes, their host, their path, or what the proxy does not carry out.",
    ["reason"],
    () => Object.entries(sources.edgeRefusals).map(([reason, count]): Reading => [{ reason }, count]),
  );
  gauge(registry, "postern_connections", "Connections that are open.", [], () => [[{}, sources.openSockets()]]);
  gauge(registry, "postern_connections_max", "Connections that may be open at once, on each address.", [], () => [
    [{}, sources.maxConnections],
  ]);
  counter(registry, "postern_access_log_dropped_lines_total", "Lines of the access log that were lost.", [], () => [
    [{}, sources.droppedAccessLines()],
  ]);
}

function addStore(registry: Registry, { store, extents }: MetricSources): void {
  gauge(registry, "postern_store_revision", "Revision of the change log that answers come from.", [], () => [
    [{}, store.model.revision],
  ]);
  gauge(registry, "postern_store_lag_seconds", "How old the answers may be at most.", [], () => [
    [{}, store.ageMs / 1000],
  ]);
  const { commitSizes } = store;
  histogram(
    registry,
    { name: "postern_store_commit_size", help: "Changes that shared a commit.", labelNames: [] },
    commitSizes.bounds,
    () => [{ labels: {}, buckets: commitSizes.buckets, sum: commitSizes.total }],
  );
  let seen = Promise.resolve({ count: 0, bytes: 0 });
  gauge(registry, "postern_blob_extent_bytes", "Bytes of the blobs' extents on this machine.", [], async () => {
    seen = extents();
    return [[{}, (await seen).bytes]];
  });
  gauge(registry, "postern_blob_extents", "Extents of the blobs on this machine.", [], async () => [
    [{}, (await seen).count],
  ]);
}

type Read = () => readonly Reading[] | Promise<readonly Reading[]>;

function counter(registry: Registry, name: string, help: string, labelNames: string[], read: Read): void {
  const metric: Counter = new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect: () => refill(metric, read),
  });
}

function gauge(registry: Registry, name: string, help: string, labelNames: string[], read: Read): void {
  const metric: Gauge = new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect: () => refill(metric, read),
  });
}

/** Puts into a metric what was counted elsewhere, whenever it is asked for. */
async function refill(metric: Counter | Gauge, read: Read): Promise<void> {
  const readings = await read();
  metric.reset();
  for (const [labels, value] of readings) metric.inc(labels, value);
}

type HistogramReading = { readonly labels: Labels; readonly buckets: readonly number[]; readonly sum: number };
type HistogramHead = { readonly name: string; readonly help: string; readonly labelNames: string[] };

/** A histogram that was counted elsewhere: prom-client's own can only be observed into, one value at a time. */
function histogram(
  registry: Registry,
  head: HistogramHead,
  bounds: readonly number[],
  read: () => readonly HistogramReading[],
): void {
  const metric = new Histogram({ ...head, buckets: [...bounds], registers: [registry] });
  const { name, help } = head;
  const describe = async () => ({
    name,
    help,
    type: "histogram",
    aggregator: "sum",
    values: read().flatMap((one) => values(name, bounds, one)),
  });
  Object.assign(metric, { get: describe, getForPromString: describe });
}

function values(name: string, bounds: readonly number[], { labels, buckets, sum }: HistogramReading) {
  let count = 0;
  const within = bounds.map((bound, place) => {
    count += buckets[place]!;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: String(bound) }, value: count };
  });
  count += buckets[bounds.length]!;
  return [
    ...within,
    { metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
