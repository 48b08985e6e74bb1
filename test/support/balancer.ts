/** A TCP load balancer on loopback that gives each new connection to the next server in turn. */
import { connect, createServer, type Socket } from "node:net";

export type Balancer = {
  readonly port: number;
  /** From now on new connections go to these ports. */
  aim(ports: readonly number[]): void;
  /** How many connections each port was given. */
  readonly given: ReadonlyMap<number, number>;
  close(): void;
};

/** Opens one. A server that does not take a connection has it broken: its client connects again, to the next. */
export async function openBalancer(ports: readonly number[]): Promise<Balancer> {
  let targets = ports;
  let next = 0;
  const given = new Map<number, number>();
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const port = targets[next++ % targets.length]!;
    given.set(port, (given.get(port) ?? 0) + 1);
    const far = connect(port, "127.0.0.1");
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(into);
      from.on("error", () => into.destroy());
      from.on("close", () => {
        sockets.delete(from);
        into.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    given,
    aim: (to) => {
      targets = to;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
