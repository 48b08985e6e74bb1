/**
 * The server's command: `up --state DIR [--port N] [--listen HOST] [--offline] [--tunnel-for-others]
 * [--token-reuse-seconds N] [--database URL --database-key-file FILE [--database-password-file FILE]]`, or `check --state DIR`, which reads the
 * blob store of a folder that no server has and prints what it found as JSON. The only reader of argv and environment.
 *
 * Says `ready …` on stdout when requests are answered; logs go to stderr. Ends cleanly on SIGTERM and SIGINT.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkStopped } from "./blob/check/check-folder.ts";
import { type CloudOptions, StartFault, startCloud } from "./compose.ts";
import { maxReuseSeconds } from "./tokens/token-reuse.ts";

const usage =
  "usage: up --state DIR [--port N] [--listen HOST] [--offline] [--tunnel-for-others] [--token-reuse-seconds N] " +
  "[--database URL --database-key-file FILE [--database-password-file FILE]], or: check --state DIR";

/** Where distributions keep the system's roots, most common first; Node's own set serves when there is none. */
const systemCaFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** Largest TCP port. */
const maxPort = 65_535;

function readOptions(argv: readonly string[], environment: NodeJS.ProcessEnv): CloudOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      state: { type: "string" },
      port: { type: "string", default: "10443" },
      listen: { type: "string", default: "127.0.0.1" },
      offline: { type: "boolean", default: false },
      "tunnel-for-others": { type: "boolean", default: false },
      "token-reuse-seconds": { type: "string" },
      database: { type: "string" },
      "database-key-file": { type: "string" },
      "database-password-file": { type: "string" },
    },
  });
  if (positionals.length !== 1 || positionals[0] !== "up" || values.state === undefined) throw new StartFault(usage);
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > maxPort) throw new StartFault(`--port takes 0 to ${maxPort}`);
  return {
    stateDir: values.state,
    port,
    listenHost: values.listen,
    isOffline: values.offline,
    canTunnelForOthers: values["tunnel-for-others"],
    upstreamProxy: environment.HTTPS_PROXY || environment.https_proxy || undefined,
    noProxy: environment.NO_PROXY || environment.no_proxy || undefined,
    systemCaFiles,
    tokenReuseSeconds: readReuseSeconds(values["token-reuse-seconds"] ?? environment.POSTERN_TOKEN_REUSE_SECONDS),
    database: readDatabase(values, environment),
    onLost: (why) => {
      process.stderr.write(`${new Date().toISOString()} ${why}\n`);
      process.exit(1);
    },
    log: (line) => process.stderr.write(`${new Date().toISOString()} ${line}\n`),
  };
}

/** @returns undefined when it was not said. */
function readReuseSeconds(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds <= maxReuseSeconds) return seconds;
  throw new StartFault(`--token-reuse-seconds takes 0 (off) to ${maxReuseSeconds}`);
}

type DatabaseFlags = {
  readonly database?: string | undefined;
  readonly "database-key-file"?: string | undefined;
  readonly "database-password-file"?: string | undefined;
};

/** @returns undefined when no database was named. The environment's URL may hold the password; the command line, which others can see, may not. */
function readDatabase(flags: DatabaseFlags, environment: NodeJS.ProcessEnv): CloudOptions["database"] {
  const url = flags.database ?? (environment.POSTERN_DATABASE || undefined);
  if (url === undefined) return undefined;
  if (flags.database !== undefined && hasPassword(flags.database)) {
    throw new StartFault(
      "--database must not hold a password, which others can see here: --database-password-file takes a file, POSTERN_DATABASE the whole URL",
    );
  }
  const keyFile = flags["database-key-file"] ?? environment.POSTERN_DATABASE_KEY_FILE;
  if (keyFile === undefined || keyFile === "") {
    throw new StartFault("--database needs --database-key-file: 32 random bytes as base64 (openssl rand -base64 32)");
  }
  const passwordFile = flags["database-password-file"] ?? (environment.POSTERN_DATABASE_PASSWORD_FILE || undefined);
  return { url, keyFile, passwordFile };
}

function hasPassword(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { password, searchParams } = new URL(url);
  return password !== "" || searchParams.has("password");
}

/** @returns the folder to check; undefined for another command. */
function readCheck([command, ...argv]: readonly string[]): string | undefined {
  if (command !== "check") return undefined;
  const { values } = parseArgs({ args: [...argv], options: { state: { type: "string" } } });
  if (values.state === undefined) throw new StartFault(usage);
  return resolve(values.state);
}

async function main(): Promise<void> {
  const checked = readCheck(process.argv.slice(2));
  if (checked !== undefined) {
    process.stdout.write(`${JSON.stringify(await checkStopped(checked))}\n`);
    return;
  }
  const cloud = await startCloud(readOptions(process.argv.slice(2), process.env));
  process.stdout.write(`ready ${cloud.status.baseUrl}\n`);
  let isStopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      void cloud.stop().then(() => process.exit(0));
    });
  }
}

main().catch((cause: unknown) => {
  const isPlain = cause instanceof StartFault || (cause as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
  process.stderr.write(
    `postern: ${isPlain ? (cause as Error).message : cause instanceof Error ? cause.stack : String(cause)}\n`,
  );
  // What was opened before the fault must not keep a process alive that answers nobody.
  process.exit(1);
});
