/**
 * Makes the blobs of one replica's state folder everyone's: its extents are copied into the shared folder, then its rows into the database, in one transaction that
 * also says that blobs are shared from now on. Ended half way it is begun anew, and the blobs are where they were.
 */
import { existsSync, mkdirSync } from "node:fs";
import { copyFile, open, readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { sharedHome } from "../../store/postgres-blob-home.ts";
import type { PostgresConnection } from "../../store/postgres-connection.ts";
import { DurableWriter } from "../engine/durable-writer.ts";
import { lockFolder } from "../engine/folder-lock.ts";
import { importRows } from "./row-copies.ts";

const extentPattern = /^(\d{8,10})-(small|large)\.extent$/;
/** Whose numbers go on after the file's: any, for each is told. */
const firstSeat = 0;
/** Extents of nobody: whoever comes first takes them over. */
const nobody = 0;

export type HomeImport = {
  /** `blobs` of the state folder. */
  readonly blobs: string;
  readonly folder: string;
  /** What the database knows the state folder by. */
  readonly homeId: string;
  readonly log: (line: string) => void;
};

/** @returns false when the blobs are not this state folder's any more. @throws Error when a process has the folder. */
export async function importHome(
  connection: PostgresConnection,
  { blobs, folder, homeId, log }: HomeImport,
): Promise<boolean> {
  const file = join(blobs, "metadata.db");
  const lock = existsSync(file) ? lockFolder(blobs) : undefined;
  try {
    // Whatever a crash left in the journal is in rows and extents then.
    if (lock !== undefined) new DurableWriter({ directory: blobs }).close();
    const extents = lock === undefined ? [] : await copyExtents(join(blobs, "extents"), join(folder, "extents"));
    const isDone = await connection.transaction(
      async (client) => {
        const { rowCount } = await client.query(
          "UPDATE postern_blob_home SET home = $1, holder = NULL WHERE id = 1 AND home = $2",
          [sharedHome, homeId],
        );
        if (rowCount !== 1) return false;
        if (lock === undefined) return true;
        await importRows(client, file, firstSeat);
        for (const { id, lane } of extents) {
          await client.query("INSERT INTO postern_blob_extents (id, lane, holder) VALUES ($1, $2, $3)", [
            id,
            lane,
            nobody,
          ]);
        }
        const last = Math.max(0, ...extents.map(({ id }) => id));
        await client.query("UPDATE postern_blob_counters SET value = greatest(value, $1) WHERE name = 'extent'", [
          last,
        ]);
        return true;
      },
      "BEGIN",
      (isWritten) => isWritten,
    );
    if (isDone && lock !== undefined) {
      await rename(blobs, `${blobs}-moved`);
      log(`the blobs of this state folder are shared now; ${blobs}-moved is not used any more and can be deleted`);
    }
    return isDone;
  } finally {
    lock?.close();
  }
}

async function copyExtents(from: string, to: string): Promise<{ id: number; lane: string }[]> {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const extents: { id: number; lane: string }[] = [];
  for (const name of existsSync(from) ? await readdir(from) : []) {
    const match = extentPattern.exec(name);
    if (match === null) continue;
    extents.push({ id: Number(match[1]), lane: match[2]! });
    const target = join(to, name);
    const { size } = await stat(join(from, name));
    if (existsSync(target) && (await stat(target)).size === size) continue;
    const draft = `${target}.draft`;
    await copyFile(join(from, name), draft);
    await syncFile(draft);
    await rename(draft, target);
  }
  await syncFile(to);
  return extents;
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
