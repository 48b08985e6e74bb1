/**
 * Which replica keeps the blobs. They lie in one state folder, whose id the database learns when the first replica starts; the process on that folder
 * holds a lease while it serves, so that a copy of the folder cannot take writes beside it.
 */
import type { PostgresConnection } from "./postgres-connection.ts";

/**
 * How long a lease lasts that is not renewed, in seconds; our choice: a restart of the database within it is not noticed, and whoever comes after a
 * process that was killed waits no longer.
 */
const leaseSeconds = 15;
/** How much earlier its holder stops to rely on it, in milliseconds; our choice: clocks of one kind drift far less in that time. */
const safetyMs = 3_000;
/** Between two renewals, in milliseconds; our choice. */
const renewEveryMs = 3_000;

/** In the place of a state folder's id: blobs are in a folder that all replicas share. */
export const sharedHome = "shared";

export type BlobHome = Pick<PostgresBlobHome, "isHome" | "isHeld" | "renew" | "release">;

export class PostgresBlobHome {
  /** Whether this state folder is the one that holds the blobs. */
  readonly isHome: boolean;
  readonly #connection: PostgresConnection;
  readonly #home: string;
  readonly #holder: string;
  #heldUntilMs = 0;
  #renewAtMs = 0;

  private constructor(connection: PostgresConnection, isHome: boolean, home: string, holder: string) {
    this.#connection = connection;
    this.isHome = isHome;
    this.#home = home;
    this.#holder = holder;
  }

  /**
   * Makes a state folder the blobs' home unless one is already.
   * @param home id of the state folder. @param holder id of this process.
   */
  static async open(connection: PostgresConnection, home: string, holder: string): Promise<PostgresBlobHome> {
    const isHome = (await PostgresBlobHome.first(connection, home)) === home;
    const opened = new PostgresBlobHome(connection, isHome, home, holder);
    await opened.renew();
    return opened;
  }

  /** Says where blobs are, unless somebody has before. @returns where they are. */
  static async first(connection: PostgresConnection, home: string): Promise<string> {
    await connection.change("INSERT INTO postern_blob_home (id, home) VALUES (1, $1) ON CONFLICT (id) DO NOTHING", [
      home,
    ]);
    return (await PostgresBlobHome.find(connection))!;
  }

  /** Where blobs are; undefined when nobody has said so yet. */
  static async find(connection: PostgresConnection): Promise<string | undefined> {
    const [row] = await connection.query<{ home: string }>("SELECT home FROM postern_blob_home WHERE id = 1");
    return row?.home;
  }

  /** Whether blobs may be written here now. */
  get isHeld(): boolean {
    return this.isHome && performance.now() < this.#heldUntilMs;
  }

  /** Takes or keeps the lease, when it is time to. */
  async renew(): Promise<void> {
    const askedAtMs = performance.now();
    if (!this.isHome || askedAtMs < this.#renewAtMs) return;
    // By the database's clock alone: those of two replicas may differ.
    const changed = await this.#connection.change(
      `UPDATE postern_blob_home SET holder = $1, expires_at = now() + INTERVAL '${leaseSeconds} seconds'
       WHERE id = 1 AND home = $2 AND (holder IS NULL OR holder = $1 OR expires_at < now())`,
      [this.#holder, this.#home],
    );
    this.#heldUntilMs = changed === 1 ? askedAtMs + leaseSeconds * 1000 - safetyMs : 0;
    this.#renewAtMs = changed === 1 ? askedAtMs + renewEveryMs : 0;
  }

  /** Gives the lease back, so that the next process on the folder need not wait. */
  async release(): Promise<void> {
    this.#heldUntilMs = 0;
    if (!this.isHome) return;
    await this.#connection.change("UPDATE postern_blob_home SET holder = NULL WHERE id = 1 AND holder = $1", [
      this.#holder,
    ]);
  }
}
