/** Checks the store of a folder, whoever has it open: the running server its own, or a process of its own one that nobody has. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DurableWriter } from "../engine/durable-writer.ts";
import { lockFolder } from "../engine/folder-lock.ts";
import { readJournal } from "../engine/journal.ts";
import { migrations } from "../engine/metadata-schema.ts";
import { checkStore, metadataDamage } from "./check.ts";
import { type Recount, recount } from "./recount.ts";
import type { StoreReport } from "./report.ts";
import { SqliteRows } from "./sqlite-rows.ts";

/** SQLite's codes for a file that is damaged, and for one that is none of its own. @see https://sqlite.org/rescode.html */
const damagedCodes: ReadonlySet<number | undefined> = new Set([11, 26]);

const empty: StoreReport = {
  isSound: true,
  containerCount: 0,
  blobCount: 0,
  pastCount: 0,
  blockCount: 0,
  extentCount: 0,
  checkedBytes: 0,
  unusedBytes: 0,
  findingCount: 0,
  findings: [],
};

function metadataReport(detail: string): StoreReport {
  return { ...empty, isSound: false, findingCount: 1, findings: [metadataDamage(detail)] };
}

function requireSchema(database: DatabaseSync): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version === migrations.length) return;
  const advice = version < migrations.length ? "start the cloud once, which brings it up to date" : "it is newer";
  throw new Error(`the blob metadata has schema ${version}, this Postern's is ${migrations.length}: ${advice}`);
}

/**
 * Checks a folder of blobs; no extent of it may be removed meanwhile.
 * @param directory `blobs` of a state folder.
 * @throws Error when its metadata is of another release.
 */
export async function checkFolder(directory: string): Promise<StoreReport> {
  const file = join(directory, "metadata.db");
  if (!existsSync(file)) {
    return existsSync(join(directory, "extents")) ? metadataReport("metadata.db is gone") : empty;
  }
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    requireSchema(database);
    const rows = new SqliteRows(database);
    const report = await checkStore(rows, join(directory, "extents"));
    rows.close();
    return report;
  } catch (cause) {
    if (!damagedCodes.has((cause as { errcode?: number }).errcode)) throw cause;
    return metadataReport((cause as Error).message);
  } finally {
    database?.close();
  }
}

/** Has what a crash left in the journal in rows and extents, as the next start would; what is damaged is for the check to say. */
function replayJournal(directory: string): void {
  if (!existsSync(join(directory, "metadata.db")) || readJournal(join(directory, "journal")).length === 0) return;
  try {
    new DurableWriter({ directory }).close();
  } catch (cause) {
    if (!damagedCodes.has((cause as { errcode?: number }).errcode)) throw cause;
  }
}

/** The same for a state folder on which no server runs. @throws Error when one does. */
export async function checkStopped(stateDir: string): Promise<StoreReport> {
  const directory = join(stateDir, "blobs");
  if (!existsSync(directory)) return empty;
  const lock = lockFolder(directory);
  try {
    replayJournal(directory);
    return await checkFolder(directory);
  } finally {
    lock.close();
  }
}

/**
 * Counts anew, for a state folder on which no server runs, what is in use of each extent.
 * @throws Error when one does, or when a row cannot be read; nothing is changed then.
 */
export function recountStopped(stateDir: string): Recount {
  const directory = join(stateDir, "blobs");
  const file = join(directory, "metadata.db");
  if (!existsSync(file)) return { correctedCount: 0 };
  const lock = lockFolder(directory);
  let database: DatabaseSync | undefined;
  try {
    replayJournal(directory);
    database = new DatabaseSync(file);
    requireSchema(database);
    return recount(database);
  } finally {
    database?.close();
    lock.close();
  }
}
