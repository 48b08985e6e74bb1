/** Two replicas and their PostgreSQL, each in a network of its own, with wires between them that can be cut. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Host, TestNetwork, type Wire } from "../support/network.ts";
import { PlaneClient } from "../support/plane-client.ts";
import { type Link, openLink, type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

export class NetworkedReplica {
  readonly #start: (host: string) => Promise<ServerProcess>;
  readonly #host: string;
  #link: Link | undefined;
  /** To the database. */
  readonly wire: Wire;
  server!: ServerProcess;
  client!: PlaneClient;

  /** @param clients the wire that clients come by. */
  constructor(wire: Wire, clients: Wire, start: (host: string) => Promise<ServerProcess>) {
    this.wire = wire;
    this.#host = clients.far;
    this.#start = start;
  }

  async start(): Promise<void> {
    this.server = await this.#start(this.#host);
    this.#link?.close();
    this.client?.close();
    // Clients speak to this machine's own loopback; what they say is carried over the wire.
    this.#link = await openLink(Number(new URL(this.server.status.baseUrl).port), this.#host);
    this.client = new PlaneClient({ ...this.server.status, baseUrl: `https://localhost:${this.#link.port}` });
  }

  async dispose(): Promise<void> {
    this.client?.close();
    this.#link?.close();
    const child = this.server?.child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) await this.server.kill();
  }
}

export type NetworkedGround = {
  readonly postgres: PostgresServer;
  /** As this process reaches it. */
  readonly url: string;
  readonly replicas: readonly [NetworkedReplica, NetworkedReplica];
  dispose(): Promise<void>;
};

/** Lays the network and starts all three; some seconds. */
export async function layNetwork(): Promise<NetworkedGround> {
  const network = new TestNetwork();
  const folder = mkdtempSync(join(tmpdir(), "postern-network-"));
  const database = network.addHost("db");
  const toDatabase = network.connect(undefined, database);
  const postgres = await startPostgres(false, { host: { within: database.within, address: toDatabase.far } });
  const url = await postgres.createDatabase();
  const secretFile = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const keyFile = secretFile("key", randomBytes(32).toString("base64"));
  const passwordFile = secretFile("password", postgres.password);
  const addReplica = (name: string) => {
    const host: Host = network.addHost(name);
    const wire = network.connect(host, database);
    const clients = network.connect(undefined, host);
    const stateDir = join(folder, name);
    mkdirSync(stateDir);
    const place = new URL(url);
    [place.hostname, place.password, place.search] = [wire.far, "", "?sslmode=disable"];
    const options = [
      "--database",
      place.href,
      "--database-key-file",
      keyFile,
      "--database-password-file",
      passwordFile,
      // One principal makes all of the load here, more than any is let off loopback.
      "--plane-rate",
      "0",
    ];
    return new NetworkedReplica(wire, clients, (address) =>
      startServer(stateDir, ["--offline", "--listen", address, ...options], host.within),
    );
  };
  const replicas = [addReplica("a"), addReplica("b")] as const;
  const dispose = async () => {
    for (const replica of replicas) await replica.dispose();
    postgres.dispose();
    network.dispose();
    rmSync(folder, { recursive: true, force: true });
  };
  const started = await Promise.allSettled(replicas.map((replica) => replica.start()));
  const failed = started.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    await dispose();
    throw failed.reason;
  }
  return { postgres, url, replicas, dispose };
}
