/**
 * The logs of Storage Analytics: of accounts that are set so, what was asked of the Blob service, a line for each request, as blobs of the container `$logs`.
 *
 * Owns: `$logs` of every account: lines that wait, the blobs they become, and their end after the days that they are kept. Clients read and delete them there.
 * May use: the engine, the model, the surface's shapes. Lines are made when answers are out, wait in memory within bounds, and go to the engine together:
 * requests do not wait for them, and of what a process did in its last minute they may know nothing, as Azure's.
 *
 * Spec: https://learn.microsoft.com/azure/storage/common/storage-analytics-logging
 * Decision: docs/decisions/0039-request-logs-and-sealed-content.md
 */
import type { StorageAccount } from "../../state/entities.ts";
import type { ReadModel } from "../../state/read-model.ts";
import type { BlobStore } from "../engine/blob-store.ts";
import { type Arrival, type Ending, Journal } from "./journal.ts";
import { LogBlobs, type LogBook, prefixOfHour } from "./log-blobs.ts";
import { type LogVersion, writeLogLine } from "./log-line.ts";
import { logsAnything, wants } from "./logged-operation.ts";

/** Lines that wait, of all accounts, in characters; past it they are dropped. Our choice: some ten thousand requests. */
const maxWaitingChars = 8 * 1024 * 1024;
/** Lines of one account and hour that do not wait for more. Our choice: a blob of about a MiB. */
const fullBookChars = 1024 * 1024;
/** Longest that a line waits, in milliseconds. Our choice: Azure says within the hour. */
const flushIntervalMs = 60_000;
/** How often what has been kept long enough is looked for, in flushes: once an hour. Our choice. */
const flushesBetweenSweeps = 60;

type RequestLogsOptions = {
  readonly engine: BlobStore;
  readonly model: ReadModel;
  readonly now: () => Date;
  /** Takes one line about what went wrong, without a secret in it. */
  readonly report: (problem: string) => void;
};

export class RequestLogs {
  readonly #options: RequestLogsOptions;
  readonly #blobs: LogBlobs;
  readonly #books = new Map<string, LogBook>();
  readonly #timer: NodeJS.Timeout;
  #waitingChars = 0;
  #flushCount = 0;
  #flushing: Promise<void> = Promise.resolve();
  #isFailing = false;
  /** Lines that were lost: too many waited, or none could be written. */
  droppedCount = 0;
  #reportedDrops = 0;

  constructor(options: RequestLogsOptions) {
    this.#options = options;
    this.#blobs = new LogBlobs(options.engine);
    this.#timer = setInterval(() => void this.#tick(), flushIntervalMs).unref();
  }

  /** Begins to follow a request to an account that keeps logs; its lines are made when its answer is out. @returns undefined for other accounts. */
  follow(account: StorageAccount, arrival: Omit<Arrival, "account">): Journal | undefined {
    const journal = this.#open(account, arrival);
    const { response } = arrival.exchange;
    if (journal === undefined) return undefined;
    response.once("close", () => {
      const status = response.headersSent ? response.statusCode : null;
      this.#take(journal, { status, isWhole: response.writableFinished });
    });
    return journal;
  }

  /** The same for a part of a batch, which has no answer of its own: whoever carries it out says how it ended. */
  followPart(account: StorageAccount, arrival: Omit<Arrival, "account">): PartJournal | undefined {
    const journal = this.#open(account, arrival);
    return journal && { journal, end: (status) => this.#take(journal, { status, isWhole: true }) };
  }

  #open(account: StorageAccount, arrival: Omit<Arrival, "account">): Journal | undefined {
    if (!keepsLogs(account)) return undefined;
    return new Journal({ ...arrival, account: account.name }, arrival.exchange.note?.startedAtMs ?? performance.now());
  }

