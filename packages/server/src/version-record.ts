/**
 * Which Postern used a state folder last, and the schemas it left there: for `upgrade-check`, which must not open what a running server holds.
 * Written at every start, after the migrations.
 */
import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { migrations as blobMigrations } from "./blob/engine/metadata-schema.ts";
import { readIfThere, writeSecretFile } from "./state-folder.ts";
import { migrations } from "./store/sqlite-schema.ts";

/** Schemas by the number of migrations that made them. */
export type Schemas = { readonly state: number; readonly blobs: number };
export type VersionRecord = { readonly version: string; readonly schemas: Schemas };

export const ownVersion: VersionRecord = {
  version: packageJson.version,
  schemas: { state: migrations.length, blobs: blobMigrations.length },
};

function fileOf(root: string): string {
  return join(root, "postern-version.json");
}

/** Says that this version has opened the folder. */
export function recordVersion(root: string): void {
  const text = `${JSON.stringify(ownVersion)}\n`;
  if (readIfThere(fileOf(root)) !== text) writeSecretFile(fileOf(root), text);
}

/** @returns undefined for a folder that no version said so of, or whose word cannot be read. */
export function readVersionRecord(root: string): VersionRecord | undefined {
  try {
    const { version, schemas } = JSON.parse(readIfThere(fileOf(root)) ?? "") as Partial<VersionRecord>;
    const isRecord =
      typeof version === "string" && typeof schemas?.state === "number" && typeof schemas.blobs === "number";
    return isRecord ? { version, schemas } : undefined;
  } catch {
    return undefined;
  }
}
