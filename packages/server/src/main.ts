/**
 * The server's command: `up` with the settings of configuration/settings.ts, or `check --state DIR`, which reads the blob store of a folder that no
 * server has, or `recount --state DIR`, which counts anew what is in use of it, or `upgrade-check` with the same settings, which says what starting this version would do; all print JSON. The only reader of argv and environment.
 *
 * Says `ready …` on stdout when requests are answered; logs go to stderr. Ends cleanly on SIGTERM and SIGINT.
 */
import { readFileSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkStopped, recountStopped } from "./blob/check/check-folder.ts";
import { type CloudOptions, StartFault, startCloud } from "./compose.ts";
import { cloudOptionsOf } from "./configuration/cloud-options.ts";
import { ConfigurationFault, readConfiguration } from "./configuration/read-configuration.ts";
import type { Configuration } from "./configuration/settings.ts";
import { createLog, type Log } from "./observe/log.ts";
import { redactText } from "./observe/redaction.ts";
import { OwnFileFault } from "./own-file.ts";
import { SealFault } from "./secret-files.ts";
import { FolderFault } from "./state-folder.ts";
import { checkUpgrade } from "./upgrade-check.ts";

const usage =
  "usage: up --state DIR [--config FILE] [--port N] … (docs/configuration.md), or: check|recount --state DIR, or: upgrade-check --state DIR …";

/** Where distributions keep the system's roots, most common first; Node's own set serves when there is none. */
const systemCaFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

function readUpOptions(configuration: Configuration, environment: NodeJS.ProcessEnv, log: Log): CloudOptions {
  return {
    ...cloudOptionsOf(configuration),
    upstreamProxy: environment.HTTPS_PROXY || environment.https_proxy || undefined,
    noProxy: environment.NO_PROXY || environment.no_proxy || undefined,
    systemCaFiles,
    onLost: (why) => {
      log.error(why);
      process.exit(1);
    },
    log,
  };
}

/** The log goes to standard error at once: its last line before an end is the one that is looked for. */
function openLog({ logFormat, logLevel = "info" }: Configuration): Promise<Log> {
  const format = logFormat ?? (process.stderr.isTTY ? "text" : "json");
  return createLog({ format, level: logLevel, write: (line) => void writeSync(process.stderr.fd, line) });
}

/** @returns the folder to check, or to count anew; undefined for another command. */
function readCheck([command, ...argv]: readonly string[]): string | undefined {
  if (command !== "check" && command !== "recount") return undefined;
  const { values } = parseArgs({ args: [...argv], options: { state: { type: "string" } } });
  if (values.state === undefined) throw new StartFault(usage);
  return resolve(values.state);
}

async function main(): Promise<void> {
  const checked = readCheck(process.argv.slice(2));
  if (checked !== undefined) {
    const isRecount = process.argv[2] === "recount";
    process.stdout.write(`${JSON.stringify(isRecount ? recountStopped(checked) : await checkStopped(checked))}\n`);
    return;
  }
  const [command, ...argv] = process.argv.slice(2);
  if (command !== "up" && command !== "upgrade-check") throw new StartFault(usage);
  const configuration = readConfiguration(argv, process.env, (path) => readFileSync(path, "utf8"));
  if (command === "upgrade-check") {
    const { stateDir, database } = cloudOptionsOf(configuration);
    process.stdout.write(`${JSON.stringify(await checkUpgrade({ stateDir, database }))}\n`);
    return;
  }
  const log = await openLog(configuration);
  const cloud = await startCloud(readUpOptions(configuration, process.env, log));
  // At a terminal the next line says it.
  if (!process.stdout.isTTY)
    log.info("ready", { url: cloud.status.baseUrl, admin: cloud.adminOrigin, version: cloud.status.version });
  process.stdout.write(`ready ${cloud.status.baseUrl}\n`);
  let isStopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      log.info("ending", { signal });
      void cloud.stop().then(() => process.exit(0));
    });
  }
}

main().catch((cause: unknown) => {
  const isPlain =
    cause instanceof StartFault ||
    cause instanceof ConfigurationFault ||
    cause instanceof OwnFileFault ||
    cause instanceof SealFault ||
    cause instanceof FolderFault ||
    (cause as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
  process.stderr.write(
    `postern: ${redactText(isPlain ? (cause as Error).message : cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))}\n`,
  );
  // What was opened before the fault must not keep a process alive that answers nobody.
  process.exit(1);
});
