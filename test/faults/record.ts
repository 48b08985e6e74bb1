/**
 * What the harsh tests saw, kept as one JSON file each; docs/faults.md is made of these files (`npm run docs`).
 *
 * Owns: the form of a record. A test writes one only when `POSTERN_FAULT_RECORDS` names a folder (test/faults/records, to renew what is shown), so
 * that running the tests changes nothing.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";

/** A fault under load: what clients were told, beside what was there afterwards. */
export type LossRecord = {
  readonly section: "loss";
  readonly fault: string;
  /** How often it was done. */
  readonly times: number;
  readonly load: string;
  /** Changes answered as done, while the fault lasted and around it. */
  readonly acknowledged: number;
  readonly perSecond: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Answered 503, or broken off. */
  readonly putOff: number;
  /** Of those put off, the ones that had come about all the same. */
  readonly putOffButThere: number;
  /** Longest time after a fault's end, or its beginning when it lasts, until a change was acknowledged again; milliseconds. */
  readonly recoveredMs?: number;
  /** Longest time in which the servers that were let alone acknowledged nothing; milliseconds. */
  readonly othersPausedMs?: number;
};

/** A burden without changes: connections, slow senders, a clock that jumps. */
export type BurdenRecord = {
  readonly section: "burden";
  readonly fault: string;
  readonly held: string;
  readonly figures: string;
};

export type FuzzRecord = {
  readonly section: "fuzz";
  readonly parser: string;
  readonly inputs: number;
  readonly seed: number;
  readonly accepted: number;
  readonly refused: number;
  /** Accepted inputs that were printed and read again. */
  readonly roundTrips: number;
  /** Longest time of one input, microseconds of CPU. */
  readonly cpuMicrosecondsEach: number;
  readonly findings: number;
};

/** Histories of operations at the same time, and whether an order explains them. */
export type HistoryRecord = {
  readonly section: "history";
  readonly what: string;
  readonly histories: number;
  readonly operations: number;
  readonly overlapping: number;
  readonly violations: number;
};

export type SoakRecord = {
  readonly section: "soak";
  readonly minutes: number;
  readonly perSecond: number;
  readonly requests: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** One every `stepSeconds`. */
  readonly residentMiB: readonly number[];
  readonly stepSeconds: number;
  /** By least squares over what follows the warm-up. */
  readonly slopeMiBPerHour: number;
  readonly warmUpMinutes: number;
  readonly openFiles: readonly [first: number, last: number];
  readonly mix: Readonly<Record<string, number>>;
  /** What the server's Node was told beside the usual. */
  readonly nodeOptions?: string;
  /** What lived in the heap after the warm-up and at the end. */
  readonly liveMiB?: readonly [early: number, late: number];
};

export type FaultRecord = (LossRecord | BurdenRecord | FuzzRecord | HistoryRecord | SoakRecord) & {
  /** The test or script that saw it, from the root. */
  readonly source: string;
};

export type KeptRecord = FaultRecord & { readonly machine: string; readonly day: string };

/** Keeps a record, when a folder for it is named. @param id the file's name; the same one is written over. */
export function keepRecord(id: string, record: FaultRecord): void {
  const folder = process.env.POSTERN_FAULT_RECORDS;
  if (folder === undefined || folder === "") return;
  mkdirSync(folder, { recursive: true });
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Node ${process.version}`;
  const kept: KeptRecord = { ...record, machine, day: new Date().toISOString().slice(0, 10) };
  writeFileSync(join(folder, `${record.section}-${id}.json`), `${JSON.stringify(kept, null, 2)}\n`);
}
