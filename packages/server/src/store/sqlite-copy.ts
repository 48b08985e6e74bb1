/**
 * A consistent copy of a SQLite file while it is in use. Spec: https://sqlite.org/backup.html
 */
import { chmodSync, closeSync, openSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";

/** Copies what a connection sees into a new file, 0600. Commits of that connection meanwhile are in the copy or not, but never half. */
export async function copyDatabase(database: DatabaseSync, to: string): Promise<void> {
  closeSync(openSync(to, "wx", 0o600));
  await backup(database, to);
  chmodSync(to, 0o600);
}

/** The same of a file that others write. */
export async function copyDatabaseFile(file: string, to: string): Promise<void> {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    await copyDatabase(database, to);
  } finally {
    database.close();
  }
}
