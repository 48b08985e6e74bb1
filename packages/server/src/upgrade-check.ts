/**
 * `upgrade-check`: what starting this version on a folder, or a database, would do, and whether there is a way back. Changes nothing, makes nothing, and
 * asks a running server for nothing.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readOwnFile } from "./own-file.ts";
import { openConnection } from "./store/postgres-connection.ts";
import { type RosterEntry, readRoster } from "./store/postgres-roster.ts";
import { knownPostgresSchema, readPostgresSchema } from "./store/postgres-schema.ts";
import { readSqliteSchemaVersion } from "./store/schema-version.ts";
import { ownVersion, readVersionRecord } from "./version-record.ts";

/** One place that has a schema: how many migrations it has had, and how many this version knows. */
export type SchemaReport = {
  readonly place: "state.db" | "blobs/metadata.db" | "database";
  /** null where there is nothing yet. */
  readonly schema: number | null;
  readonly known: number;
  readonly pending: number;
};

export type UpgradeReport = {
  /** The version that asks. */
  readonly version: string;
  /** The version that used the folder last; null when it said nothing. */
  readonly lastVersion: string | null;
  /** Whether a server has the folder now. */
  readonly isInUse: boolean;
  readonly schemas: readonly SchemaReport[];
  /** Servers that are on the database now. */
  readonly replicas: readonly RosterEntry[];
  /** Whether this version would start. */
  readonly canStart: boolean;
  /** Whether the version before could start again afterwards: not when a migration is to be run. */
  readonly canGoBack: boolean;
  /** What there is to know, a sentence each. */
  readonly findings: readonly string[];
};

export type UpgradeQuestion = {
  readonly stateDir: string;
  readonly database?: { readonly url: string; readonly passwordFile?: string | undefined } | undefined;
};

/** @throws the system's or the database's error when one of them cannot be read. */
export async function checkUpgrade({ stateDir, database }: UpgradeQuestion): Promise<UpgradeReport> {
  const record = readVersionRecord(stateDir);
  const state = readSqliteSchemaVersion(join(stateDir, "state.db"));
  const blobs = readSqliteSchemaVersion(join(stateDir, "blobs", "metadata.db"));
  const isInUse = state === "in-use" || blobs === "in-use";
  const schemas: SchemaReport[] = [];
  // What a running server holds is as it said when it started.
  const add = (place: SchemaReport["place"], found: number | undefined, known: number) =>
    schemas.push({ place, schema: found ?? null, known, pending: Math.max(0, known - (found ?? known)) });
  add("state.db", state === "in-use" ? record?.schemas.state : state, ownVersion.schemas.state);
  add("blobs/metadata.db", blobs === "in-use" ? record?.schemas.blobs : blobs, ownVersion.schemas.blobs);
  const shared = database === undefined ? undefined : await readDatabase(database);
  if (shared !== undefined) add("database", shared.schema, knownPostgresSchema);
  const replicas = shared?.replicas ?? [];
  const canStart = schemas.every(({ schema, known }) => schema === null || schema <= known);
  const canGoBack = schemas.every(({ pending }) => pending === 0);
  const report = {
    version: ownVersion.version,
    lastVersion: record?.version ?? null,
    isInUse,
    schemas,
    replicas,
    canStart,
    canGoBack,
  };
  return { ...report, findings: describe(report, existsSync(stateDir)) };
}

async function readDatabase({ url, passwordFile }: NonNullable<UpgradeQuestion["database"]>) {
  const password = passwordFile === undefined ? undefined : readOwnFile(passwordFile).replace(/\r?\n$/, "");
  const connection = await openConnection({ url, password });
  try {
    return { schema: await readPostgresSchema(connection), replicas: await readRoster(connection) };
  } finally {
    await connection.close();
  }
}

function describe(report: Omit<UpgradeReport, "findings">, isThere: boolean): string[] {
  const { version, lastVersion, isInUse, schemas, replicas, canStart, canGoBack } = report;
  const findings: string[] = [];
  if (!isThere || schemas.every(({ schema }) => schema === null))
    findings.push("There is no cloud here yet: this version would make one.");
  if (lastVersion !== null && lastVersion !== version)
    findings.push(`Version ${lastVersion} used the folder last; this one is ${version}.`);
  if (isInUse) findings.push("A server has the folder now: stop it before another version is started.");
  for (const { place, schema, known, pending } of schemas) {
    if (schema !== null && schema > known)
      findings.push(
        `${place} is of a newer Postern (schema ${schema}, this one knows ${known}): this version cannot start.`,
      );
    if (pending > 0) findings.push(`${place} will be migrated from schema ${schema} to ${known} by the first start.`);
  }
  const versions = new Set(replicas.map((replica) => replica.version));
  if (versions.size > 1)
    findings.push(`Servers of different versions are on the database: ${[...versions].sort().join(", ")}.`);
  if (canStart && !canGoBack)
    findings.push("Afterwards the version before cannot start again: make a backup first, it is the only way back.");
  if (canStart && canGoBack) findings.push("Nothing has to be migrated: the version before can be started again.");
  return findings;
}
