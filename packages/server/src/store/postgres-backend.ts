/**
 * The shared store: log and rows in a PostgreSQL (or what speaks like one), for any number of processes at once.
 *
 * Every commit moves the one row of `postern_head` from the revision before it: of two that want the same revision the second waits for the first
 * and then finds it gone. Each commit carries an id of its own, by which one whose answer was lost is recognised.
 * Spec: docs/decisions/0024-postgresql.md
 */
import { randomUUID } from "node:crypto";
import type { Actor, Change, LogEntry } from "../state/change.ts";
import { type EntityKind, keyOf } from "../state/entities.ts";
import { HistoryDiverged, LogMoved, type StateBackend, StoreUnavailable } from "./backend.ts";
import { type Client, type PostgresConnection, sqlStates, stateOf } from "./postgres-connection.ts";
import { migrate } from "./postgres-schema.ts";

/** Rows read or written by one statement; our choice, below the protocol's 65,535 values a statement. */
const rowsPerRead = 5_000;
const rowsPerWrite = 1_000;
/** How long a commit whose answer was lost is asked after before its caller is told that its outcome is not known, in milliseconds. Our choice. */
const resolveTimeoutMs = 8_000;
/** Between two attempts, in milliseconds. */
const retryDelayMs = 200;
/** How long until a listening connection that broke is made anew, in milliseconds; the log is polled in any case. */
const listenAgainMs = 1_000;
const channel = "postern_log";

type LogRow = {
  revision: string;
  commit_id: string;
  time: string;
  actor: string;
  operation: string;
  changes: string;
};

/** Opens the store, its schema brought up to date. The connection stays the caller's to close. */
export async function openPostgresBackend(connection: PostgresConnection): Promise<StateBackend> {
  await migrate(connection);
  return new PostgresBackend(connection);
}

class PostgresBackend implements StateBackend {
  readonly shared = {
    follow: (afterRevision: number, limit: number) => this.#follow(afterRevision, limit),
    onHint: (listener: () => void) => this.#listen(listener),
  };
  readonly #connection: PostgresConnection;
  /** The commit that wrote the last revision this process has seen. */
  #seen = { revision: 0, commitId: "" };
  #isClosed = false;
  /** An engine without NOTIFY refuses it once. */
  #canNotify = true;
  #listenTimer: NodeJS.Timeout | undefined;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  load(apply: (change: Change) => void): Promise<number> {
    return this.#connection.transaction(async (client) => {
      const head = await client.query<{ revision: string; commit_id: string | null }>(
        "SELECT h.revision, l.commit_id FROM postern_head h LEFT JOIN postern_log l ON l.revision = h.revision WHERE h.id = 1",
      );
      const { revision, commit_id: commitId } = head.rows[0]!;
      let after: readonly [kind: string, key: string] = ["", ""];
      for (;;) {
        const { rows } = await client.query<{ kind: EntityKind; key: string; value: string }>(
          "SELECT kind, key, value FROM postern_rows WHERE (kind, key) > ($1, $2) ORDER BY kind, key LIMIT $3",
          [...after, rowsPerRead],
        );
        for (const { kind, value } of rows) apply({ kind, op: "put", row: JSON.parse(value) } as Change);
        const last = rows.at(-1);
        if (last === undefined || rows.length < rowsPerRead) break;
        after = [last.kind, last.key];
      }
      this.#seen = { revision: Number(revision), commitId: commitId ?? "" };
      return this.#seen.revision;
    }, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    const first = entries[0]!.revision;
    const last = first + entries.length - 1;
    entries.forEach(({ revision }, index) => {
      if (revision !== first + index) throw new Error(`log entry ${revision} does not follow the log`);
    });
    const commitId = randomUUID();
    await this.#commit(entries, commitId);
    this.#seen = { revision: last, commitId };
    this.#notify();
  }

  /** @throws LogMoved, or StoreUnavailable when it could not be found out in time whether the commit came about. */
  async #commit(entries: readonly LogEntry[], commitId: string): Promise<void> {
    const givenUpAtMs = performance.now() + resolveTimeoutMs;
    let isUncertain = false;
    for (let attempt = 1; ; attempt++) {
      const isLate = () => this.#isClosed || performance.now() > givenUpAtMs;
      try {
        const writer = isUncertain ? await this.#writerOf(entries[0]!.revision) : undefined;
        if (writer === commitId) return;
        if (writer === undefined)
          return await this.#connection.transaction((client) => write(client, entries, commitId));
      } catch (cause) {
        if (cause instanceof StoreUnavailable) {
          isUncertain ||= cause.isOutcomeUnknown;
          // A pooled connection that broke unseen is worth a second attempt; more are the caller's.
          if (isUncertain ? isLate() : attempt > 1) throw new StoreUnavailable(cause.message, isUncertain);
          await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
          continue;
        }
        if (!isOutrun(cause)) throw cause;
        // What outran an attempt may be the one before it: the next look tells.
        if (isUncertain && !isLate()) continue;
      }
      throw new LogMoved();
    }
  }

  async readLog(afterRevision: number, limit: number): Promise<LogEntry[]> {
    const rows = await this.#connection.query<LogRow>(
      "SELECT revision, commit_id, time, actor, operation, changes FROM postern_log WHERE revision > $1 ORDER BY revision LIMIT $2",
      [afterRevision, limit],
    );
    return rows.map(readEntry);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#listenTimer);
    await this.#connection.close();
  }

  async #follow(afterRevision: number, limit: number): Promise<LogEntry[]> {
    const rows = await this.#connection.query<LogRow>(
      "SELECT revision, commit_id, time, actor, operation, changes FROM postern_log WHERE revision >= $1 ORDER BY revision LIMIT $2",
      [afterRevision, limit + 1],
    );
    if (afterRevision > 0) {
      const known = rows.shift();
      const isKnown = known !== undefined && Number(known.revision) === afterRevision;
      if (!isKnown || (this.#seen.revision === afterRevision && known.commit_id !== this.#seen.commitId))
        throw new HistoryDiverged(afterRevision);
    }
    const last = rows.at(-1);
    if (last !== undefined) this.#seen = { revision: Number(last.revision), commitId: last.commit_id };
    return rows.map(readEntry);
  }

  /** The id of the commit that wrote a revision, if there is one. */
  async #writerOf(revision: number): Promise<string | undefined> {
    const rows = await this.#connection.query<LogRow>("SELECT commit_id FROM postern_log WHERE revision = $1", [
      revision,
    ]);
    return rows[0]?.commit_id;
  }

  /** After the commit and not in it: an engine without NOTIFY would refuse the whole transaction. */
  #notify(): void {
    if (!this.#canNotify) return;
    this.#connection.query(`NOTIFY ${channel}`).catch((cause: unknown) => {
      if (!(cause instanceof StoreUnavailable)) this.#canNotify = false;
    });
  }

  #listen(listener: () => void): void {
    const again = () => {
      if (!this.#isClosed) this.#listenTimer = setTimeout(() => this.#listen(listener), listenAgainMs).unref();
    };
    this.#connection.listen(channel, listener, again).catch((cause: unknown) => {
      // Without LISTEN polling alone tells of growth.
      if (cause instanceof StoreUnavailable) again();
    });
  }
}

