/** The sockets that accept: one on each address, at one port, and what a connection says first. May use: node:net. */
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";

export type Binding = {
  /** In order; the first must succeed, the others are taken when they can be had. */
  readonly addresses: readonly string[];
  /** 0: any free one. */
  readonly port: number;
  readonly maxConnections: number;
};

/** @throws the system's error when the first address cannot be bound. @returns at least one. */
export async function bindAll(options: Binding, accept: (socket: Socket) => void): Promise<TcpServer[]> {
  const acceptors: TcpServer[] = [];
  for (const address of options.addresses) {
    const isFirst = acceptors.length === 0;
    const port = isFirst ? options.port : portOf(acceptors[0]!);
    try {
      acceptors.push(await bind(address, port, options.maxConnections, accept));
    } catch (error) {
      if (isFirst) throw error;
      // No IPv6 on this machine, or the port is taken there: clients fall back to the first address.
    }
  }
  return acceptors;
}

function bind(
  host: string,
  port: number,
  maxConnections: number,
  accept: (socket: Socket) => void,
): Promise<TcpServer> {
  return new Promise((resolve, reject) => {
    const server = createTcpServer({ allowHalfOpen: true, noDelay: true }, accept);
    server.maxConnections = maxConnections;
    server.once("error", reject);
    server.listen({ host, port, ipv6Only: host === "::1" }, () => {
      server.removeListener("error", reject);
      server.on("error", () => {}); // out of file descriptors and the like: accepting goes on when it can
      resolve(server);
    });
  });
}

export function portOf(server: TcpServer): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the listener is not bound to a TCP port");
  return address.port;
}

/** Waits for the first bytes, puts them back, and hands on a paused socket. A connection that says nothing is closed. */
export function receiveFirstByte(socket: Socket, timeoutMs: number, proceed: (byte: number) => void): void {
  const giveUp = () => socket.destroy();
  socket.setTimeout(timeoutMs, giveUp);
  socket.once("end", giveUp);
  socket.once("data", (chunk: Buffer) => {
    socket.pause();
    socket.setTimeout(0, giveUp); // also takes the handler off
    socket.removeListener("end", giveUp);
    socket.unshift(chunk);
    proceed(chunk[0]!);
  });
}
