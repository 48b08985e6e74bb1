/**
 * A copy of the state folder while the server runs, made so that it is one moment's: databases by SQLite's own copy, then the extents their rows refer to.
 *
 * Extents are only ever appended to; what the copied rows refer to is in them before the rows are. Compaction alone removes one, so the caller holds it.
 * May use: store/ for SQLite, node:fs. Spec: docs/decisions/4.
 */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { chmod, constants, copyFile, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { copyDatabaseFile } from "./store/sqlite-copy.ts";

export type BackupFile = { readonly path: string; readonly sizeBytes: number; readonly sha256: string };

export type StateBackup = {
  readonly folder: string;
  readonly files: readonly BackupFile[];
};

/** What stands in a state folder beside databases and extents, and is copied as it is. */
const plainParts = ["operator.json", "keys", "ca", "credentials"] as const;
const folderMode = 0o700;
const fileMode = 0o600;

/**
 * Makes a backup in `backups/` of the state folder; no extent may be removed meanwhile. @param copyState copies the store's own database, which no other connection may read.
 * @returns where it is, whole: a folder of that name is never seen unfinished.
 */
export async function backUpState(
  root: string,
  now: Date,
  copyState: (to: string) => Promise<void>,
): Promise<StateBackup> {
  const name = `${now.toISOString().replace(/[:.]/g, "-")}-${randomUUID().slice(0, 8)}`;
  const folder = join(root, "backups", name);
  const draft = join(root, "backups", `.${name}.draft`);
  try {
    await mkdir(join(draft, "blobs"), { recursive: true, mode: folderMode });
    await chmod(join(root, "backups"), folderMode);
    await copyBlobs(join(root, "blobs"), join(draft, "blobs"));
    await copyState(join(draft, "state.db"));
    for (const part of plainParts) await copyPlain(join(root, part), join(draft, part));
    const files = await listFiles(draft);
    const manifest = { version: 1, made: now.toISOString(), files };
    await writeFile(join(draft, "backup.json"), `${JSON.stringify(manifest, null, 2)}\n`, { mode: fileMode });
    await rename(draft, folder);
    return { folder, files };
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw cause;
  }
}

async function copyBlobs(from: string, to: string): Promise<void> {
  if (!existsSync(join(from, "metadata.db"))) return;
  await copyDatabaseFile(join(from, "metadata.db"), join(to, "metadata.db"));
  await copyPlain(join(from, "extents"), join(to, "extents"));
}

async function copyPlain(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  if (!(await stat(from)).isDirectory()) return copyOne(from, to);
  await mkdir(to, { mode: folderMode });
  for (const name of await readdir(from)) await copyPlain(join(from, name), join(to, name));
}

async function copyOne(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, fileMode);
}

async function listFiles(folder: string): Promise<BackupFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: BackupFile[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const { size } = await stat(file);
    files.push({ path: relative(folder, file), sizeBytes: size, sha256: await digest(file) });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function digest(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(file)) hash.update(part as Buffer);
  return hash.digest("hex");
}
