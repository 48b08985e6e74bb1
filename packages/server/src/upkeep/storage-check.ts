/**
 * A check of the blob store, for whoever runs the cloud.
 *
 * The answer names blobs of every account: only who may give themselves any role may ask.
 */

import { PosternRefusal } from "../postern-caller.ts";
import type { Reply } from "../wire/exchange.ts";
import { type Call, requireRight } from "./call.ts";

export const storageCheckAction = "Microsoft.Authorization/storageChecks/write";

/** What a check found; the rest of it is passed on as it is. */
export type StorageReport = { readonly isSound: boolean; readonly findingCount: number };

/** Makes the handler: one check at a time. @param check makes one. @param say takes one line for the log. */
export function createStorageCheck(
  check: () => Promise<StorageReport>,
  say: (line: string) => void,
): (call: Call) => Promise<Reply> {
  let isRunning = false;
  return async (call) => {
    requireRight(call, "Check the blob store", storageCheckAction);
    if (isRunning) throw new PosternRefusal(409, "CheckUnderWay", "The blob store is being checked already.");
    isRunning = true;
    try {
      const report = await check();
      say(`blob store checked by ${call.caller.principalId}: ${report.findingCount} findings`);
      return { status: 200, body: report };
    } finally {
      isRunning = false;
    }
  };
}
