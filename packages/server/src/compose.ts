/**
 * Puts the cloud together: opens what is kept (open-state.ts), makes the surfaces (surfaces.ts), opens the doors (open-edge.ts, admin.ts), says where it
 * is, and ends it all in the opposite order. These files alone know every room.
 */
import { rmSync } from "node:fs";
import packageJson from "../package.json" with { type: "json" };
import { openAdmin } from "./admin.ts";
import type { Cloud } from "./cloud.ts";
import { type CloudOptions, type CloudStatus, StartFault } from "./cloud-start.ts";
import { openDevelopment, settleDevelopmentAccount } from "./development.ts";
import { Drills } from "./drills/drills.ts";
import type { Edge } from "./edge/edge.ts";
import { defaultLoadLimits, Front, noRates } from "./front.ts";
import { Recorder } from "./observe/records.ts";
import { dispatchTo, logFault, openEdge } from "./open-edge.ts";
import { closeState, type OpenState, openState } from "./open-state.ts";
import type { Health } from "./postern-surface.ts";
import type { Replica } from "./replica.ts";
import { oldestSubscription } from "./resources/subscriptions-order.ts";
import type { Ports } from "./state/ports.ts";
import type { ReadModel } from "./state/read-model.ts";
import { type StateFolder, writeSecretFile } from "./state-folder.ts";
import type { StateStore } from "./store/state-store.ts";
import { createSurfaces, type OwnPlace } from "./surfaces.ts";
import { ownOriginsOf } from "./tokens/audiences.ts";
import type { KeyRing } from "./tokens/key-ring.ts";
import { recordVersion } from "./version-record.ts";
import type { Exchange } from "./wire/exchange.ts";
import type { Surface } from "./wire/operation.ts";
import { makeGuid, takeRandomBytes } from "./wire/randomness.ts";

export type { CloudOptions, CloudStatus } from "./cloud-start.ts";
export { StartFault };

/** How often signing keys whose last token has expired are looked for, in milliseconds; our choice: they are refused in any case. */
const keySweepIntervalMs = 3_600_000;

const ports: Ports = {
  now: () => new Date(),
  guid: makeGuid,
  randomBytes: takeRandomBytes,
};

export type RunningCloud = {
  readonly status: CloudStatus;
  readonly surfaces: readonly Surface[];
  /** For tests that look inside. */
  readonly store: StateStore;
  readonly model: ReadModel;
  readonly keyRing: KeyRing;
  readonly recorder: Recorder;
  readonly front: Front;
  /** `http://HOST:PORT` of the operator's listener, if there is one. */
  readonly adminOrigin: string | undefined;
  /** Answers what is under way, then closes everything; the status file goes first. */
  stop(): Promise<void>;
};

/**
 * Starts a cloud.
 * @throws StartFault for what the user can mend (another server on the folder, a port that is taken), else the system's error.
 */
