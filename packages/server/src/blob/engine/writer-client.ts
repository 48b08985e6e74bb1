/** The main thread's end of the writer thread: sends changes, in batches, and settles their promises when they are on disk. */
import { Worker } from "node:worker_threads";
import type { WriterData, WriterReport, WriterRequest } from "./blob-writer-worker.ts";
import { encodeBatch, type SentChange, type UnwrittenRecord } from "./change-batch.ts";
import type { Outcome, TicketOutcome } from "./durable-writer.ts";
import { BlobRefusal, type Written } from "./model.ts";
import type { Mutation } from "./mutations.ts";
import { findWorkerEntry } from "./worker-entry.ts";

/** Changes that leave rows behind which are cleared away afterwards. */
const purging: ReadonlySet<Mutation["kind"]> = new Set(["delete-container", "delete-account"]);

/** Memory of the thread for young objects, in MiB: what it makes for a group is gone with the group. Our choice: some hundred changes. */
const youngMib = 3;

type Waiting = { readonly resolve: (written: Written) => void; readonly reject: (cause: unknown) => void };

export class WriterClient {
  readonly #worker: Worker;
  /**
   * By ticket, which is a place here and given out again. A Map that is added to and taken from all the time leaves a trail of tables that hold on to
   * one another, and to what was in them, until the whole heap is collected.
   */
  readonly #waiting: (Waiting | undefined)[] = [];
  readonly #freeTickets: number[] = [];
  #waitingCount = 0;
  readonly #report: (problem: string) => void;
  readonly #ended: Promise<void>;
  #outbox: SentChange[] = [];
  readonly #sweeps: (() => void)[] = [];
  /** Why there is no writer any more. */
  #failure: Error | undefined;

  private constructor(worker: Worker, report: (problem: string) => void) {
    this.#worker = worker;
    this.#report = report;
    worker.on("message", (message: WriterReport) => this.#receive(message));
    worker.on("error", (cause: Error) => {
      report(`the writer failed, nothing can be written until the next start: ${cause.message}`);
      this.#fail(new Error("the blob writer failed", { cause }));
    });
    this.#ended = new Promise((resolve) => {
      worker.on("exit", () => {
        this.#fail(new Error("the blob writer has ended"));
        resolve();
      });
    });
  }

  /**
   * Starts the thread; resolves when the metadata is open and up to date.
   * @throws Error when another process holds the folder, or the metadata is damaged or of a newer Postern.
   */
  static async start(data: WriterData, report: (problem: string) => void): Promise<WriterClient> {
    const worker = new Worker(findWorkerEntry("blob-writer-worker"), {
      workerData: data,
      name: "blob-writer",
      resourceLimits: { maxYoungGenerationSizeMb: youngMib },
    });
    await new Promise<void>((resolve, reject) => {
      worker.once("message", () => resolve());
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the blob writer did not start")));
    });
    worker.removeAllListeners("message").removeAllListeners("error").removeAllListeners("exit");
    return new WriterClient(worker, report);
  }

  /** No change is under way, nor are deletions being ended: the rows are as everybody was told that they are. */
  get isQuiet(): boolean {
    return this.#waitingCount === 0 && this.#sweeps.length === 0 && this.#failure === undefined;
  }

  /**
   * Has one change made.
   * @param record what it refers to, where that is still to be written.
   * @returns when it is on disk.
   * @throws BlobRefusal, or Error for a fault of the database; nothing was changed then.
   */
  submit(mutation: Mutation, timeMs: number, record?: UnwrittenRecord): Promise<Written> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const ticket = this.#freeTickets.pop() ?? this.#waiting.length;
      this.#waiting[ticket] = { resolve, reject };
      this.#waitingCount += 1;
      this.#outbox.push({ mutation, timeMs, ticket, record });
      // Changes of one turn of the event loop travel together.
      if (this.#outbox.length === 1) setImmediate(() => this.#flush());
    });
  }

  /** Has what has had its time ended, in the background. @returns when it is. */
  sweep(nowMs: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.resolve();
    this.#worker.postMessage({ kind: "sweep", nowMs } satisfies WriterRequest);
    return new Promise((resolve) => this.#sweeps.push(resolve));
  }

  #endSweeps(): void {
    for (const resolve of this.#sweeps.splice(0)) resolve();
  }

  #flush(): void {
    const changes = this.#outbox;
    this.#outbox = [];
    if (this.#failure !== undefined) return;
    const batch = encodeBatch(changes) as Buffer<ArrayBuffer>;
    const isPurging = changes.some(({ mutation }) => purging.has(mutation.kind));
    this.#worker.postMessage({ kind: "changes", batch, isPurging } satisfies WriterRequest, [batch.buffer]);
  }

  #receive(message: WriterReport): void {
    if (message.kind === "purge-failed") this.#report(`clearing away deleted blobs failed: ${message.error}`);
    if (message.kind === "swept" || message.kind === "purge-failed") this.#endSweeps();
    if (message.kind !== "outcomes") return;
    for (const { ticket, outcome } of JSON.parse(message.text) as TicketOutcome[]) {
      const waiting = this.#waiting[ticket];
      if (waiting === undefined) continue;
      this.#waiting[ticket] = undefined;
      this.#waitingCount -= 1;
      this.#freeTickets.push(ticket);
      settle(waiting, outcome);
    }
  }

  #fail(cause: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = cause;
    for (const waiting of this.#waiting) waiting?.reject(cause);
    this.#waiting.length = 0;
    this.#waitingCount = 0;
    this.#endSweeps();
  }

  /** Has everything submitted committed, then ends the thread. */
  async close(): Promise<void> {
    if (this.#outbox.length > 0) this.#flush();
    if (this.#failure === undefined) this.#worker.postMessage({ kind: "close" } satisfies WriterRequest);
    await this.#ended;
  }
}

function settle({ resolve, reject }: Waiting, outcome: Outcome): void {
  if (outcome.isOk) resolve(outcome.written);
  else if ("fault" in outcome) reject(new BlobRefusal(outcome.fault));
  else {
    const cause = new Error(outcome.error);
    reject(outcome.isStorageFull ? new BlobRefusal({ kind: "storage-full" }, cause) : cause);
  }
}
