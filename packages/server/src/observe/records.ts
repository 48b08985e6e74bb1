/**
 * What happened: sign-ins and access decisions, newest last, in bounded memory; and of each principal what it used, once each. `explain` and
 * `learn` read from here; a record never holds a secret or a token.
 *
 * Owns: the record kinds. May use: `@postern/access` types.
 */
import type { Decision } from "@postern/access";
import { CredentialUses } from "./credential-uses.ts";
import { LineLog } from "./line-log.ts";
import { SignInLog } from "./sign-in-log.ts";
import { Tallies } from "./tallies.ts";

/** Records kept of each kind; our choice. */
export const maxRecords = 10_000;
/** Memory for access records, in bytes; our choice: room for 10,000 decisions that allowed, and for those of a flood of denials fewer. */
const maxAccessRecordBytes = 8 * 1024 * 1024;
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

type CountedUse = { -readonly [Name in keyof Use]: Use[Name] };

/** A record as it was written before: the same again differs in time and request alone. */
type WrittenRecord = {
  readonly surface: AccessRecord["surface"];
  readonly outcome: AccessOutcome;
  readonly ask: RecordedAsk;
  /** The line's JSON from `surface` on. */
  readonly tail: Uint8Array;
  readonly use: CountedUse | undefined;
};

/** Not Buffer's: a small Buffer is a part of 64 KiB that others were parts of, and holds all of it as long as it is held itself. */
const utf8 = new TextEncoder();

/** Decisions whose records are remembered as written; our choice: at most some MiB, for what a busy server decides again and again is little. */
const maxWrittenDecisions = 2048;
/** Uses that go at once when there are too many, as a share: to look for the oldest walks them all. Our choice. */
const droppedShare = 0.1;

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
  readonly #signIns = new SignInLog(maxRecords);
  readonly #texts = new OwnTexts();
  readonly #accesses = new LineLog<AccessRecord>(maxAccessRecordBytes, maxRecords);
  readonly #uses = new Map<string, CountedUse>();
  /** By the decision, which is one object as long as it is answered from memory, and by the operation. */
  readonly #written = new Map<Decision, Map<string, WrittenRecord>>();
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
    this.#signIns.add(record, appId, this.#texts.own(record.resource));
    const { credentialKeyId: keyId, time } = record;
    if (keyId !== "") this.credentialUses.record({ keyId, appId, time });
  }

  recordAccess(record: AccessRecord): void {
    this.tallies.decisions[record.surface][record.outcome] += 1;
    const written = this.#written.get(record.decision)?.get(record.operation);
    if (written !== undefined && isSame(written, record)) {
      const head = `{"time":${JSON.stringify(record.time)},"requestId":${JSON.stringify(record.requestId)},`;
      this.#accesses.addMade(head, written.tail);
      if (written.use !== undefined) count(written.use, record);
      return;
    }
    this.#accesses.add(record);
    const use = record.outcome === "passed-over" ? undefined : this.#recordUse(record);
    // Answers that are kept are frozen; the others are made anew each time.
    if (Object.isFrozen(record.decision)) this.#remember(record, use);
  }

  #remember(record: AccessRecord, use: CountedUse | undefined): void {
    const { time: _, requestId: __, ...same } = record;
    const { surface, operation, outcome, ask, decision } = same;
    let byOperation = this.#written.get(decision);
    if (byOperation === undefined) {
      if (this.#written.size >= maxWrittenDecisions) this.#written.clear();
      byOperation = new Map();
      this.#written.set(decision, byOperation);
    }
    const tail = utf8.encode(JSON.stringify({ surface, operation, ask, outcome, decision }).slice(1));
    byOperation.set(operation, { surface, outcome, ask, tail, use });
  }

  #recordUse(record: AccessRecord): CountedUse {
    const { ask, time } = record;
    const key = `${ask.principalId} ${ask.isDataAction} ${ask.operation} ${ask.scope}`;
    let use = this.#uses.get(key);
    if (use === undefined) {
      if (this.#uses.size >= maxUses) this.#dropOldestUses();
      use = { ask, allowedCount: 0, deniedCount: 0, lastTime: time };
      this.#uses.set(key, use);
    }
    count(use, record);
    return use;
  }

  /**
   * The uses stay in the order they came first in, for a Map that is taken from and added to all the time leaves a trail of tables that hold on to
   * one another until the whole heap is collected; so the longest unused are looked for when there are too many.
   */
  #dropOldestUses(): void {
    const byAge = [...this.#uses].sort(([, a], [, b]) => compareAge(a, b));
    for (const [key] of byAge.slice(0, Math.ceil(maxUses * droppedShare))) this.#uses.delete(key);
    // What was dropped would be counted on, unseen.
    this.#written.clear();
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
      .sort(compareAge)
      .map((use) => ({ ...use }));
  }
}

function isSame(written: WrittenRecord, { surface, outcome, ask }: AccessRecord): boolean {
  const { ask: before } = written;
  return (
    written.surface === surface &&
    written.outcome === outcome &&
    before.scope === ask.scope &&
    before.operation === ask.operation &&
    before.principalId === ask.principalId &&
    before.isDataAction === ask.isDataAction
  );
}

function compareAge(a: Use, b: Use): number {
  return a.lastTime < b.lastTime ? -1 : a.lastTime > b.lastTime ? 1 : 0;
}

/** Counted in place: a busy server makes nothing new for what it knows. */
function count(use: CountedUse, { outcome, time }: AccessRecord): void {
  if (outcome === "denied") use.deniedCount += 1;
  else use.allowedCount += 1;
  use.lastTime = time;
}
