/**
 * A process's right to write blobs, of which there are as many as may write at once. The seat's row holds who has it, until when, what was the last number drawn
 * and the last group committed: every group moves that row, so none of a process that lost its seat is ever committed.
 *
 * Owns: the row, the database's clock as this process knows it. May use: the store's connection.
 */
import type { Client, PostgresConnection } from "../../store/postgres-connection.ts";
import type { Lane } from "../engine/extent-store.ts";
import { prepared } from "./prepared.ts";
import { maxSeats } from "./working-set.ts";

/** How long a seat is kept that is not renewed, in seconds. Our choice: a restart of the database within it is not noticed. */
const seatSeconds = 20;
/** Between two renewals, in milliseconds. Our choice. */
const renewEveryMs = 3_000;
/** How long a process that comes when every seat is taken waits for one, in milliseconds: those of killed processes are free by then. */
const seatWaitMs = (seatSeconds + 5) * 1000;
/** Between two looks for a free seat, in milliseconds. Our choice. */
const seatRetryMs = 500;

const nowMsSql = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";

/** Every seat is taken. */
export class NoSeat extends Error {
  constructor() {
    super(`${maxSeats} replicas write blobs already, and no more can`);
    this.name = "NoSeat";
  }
}

export type SeatPorts = {
  /** When the oldest read under way began, by the database's clock; infinity for none. */
  readonly oldestReadMs: () => number;
  /** Another had the seat, and this process has a new one. */
  readonly onLost: () => void;
  /** In place of the database's clock, for tests. */
  readonly nowMs?: (() => number) | undefined;
};

export type Holding = {
  readonly seat: number;
  /** A number that no process had before. */
  readonly holder: number;
  /** No number above this was drawn from the seat before. */
  readonly lastStamp: number;
};

export class WriterSeat {
  readonly #connection: PostgresConnection;
  readonly #oldestReadMs: () => number;
  readonly #onLost: () => void;
  readonly #now: (() => number) | undefined;
  #taken: Holding;
  /** What is to be added to this process's own clock to have the database's, in milliseconds. */
  #offsetMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #renewal: Promise<void> | undefined;

  private constructor(connection: PostgresConnection, taken: Holding, { oldestReadMs, onLost, nowMs }: SeatPorts) {
    this.#connection = connection;
    this.#taken = taken;
    this.#oldestReadMs = oldestReadMs;
    this.#onLost = onLost;
    this.#now = nowMs;
  }

  /**
   * Takes a seat and keeps it.
   * @throws NoSeat
   */
  static async take(connection: PostgresConnection, ports: SeatPorts): Promise<WriterSeat> {
    const taken = await takeFree(connection);
    const seat = new WriterSeat(connection, taken, ports);
    await seat.renew();
    seat.#schedule();
    return seat;
  }

  /** What this process has at the moment. */
  get holding(): Holding {
    return this.#taken;
  }

  /** The database's clock, in milliseconds since 1970. */
  get nowMs(): number {
    if (this.#now !== undefined) return this.#now();
    return Math.floor(performance.timeOrigin + performance.now() + this.#offsetMs);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.renew()
        // A database that is away takes the seat back by itself.
        .catch(() => undefined)
        .finally(() => {
          if (!this.#isClosed) this.#schedule();
        });
    }, renewEveryMs).unref();
  }

  /** Says that this process is there; takes a new seat when it has lost its own. */
  renew(): Promise<void> {
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renew(): Promise<void> {
    const { seat, holder } = this.#taken;
    const oldest = this.#oldestReadMs();
    const askedMs = performance.now();
    const rows = await this.#connection.query<{ now_ms: number }>(
      `UPDATE postern_blob_seats SET expires_at = now() + INTERVAL '${seatSeconds} seconds', renewed_ms = $4, oldest_read_ms = $3
       WHERE seat = $1 AND holder = $2 RETURNING ${nowMsSql} AS now_ms`,
      [seat, holder, Number.isFinite(oldest) ? oldest : null, this.nowMs],
    );
    const [row] = rows;
    if (row === undefined) {
      this.#taken = await takeFree(this.#connection);
      this.#onLost();
      return;
    }
    const answeredMs = performance.now();
    this.#offsetMs = row.now_ms - (performance.timeOrigin + (askedMs + answeredMs) / 2);
  }

  /** Whether this holder's last group was that one; waits for one that is being committed. @returns undefined when another has the seat: nobody can tell then. */
  async hasCommitted({ seat, holder }: Holding, commitId: string): Promise<boolean | undefined> {
    const [row] = await this.#connection.query<{ holder: number | null; commit_id: string | null }>(
      "SELECT holder, commit_id FROM postern_blob_seats WHERE seat = $1 FOR UPDATE",
      [seat],
    );
    return row?.holder === holder ? row.commit_id === commitId : undefined;
  }

