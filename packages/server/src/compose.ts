/**
 * Puts the cloud together: the only file that knows every room. Opens the state, makes the surfaces, starts the edge, and hands each
 * request to the surface that the edge picked.
 */
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { builtinRoles } from "@postern/access/roles";
import packageJson from "../package.json" with { type: "json" };
import { openAdmin } from "./admin.ts";
import { createArmSurface } from "./arm/surface.ts";
import { containersOf } from "./arm-containers.ts";
import { RequestLogs } from "./blob/analytics/request-logs.ts";
import { checkFolder } from "./blob/check/check-folder.ts";
import type { BlobStore } from "./blob/engine/blob-store.ts";
import { openBlobEngine } from "./blob/engine/engine.ts";
import { createBlobSurface } from "./blob/surface.ts";
import { createWebsiteSurface } from "./blob/website/surface.ts";
import type { Cloud } from "./cloud.ts";
import { type CloudOptions, type CloudStatus, StartFault } from "./cloud-start.ts";
import { FailedSignIns } from "./directory/failed-sign-ins.ts";
import { SecretKeeper } from "./directory/secrets.ts";
import { Drills } from "./drills/drills.ts";
import type { Edge } from "./edge/edge.ts";
import { reservedAccountNames } from "./edge/hosts.ts";
import { createEntraSurface } from "./entra/surface.ts";
import { ensureFirstState } from "./first-start.ts";
import { defaultLoadLimits, Front, noRates } from "./front.ts";
import { createGraphSurface } from "./graph/surface.ts";
import { createIamSurface } from "./iam/surface.ts";
import { createInsightRows } from "./insight/insight.ts";
import { createMachines } from "./machines/machines.ts";
import { CredentialUses, startUseWriter, type UseWriter } from "./observe/credential-uses.ts";
import { createExpiryWarnings } from "./observe/expiry-warnings.ts";
import { Recorder } from "./observe/records.ts";
import { logFault, openEdge } from "./open-edge.ts";
import { createPortalSurface } from "./portal/surface.ts";
import { PosternRefusal } from "./postern-caller.ts";
import { createPosternSurface, type Health } from "./postern-surface.ts";
import type { Replica } from "./replica.ts";
import { blobsOfAnotherReplica } from "./replica-answers.ts";
import { openPepper, SecretFiles } from "./secret-files.ts";
import type { Ports } from "./state/ports.ts";
import type { ReadModel } from "./state/read-model.ts";
import { backUpState } from "./state-backup.ts";
import { openStateFolder, readIfThere, type StateFolder, writeSecretFile } from "./state-folder.ts";
import { openSqliteBackend } from "./store/sqlite-backend.ts";
import { StateStore } from "./store/state-store.ts";
import { isArmAudience, isGraphAudience, isStorageAudience, ownOriginsOf } from "./tokens/audiences.ts";
import { createJsonFetch } from "./tokens/json-fetch.ts";
import type { KeyRing } from "./tokens/key-ring.ts";
import { createManagedIdentityTokens } from "./tokens/managed-identity-token.ts";
import { openTokens } from "./tokens/service.ts";
import { defaultReuseSeconds } from "./tokens/token-reuse.ts";
import { createUpkeepRows } from "./upkeep/upkeep.ts";
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
  const warn = (line: string) => log.warn(line);
  const folder = openStateFolder(resolve(options.stateDir));
  const files = new SecretFiles(folder.root, { key: options.sealingKey, previousKey: options.previousSealingKey });
  const replica = await openDatabase(options, folder, files);
  const store = await openStore(folder, replica);
  rmSync(folder.statusFile, { force: true });
  const { model } = store;
  const secrets = new SecretKeeper(await openFirstSecret(store, folder, files));
  // Keys and certificates of a first start take the longest; neither waits for the other.
  const reuseSeconds = options.tokenReuseSeconds ?? defaultReuseSeconds;
  const [tokens, engine] = await Promise.all([
    openTokens({
      stateDir: folder.root,
      model,
      ports,
      reuseSeconds,
      // Offline, only files in the state folder tell the keys of outside issuers.
      fetchJson: options.isOffline ? undefined : createJsonFetch(readCertificates(options.systemCaFiles)),
      sharedKeys: replica?.sharedKeys,
      files,
    }),
    openBlobs(folder, replica, (problem) => log.warn(`blob store: ${problem}`)),
    ensureFirstState(store, folder, secrets, ports, replica?.agreement),
  ]);
  const uses = new CredentialUses(createExpiryWarnings(model, warn));
  const useWriter = openUses(uses, folder, warn);
  const onFault = (cause: unknown, exchange?: Exchange) => logFault(log, cause, exchange);
  const sweepKeys = () => tokens.keys.sweep().catch(onFault);
  const keySweep = setInterval(() => void sweepKeys(), keySweepIntervalMs).unref();
  const drills = new Drills(ports);
  const front = new Front(
    { load: defaultLoadLimits, rates: noRates, accessLog: undefined, ...options.front },
    ports.now,
    warn,
  );
  const cloud: Cloud = {
    store,
    model,
    secrets,
    verifier: tokens.verifier,
    recorder: new Recorder(uses),
    ports,
    drills,
    rateLimits: front.rateLimits,
  };
  const health = new Readiness(replica);
  let ownOrigins: readonly string[] = [];
  let localOrigin = "";
  const arm = createArmSurface(cloud, {
    isAudience: (audience) => isArmAudience(audience, ownOrigins),
    reservedAccountNames,
    onStorageAccountDeleted: (name) =>
      replica?.blobHome.isHome === false ? replica.awaitAccountGone(name) : engine.deleteAccount(name),
    containers: containersOf(engine),
  });
  const machines = createMachines(cloud, {
    issueToken: createManagedIdentityTokens({ keyRing: tokens.keys.ring, model, ports }),
    isAudience: (audience) => isArmAudience(audience, ownOrigins),
    ownOrigins: () => ownOrigins,
    challengeFolder: join(folder.root, "run", "arc"),
    onFault,
    front,
  });
  const failedSignIns = new FailedSignIns(ports);
  // Where another replica has the blobs, it has what was asked of them, too.
  const requestLogs =
    replica?.blobHome.isHome === false
      ? undefined
      : new RequestLogs({ engine, model, now: ports.now, report: (problem) => log.warn(`blob logs: ${problem}`) });
  const surfaces: readonly Surface[] = [
    createEntraSurface({ ...cloud, tokens: tokens.service }, { localOrigin: () => localOrigin, failedSignIns }),
    createGraphSurface(cloud, { isAudience: (audience) => isGraphAudience(audience, ownOrigins), failedSignIns }),
    arm,
    createBlobSurface(cloud, engine, {
      isAudience: isStorageAudience,
      logs: requestLogs,
      log: (line) => log.error(line),
    }),
    createWebsiteSurface(cloud, engine, (line) => log.error(line)),
    createIamSurface(cloud),
    createPortalSurface(cloud),
    createPosternSurface(
      [
        ...machines.sessionRows,
        ...createUpkeepRows(cloud, {
          keys: tokens.keys,
          isArmAudience: (audience) => isArmAudience(audience, ownOrigins),
          isGraphAudience: (audience) => isGraphAudience(audience, ownOrigins),
          backUp: () =>
            replica === undefined
              ? engine.holdExtents(() => backUpState(folder.root, ports.now(), (file) => store.copyTo(file)))
              : refuseBackup(),
          checkStorage: () =>
            replica?.blobHome.isHome === false
              ? refuseCheck()
              : engine.holdExtents(() => replica?.sharedBlobs?.check() ?? checkFolder(join(folder.root, "blobs"))),
          say: (line) => log.info(line),
        }),
        ...createInsightRows(cloud, { isAudience: (audience) => isArmAudience(audience, ownOrigins) }),
      ],
      health,
    ),
    machines.surface,
  ];
  const edge = await openEdge(options, { folder, files, surfaces, drills, replica, front, now: ports.now });
  const admin =
    options.admin &&
    (await openAdmin(options.admin, {
      front,
      health,
      onFault,
      store,
      openSockets: edge.openSockets,
      edgeRefusals: edge.refusedCounts,
      stateDir: folder.root,
      version: packageJson.version,
      tallies: cloud.recorder.tallies,
      issuedTokens: tokens.service.issued,
      maxConnections: options.edgeLimits?.maxConnections,
    }).catch(failAdmin));
  ownOrigins = ownOriginsOf(edge.baseUrl);
  cloud.recorder.ownOrigin = edge.baseUrl;
  localOrigin = edge.baseUrl;
  // Deletions that an earlier process, or another replica, did not get to the end of; nobody waits for them.
  const resumeDeletions = () => void arm.resumeDeletions().catch(onFault);
  if (replica?.blobHome.isHome !== false) resumeDeletions();
  replica?.start(store, tokens.keys, { onDeleting: resumeDeletions, onLost: (why) => options.onLost?.(why) });
  recordVersion(folder.root);
  const status = describeCloud(edge, folder, model);
  writeSecretFile(folder.statusFile, `${JSON.stringify(status, null, 2)}\n`);
  return {
    status,
    surfaces,
    store,
    model,
    keyRing: tokens.keys.ring,
    recorder: cloud.recorder,
    front,
    adminOrigin: admin?.origin,
    stop: async () => {
      rmSync(folder.statusFile, { force: true });
      health.drain();
      edge.drain();
      await options.awaitDrain?.();
      await Promise.all([edge.close(), machines.close()]);
      await Promise.all([admin?.close(), front.close()]);
      clearInterval(keySweep);
      await useWriter.close();
      await requestLogs?.close();
      await engine.close();
      await replica?.close();
      await store.close();
    },
  };
}

