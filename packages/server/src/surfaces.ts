/**
 * Makes the surfaces, and the rows of our own plane: each room that answers requests gets what it may know. The only file that knows every protocol.
 */
import { join } from "node:path";
import { type ArmSurface, createArmSurface } from "./arm/surface.ts";
import { containersOf } from "./arm-containers.ts";
import { RequestLogs } from "./blob/analytics/request-logs.ts";
import { checkFolder } from "./blob/check/check-folder.ts";
import { createBlobSurface } from "./blob/surface.ts";
import { createWebsiteSurface } from "./blob/website/surface.ts";
import type { Cloud } from "./cloud.ts";
import { FailedSignIns } from "./directory/failed-sign-ins.ts";
import { reservedAccountNames } from "./edge/hosts.ts";
import { createEntraSurface } from "./entra/surface.ts";
import type { Front } from "./front.ts";
import { createGraphSurface } from "./graph/surface.ts";
import { createIamSurface } from "./iam/surface.ts";
import { createInsightRows } from "./insight/insight.ts";
import { createMachines, type Machines } from "./machines/machines.ts";
import type { Log } from "./observe/log.ts";
import type { OpenState } from "./open-state.ts";
import { createPortalSurface } from "./portal/surface.ts";
import { PosternRefusal } from "./postern-caller.ts";
import { createPosternSurface, type Health, type PosternRow } from "./postern-surface.ts";
import { backUpState } from "./state-backup.ts";
import { isArmAudience, isGraphAudience, isStorageAudience } from "./tokens/audiences.ts";
import { createManagedIdentityTokens } from "./tokens/managed-identity-token.ts";
import { createUpkeepRows } from "./upkeep/upkeep.ts";
import type { Exchange } from "./wire/exchange.ts";
import type { Surface } from "./wire/operation.ts";

/** Where this server is reached under its own name; known once it listens, which is after the surfaces are made. */
export type OwnPlace = {
  /** `https://localhost:PORT`, or "". */
  baseUrl: string;
  /** All forms of it that a token's `aud` may have. */
  origins: readonly string[];
};

export type SurfaceParts = {
  readonly place: OwnPlace;
  readonly front: Front;
  readonly health: Health;
  readonly log: Log;
  readonly onFault: (cause: unknown, exchange?: Exchange) => void;
};

export type Surfaces = {
  readonly all: readonly Surface[];
  readonly arm: ArmSurface;
  readonly machines: Machines;
  /** Undefined where another replica has the blobs, and with them what was asked of them. */
  readonly requestLogs: RequestLogs | undefined;
};

/** Makes them all. */
export function createSurfaces(cloud: Cloud, state: OpenState, parts: SurfaceParts): Surfaces {
  const { folder, replica, tokens, engine } = state;
  const { place, front, health, log, onFault } = parts;
  const { model, ports } = cloud;
  const isHome = replica?.blobHome.isHome !== false;
  const failedSignIns = new FailedSignIns(ports);
  const arm = createArmSurface(cloud, {
    isAudience: (audience) => isArmAudience(audience, place.origins),
    reservedAccountNames,
    onStorageAccountDeleted: (name) => (isHome ? engine.deleteAccount(name) : replica.awaitAccountGone(name)),
    containers: containersOf(engine),
  });
  const machines = createMachines(cloud, {
    issueToken: createManagedIdentityTokens({ keyRing: tokens.keys.ring, model, ports }),
    isAudience: (audience) => isArmAudience(audience, place.origins),
    ownOrigins: () => place.origins,
    challengeFolder: join(folder.root, "run", "arc"),
    onFault,
    front,
  });
  const requestLogs = isHome
    ? new RequestLogs({ engine, model, now: ports.now, report: (problem) => log.warn(`blob logs: ${problem}`) })
    : undefined;
  const logError = (line: string) => log.error(line);
  const ownRows = [...machines.sessionRows, ...createOwnRows(cloud, state, parts)];
  const all = [
    createEntraSurface({ ...cloud, tokens: tokens.service }, { localOrigin: () => place.baseUrl, failedSignIns }),
    createGraphSurface(cloud, { isAudience: (audience) => isGraphAudience(audience, place.origins), failedSignIns }),
    arm,
    createBlobSurface(cloud, engine, { isAudience: isStorageAudience, logs: requestLogs, log: logError }),
    createWebsiteSurface(cloud, engine, logError),
    createIamSurface(cloud),
    createPortalSurface(cloud),
    createPosternSurface(ownRows, health),
    machines.surface,
  ];
  return { all, arm, machines, requestLogs };
}

/** What our own plane tells about access, and what whoever runs the cloud does there. */
function createOwnRows(cloud: Cloud, state: OpenState, { place, log }: SurfaceParts): readonly PosternRow[] {
  const { folder, replica, store, tokens, engine } = state;
  const isArmToken = (audience: string) => isArmAudience(audience, place.origins);
  const upkeep = createUpkeepRows(cloud, {
    keys: tokens.keys,
    isArmAudience: isArmToken,
    isGraphAudience: (audience) => isGraphAudience(audience, place.origins),
    backUp: () =>
      replica === undefined
        ? engine.holdExtents(() => backUpState(folder.root, cloud.ports.now(), (file) => store.copyTo(file)))
        : refuseBackup(),
    checkStorage: () =>
      replica?.blobHome.isHome === false
        ? refuseCheck()
        : engine.holdExtents(() => replica?.sharedBlobs?.check() ?? checkFolder(join(folder.root, "blobs"))),
    say: (line) => log.info(line),
  });
  return [...upkeep, ...createInsightRows(cloud, { isAudience: isArmToken })];
}

/** A folder's copy would be no backup where directory and access are elsewhere. */
function refuseBackup(): never {
  const message =
    "Directory and access are in the database. Back up, in this order: the database with pg_dump, then the blobs' folder, and the files of --key-file and --database-key-file; docs/guides/postgresql.md, Backups, has the commands.";
  throw new PosternRefusal(501, "NotImplemented", message);
}

/** Its bytes are not here to be read. */
function refuseCheck(): never {
  throw new PosternRefusal(409, "NotHere", "The blobs are another replica's: ask that one.");
}
