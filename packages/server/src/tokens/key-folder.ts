/** The folder of all keys of a state folder, which only its owner may enter, and the files in it. */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { readIfThere } from "../state-folder.ts";

/** @returns its path; it is there when this returns. */
export function openKeyFolder(stateDir: string): string {
  const folder = join(stateDir, "keys");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return folder;
}

/** Reads a key file and, a restored backup or careless copy may have opened it, takes everyone else's rights on it away. */
export function readSecretFile(file: string): string | undefined {
  const content = readIfThere(file);
  if (content !== undefined) chmodSync(file, 0o600);
  return content;
}
