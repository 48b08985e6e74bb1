/**
 * The local door: a Unix socket in the state folder, where programs of the folder's owner reach the planes without TLS.
 *
 * Owns: where the socket is made, and with which rights. May use: node:fs, node:net.
 *
 * Who may open it is the file system's word: the socket is 0600 in a folder that is 0700, so that only the owner (and root) gets as far as sending a
 * byte, and nobody else can put another socket in its place. What is asked there is authenticated and decided as everywhere.
 */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";

/** Longest path of a socket, in bytes: sun_path has 104 on macOS, 108 on Linux, the last one a zero. @see https://man7.org/linux/man-pages/man7/unix.7.html */
const maxSocketPathBytes = 103;

/**
 * Binds the door. A socket that an earlier process left is removed: whoever calls this holds the state folder.
 * @returns undefined where there can be none: on Windows, in a folder whose path is too long or whose file system has no sockets. Clients then use the port.
 */
export async function bindLocalDoor(
  path: string,
  maxConnections: number,
  accept: (socket: Socket) => void,
): Promise<Server | undefined> {
  if (process.platform === "win32" || Buffer.byteLength(path) > maxSocketPathBytes) return undefined;
  const server = createServer({ allowHalfOpen: true }, accept);
  server.maxConnections = maxConnections;
  try {
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ path }, () => {
        server.removeListener("error", reject);
        resolve();
      });
    });
    chmodSync(path, 0o600);
  } catch {
    server.close(() => {});
    return undefined;
  }
  server.on("error", () => {}); // out of file descriptors and the like: accepting goes on when it can
  return server;
}
