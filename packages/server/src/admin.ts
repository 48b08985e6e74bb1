/** Opens the operator's listener, where one was asked for: what its metrics are read from, and that prom-client is loaded for it alone. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { edgeLimits } from "./edge/limits.ts";
import type { Front } from "./front.ts";
import type { AdminListener } from "./observe/admin-listener.ts";
import type { MetricSources } from "./observe/metrics.ts";
import type { Health } from "./postern-surface.ts";

/** Where the operator's listener is bound. */
export type AdminPlace = {
  readonly host: string;
  readonly port: number;
  /** What who reads metrics must show; needed beyond loopback. */
  readonly token: string | undefined;
};

export type AdminParts = Pick<
  MetricSources,
  "tallies" | "issuedTokens" | "store" | "openSockets" | "edgeRefusals" | "version"
> & {
  readonly front: Front;
  readonly health: Health;
  readonly stateDir: string;
  readonly maxConnections?: number | undefined;
  readonly onFault: (error: unknown) => void;
};

/** @throws the system's error when the address cannot be bound. */
export async function openAdmin(place: AdminPlace, parts: AdminParts): Promise<AdminListener> {
  const [{ createMetrics }, { startAdminListener }] = await Promise.all([
    import("./observe/metrics.ts"),
    import("./observe/admin-listener.ts"),
  ]);
  const { front, health, stateDir, onFault } = parts;
  const metrics = createMetrics({
    ...parts,
    traffic: front.traffic,
    load: front.load,
    rateLimits: front.rateLimits,
    maxConnections: parts.maxConnections ?? edgeLimits.maxConnections,
    isReady: () => health.readiness().isReady,
    droppedAccessLines: () => front.droppedAccessLines,
    extents: () => countExtents(join(stateDir, "blobs", "extents")),
  });
  return startAdminListener({
    ...place,
    metrics: async () => ({ contentType: metrics.contentType, text: await metrics.read() }),
    readiness: () => health.readiness(),
    onFault,
  });
}

/** Looks at the files: there are as many as there are gigabytes, and somebody asks four times a minute. */
async function countExtents(folder: string): Promise<{ readonly count: number; readonly bytes: number }> {
  const names = await readdir(folder).catch(() => []);
  // One that was removed meanwhile holds nothing.
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return { count: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
