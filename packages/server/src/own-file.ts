/** Files that hold a secret of the operator's: keys, passwords, tokens. Read only where nobody else can. */
import { readFileSync, statSync } from "node:fs";

/** Why a secret file is not taken, in words for whoever started the server; never with anything that is in it. */
export class OwnFileFault extends Error {}

/** @throws OwnFileFault for a file that is not there, or that others may read. */
export function readOwnFile(file: string): string {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new OwnFileFault(code === "ENOENT" ? `${file} is not there` : `${file} cannot be read: ${code}`);
  }
  if (process.platform !== "win32" && mayOthersRead(statSync(file)))
    throw new OwnFileFault(`${file} may be read by others: chmod 600 it first`);
  return content;
}

/**
 * Root's and readable by one group is how a service manager hands a secret over: systemd's access list for the service's user, and a cluster's group
 * of the pod, both show like that.
 * @see https://systemd.io/CREDENTIALS/
 */
function mayOthersRead({ mode, uid }: { readonly mode: number; readonly uid: number }): boolean {
  const isHandedOver = uid === 0 && (mode & 0o777) === 0o440;
  return (mode & 0o077) !== 0 && !isHandedOver;
}
