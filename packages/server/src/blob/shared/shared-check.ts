/** Checks the store that replicas share: its rows as they are at one moment, and every extent. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PostgresConnection } from "../../store/postgres-connection.ts";
import { checkStore } from "../check/check.ts";
import type { StoreReport } from "../check/report.ts";
import { SqliteRows } from "../check/sqlite-rows.ts";
import { openForReading } from "../engine/metadata-schema.ts";
import { exportRows } from "./row-copies.ts";

/** No extent may be given back meanwhile. @param folder the one that all replicas mount. */
export async function checkSharedStore(connection: PostgresConnection, folder: string): Promise<StoreReport> {
  const scratch = await mkdtemp(join(tmpdir(), "postern-check-"));
  try {
    const file = join(scratch, "metadata.db");
    await exportRows(connection, file);
    const database = openForReading(file);
    try {
      const rows = new SqliteRows(database);
      const report = await checkStore(rows, join(folder, "extents"));
      rows.close();
      return report;
    } finally {
      database.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
