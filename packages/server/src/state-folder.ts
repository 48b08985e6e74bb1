/**
 * The state folder: who may read it, where things stand in it, and the small secret files that are not rows.
 *
 * Everything is 0700 / 0600. A secret file is written to a temporary name, synced and renamed, so that a crash leaves the old one or the new one.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

export type StateFolder = {
  readonly root: string;
  readonly database: string;
  readonly operatorFile: string;
  readonly statusFile: string;
  /** Where the owner's own programs reach the planes, while the server runs. */
  readonly localDoor: string;
};

/** The folder cannot be used, in words for whoever started the server. */
export class FolderFault extends Error {}

/**
 * Makes the folder and its rooms if need be, and takes everyone else's rights on it away.
 * @throws FolderFault for one that cannot be made, and for one that is somebody else's, who could read and replace what is kept there, whatever its mode.
 */
export function openStateFolder(root: string): StateFolder {
  makeRoot(root);
  requireOwn(root, statSync(root)); // a link to it is its owner's choice: service managers make one
  chmodSync(root, 0o700);
  for (const room of [join(root, "keys"), join(root, "run")]) {
    mkdirSync(room, { recursive: true, mode: 0o700 });
    requireOwn(room, lstatSync(room));
    chmodSync(room, 0o700);
  }
  return {
    root,
    database: join(root, "state.db"),
    operatorFile: join(root, "operator.json"),
    statusFile: join(root, "run", "status.json"),
    localDoor: join(root, "run", "local.sock"),
  };
}

function makeRoot(root: string): void {
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FolderFault(`${(cause as Error).message}: name another folder with --state or $POSTERN_STATE`);
  }
}

function requireOwn(folder: string, { uid }: { readonly uid: number }): void {
  const own = process.geteuid?.();
  if (own !== undefined && uid !== own)
    throw new FolderFault(
      `${folder} belongs to another user (${uid}), who could read and replace the secrets in it: chown it to the server's user (${own}), or name another folder with --state`,
    );
}

/** Writes a 0600 file that is there whole or not at all, and on disk when this returns. */
export function writeSecretFile(file: string, content: string | Buffer): void {
  const temporary = `${file}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, "wx", 0o600);
  try {
    // Unlike writeSync, this goes on after a short write.
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** @returns the file's text, or undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause;
  }
}
