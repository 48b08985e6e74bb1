/**
 * Runs one client program and gives back what it printed. May use node:child_process only.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** Guards against a client that hangs for ever; no test passes or fails by being fast or slow below it. */
const HANG_LIMIT_MS = 240_000;

/** How one program ended: `code` is null when a signal ended it. */
export interface Outcome {
  readonly command: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecuteOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** Starts a program in a process group of its own, so that `endGroup` reaches what it started too. */
export function startProgram(command: readonly string[], options: ExecuteOptions = {}): ChildProcess {
  return spawn(command[0]!, command.slice(1), {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
}

/** Ends a program started by `startProgram` with everything in its process group; one that has ended already is left alone. */
function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Runs a program to its end. @throws when it cannot be started or runs past the hang limit. */
export function execute(command: readonly string[], options: ExecuteOptions = {}): Promise<Outcome> {
  const shown = command.join(" ");
  const child = startProgram(command, options);
  const parts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (text: string) => {
      parts[name] += text;
    });
  }
  if (options.input !== undefined) child.stdin!.end(options.input);
  return new Promise((resolve, reject) => {
    const guard = setTimeout(() => {
      endGroup(child, "SIGKILL");
      reject(new Error(`still running after ${HANG_LIMIT_MS} ms: ${shown}\n${parts.stdout}${parts.stderr}`));
    }, HANG_LIMIT_MS);
    child.once("error", (error) => {
      clearTimeout(guard);
      reject(error);
    });
    child.once("close", (code) => {
      clearTimeout(guard);
      resolve({ command: shown, code, ...parts });
    });
  });
}

/** The outcome as one text, for an assertion's message. */
function describeOutcome(outcome: Outcome): string {
  return `${outcome.command}\nexit code ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`;
}

/** @throws AssertionError with everything the program printed, unless it ended with exit code 0. */
export function assertSucceeded(outcome: Outcome): Outcome {
  assert.equal(outcome.code, 0, describeOutcome(outcome));
  return outcome;
}

/** Asserts that the program failed and said so: some text of `expected` (or the pattern) is in what it printed. */
export function assertRefused(outcome: Outcome, expected: RegExp): Outcome {
  assert.notEqual(outcome.code, 0, `should have been refused: ${describeOutcome(outcome)}`);
  assert.match(`${outcome.stdout}\n${outcome.stderr}`, expected, describeOutcome(outcome));
  return outcome;
}

/** A server program that runs until `end`, which waits until it is gone. */
export interface RunningServer {
  readonly url: string;
  readonly end: () => Promise<void>;
}

/** Starts a program that prints its address. @param pattern finds the address as its first group. */
export async function startServer(
  command: readonly string[],
  pattern: RegExp,
  options: ExecuteOptions,
): Promise<RunningServer> {
  const child = startProgram(command, options);
  let printed = "";
  const url = await new Promise<string>((resolve, reject) => {
    const collect = (part: Buffer) => {
      printed += part;
      const match = pattern.exec(printed);
      if (match) resolve(match[1]!);
    };
    child.stdout!.on("data", collect);
    child.stderr!.on("data", collect);
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`the server ended: ${command.join(" ")}\n${printed}`)));
  });
  const end = async () => {
    const gone = once(child, "exit");
    endGroup(child, "SIGTERM");
    await gone;
  };
  return { url, end };
}
