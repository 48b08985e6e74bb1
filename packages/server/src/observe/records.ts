/**
 * What happened: sign-ins and access decisions, newest last, in bounded memory. `explain` and `learn` read from here; a record never holds a secret or a token.
 *
 * Owns: the two record kinds. May use: `@postern/access` types.
 */
import type { Decision } from "@postern/access";

/** Records kept of each kind; our choice (about 10 MB at most). */
export const maxRecords = 10_000;

export type SignInRecord = {
  readonly time: string;
  readonly requestId: string;
  readonly correlationId: string;
  readonly appId: string;
  readonly principalId: string;
  readonly userPrincipalName: string;
  readonly resource: string;
  readonly grant: string;
  /** 0 for success, else the AADSTS number. */
  readonly errorCode: number;
};

export type AccessRecord = {
  readonly time: string;
  readonly requestId: string;
  readonly surface: "arm" | "blob" | "graph";
  readonly operation: string;
  readonly decision: Decision;
};

class Ring<Record> {
  readonly #records: Record[] = [];
  #next = 0;

  add(record: Record): void {
    if (this.#records.length < maxRecords) this.#records.push(record);
    else this.#records[this.#next] = record;
    this.#next = (this.#next + 1) % maxRecords;
  }

  /** Oldest first. */
  list(): Record[] {
    if (this.#records.length < maxRecords) return [...this.#records];
    return [...this.#records.slice(this.#next), ...this.#records.slice(0, this.#next)];
  }
}

export class Recorder {
  readonly #signIns = new Ring<SignInRecord>();
  readonly #accesses = new Ring<AccessRecord>();

  recordSignIn(record: SignInRecord): void {
    this.#signIns.add(record);
  }

  recordAccess(record: AccessRecord): void {
    this.#accesses.add(record);
  }

  signIns(): SignInRecord[] {
    return this.#signIns.list();
  }

  accesses(): AccessRecord[] {
    return this.#accesses.list();
  }
}
