/** Plain counts of what the records are about, for metrics: as many numbers as there are surfaces, outcomes and AADSTS codes. */
import type { AccessOutcome, AccessRecord } from "./records.ts";

type Outcomes = Record<AccessOutcome, number>;

/** AADSTS numbers counted apart; the table has fewer. What comes after them is counted as one. */
const maxCodes = 500;

function noOutcomes(): Outcomes {
  return { allowed: 0, denied: 0, "let-through": 0, "passed-over": 0 };
}

export class Tallies {
  readonly decisions: Readonly<Record<AccessRecord["surface"], Outcomes>> = {
    arm: noOutcomes(),
    blob: noOutcomes(),
    graph: noOutcomes(),
  };
  signInCount = 0;
  /** Refused sign-ins by AADSTS number; 0 for those without one. */
  readonly refusedSignIns = new Map<number, number>();

  /** @param errorCode 0 for success, else the AADSTS number, or -1 where Entra has none. */
  countSignIn(errorCode: number): void {
    if (errorCode === 0) {
      this.signInCount += 1;
      return;
    }
    const isKnown = this.refusedSignIns.has(errorCode) || this.refusedSignIns.size < maxCodes;
    const code = errorCode < 0 || !isKnown ? 0 : errorCode;
    this.refusedSignIns.set(code, (this.refusedSignIns.get(code) ?? 0) + 1);
  }
}
