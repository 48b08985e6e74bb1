/** What every benchmark shares: medians, the machine's name, and how long a process takes to say it is ready. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The machine in one line: figures without it mean nothing. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown CPU";
  return `${cpus().length} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}`;
}

/** A subject of a start-up measurement. */
export type Program = {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** What it prints when it takes requests. */
  readonly isReady: (output: string) => boolean;
  /** The process whose memory counts, when that is not the one started. */
  readonly pidOf?: (child: ChildProcess) => number;
};

export type Start = { readonly readyMs: number; readonly idleMemoryMiB: number };

/** How long a started process is left alone before its memory is read, in milliseconds. */
const settleMs = 3000;

/** Resident memory of a process in MiB, now or (`VmHWM`) the most so far; Linux only. */
export function residentMiB(pid: number, what: "VmRSS" | "VmHWM" = "VmRSS"): number {
  const kib = new RegExp(`^${what}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kib === undefined) throw new Error(`no memory figure for process ${pid}`);
  return Number(kib) / 1024;
}

/** Starts the program, waits until it is ready, lets it idle, reads its memory, and ends it. */
export async function measureStart(program: Program): Promise<Start> {
  const started = process.hrtime.bigint();
  const child = spawn(program.command[0]!, program.command.slice(1), {
    env: program.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const readyMs = await new Promise<number>((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output += chunk;
      if (program.isReady(output)) resolve(Number(process.hrtime.bigint() - started) / 1e6);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${program.name} ended before it was ready:\n${output}`)));
  });
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const idleMemoryMiB = residentMiB(program.pidOf?.(child) ?? child.pid!);
  child.kill("SIGTERM");
  await gone;
  return { readyMs, idleMemoryMiB };
}

/** A tick of /proc's CPU times, in microseconds: USER_HZ is 100 on Linux. */
const tickUs = 10_000;

/** CPU time of a process with all its threads so far, in microseconds. */
export function cpuUsOf(pid: number): number {
  return readCpuUs(`/proc/${pid}/stat`);
}

/** CPU time of the thread that a process began with, in microseconds: in Node's, the one that runs the program. */
export function mainThreadCpuUsOf(pid: number): number {
  return readCpuUs(`/proc/${pid}/task/${pid}/stat`);
}

function readCpuUs(file: string): number {
  // The name in parentheses may hold anything; the fields begin after it (proc(5): utime and stime are the 14th and 15th).
  const fields = readFileSync(file, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickUs;
}
