/** What an account keeps of what is overwritten and deleted, as its blob service is set. */
import { noRetention, type Retention } from "./engine/model.ts";
import type { Call } from "./operation-row.ts";

export function retentionOf({ account: { blobService } }: Pick<Call, "account">): Retention {
  if (blobService === undefined) return noRetention;
  return { isVersioned: blobService.isVersioningEnabled, deletedBlobDays: blobService.deletedBlobDays };
}

/** Days that deleted containers are kept; null for not at all. */
export function containerDaysOf({ account: { blobService } }: Pick<Call, "account">): number | null {
  return blobService?.deletedContainerDays ?? null;
}