export async function startCloud(options: CloudOptions): Promise<RunningCloud> {
  const { log } = options;
  const onFault = (cause: unknown, exchange?: Exchange) => logFault(log, cause, exchange);
  const state = await openState(options, ports);
  const { folder, files, replica, store, tokens } = state;
  const { model } = store;
  const keySweep = setInterval(() => void tokens.keys.sweep().catch(onFault), keySweepIntervalMs).unref();
  const front = new Front(
    { load: defaultLoadLimits, rates: noRates, accessLog: undefined, ...options.front },
    ports.now,
    (line) => log.warn(line),
  );
  const cloud = { ...createCloud(state, front), drills: new Drills(ports) };
  const health = new Readiness(replica);
  const place: OwnPlace = { baseUrl: "", origins: [] };
  const surfaces = createSurfaces(cloud, state, { place, front, health, log, onFault });
  const { drills, recorder } = cloud;
  await settleDevelopmentAccount(store, options.developmentPort !== undefined, ports);
  const edgeParts = { folder, files, surfaces: surfaces.all, drills, replica, front, now: ports.now };
  const edge = await openEdge(options, edgeParts);
  const development = await openDevelopment(options, { dispatch: dispatchTo(edgeParts), front, onFault });
  const admin = await openOwnAdmin(options, { front, health, onFault, edge, state, recorder });
  Object.assign(place, { baseUrl: edge.baseUrl, origins: ownOriginsOf(edge.baseUrl) });
  recorder.ownOrigin = edge.baseUrl;
  // Deletions that an earlier process, or another replica, did not get to the end of; nobody waits for them.
  const resumeDeletions = () => void surfaces.arm.resumeDeletions().catch(onFault);
  if (replica?.blobHome.isHome !== false) resumeDeletions();
  replica?.start(store, tokens.keys, { onDeleting: resumeDeletions, onLost: (why) => options.onLost?.(why) });
  recordVersion(folder.root);
  const status = describeCloud(edge, folder, model, development?.url);
  writeSecretFile(folder.statusFile, `${JSON.stringify(status, null, 2)}\n`);
  return {
    status,
    surfaces: surfaces.all,
    store,
    model,
    keyRing: tokens.keys.ring,
    recorder,
    front,
    adminOrigin: admin?.origin,
    stop: async () => {
      rmSync(folder.statusFile, { force: true });
      health.drain();
      edge.drain();
      development?.drain();
      await options.awaitDrain?.();
      await Promise.all([edge.close(), development?.close(), surfaces.machines.close()]);
      await Promise.all([admin?.close(), front.close()]);
      clearInterval(keySweep);
      await surfaces.requestLogs?.close();
      await closeState(state);
    },
  };
}

/** What every surface is given. */
function createCloud({ store, secrets, tokens, uses }: OpenState, { rateLimits }: Front): Cloud {
  const { verifier } = tokens;
  return { store, model: store.model, secrets, verifier, recorder: new Recorder(uses), ports, rateLimits };
}

type AdminSources = {
  readonly front: Front;
  readonly health: Health;
  readonly onFault: (cause: unknown) => void;
  readonly edge: Edge;
  readonly state: OpenState;
  readonly recorder: Recorder;
};

/** The operator's listener, where one was asked for. @throws StartFault for an address that is taken. */
async function openOwnAdmin({ admin, edgeLimits }: CloudOptions, sources: AdminSources) {
  if (admin === undefined) return undefined;
  const { front, health, onFault, edge, state, recorder } = sources;
  return openAdmin(admin, {
    front,
    health,
    onFault,
    store: state.store,
    openSockets: edge.openSockets,
    edgeRefusals: edge.refusedCounts,
    stateDir: state.folder.root,
    version: packageJson.version,
    tallies: recorder.tallies,
    issuedTokens: state.tokens.service.issued,
    maxConnections: edgeLimits?.maxConnections,
  }).catch(failAdmin);
}

function failAdmin(cause: unknown): never {
  if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
  throw new StartFault("the address of --admin-listen is taken; name another");
}

/** Whether requests should be sent here. */
class Readiness implements Health {
  readonly #replica: Replica | undefined;
  #isDraining = false;

  constructor(replica: Replica | undefined) {
    this.#replica = replica;
  }

  drain(): void {
    this.#isDraining = true;
  }

  readiness(): ReturnType<Health["readiness"]> {
    if (this.#isDraining) return { isReady: false, text: "this server is ending" };
    return this.#replica?.readiness() ?? { isReady: true, text: "ok" };
  }
}

function describeCloud(
  edge: Edge,
  folder: StateFolder,
  model: ReadModel,
  developmentUrl: string | undefined,
): CloudStatus {
  return {
    baseUrl: edge.baseUrl,
    proxyUrl: edge.proxyUrl,
    ...(edge.localDoor === undefined ? {} : { localDoor: edge.localDoor }),
    ...(developmentUrl === undefined ? {} : { developmentUrl }),
    caBundle: edge.caBundle,
    portalUrl: `${edge.baseUrl}/portal`,
    tenantId: model.tenant.tenantId,
    subscriptionId: oldestSubscription(model)?.subscriptionId ?? "",
    stateDir: folder.root,
    version: packageJson.version,
    pid: process.pid,
  };
}
