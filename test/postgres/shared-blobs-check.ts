/** Checks everything of the blobs that replicas share: every row, index, count, extent and record. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkStore } from "../../packages/server/src/blob/check/check.ts";
import type { StoreReport } from "../../packages/server/src/blob/check/report.ts";
import { SqliteRows } from "../../packages/server/src/blob/check/sqlite-rows.ts";
import { openForReading } from "../../packages/server/src/blob/engine/metadata-schema.ts";
import { exportRows } from "../../packages/server/src/blob/shared/row-copies.ts";
import { openConnection } from "../../packages/server/src/store/postgres-connection.ts";
import type { ReplicaGround } from "./replica-pair.ts";

export async function checkSharedBlobs({ url, blobFolder }: ReplicaGround): Promise<StoreReport> {
  const folder = mkdtempSync(join(tmpdir(), "postern-checked-"));
  try {
    const connection = await openConnection({ url, hasNumbers: true });
    await exportRows(connection, join(folder, "metadata.db"));
    await connection.close();
    const database = openForReading(join(folder, "metadata.db"));
    const rows = new SqliteRows(database);
    const report = await checkStore(rows, join(blobFolder, "extents"));
    rows.close();
    database.close();
    return report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
