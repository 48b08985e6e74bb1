/**
 * Where a replica's blobs are: in a folder that all replicas share, or in the state folder of one of them. Once they are shared they stay so, and the folder and
 * the database know each other by a name, so that a folder that is not mounted is not taken for an empty one.
 *
 * Decision: docs/decisions/0031-blobs-on-every-replica.md
 */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { StoreReport } from "./blob/check/report.ts";
import type { BlobStore } from "./blob/engine/blob-store.ts";
import { importHome } from "./blob/shared/home-import.ts";
import { checkSharedStore } from "./blob/shared/shared-check.ts";
import { openSharedEngine } from "./blob/shared/shared-engine.ts";
import { NoSeat } from "./blob/shared/writer-seat.ts";
import { ReplicaFault } from "./replica-folder.ts";
import { readIfThere, writeSecretFile } from "./state-folder.ts";
import { type BlobHome, PostgresBlobHome, sharedHome } from "./store/postgres-blob-home.ts";
import { type DatabaseOptions, openConnection, type PostgresConnection } from "./store/postgres-connection.ts";

/** Connections for blobs at once. Our choice: one writes, the others answer readers. */
const maxConnections = 10;

export type SharedBlobs = {
  open(report: (problem: string) => void): Promise<BlobStore>;
  /** Checks every row and extent; no extent may be given back meanwhile. */
  check(): Promise<StoreReport>;
  close(): Promise<void>;
};

export type BlobPlace = {
  /** The folder that all replicas share; undefined where this replica was not told of one. */
  readonly folder: string | undefined;
  readonly stateDir: string;
  /** Id of this replica's state folder, and of this process. */
  readonly replicaId: string;
  readonly processId: string;
  /** Name of the cloud, which all replicas have from the database. */
  readonly cloud: string;
  readonly log: (line: string) => void;
};

/** Held by whoever serves shared blobs: every replica does, and seats say who writes. */
const everyonesHome: BlobHome = {
  isHome: true,
  isHeld: true,
  renew: async () => undefined,
  release: async () => undefined,
};

/**
 * Finds out where this replica's blobs are; blobs of this state folder are made everyone's when it was told of a folder for that.
 * @throws ReplicaFault for a folder that is another cloud's, or not the one that the blobs are in, and while blobs lie in another replica's state folder.
 */
export async function openBlobPlace(
  connection: PostgresConnection,
  database: DatabaseOptions,
  place: BlobPlace,
): Promise<{ readonly home: BlobHome; readonly shared: SharedBlobs | undefined }> {
  const { folder, replicaId, processId, log } = place;
  if (folder === undefined) {
    const home = await PostgresBlobHome.open(connection, replicaId, processId);
    if (!home.isHome)
      log(
        "blobs are held by another replica's state folder, or a shared one (--blob-folder): this one answers 501 for them",
      );
    return { home, shared: undefined };
  }
  // The folder first: whoever finds in the database that blobs are shared finds the folder named, too.
  claimFolder(folder, place.cloud, (await PostgresBlobHome.find(connection)) === sharedHome);
  const before = await PostgresBlobHome.first(connection, sharedHome);
  const own = await openConnection({ ...database, maxConnections, hasNumbers: true });
  try {
    if (before !== sharedHome) await takeIn(connection, own, before, { ...place, folder });
    return { home: everyonesHome, shared: shareBlobs(own, folder) };
  } catch (cause) {
    await own.close();
    throw cause;
  }
}

function claimFolder(folder: string, cloud: string, isInUse: boolean): void {
  const marker = join(folder, "cloud");
  if (!isInUse) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const known = readIfThere(marker);
  if (known === cloud) return;
  if (known !== undefined) throw new ReplicaFault(`${folder} holds the blobs of another cloud`);
  if (isInUse) throw new ReplicaFault(`${folder} is not the folder that this cloud's blobs are in; is it mounted?`);
  if (readdirSync(folder).some((name) => !name.startsWith("cloud")))
    throw new ReplicaFault(`${folder} is not empty; name an empty folder with --blob-folder`);
  writeSecretFile(marker, cloud);
}

/** Makes the blobs of a replica's state folder everyone's. */
async function takeIn(
  connection: PostgresConnection,
  own: PostgresConnection,
  homeId: string,
  place: BlobPlace & { readonly folder: string },
): Promise<void> {
  if (homeId !== place.replicaId)
    throw new ReplicaFault("blobs lie in another replica's state folder: start that one with --blob-folder first");
  const home = await PostgresBlobHome.open(connection, homeId, place.processId);
  if (!home.isHeld) throw new ReplicaFault("another process holds this state folder's blobs; try again in 15 seconds");
  const blobs = join(place.stateDir, "blobs");
  const isDone = await importHome(own, { blobs, folder: place.folder, homeId, log: place.log });
  if (!isDone) throw new ReplicaFault("another process holds this state folder's blobs");
}

function shareBlobs(connection: PostgresConnection, folder: string): SharedBlobs {
  return {
    async open(report) {
      try {
        return await openSharedEngine({ connection, folder, report });
      } catch (cause) {
        throw cause instanceof NoSeat ? new ReplicaFault(cause.message) : cause;
      }
    },
    check: () => checkSharedStore(connection, folder),
    close: () => connection.close(),
  };
}
