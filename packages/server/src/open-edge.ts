/** Opens the edge on the surfaces: the way of each request from the edge through what stands before every surface to the one that was picked. */
import { type CloudOptions, StartFault } from "./cloud-start.ts";
import type { Drills } from "./drills/drills.ts";
import { strike } from "./drills/strike.ts";
import { type Edge, startEdge } from "./edge/edge.ts";
import type { Front } from "./front.ts";
import type { Log, LogFields } from "./observe/log.ts";
import { readTrace, traceFields } from "./observe/trace-context.ts";
import type { Replica } from "./replica.ts";
import { answerAsReplica } from "./replica-answers.ts";
import type { SecretFiles } from "./secret-files.ts";
import type { StateFolder } from "./state-folder.ts";
import type { Exchange, SurfaceName } from "./wire/exchange.ts";
import type { Surface } from "./wire/operation.ts";

export type EdgeParts = {
  readonly folder: StateFolder;
  readonly files: SecretFiles;
  readonly surfaces: readonly Surface[];
  readonly drills: Drills;
  readonly replica: Replica | undefined;
  readonly front: Front;
  readonly now: () => Date;
};

/** What stands before every surface, and the way on to the one that was picked. */
export function dispatchTo(parts: EdgeParts): (exchange: Exchange) => void | Promise<void> {
  const { surfaces, drills, replica, front } = parts;
  const byName = new Map<SurfaceName, Surface>(surfaces.map((surface) => [surface.name, surface]));
  const handle = (exchange: Exchange) => {
    const surface = byName.get(exchange.surface)!;
    return drills.isIdle ? surface.handle(exchange) : handleInDrill(surface, exchange, parts);
  };
  return (exchange) => {
    if (!front.admit(exchange)) return;
    return replica === undefined ? handle(exchange) : answerAsReplica(replica, exchange, () => handle(exchange));
  };
}

/** @throws StartFault for a port that is taken. */
export async function openEdge(options: CloudOptions, parts: EdgeParts): Promise<Edge> {
  const { folder, files, front, now } = parts;
  try {
    return await startEdge({
      stateDir: folder.root,
      files,
      listenHost: options.listenHost,
      port: options.port,
      localDoor: folder.localDoor,
      offline: options.isOffline,
      canTunnelForOthers: options.canTunnelForOthers,
      upstreamProxy: options.upstreamProxy,
      noProxy: options.noProxy,
      systemCaFiles: options.systemCaFiles,
      clock: now,
      dispatch: dispatchTo(parts),
      answerRefusal: (error, exchange) => front.answerRefusal(error, exchange),
      onAnswered: (exchange) => front.onAnswered(exchange),
      onFault: (error, exchange) => logFault(options.log, error, exchange),
      ...(options.edgeLimits === undefined ? {} : { limits: options.edgeLimits }),
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EADDRINUSE") {
      throw new StartFault(`port ${options.port} is taken; name another with --port, or 0 for any`);
    }
    throw cause;
  }
}

async function handleInDrill(surface: Surface, exchange: Exchange, { drills, now }: EdgeParts): Promise<void> {
  const isAnswered = await strike(drills, exchange, now);
  if (!isAnswered) await surface.handle(exchange);
}

/** A defect of ours for the log: where it happened, never what the request held. */
export function logFault(log: Log, error: unknown, exchange?: Exchange): void {
  const fields: LogFields =
    exchange === undefined
      ? {}
      : {
          surface: exchange.surface,
          operation: exchange.note?.operation,
          method: exchange.request.method,
          request_id: exchange.requestId,
          ...traceFields(readTrace(exchange)),
        };
  log.error(`fault: ${error instanceof Error ? error.stack : String(error)}`, fields);
}
