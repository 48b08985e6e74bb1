/** What a check of `doctor` found. Pure. May use: nothing. */
export type FindingState = "ok" | "note" | "warning" | "failure";

export interface Finding {
  /** What was looked at, e.g. `clock` or `EnvironmentCredential`. */
  readonly check: string;
  readonly state: FindingState;
  /** A sentence; never a secret. */
  readonly found: string;
  /** What to do, where there is something. */
  readonly next: string | null;
}

export function finding(check: string, state: FindingState, found: string, next: string | null = null): Finding {
  return { check, state, found, next };
}

const marks: Readonly<Record<FindingState, string>> = {
  ok: "ok     ",
  note: "       ",
  warning: "WARNING",
  failure: "FAILED ",
};

/** Lines for people, in the order of the checks. */
export function describeFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, state, found, next }) => [
    `${marks[state]}  ${check.padEnd(width)}  ${found}`,
    ...(next === null ? [] : [`${" ".repeat(9)}${" ".repeat(width)}  -> ${next}`]),
  ]);
  return `${lines.join("\n")}\n`;
}
