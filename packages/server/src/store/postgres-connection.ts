/**
 * Connections to a PostgreSQL: where it is, how long anything may take, and which failures mean that it is not there.
 *
 * Owns: the pool. May use: `pg`, loaded when a database is asked for. No text of a failure carries the URL or the password.
 * Spec: https://www.postgresql.org/docs/15/errcodes-appendix.html, https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING
 */
import type { Pool, PoolClient, QueryConfig, QueryResultRow } from "pg";
import { StoreUnavailable } from "./backend.ts";

/** How long a connection may take to come about, in milliseconds; our choice: well above a round trip anywhere. */
const connectTimeoutMs = 3_000;
/** How long the server may work on one statement, and how long its answer is waited for, in milliseconds. Our choice: the second ends what a dead link or disk holds up. */
const statementTimeoutMs = 5_000;
const defaultAnswerTimeoutMs = 6_000;
/** How long a transaction may stand still, in milliseconds: the locks of a process that was cut off are given back. Our choice. */
const idleTransactionTimeoutMs = 5_000;
/** Connections at once: one commits or follows, one answers for the log or the lease, one listens. */
const defaultMaxConnections = 4;
/** PostgreSQL's number of the type BIGINT. @see https://www.postgresql.org/docs/15/catalog-pg-type.html */
const bigintType = 20;

export const sqlStates = {
  uniqueViolation: "23505",
  serializationFailure: "40001",
  deadlock: "40P01",
} as const;

/** Classes of SQLSTATE that do not mean a database that is away: data, constraints, rollbacks, syntax. */
const definiteClasses: ReadonlySet<string> = new Set(["22", "23", "40", "42"]);
/** Classes whose text helps whoever set it up, and names no more than a user or a database: authorization, unknown database. */
const tellingClasses: ReadonlySet<string> = new Set(["28", "3D"]);

export type DatabaseOptions = {
  /** `postgres://user@host:port/name?sslmode=…`; a socket's folder as `?host=/run/postgresql`. */
  readonly url: string;
  /** In place of one in the URL. */
  readonly password?: string | undefined;
  /** Shorter, for tests. */
  readonly answerTimeoutMs?: number | undefined;
  /** At once; a few when absent. */
  readonly maxConnections?: number | undefined;
  /** BIGINTs come as numbers and not as texts: all of them are below 2^53. */
  readonly hasNumbers?: boolean | undefined;
};

export type Client = Pick<PoolClient, "query">;

/** The SQLSTATE of a failure, if it has one. */
export function stateOf(cause: unknown): string | undefined {
  const { code } = (cause ?? {}) as { code?: unknown };
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** @returns the failure itself when it is definite, else `StoreUnavailable` with nothing but its code in the text. */
function describeFailure(cause: unknown): unknown {
  if (cause instanceof StoreUnavailable) return cause;
  const state = stateOf(cause);
  if (state !== undefined && definiteClasses.has(state.slice(0, 2))) return cause;
  if (state !== undefined && tellingClasses.has(state.slice(0, 2)))
    return new StoreUnavailable(`the database refuses (${state}: ${(cause as Error).message})`);
  const { code } = (cause ?? {}) as { code?: unknown };
  // Whatever has neither a code nor `pg`'s own words came from elsewhere.
  const isOurs = state === undefined && typeof code !== "string" && !isWireFailure(cause);
  return isOurs ? cause : new StoreUnavailable(`the database does not answer (${code ?? "connection lost"})`);
}

/** `pg` tells of a lost connection and of its own time limits by text alone. */
function isWireFailure(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    /connection|timeout|not queryable|client was closed|cannot use a pool/i.test(cause.message)
  );
}

/** A URL that says nothing of TLS demands it, verified, unless the database is on this machine. */
function demandTls(url: URL): void {
  const host = url.searchParams.get("host") ?? url.hostname;
  const isHere = host === "" || host.startsWith("/") || ["localhost", "127.0.0.1", "[::1]"].includes(host);
  if (!isHere && !url.searchParams.has("sslmode")) url.searchParams.set("sslmode", "verify-full");
}

