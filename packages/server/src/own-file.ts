/** Files that hold a secret of the operator's: keys, passwords, tokens. Read only where nobody else can. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";

/** Why a secret file is not taken, in words for whoever started the server; never with anything that is in it. */
export class OwnFileFault extends Error {}

/** @throws OwnFileFault for a file that is not there, or that others may read. */
export function readOwnFile(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    // Of the very file that is read, whatever its name stands for a moment later.
    if (process.platform !== "win32" && mayOthersRead(fstatSync(descriptor)))
      throw new OwnFileFault(`${file} may be read by others: chmod 600 it first`);
    return readFileSync(descriptor, "utf8");
  } catch (cause) {
    if (cause instanceof OwnFileFault) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new OwnFileFault(code === "ENOENT" ? `${file} is not there` : `${file} cannot be read: ${code}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
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
