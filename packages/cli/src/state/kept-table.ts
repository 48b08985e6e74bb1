/**
 * The last long table that was drawn of a list whose state the service told: asked for again with its ETag, the list need not be sent, read, shaped and
 * drawn again. The service is asked each time, and decides each time; what is kept is printed only when it says that nothing changed. May use: this folder.
 */
import { join } from "node:path";
import type { StatePaths } from "./paths.ts";
import { parseRecord, readTextIfAny, writeDisposableFile } from "./private-file.ts";

export interface KeptTable {
  /** Of what: the list's whole address, with the version of this program that drew it. */
  readonly key: string;
  readonly etag: string;
  readonly table: string;
}

function fileOf(paths: StatePaths): string {
  return join(paths.clients, "postern", "kept-table.json");
}

/** @returns undefined when another one is kept, or none; a damaged file is none. */
export async function readKeptTable(paths: StatePaths, key: string): Promise<KeptTable | undefined> {
  const text = await readTextIfAny(fileOf(paths));
  const record = text === undefined ? undefined : parseRecord(text);
  const isWhole = record?.key === key && typeof record.etag === "string" && typeof record.table === "string";
  return isWhole ? (record as unknown as KeptTable) : undefined;
}

export function keepTable(paths: StatePaths, kept: KeptTable): void {
  writeDisposableFile(fileOf(paths), JSON.stringify(kept));
}