  #take(journal: Journal, ended: Pick<Ending, "status" | "isWhole">): void {
    const { model, now, report } = this.#options;
    const logging = model.storageAccount(journal.account)?.blobService?.analytics?.logging;
    const ending = { ...ended, endedMs: performance.now(), endedAt: now() };
    if (logging === undefined || !wants(logging, journal.kind) || !journal.isLogged(ending)) return;
    try {
      const version = logging.version === "2.0" ? "2.0" : "1.0";
      for (const request of journal.describe(ending, model)) {
        this.#write(journal, version, writeLogLine(version, request), request.startedAt, ending.endedAt);
      }
    } catch (cause) {
      // Nobody's request fails for a line about it.
      this.droppedCount += 1;
      report(`a request could not be logged: ${(cause as Error).message}`);
    }
  }

  #write(journal: Journal, version: LogVersion, line: string, startedAt: Date, endedAt: Date): void {
    if (this.#waitingChars + line.length > maxWaitingChars) {
      this.droppedCount += 1;
      return;
    }
    const { account, kind } = journal;
    const prefix = prefixOfHour(endedAt);
    const key = `${account}/${version}/${prefix}`;
    let book = this.#books.get(key);
    if (book === undefined) {
      const times = { startMs: startedAt.getTime(), endMs: startedAt.getTime() };
      book = { account, version, prefix, lines: [], kinds: new Set(), chars: 0, ...times };
      this.#books.set(key, book);
    }
    book.lines.push(line);
    book.kinds.add(kind);
    book.chars += line.length;
    book.startMs = Math.min(book.startMs, startedAt.getTime());
    book.endMs = Math.max(book.endMs, startedAt.getTime());
    this.#waitingChars += line.length;
    if (book.chars >= fullBookChars && book.chars - line.length < fullBookChars) void this.flush();
  }

  /** Makes blobs of what waits; resolves when they are there, or could not be written. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flushBooks());
    return this.#flushing;
  }

  async #flushBooks(): Promise<void> {
    for (const [key, book] of [...this.#books]) {
      this.#books.delete(key);
      try {
        if (this.#options.model.storageAccount(book.account) !== undefined) await this.#blobs.write(book);
        this.#waitingChars -= book.chars;
        this.#isFailing = false;
      } catch (cause) {
        this.#keepForLater(key, book, cause);
      }
    }
    this.#reportDrops();
  }

  #reportDrops(): void {
    const lost = this.droppedCount - this.#reportedDrops;
    this.#reportedDrops = this.droppedCount;
    if (lost > 0) this.#options.report(`${lost} lines of the logs of requests were lost`);
  }

  /** What could not be written waits for the next time, unless too much waits already. */
  #keepForLater(key: string, book: LogBook, cause: unknown): void {
    if (!this.#isFailing) this.#options.report(`logs of requests wait to be written: ${(cause as Error).message}`);
    this.#isFailing = true;
    const since = this.#books.get(key);
    if (since === undefined && this.#waitingChars <= maxWaitingChars / 2) {
      this.#books.set(key, book);
      return;
    }
    this.#waitingChars -= book.chars;
    this.droppedCount += book.lines.length;
  }

  async #tick(): Promise<void> {
    const isSweep = this.#flushCount % flushesBetweenSweeps === 0;
    this.#flushCount += 1;
    await this.flush();
    if (isSweep) await this.sweep();
  }

  /** Deletes the logs that have been kept as long as their account is set to. */
  async sweep(): Promise<void> {
    const { model, now, report } = this.#options;
    for (const account of [...model.storageAccounts.values()]) {
      const keptDays = account.blobService?.analytics?.logging.keptDays ?? null;
      if (keptDays === null || account.provisioningState === "Deleting") continue;
      const until = new Date(now().getTime() - keptDays * 24 * 60 * 60 * 1000);
      await this.#blobs.deleteBefore(account.name, prefixOfHour(until)).catch((cause: Error) => {
        report(`old logs of requests could not be deleted: ${cause.message}`);
      });
    }
  }

  /** Writes what waits, for the last time. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}

/** A part of a batch, and what is to be called with its status. */
type PartJournal = { readonly journal: Journal; readonly end: (status: number) => void };

function keepsLogs({ blobService }: Pick<StorageAccount, "blobService">): boolean {
  const logging = blobService?.analytics?.logging;
  return logging !== undefined && logsAnything(logging);
}
