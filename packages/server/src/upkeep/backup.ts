/**
 * A backup of the state folder, for whoever runs the cloud: on the same machine, where the folder is.
 *
 * It holds every key and secret there is: only who may give themselves any role may have it made, and the answer says where it is, not what is in it.
 */
import type { Reply } from "../wire/exchange.ts";
import { type Call, requireRight } from "./call.ts";

export const backupAction = "Microsoft.Authorization/backups/write";

export type Backup = { readonly folder: string; readonly files: readonly { readonly sizeBytes: number }[] };

/** @param make makes one, whole. @param say takes one line for the log. */
export async function makeBackup(call: Call, make: () => Promise<Backup>, say: (line: string) => void): Promise<Reply> {
  requireRight(call, "Back up the state folder", backupAction);
  const { folder, files } = await make();
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  say(`backup made by ${call.caller.principalId}: ${folder}`);
  return { status: 200, body: { folder, fileCount: files.length, sizeBytes } };
}
