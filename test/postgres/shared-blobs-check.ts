/** Checks everything of the blobs that replicas share: every row, index, count, extent and record. */
import type { StoreReport } from "../../packages/server/src/blob/check/report.ts";
import { checkSharedStore } from "../../packages/server/src/blob/shared/shared-check.ts";
import { openConnection } from "../../packages/server/src/store/postgres-connection.ts";
import type { ReplicaGround } from "./replica-pair.ts";

export async function checkSharedBlobs({ url, blobFolder }: ReplicaGround): Promise<StoreReport> {
  const connection = await openConnection({ url, hasNumbers: true });
  try {
    return await checkSharedStore(connection, blobFolder);
  } finally {
    await connection.close();
  }
}
