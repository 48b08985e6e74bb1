/** The schema that a store's file has, without changing anything about it and without keeping its server waiting. */
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** @returns undefined where there is no file; `in-use` where a server holds it. */
export function readSqliteSchemaVersion(file: string): number | undefined | "in-use" {
  if (!existsSync(file)) return undefined;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.exec("PRAGMA busy_timeout = 0");
    return (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
  } catch (cause) {
    if (/database is locked/.test((cause as Error).message)) return "in-use";
    throw cause;
  } finally {
    database.close();
  }
}
