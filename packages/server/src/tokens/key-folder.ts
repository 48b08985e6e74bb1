/** The folder of all keys of a state folder, which only its owner may enter. */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** @returns its path; it is there when this returns. */
export function openKeyFolder(stateDir: string): string {
  const folder = join(stateDir, "keys");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return folder;
}
