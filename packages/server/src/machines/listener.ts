/**
 * The plain-HTTP endpoint of the machines, on loopback and on a port of its own: identity clients speak plain HTTP to a fixed address, as on
 * Azure. Nothing but this room is reached through it. Owns: its sockets. May use: node:http.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { listenerLimits } from "./limits.ts";

const address = "127.0.0.1";

export type MachineListener = {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  close(): Promise<void>;
};

/** Binds a free port. @throws the system's error when there is none. */
export async function startMachineListener(
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<MachineListener> {
  const limits = listenerLimits;
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderSizeBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
    },
    (request, response) => {
      response.on("error", () => {}); // the client left
      onRequest(request, response);
    },
  );
  server.maxConnections = limits.maxConnections;
  server.maxHeadersCount = 0; // past a count Node drops fields in silence; their size is bounded
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, address, resolve);
  });
  server.on("error", () => {}); // out of file descriptors and the like: accepting goes on when it can
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
