/** Two server processes on one PostgreSQL, for tests. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlaneClient } from "../support/plane-client.ts";
import { type Link, openLink, type PostgresServer } from "../support/postgres-server.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

export type TestReplica = {
  readonly stateDir: string;
  readonly server: ServerProcess;
  readonly client: PlaneClient;
  /** Its way to the database. */
  readonly link: Link;
};

export type ReplicaGround = {
  readonly url: string;
  /** What the replicas share, where they do. */
  readonly blobFolder: string;
  /** Starts a replica on a folder of its own, or on that one again. @param sharedFolder of blobs; null for none, other than usual. */
  start(name: string, sharedFolder?: string | null): Promise<TestReplica>;
  startTogether(one: string, other: string): Promise<[TestReplica, TestReplica]>;
  dispose(): Promise<void>;
};

/** Makes a database, a key and password file, and starts replicas on them. @param hasSharedBlobs blobs are in a folder that all of them serve. */
export async function prepareReplicas(
  postgres: Pick<PostgresServer, "port" | "password" | "createDatabase">,
  hasSharedBlobs = false,
): Promise<ReplicaGround> {
  const url = await postgres.createDatabase();
  const folder = mkdtempSync(join(tmpdir(), "postern-replicas-"));
  const keyFile = join(folder, "key");
  writeFileSync(keyFile, randomBytes(32).toString("base64"), { mode: 0o600 });
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, `${postgres.password}\n`, { mode: 0o600 });
  const blobFolder = join(folder, "blobs");
  const started: TestReplica[] = [];
  const links: Link[] = [];
  const start = async (name: string, sharedFolder = hasSharedBlobs ? blobFolder : null) => {
    const stateDir = join(folder, name);
    mkdirSync(stateDir, { recursive: true });
    const link = await openLink(postgres.port);
    // Of those that do not start, too.
    links.push(link);
    const place = new URL(url);
    place.password = "";
    place.port = String(link.port);
    const server = await startServer(stateDir, [
      ...["--offline", "--database", place.href, "--database-key-file", keyFile],
      ...["--database-password-file", passwordFile],
      ...(sharedFolder === null ? [] : ["--blob-folder", sharedFolder]),
    ]);
    const replica = { stateDir, server, client: new PlaneClient(server.status), link };
    started.push(replica);
    return replica;
  };
  return {
    url,
    blobFolder,
    start,
    startTogether: async (one, other) => {
      const outcomes = await Promise.allSettled([start(one), start(other)]);
      // Both have come to an end before one's failure is told: what started is disposed of then.
      const [first, second] = outcomes.map((outcome) => {
        if (outcome.status === "rejected") throw outcome.reason;
        return outcome.value;
      });
      return [first!, second!];
    },
    dispose: async () => {
      for (const { server, client } of started) {
        client.close();
        if (server.child.exitCode === null && server.child.signalCode === null) await server.kill();
      }
      for (const link of links) link.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Asks until the answer is as wanted; each answer before it must be one of the others that are allowed. @returns how long it took, in milliseconds. */
export async function until(
  ask: () => Promise<boolean>,
  what: string,
  giveUpAfterMs = givenUpAfterMs,
): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    if (await ask()) return performance.now() - startedMs;
    if (performance.now() - startedMs > giveUpAfterMs) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Many times the bound, for a machine that has other work. */
const givenUpAfterMs = 30_000;
