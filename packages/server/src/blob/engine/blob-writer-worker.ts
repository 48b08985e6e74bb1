/**
 * The writer thread's entry: owns the one writing connection, and commits in groups whatever came while the commit before was under way.
 *
 * The build emits this file by itself beside main.js; see writer-client.ts for how it is found.
 */
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { lockFolder } from "./folder-lock.ts";
import { openForWriting } from "./metadata-schema.ts";
import { MetadataWriter } from "./metadata-writer.ts";
import type { MutationResult, TimedMutation } from "./mutations.ts";

export type WriterData = { readonly directory: string; readonly maxPageCount?: number };

export type WriterRequest =
  | { readonly kind: "mutations"; readonly items: readonly (TimedMutation & { readonly ticket: number })[] }
  /** Ends what has had its time by then. */
  | { readonly kind: "sweep"; readonly nowMs: number }
  | { readonly kind: "close" };

/** What became of one change; `error` is the database's own, for the log. */
export type Outcome =
  | MutationResult
  | { readonly isOk: false; readonly error: string; readonly isStorageFull: boolean };

export type WriterReport =
  | { readonly kind: "ready" }
  | { readonly kind: "outcomes"; readonly items: readonly { readonly ticket: number; readonly outcome: Outcome }[] }
  /** Everything that could be cleared away has been. */
  | { readonly kind: "swept" }
  | { readonly kind: "purge-failed"; readonly error: string };

/** Changes in one transaction at most; bounds the time a commit takes. Our choice. */
const maxGroupSize = 512;
/** Pause before clearing away is tried again after it failed, in milliseconds. Our choice. */
const purgeRetryMs = 30_000;

const sqliteFull = 13;

if (parentPort === null) throw new Error("the blob writer runs as a worker thread");
const port = parentPort;
const { directory, maxPageCount } = workerData as WriterData;

const lock = lockFolder(directory);
const database = openForWriting(join(directory, "metadata.db"), maxPageCount);
const writer = new MetadataWriter(database);
const waiting: (TimedMutation & { readonly ticket: number })[] = [];
let isScheduled = false;
let isPurging = true;
let sweepMs: number | undefined;
let isClosing = false;

port.on("message", (request: WriterRequest) => {
  if (request.kind === "close") isClosing = true;
  else if (request.kind === "sweep") sweepMs = request.nowMs;
  else waiting.push(...request.items);
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
  if (waiting.length > 0) commit(waiting.splice(0, maxGroupSize));
  else if (isPurging || sweepMs !== undefined) clearAway();
  if (waiting.length > 0 || isClosing || isPurging || sweepMs !== undefined) schedule();
}

function commit(group: readonly (TimedMutation & { readonly ticket: number })[]): void {
  const outcomes = commitOrSay(group);
  port.postMessage({
    kind: "outcomes",
    items: group.map(({ ticket }, index) => ({ ticket, outcome: outcomes[index]! })),
  } satisfies WriterReport);
  isPurging ||= group.some(
    ({ mutation }) => mutation.kind === "delete-container" || mutation.kind === "delete-account",
  );
}

function commitOrSay(group: readonly TimedMutation[]): Outcome[] {
  try {
    return writer.commitGroup(group);
  } catch (cause) {
    // One by one, so that what fails by itself does not take its neighbours with it.
    if (group.length > 1) return group.flatMap((item) => commitOrSay([item]));
    const { message, errcode } = cause as Error & { errcode?: number };
    return [{ isOk: false, error: message, isStorageFull: errcode === sqliteFull }];
  }
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
  database.close();
  lock.close();
  port.close();
}