  /** Draws the number of an extent that this process appends to. */
  drawExtent(lane: Lane): Promise<number> {
    const { holder } = this.#taken;
    return this.#connection.transaction(async (client) => {
      const { rows } = await client.query<{ value: number }>(
        "UPDATE postern_blob_counters SET value = value + 1 WHERE name = 'extent' RETURNING value",
      );
      const id = rows[0]!.value;
      await client.query("INSERT INTO postern_blob_extents (id, lane, holder) VALUES ($1, $2, $3)", [id, lane, holder]);
      return id;
    });
  }

  /** Takes over the extents of processes that are gone. @returns them. */
  async adoptExtents(): Promise<{ id: number; lane: Lane }[]> {
    const { holder } = this.#taken;
    // First their seats: what such a process had under way is then never committed, should it come back.
    await this.#connection.change(
      "UPDATE postern_blob_seats SET holder = NULL WHERE expires_at < now() AND holder IS NOT NULL AND holder <> $1",
      [holder],
    );
    return this.#connection.query<{ id: number; lane: Lane }>(
      `UPDATE postern_blob_extents SET holder = $1 WHERE holder NOT IN (SELECT holder FROM postern_blob_seats WHERE holder IS NOT NULL)
       RETURNING id, lane`,
      [holder],
    );
  }

  /** When the oldest read under way on any replica began, as far as all have said since a time; that time when one has not. */
  async oldestReadSince(sinceMs: number): Promise<number> {
    await this.renew();
    const rows = await this.#connection.query<{ renewed_ms: number; oldest_read_ms: number | null }>(
      "SELECT renewed_ms, oldest_read_ms FROM postern_blob_seats WHERE holder IS NOT NULL",
    );
    const oldest = rows.map((row) =>
      row.renewed_ms <= sinceMs ? sinceMs : (row.oldest_read_ms ?? Number.POSITIVE_INFINITY),
    );
    return Math.min(...oldest);
  }

  /** Gives the seat back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#renewal?.catch(() => undefined);
    const { seat, holder } = this.#taken;
    await this.#connection
      .change("UPDATE postern_blob_seats SET holder = NULL WHERE seat = $1 AND holder = $2", [seat, holder])
      .catch(() => undefined);
  }
}

/** Moves a seat's row within a group's transaction. @returns false when the seat is another's. */
export async function moveSeat(
  client: Client,
  { seat, holder }: Holding,
  commitId: string,
  lastStamp: number,
): Promise<boolean> {
  const text = "UPDATE postern_blob_seats SET commit_id = $1, last_stamp = $2 WHERE seat = $3 AND holder = $4";
  const { rowCount } = await client.query(prepared(text, [commitId, lastStamp, seat, holder]));
  return rowCount === 1;
}

async function takeFree(connection: PostgresConnection): Promise<Holding> {
  const givenUpAtMs = performance.now() + seatWaitMs;
  for (;;) {
    const taken = await connection.transaction(async (client) => {
      // Its lock lets takers come one by one.
      const { rows } = await client.query<{ value: number }>(
        "UPDATE postern_blob_counters SET value = value + 1 WHERE name = 'holder' RETURNING value",
      );
      const holder = rows[0]!.value;
      const free = await client.query<{ seat: number; last_stamp: number }>(
        "SELECT seat, last_stamp FROM postern_blob_seats WHERE holder IS NULL OR expires_at < now() ORDER BY seat LIMIT 1 FOR UPDATE",
      );
      const [row] = free.rows;
      if (row === undefined) return undefined;
      await client.query(
        `UPDATE postern_blob_seats SET holder = $1, expires_at = now() + INTERVAL '${seatSeconds} seconds', renewed_ms = ${nowMsSql},
           oldest_read_ms = NULL, commit_id = NULL WHERE seat = $2`,
        [holder, row.seat],
      );
      return { seat: row.seat, holder, lastStamp: row.last_stamp };
    });
    if (taken !== undefined) return taken;
    if (performance.now() > givenUpAtMs) throw new NoSeat();
    await new Promise((resolve) => setTimeout(resolve, seatRetryMs));
  }
}
