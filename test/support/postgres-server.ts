/**
 * A PostgreSQL of a test's own: Debian's server on a cluster in a temporary folder, reached on loopback. PostgreSQL refuses to run as root, so root
 * lends it the postgres user.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const programs = "/usr/lib/postgresql/15/bin";
const isRoot = process.getuid?.() === 0;

/** Why there is no PostgreSQL to test with, or false. */
export const postgresMissing: string | false = existsSync(join(programs, "initdb"))
  ? false
  : "PostgreSQL 15 is not installed (Debian: postgresql-15; test/debian/install.sh base)";

const password = "a test's own";

/** The command line of one of the server's programs, as its user. */
function commandOf(program: string, args: readonly string[], within: readonly string[] = []): [string, string[]] {
  const lent = isRoot ? ["/usr/sbin/runuser", "-u", "postgres", "--"] : [];
  const [file, ...rest] = [...within, ...lent, join(programs, program), ...args];
  return [file!, rest];
}

function run(program: string, ...args: string[]): void {
  execFileSync(...commandOf(program, args), { stdio: ["ignore", "pipe", "pipe"], cwd: "/" });
}

/** As `run`, while this process goes on. Nothing is read from it: the server it leaves behind would hold a pipe open. */
function runBeside(within: readonly string[], program: string, ...args: string[]): Promise<void> {
  const child = spawn(...commandOf(program, args, within), { stdio: "ignore", cwd: "/" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
  });
}

export type PostgresServer = {
  /** Of the first process, which the others die with. */
  readonly pid: () => number;
  readonly port: number;
  readonly password: string;
  /** Makes an empty database. @returns its URL, with the password in it. */
  createDatabase(): Promise<string>;
  /** Runs SQL in a database as its owner. */
  query(url: string, text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  start(): Promise<void>;
  /** @param mode `immediate`: as a crash. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  dispose(): void;
};

export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export type PostgresOptions = {
  /** A network of its own: what commands there are preceded by, and the server's address as this process reaches it. */
  readonly host?: { readonly within: readonly string[]; readonly address: string };
};

/** A way to run one statement in a database, each over a connection of its own. */
export function makeQuery(): PostgresServer["query"] {
  return async (url, text, values = []) => {
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query(text, values)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
}

/** Starts a server on a new cluster; about two seconds. @param isSynced for measurements: commits wait for the disk, as they do where it matters. */
export async function startPostgres(isSynced = false, { host }: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "postern-postgres-"));
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (isRoot) {
    const user = Number(execFileSync("id", ["-u", "postgres"], { encoding: "utf8" }));
    chownSync(folder, user, -1);
    chownSync(passwordFile, user, -1);
  }
  const data = join(folder, "data");
  run("initdb", "-D", data, "-U", "postern", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync");
  const port = await findFreePort();
  if (host !== undefined) appendFileSync(join(data, "pg_hba.conf"), "host all all 10.211.0.0/16 scram-sha-256\n");
  const settings = `-c listen_addresses=${host === undefined ? "127.0.0.1" : "*"} -p ${port} -c unix_socket_directories=${folder} -c fsync=${isSynced ? "on" : "off"}`;
  const within = host?.within ?? [];
  const start = () =>
    runBeside(within, "pg_ctl", "-D", data, "-w", "-s", "-l", join(folder, "log"), "-o", settings, "start");
  const stop = (mode: string) => runBeside(within, "pg_ctl", "-D", data, "-w", "-s", "-m", mode, "stop");
  await start();
  const query = makeQuery();
  const urlOf = (name: string) =>
    `postgres://postern:${encodeURIComponent(password)}@${host?.address ?? "127.0.0.1"}:${port}/${name}`;
  let made = 0;
  return {
    pid: () => Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n", 1)[0]),
    port,
    password,
    query,
    start,
    stop,
    createDatabase: async () => {
      const name = `trial_${++made}`;
      await query(urlOf("postgres"), `CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    dispose: () => {
      try {
        run("pg_ctl", "-D", data, "-w", "-s", "-m", "immediate", "stop");
      } catch {
        // it was stopped already
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A link that can be held up and cut. */
export type Link = {
  readonly port: number;
  /** Nothing goes through, and nobody is told. */
  hold(): void;
  /** What was held up goes through, and new connections do. */
  release(): void;
  /** Every connection breaks, and new ones are refused until `release`. */
  cut(): void;
  close(): void;
};

/** Opens a link on loopback to a port, of this machine unless said otherwise. */
export async function openLink(to: number, host = "127.0.0.1"): Promise<Link> {
  const sockets = new Set<Socket>();
  let isHeld = false;
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(to, host);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => into.write(chunk));
      from.on("error", () => into.destroy());
      from.on("close", () => {
        sockets.delete(from);
        into.destroy();
      });
      if (isHeld) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    port: address.port,
    hold: () => {
      isHeld = true;
      for (const socket of sockets) socket.pause();
    },
    release: () => {
      isHeld = false;
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
