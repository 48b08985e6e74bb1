/**
 * What can go wrong, as the command line tells it, and the exit code of each: the one table of exit codes.
 *
 * May use: nothing. The codes are az's own, so that scripts written for az keep working: a command line that cannot be understood
 * is 2, a thing that is not there is 3, every other failure is 1.
 * @see https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-tips#understand-exit-codes
 */

export type FaultKind = "failure" | "usage" | "not-found";

const exitCodes: Readonly<Record<FaultKind, number>> = { failure: 1, usage: 2, "not-found": 3 };

/** Exit code of a program that a signal ended: 128 plus the signal's number, as shells count. */
export const SIGNAL_EXIT_BASE = 128;

/** A failure with a text for the user; `hints` are printed below it, one a line. Never holds a secret. */
export class CliFault extends Error {
  readonly kind: FaultKind;
  readonly hints: readonly string[];

  constructor(kind: FaultKind, message: string, hints: readonly string[] = []) {
    super(message);
    this.name = "CliFault";
    this.kind = kind;
    this.hints = hints;
  }
}

/** A failure of the ordinary kind. */
export function failure(message: string, ...hints: string[]): CliFault {
  return new CliFault("failure", message, hints);
}

/** A command line that cannot be understood. */
export function usageFault(message: string, ...hints: string[]): CliFault {
  return new CliFault("usage", message, hints);
}

/** A named thing that is not there. */
export function notFound(message: string, ...hints: string[]): CliFault {
  return new CliFault("not-found", message, hints);
}

/** The exit code of whatever was thrown. */
export function exitCodeOf(error: unknown): number {
  return error instanceof CliFault ? exitCodes[error.kind] : exitCodes.failure;
}

/** Takes the place of an error's own text where that text names files, calls and codes of the operating system. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
