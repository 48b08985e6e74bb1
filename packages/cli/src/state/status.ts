/**
 * Whether a cloud runs on a state folder, and where it answers. May use: this folder, node:fs, node:child_process.
 *
 * The server writes `run/status.json` when it is ready and removes it when it stops. After a crash the file stays, so its process
 * number is never believed by itself: before anything is signalled, the process must be a Postern server of this very folder.
 */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { failure } from "../faults.ts";
import type { StatePaths } from "./paths.ts";
import { isMissing, readRecordIfAny } from "./private-file.ts";

/** What a running server says of itself. */
export interface Status {
  /** Every plane by path, e.g. https://localhost:10443. */
  readonly baseUrl: string;
  readonly proxyUrl: string;
  /** Path of a socket where this user's own programs reach the planes without TLS. */
  readonly localDoor?: string;
  /** Where the development account is reached by plain HTTP, if it was asked for. */
  readonly developmentUrl?: string;
  /** Path of a PEM file: the system's roots and the local CA. */
  readonly caBundle: string;
  readonly portalUrl: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly stateDir: string;
  readonly version: string;
  readonly pid: number;
}

const members = {
  baseUrl: "string",
  proxyUrl: "string",
  caBundle: "string",
  portalUrl: "string",
  tenantId: "string",
  subscriptionId: "string",
  stateDir: "string",
  version: "string",
  pid: "number",
} as const;

/** @returns what the status file says when its process lives, else undefined. */
export async function findRunning(paths: StatePaths): Promise<Status | undefined> {
  const record = await readRecordIfAny(paths.status, members);
  if (record === undefined) return undefined;
  const { localDoor, developmentUrl, ...rest } = record;
  const status = {
    ...rest,
    ...(typeof localDoor === "string" && { localDoor }),
    ...(typeof developmentUrl === "string" && { developmentUrl }),
  } as unknown as Status;
  return isAlive(status.pid) ? status : undefined;
}

/** @throws CliFault (failure) when no cloud runs on the folder. */
export async function requireRunning(paths: StatePaths): Promise<Status> {
  const status = await findRunning(paths);
  if (status !== undefined) return status;
  throw failure(
    `No cloud is running on ${paths.stateDir}.`,
    "Start one with: postern up --detach",
    "If it runs elsewhere, name its folder with --state or $POSTERN_STATE.",
  );
}

/** Tells whether there is a process of this number that still runs. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // Not allowed to signal it: then there is one.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A process that has ended keeps its number until its parent asks how; in a container without an init nobody ever may. */
function isZombie(pid: number): boolean {
  try {
    // proc(5): the name stands in parentheses and may hold anything; the state is the letter after it.
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.charAt(stat.lastIndexOf(")") + 2) === "Z";
  } catch {
    return false;
  }
}

/**
 * Tells whether a process was started as `… up … --state <this folder> …`. A number that was given to another program since is not
 * ours, and is never signalled.
 */
export async function isServerOf(pid: number, stateDir: string): Promise<boolean> {
  const words = await readCommandLine(pid);
  if (words === undefined) return false;
  const at = words.indexOf("--state");
  return words.includes("up") && at >= 0 && words[at + 1] === stateDir;
}

async function readCommandLine(pid: number): Promise<readonly string[] | undefined> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
  } catch (error) {
    if (!isMissing(error)) return undefined;
  }
  try {
    // Where there is no /proc, as on macOS; arguments with spaces cannot be told apart there, so such folders are not recognised.
    // Loaded here, for hardly any command needs them.
    const [{ execFile }, { promisify }] = await Promise.all([import("node:child_process"), import("node:util")]);
    const { stdout } = await promisify(execFile)("ps", ["-ww", "-o", "command=", "-p", String(pid)]);
    return stdout.trim().split(" ");
  } catch {
    return undefined;
  }
}