/** The first of the folder's secrets to be read: here it turns out when the key is not the folder's. */
async function openFirstSecret(store: StateStore, folder: StateFolder, files: SecretFiles): Promise<Buffer> {
  try {
    return openPepper(folder.root, files);
  } catch (cause) {
    await store.close();
    throw cause;
  }
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

/** The last uses of credentials, from where the last process left them; a file that cannot be read is said so and begun anew. */
function openUses(uses: CredentialUses, folder: StateFolder, log: (line: string) => void): UseWriter {
  const file = join(folder.root, "credential-uses.json");
  const kept = readIfThere(file);
  try {
    if (kept !== undefined) uses.load(kept);
  } catch {
    log(`${file} cannot be read: when credentials were last used is known from now on only`);
  }
  return startUseWriter(uses, file, log);
}

/** The machine's own certificates, for asking outside issuers; a file that is not there has none. */
function readCertificates(files: readonly string[]): string[] {
  return files.flatMap((file) => readIfThere(file) ?? []);
}

/** A folder's copy would be no backup where directory and access are elsewhere. */
function refuseBackup(): never {
  const message =
    "Directory and access are in the database: back it up with its own means, and the key file and the blobs' folder beside it.";
  throw new PosternRefusal(501, "NotImplemented", message);
}

/** Its bytes are not here to be read. */
function refuseCheck(): never {
  throw new PosternRefusal(409, "NotHere", "The blobs are another replica's: ask that one.");
}

async function openDatabase(
  options: CloudOptions,
  folder: StateFolder,
  files: SecretFiles,
): Promise<Replica | undefined> {
  const { database, systemCaFiles, log } = options;
  if (database === undefined) return undefined;
  const [{ openReplica }, { ReplicaFault }] = await Promise.all([
    import("./replica.ts"),
    import("./replica-folder.ts"),
  ]);
  try {
    return await openReplica(database, { folder, ports, systemCaFiles, files, log: (line) => log.warn(line) });
  } catch (cause) {
    throw cause instanceof ReplicaFault ? new StartFault(cause.message) : cause;
  }
}

/** The blobs' engine: the folder's own, the one that all replicas share, or none where another replica has them. */
async function openBlobs(
  folder: StateFolder,
  replica: Replica | undefined,
  report: (problem: string) => void,
): Promise<BlobStore> {
  if (replica?.blobHome.isHome === false) return blobsOfAnotherReplica();
  return replica?.sharedBlobs?.open(report) ?? openBlobEngine({ stateDir: folder.root, report });
}

async function openStore(folder: StateFolder, replica: Replica | undefined): Promise<StateStore> {
  try {
    return await StateStore.open(replica?.backend ?? openSqliteBackend(folder.database), builtinRoles, ports);
  } catch (cause) {
    if (/database is locked/.test((cause as Error).message)) {
      throw new StartFault(
        `another Postern is running on ${folder.root}; stop it with \`postern down\`, or name another folder with --state`,
      );
    }
    throw cause;
  }
}

function describeCloud(edge: Edge, folder: StateFolder, model: ReadModel): CloudStatus {
  const [subscription] = [...model.subscriptions.values()].sort((a, b) =>
    a.createdDateTime.localeCompare(b.createdDateTime),
  );
  return {
    baseUrl: edge.baseUrl,
    proxyUrl: edge.proxyUrl,
    ...(edge.localDoor === undefined ? {} : { localDoor: edge.localDoor }),
    caBundle: edge.caBundle,
    portalUrl: `${edge.baseUrl}/portal`,
    tenantId: model.tenant.tenantId,
    subscriptionId: subscription?.subscriptionId ?? "",
    stateDir: folder.root,
    version: packageJson.version,
    pid: process.pid,
  };
}
