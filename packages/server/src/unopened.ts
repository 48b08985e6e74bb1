/** Why what is kept could not be opened, in words for whoever started the server. May use: cloud-start.ts only. */
import { StartFault } from "./cloud-start.ts";

/** What SQLite says of a file that it cannot take for one of its own, or cannot read. @see https://sqlite.org/rescode.html */
const unreadable =
  /^(?:file is not a database|database disk image is malformed|unable to open database file|disk I\/O error|attempt to write a readonly database)$/;
const newer = /is of a newer Postern \(schema /;

/**
 * Puts a failed opening into words.
 * @param cause what was thrown; an error of a thread arrives without its code, so it is known by its message.
 * @param file what was being opened.
 * @returns a StartFault for what the user can mend, else the cause itself.
 */
export function explainUnopened(cause: unknown, root: string, file: string): unknown {
  const { message } = cause as Error;
  if (/^database is locked$/.test(message))
    return new StartFault(
      `another Postern is running on ${root}; stop it with \`postern down\`, or name another folder with --state`,
    );
  if (newer.test(message))
    return new StartFault(
      `${message}: start the newer version again, or restore a backup of before; \`postern upgrade-check\` says more`,
    );
  if (unreadable.test(message))
    return new StartFault(
      `${file} cannot be opened: ${message}. \`postern restore FOLDER\` brings a backup back; --state names another folder`,
    );
  return cause;
}
