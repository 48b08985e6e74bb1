/** Keeps a second process off a folder that has no state file of its own: by SQLite's lock, which the operating system gives back however a process ends. */
import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** How long another process's lock is waited for, in milliseconds; our choice: one that was just killed gives it back at once. */
const busyTimeoutMs = 500;

/** @returns what gives the lock back. @throws when another process holds it (`database is locked`). */
export function lockFolder(file: string): () => void {
  if (!existsSync(file)) closeSync(openSync(file, "wx", 0o600));
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT`);
  } catch (cause) {
    database.close();
    throw cause;
  }
  return () => database.close();
}
