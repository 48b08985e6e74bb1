/**
 * The writer thread's entry: owns the one writing connection, and commits in groups whatever came while the commit before was under way.
 *
 * The build emits this file by itself beside main.js; see writer-client.ts for how it is found.
 */
import { parentPort, workerData } from "node:worker_threads";
import { DurableWriter, type TicketOutcome } from "./durable-writer.ts";
import { lockFolder } from "./folder-lock.ts";

export type WriterData = { readonly directory: string; readonly maxPageCount?: number };

export type WriterRequest =
  /** Changes, as change-batch.ts encodes them. */
  | { readonly kind: "changes"; readonly batch: Uint8Array<ArrayBuffer>; readonly isPurging: boolean }
  /** Ends what has had its time by then. */
  | { readonly kind: "sweep"; readonly nowMs: number }
  | { readonly kind: "close" };

export type WriterReport =
  | { readonly kind: "ready" }
  /** JSON of TicketOutcome[]: quicker than objects that are cloned. */
  | { readonly kind: "outcomes"; readonly text: string }
  /** Everything that could be cleared away has been. */
  | { readonly kind: "swept" }
  | { readonly kind: "purge-failed"; readonly error: string };

/** Batches in one transaction at most; bounds the time a commit takes. Our choice: each is of one turn of the main thread's event loop. */
const maxGroupBatches = 32;
/** Pause before clearing away is tried again after it failed, in milliseconds. Our choice. */
const purgeRetryMs = 30_000;

if (parentPort === null) throw new Error("the blob writer runs as a worker thread");
const port = parentPort;
const { directory, maxPageCount } = workerData as WriterData;

const lock = lockFolder(directory);
const writer = new DurableWriter({ directory, ...(maxPageCount === undefined ? {} : { maxPageCount }) });
const waiting: Buffer[] = [];
let isScheduled = false;
let isPurging = true;
let sweepMs: number | undefined;
let isClosing = false;

port.on("message", (request: WriterRequest) => {
  if (request.kind === "close") isClosing = true;
  else if (request.kind === "sweep") sweepMs = request.nowMs;
  else {
    waiting.push(Buffer.from(request.batch.buffer, request.batch.byteOffset, request.batch.byteLength));
    isPurging ||= request.isPurging;
  }
  schedule();
});
port.postMessage({ kind: "ready" } satisfies WriterReport);
schedule();

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  // Messages that came meanwhile are delivered before this runs: they join the group.
  setImmediate(work);
}

function work(): void {
  isScheduled = false;
  if (waiting.length === 0 && isClosing) {
    close();
    return;
  }
  if (waiting.length > 0) commit(waiting.splice(0, maxGroupBatches));
  else if (isPurging || sweepMs !== undefined) clearAway();
  if (waiting.length > 0 || isClosing || isPurging || sweepMs !== undefined) schedule();
}

function commit(batches: readonly Buffer[]): void {
  const outcomes: readonly TicketOutcome[] = writer.commit(batches);
  port.postMessage({ kind: "outcomes", text: JSON.stringify(outcomes) } satisfies WriterReport);
  writer.settleWhenFull();
}

/** One slice of the work that nobody waits for. */
function clearAway(): void {
  try {
    if (isPurging) isPurging = writer.purgeSlice();
    else if (sweepMs !== undefined && !writer.sweepSlice(sweepMs)) {
      sweepMs = undefined;
      // What was swept may be containers, whose blobs go next.
      isPurging = true;
      port.postMessage({ kind: "swept" } satisfies WriterReport);
    }
  } catch (cause) {
    isPurging = false;
    sweepMs = undefined;
    port.postMessage({ kind: "purge-failed", error: (cause as Error).message } satisfies WriterReport);
    setTimeout(() => {
      isPurging = true;
      schedule();
    }, purgeRetryMs).unref();
  }
}

function close(): void {
  try {
    writer.close();
  } finally {
    lock.close();
    port.close();
  }
}
