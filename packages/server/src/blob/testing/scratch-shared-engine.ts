/** Engines with rows in a PostgreSQL, for the tests of every engine: a database for each folder, kept while the tests of a file run. */
import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
import pg from "pg";
import { openConnection, type PostgresConnection } from "../../store/postgres-connection.ts";
import { migrate } from "../../store/postgres-schema.ts";
import type { BlobEngineOptions } from "../engine/engine.ts";
import { exportRows } from "../shared/row-copies.ts";
import { openSharedEngine, type SharedBlobEngine } from "../shared/shared-engine.ts";

/** So many tests of one file do not wait for one another. */
const maxConnections = 6;

async function makeDatabase(server: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } catch (cause) {
    // It was opened before.
    if ((cause as { code?: string }).code !== "42P04") throw cause;
  } finally {
    await client.end();
  }
}

/** Connects to a database of that name, which is made if need be. */
export async function connectTo(server: string, name: string): Promise<PostgresConnection> {
  await makeDatabase(server, name);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const connection = await openConnection({ url: url.href, maxConnections, hasNumbers: true });
  await migrate(connection);
  return connection;
}

function nameOf(stateDir: string): string {
  return `t_${createHash("sha256").update(stateDir).digest("hex").slice(0, 24)}`;
}

/** @returns a new file. */
export async function exportScratchRows(server: string, stateDir: string): Promise<string> {
  const connection = await connectTo(server, nameOf(stateDir));
  const file = join(stateDir, `${randomUUID()}.db`);
  await exportRows(connection, file);
  await connection.close();
  return file;
}

/** Opens the engine of a folder. */
export async function openScratchSharedEngine(server: string, options: BlobEngineOptions): Promise<SharedBlobEngine> {
  const { stateDir, report = () => undefined, now, extentLimitBytes, io } = options;
  const connection = await connectTo(server, nameOf(stateDir));
  const engine = await openSharedEngine({
    connection,
    folder: join(stateDir, "blobs"),
    report,
    now,
    extentLimitBytes,
    io,
  });
  const close = engine.close.bind(engine);
  engine.close = async () => {
    await close();
    await connection.close();
  };
  return engine;
}