/** Refused because another commit came first. */
function isOutrun(cause: unknown): boolean {
  const state = stateOf(cause);
  return (
    cause instanceof LogMoved ||
    state === sqlStates.uniqueViolation ||
    state === sqlStates.serializationFailure ||
    state === sqlStates.deadlock
  );
}

async function write(client: Client, entries: readonly LogEntry[], commitId: string): Promise<void> {
  const before = entries[0]!.revision - 1;
  const moved = await client.query("UPDATE postern_head SET revision = $1 WHERE id = 1 AND revision = $2", [
    before + entries.length,
    before,
  ]);
  if (moved.rowCount !== 1) throw new LogMoved();
  await insertAll(
    client,
    "INSERT INTO postern_log (revision, commit_id, time, actor, operation, changes) VALUES",
    entries.map(({ revision, time, actor, operation, changes }) => [
      revision,
      commitId,
      time,
      JSON.stringify(actor),
      operation,
      JSON.stringify(changes),
    ]),
  );
  const { puts, deletes } = foldChanges(entries);
  const end = " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value";
  await insertAll(client, "INSERT INTO postern_rows (kind, key, value) VALUES", puts, end);
  for (const [kind, keys] of deletes) {
    await client.query("DELETE FROM postern_rows WHERE kind = $1 AND key = ANY($2)", [kind, keys]);
  }
}

/** What the entries come to: each row's last value alone, for one statement cannot write a row twice. */
function foldChanges(entries: readonly LogEntry[]): { puts: string[][]; deletes: Map<EntityKind, string[]> } {
  const last = new Map<string, { readonly change: Change; readonly key: string }>();
  for (const { changes } of entries) {
    for (const change of changes) {
      const key = change.op === "put" ? (keyOf[change.kind] as (row: unknown) => string)(change.row) : change.key;
      last.set(`${change.kind} ${key}`, { change, key });
    }
  }
  const puts: string[][] = [];
  const deletes = new Map<EntityKind, string[]>();
  for (const { change, key } of last.values()) {
    if (change.op === "put") puts.push([change.kind, key, JSON.stringify(change.row)]);
    else deletes.set(change.kind, [...(deletes.get(change.kind) ?? []), key]);
  }
  return { puts, deletes };
}

async function insertAll(
  client: Client,
  insert: string,
  rows: readonly (readonly unknown[])[],
  end = "",
): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsPerWrite) {
    const part = rows.slice(from, from + rowsPerWrite);
    let next = 1;
    const places = part.map((row) => `(${row.map(() => `$${next++}`).join(",")})`);
    await client.query(`${insert} ${places.join(",")}${end}`, part.flat());
  }
}

function readEntry(row: LogRow): LogEntry {
  return {
    revision: Number(row.revision),
    time: row.time,
    actor: JSON.parse(row.actor) as Actor,
    operation: row.operation,
    changes: JSON.parse(row.changes) as Change[],
  };
}
