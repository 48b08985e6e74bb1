/**
 * Who is on a database, and which version each is of: for whoever upgrades them one by one.
 *
 * Owns: one table beside the schema's history, made by whoever needs it first: it says nothing that an answer depends on, so that a version with it and
 * one without can be on one database. May use: the connection.
 */
import type { PostgresConnection } from "./postgres-connection.ts";

/** How often a server says that it is still there, in milliseconds; our choice. */
const beatIntervalMs = 10_000;
/** A server that has not said so for this long is gone, in seconds; our choice: some beats. */
const goneAfterSeconds = 60;

export type RosterEntry = { readonly replicaId: string; readonly version: string; readonly secondsAgo: number };

export class PostgresRoster {
  readonly #connection: PostgresConnection;
  readonly #me: { readonly replicaId: string; readonly version: string };
  #nextBeatAtMs = 0;

  constructor(connection: PostgresConnection, me: { readonly replicaId: string; readonly version: string }) {
    this.#connection = connection;
    this.#me = me;
  }

  /** Says that this server is there, unless it did so just now. */
  async beat(nowMs = performance.now()): Promise<void> {
    if (nowMs < this.#nextBeatAtMs) return;
    this.#nextBeatAtMs = nowMs + beatIntervalMs;
    const { replicaId, version } = this.#me;
    await this.#connection.change(
      `INSERT INTO postern_replicas (id, version, seen_at) VALUES ($1, $2, now())
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, seen_at = excluded.seen_at`,
      [replicaId, version],
    );
  }

  /** This server is gone on purpose. */
  async leave(): Promise<void> {
    await this.#connection.change("DELETE FROM postern_replicas WHERE id = $1", [this.#me.replicaId]);
  }

  static async open(
    connection: PostgresConnection,
    me: { readonly replicaId: string; readonly version: string },
  ): Promise<PostgresRoster> {
    if (!(await hasTable(connection))) {
      await connection
        .query(
          "CREATE TABLE IF NOT EXISTS postern_replicas (id TEXT PRIMARY KEY, version TEXT NOT NULL, seen_at TIMESTAMPTZ NOT NULL)",
        )
        // Two at once: the second is refused by the catalogue in one of several ways, and finds the table.
        .catch(async (cause: unknown) => {
          if (!(await hasTable(connection))) throw cause;
        });
    }
    const roster = new PostgresRoster(connection, me);
    await roster.beat();
    return roster;
  }
}

async function hasTable(connection: PostgresConnection): Promise<boolean> {
  const rows = await connection.query("SELECT 1 FROM information_schema.tables WHERE table_name = $1", [
    "postern_replicas",
  ]);
  return rows.length > 0;
}

/** The servers that are there now, without making anything. */
export async function readRoster(connection: PostgresConnection): Promise<RosterEntry[]> {
  if (!(await hasTable(connection))) return [];
  const rows = await connection.query<{ id: string; version: string; seconds: string }>(
    "SELECT id, version, extract(epoch FROM now() - seen_at) AS seconds FROM postern_replicas ORDER BY id",
  );
  return rows
    .map(({ id, version, seconds }) => ({ replicaId: id, version, secondsAgo: Math.round(Number(seconds)) }))
    .filter(({ secondsAgo }) => secondsAgo < goneAfterSeconds);
}
