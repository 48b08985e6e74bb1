/**
 * Starts and stops the server's process. May use: state/, faults.ts, node:child_process.
 *
 * The server is another program: it is found as the package @postern/server and spoken to by arguments, signals and its status file.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describeError, failure } from "./faults.ts";
import type { StatePaths } from "./state/paths.ts";
import { findRunning, isAlive, isServerOf, type Status } from "./state/status.ts";

/** The first start of a folder makes keys and certificates: 2 s were measured on a slow machine. */
const READY_LIMIT_MS = 30_000;
/** A server that stops finishes what it is answering first. */
const STOP_LIMIT_MS = 30_000;
const POLL_MS = 10;
/** How much of a server's log explains why it did not start. */
const SHOWN_LOG_LINES = 20;

/** What the server is told beside its state folder: its own settings, by the names they have in its table; undefined: its default. */
export type ServerOptions = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * How much memory V8 takes before it looks for what is no longer needed: it would let a busy server grow by 100 MiB that hold nothing. Young objects get
 * 2 x 8 MiB, and the old ones are looked through when they have grown by half. Measured: docs/decisions/0035-one-sync-a-write.md.
 */
export const MEMORY_FLAGS = ["--max-semi-space-size=8", "--heap-growing-percent=50"];

/** glibc's allocator gives each thread a share of its own, and what is free in one is of no use to another: the server has one for all. */
const ALLOCATOR = { MALLOC_ARENA_MAX: "1" };

/** What the server's process gets of the caller's environment; what is said there goes before what is said here. */
export function serverEnv(env: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return { ...ALLOCATOR, ...env };
}

function entryCommand(): readonly string[] {
  const entry = fileURLToPath(import.meta.resolve("@postern/server"));
  return [process.execPath, ...MEMORY_FLAGS, ...(entry.endsWith(".ts") ? ["--conditions=postern-source"] : []), entry];
}

/** What a command of the server prints that ends by itself. @throws CliFault with what it said, when it failed. */
export async function readFromServer(
  { stateDir }: StatePaths,
  command: "check" | "recount" | "upgrade-check",
  env: Readonly<NodeJS.ProcessEnv>,
  options: ServerOptions = {},
): Promise<string> {
  const [program, ...words] = entryCommand();
  const child = spawn(program!, [...words, command, "--state", stateDir, ...writeFlags(options)], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [printed, said, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once("error", reject).once("exit", resolve)),
  ]);
  if (code !== 0)
    throw failure(
      said
        .trimEnd()
        .replace(/^postern: (?:Error: )?/, "")
        .split("\n", 1)[0]!,
    );
  return printed;
}

/** The server's command line, from this Node on. `--state` is always absolute: by it the process is known again later. */
export function serverCommand({ stateDir }: StatePaths, options: ServerOptions): readonly string[] {
  return [...entryCommand(), "up", "--state", stateDir, ...writeFlags(options)];
}

/** What was given of a command's own options; beside them `args` holds those that every command has. @param own the command's table. */
export function pickOwn(own: object, args: Readonly<Record<string, unknown>>): ServerOptions {
  return Object.fromEntries(Object.keys(own).map((name) => [name, args[name]])) as ServerOptions;
}

function writeFlags(options: ServerOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [flag] : [flag, String(value)];
  });
}

/** Starts a server that outlives this process. @returns its status when it is ready. @throws CliFault with the end of its log. */
export async function startDetached(
  paths: StatePaths,
  command: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<Status> {
  mkdirSync(dirname(paths.serverLog), { recursive: true, mode: 0o700 });
  const log = openSync(paths.serverLog, "a", 0o600);
  const logStart = statSync(paths.serverLog).size;
  const child = spawn(command[0]!, command.slice(1), { env, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = describeError(error);
  });
  child.once("exit", (code, signal) => {
    ended = signal === null ? `exit code ${code}` : signal;
  });
  child.unref();
  const started = performance.now();
  for (;;) {
    const status = await findRunning(paths);
    if (status !== undefined && status.pid === child.pid) return status;
    if (ended !== undefined) throw failure(`The cloud did not start (${ended}).\n${readLog(paths, logStart)}`);
    if (performance.now() - started > READY_LIMIT_MS) {
      child.kill("SIGTERM");
      throw failure(`The cloud was not ready within ${READY_LIMIT_MS / 1000} s.\n${readLog(paths, logStart)}`);
    }
    await wait(POLL_MS);
  }
}

/** Asks a server to stop and waits until it has. @throws CliFault when the process is not a server of the folder, or does not end. */
export async function stopServer(paths: StatePaths, { pid }: Status): Promise<void> {
  if (!(await isServerOf(pid, paths.stateDir))) {
    throw failure(
      `Process ${pid} is not a Postern server of ${paths.stateDir}: it was left alone.`,
      `If no cloud runs there, remove ${paths.status}`,
    );
  }
  process.kill(pid, "SIGTERM");
  const started = performance.now();
  while (isAlive(pid)) {
    if (performance.now() - started > STOP_LIMIT_MS) {
      throw failure(
        `Process ${pid} has not stopped within ${STOP_LIMIT_MS / 1000} s; it may still be answering someone.`,
      );
    }
    await wait(POLL_MS);
  }
}

function readLog({ serverLog }: StatePaths, start: number): string {
  const text = readFileSync(serverLog).subarray(start).toString("utf8").trimEnd();
  return text.split("\n").slice(-SHOWN_LOG_LINES).join("\n");
}
