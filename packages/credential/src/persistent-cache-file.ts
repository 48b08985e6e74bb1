/**
 * The file of a persistent cache: where it is, whether it is ours alone, and how several programs change it. A change is a new file that
 * takes the old one's name, so that a reader sees one or the other, whole; a lock file beside it lets one program change at a time.
 */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { misconfigured } from "./errors.ts";
import { readVariable } from "./variables.ts";

/** Longest cache that is read, in bytes: a thousand tokens of 4 KiB, and their wrapping. */
const MAX_CACHE_BYTES = 8_388_608;
/** A lock that is older was left by a program that ended; milliseconds. A change takes a few. */
const LOCK_LIFE_MS = 10_000;
/** How long a program waits between looks at another's lock, in milliseconds. */
const LOCK_PAUSE_MS = 20;
/** What others must not be allowed: anything. */
const OTHERS = 0o077;

/** @returns where the cache of the name is: what the system has for the user's own state. */
export function cachePath(name: string): string {
  const home = homedir();
  const folder =
    process.platform === "win32"
      ? (readVariable("LOCALAPPDATA") ?? join(home, "AppData", "Local"))
      : process.platform === "darwin"
        ? join(home, "Library", "Application Support")
        : (readVariable("XDG_STATE_HOME") ?? join(home, ".local", "state"));
  return join(folder, "postern-credential", `${name}.cache`);
}

/** Throws when someone else could read or change what is at the path. Windows keeps profiles apart by itself. */
function checkOwner(credential: string, path: string, found: { mode: number; uid: number }): void {
  if (process.platform === "win32") return;
  if (found.uid !== process.getuid?.()) {
    throw misconfigured(credential, `The token cache ${path} belongs to another user.`, "Remove it.");
  }
  if (found.mode & OTHERS) {
    const mode = (found.mode & 0o777).toString(8);
    throw misconfigured(credential, `Others may use the token cache ${path} (mode ${mode}).`, "Remove it.");
  }
}

/** @returns the file's content; undefined when there is none. Throws when it is a link, another's, or open to others. */
export async function readFileOfOurs(credential: string, path: string): Promise<Buffer | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const meaning = `The token cache ${path} ${code === "ELOOP" ? "is a link" : `cannot be read (${code})`}.`;
    throw misconfigured(credential, meaning, "Remove it.");
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) throw misconfigured(credential, `The token cache ${path} is no file.`, "Remove it.");
    checkOwner(credential, path, found);
    return found.size > MAX_CACHE_BYTES ? undefined : await file.readFile();
  } finally {
    await file.close();
  }
}

/** Takes the lock, waiting for who has it; one that was left behind is taken over. */
async function takeLock(lockPath: string): Promise<void> {
  for (;;) {
    try {
      return await (await open(lockPath, "wx", 0o600)).close();
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST") throw error;
    }
    const found = await stat(lockPath).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > LOCK_LIFE_MS) await rm(lockPath, { force: true });
    else await wait(LOCK_PAUSE_MS);
  }
}

/** Does something while no other program does the same. @param path what it is about; its folder is made, and must be ours alone. */
export async function withLock<T>(credential: string, path: string, action: () => Promise<T>): Promise<T> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  checkOwner(credential, folder, await stat(folder));
  const lockPath = `${path}.lock`;
  await takeLock(lockPath);
  try {
    return await action();
  } finally {
    await rm(lockPath, { force: true });
  }
}

/** Changes the file's content while no other program does. @param change gets the content there is. */
export function changeFile(
  credential: string,
  path: string,
  change: (content: Buffer | undefined) => Buffer,
): Promise<void> {
  return withLock(credential, path, async () => {
    const temporary = `${path}.${process.pid}`;
    try {
      const content = change(await readFileOfOurs(credential, path));
      await rm(temporary, { force: true });
      await writeFile(temporary, content, { flag: "wx", mode: 0o600 });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
}
