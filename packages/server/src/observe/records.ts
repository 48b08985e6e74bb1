/**
 * What happened: sign-ins and access decisions, newest last, in bounded memory; and of each principal what it used, once each. `explain` and
 * `learn` read from here; a record never holds a secret or a token.
 *
 * Owns: the record kinds. May use: `@postern/access` types.
 */
import type { Decision } from "@postern/access";
import { CredentialUses } from "./credential-uses.ts";
import { LineLog } from "./line-log.ts";
import { Tallies } from "./tallies.ts";

/** Records kept of each kind; our choice. */
export const maxRecords = 10_000;
/** Memory for access records, in bytes; our choice: room for 10,000 decisions that allowed, and for those of a flood of denials fewer. */
export const maxAccessRecordBytes = 8 * 1024 * 1024;
/** Different uses (principal, operation, scope) kept; our choice: an app has some dozens. Those longest unused go first. */
export const maxUses = 20_000;

export type SignInRecord = {
  readonly time: string;
  readonly requestId: string;
  readonly correlationId: string;
  readonly appId: string;
  readonly principalId: string;
  readonly userPrincipalName: string;
  readonly resource: string;
  readonly grant: string;
  /** keyId of the credential the client proved itself with; "" when it had none, or did not prove it. */
  readonly credentialKeyId: string;
  /** 0 for success, else the AADSTS number. */
  readonly errorCode: number;
};

/** What was asked of `decide`, without the attributes: they hold names and tags of the app's data. */
export type RecordedAsk = {
  readonly principalId: string;
  readonly operation: string;
  readonly isDataAction: boolean;
  readonly scope: string;
};

/**
 * What came of it: `let-through` was denied and went on all the same, in soft mode; `passed-over` was denied and another right of the same
 * request decided.
 */
export type AccessOutcome = "allowed" | "denied" | "let-through" | "passed-over";

export type AccessRecord = {
  readonly time: string;
  readonly requestId: string;
  readonly surface: "arm" | "blob" | "graph";
  /** The row of the surface's operation table. */
  readonly operation: string;
  readonly ask: RecordedAsk;
  readonly outcome: AccessOutcome;
  readonly decision: Decision;
};

/** One operation that a principal did, or tried, at one place. */
export type Use = {
  readonly ask: RecordedAsk;
  /** Times it was let through or allowed, and times it was denied. */
  readonly allowedCount: number;
  readonly deniedCount: number;
  readonly lastTime: string;
};

type CountedUse = { -readonly [Name in keyof Use]: Use[Name] } & { readonly key: string };

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

/** Different texts kept for records; our choice: a cloud has some dozens of applications and resources. */
const maxOwnTexts = 1024;

/**
 * Copies of what requests said, one of each. V8 keeps a part of a text as a view into the whole: a record that held the part would hold the whole
 * request in memory, its secret too.
 */
class OwnTexts {
  readonly #texts = new Map<string, string>();

  own(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const copy = Buffer.from(text, "utf8").toString("utf8");
    if (this.#texts.size >= maxOwnTexts) this.#texts.clear();
    this.#texts.set(copy, copy);
    return copy;
  }
}

export class Recorder {
  readonly #signIns = new Ring<SignInRecord>();
  readonly #texts = new OwnTexts();
  readonly #accesses = new LineLog<AccessRecord>(maxAccessRecordBytes, maxRecords);
  /** The newest use last. */
  readonly #uses = new Map<string, CountedUse>();
  /** `https://localhost:PORT`, where refusals are explained; empty until the cloud listens. */
  ownOrigin = "";
  /** When each credential was last used. */
  readonly credentialUses: CredentialUses;
  /** For metrics. */
  readonly tallies = new Tallies();

  constructor(credentialUses: CredentialUses = new CredentialUses()) {
    this.credentialUses = credentialUses;
  }

  recordSignIn(record: SignInRecord): void {
    this.tallies.countSignIn(record.errorCode);
    const appId = this.#texts.own(record.appId);
    this.#signIns.add({ ...record, appId, resource: this.#texts.own(record.resource) });
    const { credentialKeyId: keyId, time } = record;
    if (keyId !== "") this.credentialUses.record({ keyId, appId, time });
  }

  recordAccess(record: AccessRecord): void {
    this.tallies.decisions[record.surface][record.outcome] += 1;
    this.#accesses.add(record);
    if (record.outcome !== "passed-over") this.#recordUse(record);
  }

  #recordUse({ ask, outcome, time }: AccessRecord): void {
    const key = `${ask.principalId} ${ask.isDataAction} ${ask.operation} ${ask.scope}`;
    const known = this.#uses.get(key);
    // Counted in place and under the key it has: a busy server makes nothing new for what it knows.
    const use = known ?? { key, ask, allowedCount: 0, deniedCount: 0, lastTime: time };
    if (outcome === "denied") use.deniedCount += 1;
    else use.allowedCount += 1;
    use.lastTime = time;
    if (known !== undefined) this.#uses.delete(use.key);
    this.#uses.set(use.key, use);
    if (this.#uses.size <= maxUses) return;
    for (const oldest of this.#uses.keys()) {
      this.#uses.delete(oldest);
      break;
    }
  }

  signIns(): SignInRecord[] {
    return this.#signIns.list();
  }

  /**
   * The decisions that were recorded, oldest first.
   * @param concerning an id that stands in the record, to read those records only.
   */
  accesses(concerning?: string): AccessRecord[] {
    return this.#accesses.list(concerning);
  }

  /** What a principal used at or after a time (ISO 8601), oldest use first. */
  usesOf(principalId: string, since: string): Use[] {
    return [...this.#uses.values()]
      .filter(({ ask, lastTime }) => ask.principalId === principalId && lastTime >= since)
      .map(({ key: _, ...use }) => use);
  }
}
