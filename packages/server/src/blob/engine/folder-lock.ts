/** One process at a time has a store's folder. */
import { chmodSync, closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Takes the folder; close what is returned to let go of it. Held by an open transaction, so it falls with the process, however that ends.
 * @throws Error when another process has it.
 */
export function lockFolder(directory: string): DatabaseSync {
  const file = join(directory, "lock");
  // SQLite would make it, and its journal after it, readable for everyone.
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  const held = new DatabaseSync(file);
  try {
    held.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    held.close();
    throw new Error(`${directory} is in use by another Postern`, { cause });
  }
  return held;
}