export class PostgresConnection {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
    // A connection that breaks while nobody uses it is no event: the next use makes another. Without a listener of its own, from its first moment on,
    // one that breaks between two statements would end the process.
    pool.on("error", () => undefined);
    pool.on("connect", (client) => client.on("error", () => undefined));
  }

  /** Runs one statement by itself. @returns its rows. */
  query<Row extends QueryResultRow>(text: string | QueryConfig, values: readonly unknown[] = []): Promise<Row[]> {
    return this.#use(async (client) => {
      const answer = typeof text === "string" ? client.query<Row>(text, [...values]) : client.query<Row>(text);
      return (await answer).rows;
    });
  }

  /** Runs one statement by itself. @returns how many rows it changed. */
  change(text: string, values: readonly unknown[]): Promise<number> {
    return this.#use(async (client) => (await client.query(text, [...values])).rowCount ?? 0);
  }

  /**
   * Runs work in one transaction, which is rolled back when it throws: the connection is closed then.
   * @param isKept of what the work came to: whether it is to be committed; else it is rolled back, and the connection stays.
   * @throws StoreUnavailable, with an unknown outcome when the answer to COMMIT is what is missing.
   */
  transaction<Result>(
    work: (client: Client) => Promise<Result>,
    begin = "BEGIN",
    isKept: (result: Result) => boolean = () => true,
  ): Promise<Result> {
    return this.#use(async (client) => {
      await client.query(begin);
      const result = await work(client);
      if (!isKept(result)) {
        await client.query("ROLLBACK");
        return result;
      }
      try {
        await client.query("COMMIT");
      } catch (cause) {
        const failure = describeFailure(cause);
        throw failure instanceof StoreUnavailable ? new StoreUnavailable(failure.message, true) : failure;
      }
      return result;
    });
  }

  /** Listens for a notification until the connection breaks or the pool closes. @returns once it listens. */
  async listen(channel: string, listener: () => void, onEnd: () => void): Promise<void> {
    const client = await this.#connect();
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      client.release(true);
      onEnd();
    };
    client.on("error", end);
    client.on("end", end);
    client.on("notification", listener);
    try {
      await client.query(`LISTEN ${channel}`);
    } catch (cause) {
      end();
      throw cause;
    }
    this.#listening = end;
  }
  #listening: (() => void) | undefined;

  async close(): Promise<void> {
    this.#listening?.();
    await this.#pool.end();
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (cause) {
      throw describeFailure(cause);
    }
  }

  /** A client with which anything failed is thrown away: what it holds open on the server ends with its connection. */
  async #use<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#connect();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (cause) {
      client.release(true);
      throw describeFailure(cause);
    }
  }
}

/**
 * Makes the pool; nothing is connected yet.
 * @throws for a URL that is none, without quoting it.
 */
export async function openConnection(options: DatabaseOptions): Promise<PostgresConnection> {
  const { url, password } = options;
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) throw new Error("the database is not a postgres:// URL");
  const place = new URL(url);
  demandTls(place);
  if (password !== undefined) place.password = encodeURIComponent(password);
  const { default: pg } = await import("pg");
  return new PostgresConnection(
    new pg.Pool({
      connectionString: place.href,
      max: options.maxConnections ?? defaultMaxConnections,
      ...(options.hasNumbers === true ? { types: numberTypes(pg.types) } : {}),
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      query_timeout: options.answerTimeoutMs ?? defaultAnswerTimeoutMs,
      idle_in_transaction_session_timeout: idleTransactionTimeoutMs,
      keepAlive: true,
      application_name: "postern",
      verify: refuseReadOnly,
    } as ConstructorParameters<typeof pg.Pool>[0]),
  );
}

type TypeParsers = typeof import("pg").types;

function numberTypes({ getTypeParser }: TypeParsers) {
  return {
    getTypeParser: (type: number, format?: "text" | "binary") =>
      type === bigintType && format !== "binary" ? Number : getTypeParser(type, format as "text"),
  };
}

/** A standby answers reads from its past: neither the log nor its end can be learnt there. */
function refuseReadOnly(client: PoolClient, done: (error?: Error) => void): void {
  client.query("SHOW transaction_read_only").then(
    ({ rows }) => {
      const isReadOnly = (rows[0] as { transaction_read_only?: string }).transaction_read_only === "on";
      done(isReadOnly ? new StoreUnavailable("the database is a standby") : undefined);
    },
    (cause) => done(cause as Error),
  );
}
