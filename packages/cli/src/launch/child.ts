/**
 * Runs a program in this one's place: its terminal, its signals, its exit code. May use: faults.ts, node:child_process.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { describeError, failure, SIGNAL_EXIT_BASE } from "../faults.ts";

/** What shells answer for a program that is not there, and for one that cannot be run. */
const EXIT_NOT_FOUND = 127;
const EXIT_NOT_RUNNABLE = 126;

/** Signals that ask a program to end or to do something: passed on. */
const passedOn = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
/** Signals a terminal sends to all of us at once: the program has them already. */
const sharedByTerminal = ["SIGINT", "SIGQUIT"] as const;

export interface ChildRequest {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** True when there is a terminal that sends its signals to the program too. */
  readonly isOnTerminal: boolean;
  readonly sayError: (text: string) => void;
}

/** @returns the program's exit code; 128 plus the signal's number when a signal ended it. */
export function runChild({ command, env, isOnTerminal, sayError }: ChildRequest): Promise<number> {
  const [program, ...args] = command;
  if (program === undefined) throw failure("No program was named.");
  return new Promise((resolve) => {
    // Listened to before the program runs: one that signals us at once must not find us without a handler.
    const stopPassing = passSignals((signal) => child.kill(signal), isOnTerminal);
    const child = spawn(program, args, { env, stdio: "inherit" });
    child.once("error", (error: NodeJS.ErrnoException) => {
      stopPassing();
      sayError(error.code === "ENOENT" ? `${program}: no such program.` : `${program}: ${describeError(error)}`);
      resolve(error.code === "ENOENT" ? EXIT_NOT_FOUND : EXIT_NOT_RUNNABLE);
    });
    child.once("exit", (code, signal) => {
      stopPassing();
      resolve(signal === null ? (code ?? 0) : SIGNAL_EXIT_BASE + constants.signals[signal]);
    });
  });
}

function passSignals(pass: (signal: NodeJS.Signals) => void, isOnTerminal: boolean): () => void {
  const handlers = [...passedOn, ...sharedByTerminal].map((signal) => {
    const isShared = isOnTerminal && sharedByTerminal.some((shared) => shared === signal);
    const handler = isShared ? () => {} : () => pass(signal);
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const remove of handlers) remove();
  };
}
