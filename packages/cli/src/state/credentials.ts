/**
 * Secrets of apps that this command line made: a secret is shown once, so it is kept here (0600) for `env` and `run --as`.
 * May use: this folder.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { StatePaths } from "./paths.ts";
import { readRecordIfAny, writePrivateFile } from "./private-file.ts";

/** One app's secret. */
export interface KeptCredential {
  readonly appId: string;
  readonly displayName: string;
  readonly tenantId: string;
  readonly clientSecret: string;
}

const members = { appId: "string", displayName: "string", tenantId: "string", clientSecret: "string" } as const;

export async function readCredential(paths: StatePaths, appId: string): Promise<KeptCredential | undefined> {
  const record = await readRecordIfAny(fileOf(paths, appId), members);
  return record as unknown as KeptCredential | undefined;
}

export async function keepCredential(paths: StatePaths, credential: KeptCredential): Promise<void> {
  await writePrivateFile(fileOf(paths, credential.appId), `${JSON.stringify(credential, null, 2)}\n`);
}

export async function forgetCredential(paths: StatePaths, appId: string): Promise<void> {
  await rm(fileOf(paths, appId), { force: true });
}

function fileOf(paths: StatePaths, appId: string): string {
  // An appId comes from a server's answer: only a GUID becomes part of a path.
  if (!/^[0-9a-f-]{36}$/i.test(appId)) throw new TypeError("not an appId");
  return join(paths.credentials, `${appId.toLowerCase()}.json`);
}
