/**
 * Which cloud commands work on, and clouds that were registered beside Microsoft's own. May use: this folder, clouds.ts.
 */
import { join } from "node:path";
import { type CloudEndpoints, publicClouds } from "../clouds.ts";
import type { StatePaths } from "./paths.ts";
import { parseRecord, readTextIfAny, writePrivateFile } from "./private-file.ts";

export interface CloudChoice {
  /** undefined: the cloud on this machine. */
  readonly active?: string | undefined;
  readonly registered: readonly CloudEndpoints[];
}

function fileOf(paths: StatePaths): string {
  return join(paths.clients, "postern", "clouds.json");
}

export async function readCloudChoice(paths: StatePaths): Promise<CloudChoice> {
  const text = await readTextIfAny(fileOf(paths));
  const record = text === undefined ? undefined : parseRecord(text);
  return Array.isArray(record?.registered) ? (record as unknown as CloudChoice) : { registered: [] };
}

export async function writeCloudChoice(paths: StatePaths, choice: CloudChoice): Promise<void> {
  await writePrivateFile(fileOf(paths), `${JSON.stringify(choice, null, 2)}\n`);
}

/** A cloud by name, without case as in az. */
export function findCloud({ registered }: CloudChoice, name: string): CloudEndpoints | undefined {
  return [...publicClouds, ...registered].find((cloud) => cloud.name.toLowerCase() === name.toLowerCase());
}
