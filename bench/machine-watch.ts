/**
 * What a machine did meanwhile: the CPU time of processes with their children, how long its cores had nothing to do, and how often and how long its disk
 * was asked to make sure of what it holds. Linux only.
 * @see https://www.kernel.org/doc/html/latest/admin-guide/iostats.html
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { cpuUsOf } from "./measure.ts";

/** What passed between two looks. */
export type Meanwhile = {
  readonly elapsedMs: number;
  readonly serversUs: number;
  readonly databaseUs: number;
  /** Of the time of all cores. */
  readonly idleShare: number;
  /** Times that the disk of a folder was told to flush, and how long that took of each second; undefined where the kernel does not tell. */
  readonly flushes: { readonly perSecond: number; readonly msPerSecond: number } | undefined;
};

/** A tick of /proc's CPU times, in microseconds: USER_HZ is 100 on Linux. */
const tickUs = 10_000;

/** Fields after the name in parentheses, which may hold anything; see proc(5). */
function fieldsOf(pid: string | number): string[] {
  return readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
}

/** CPU time of a process, of its children, and of those it has waited for, in microseconds. */
function familyUs(parent: number): number {
  const own = fieldsOf(parent);
  let ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(own[field]), 0);
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = fieldsOf(name);
      if (Number(fields[1]) === parent) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // it has ended: its parent's waited-for time has it
    }
  }
  return ticks * tickUs;
}

/** Time the cores had nothing to do, waiting for a disk included, in microseconds. */
function idleUs(): number {
  const [, , , , idle, wait] = readFileSync("/proc/stat", "utf8").split("\n", 1)[0]!.split(/ +/);
  return (Number(idle) + Number(wait)) * tickUs;
}

type Flushes = { readonly count: number; readonly ms: number };

/** Flush requests of the disk that a folder is on, since the machine started. */
function flushesOf(folder: string): Flushes | undefined {
  const { dev } = statSync(folder);
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
  for (const line of readFileSync("/proc/diskstats", "utf8").split("\n")) {
    const fields = line.trim().split(/ +/);
    if (Number(fields[0]) !== major || Number(fields[1]) !== minor || fields.length < 20) continue;
    return { count: Number(fields[18]), ms: Number(fields[19]) };
  }
  return undefined;
}

/** Begins to look. @returns a function that ends it. @param database the first process of the database, if there is one. */
export function watchMachine(
  servers: readonly number[],
  database: number | undefined,
  folder: string,
): () => Meanwhile {
  const look = () => ({
    atMs: performance.now(),
    serversUs: servers.reduce((sum, pid) => sum + cpuUsOf(pid), 0),
    databaseUs: database === undefined ? 0 : familyUs(database),
    idleUs: idleUs(),
    flushes: flushesOf(folder),
  });
  const before = look();
  return () => {
    const after = look();
    const elapsedMs = after.atMs - before.atMs;
    const [from, to] = [before.flushes, after.flushes];
    return {
      elapsedMs,
      serversUs: after.serversUs - before.serversUs,
      databaseUs: after.databaseUs - before.databaseUs,
      idleShare: Math.min(1, (after.idleUs - before.idleUs) / (elapsedMs * 1000 * availableParallelism())),
      flushes:
        from === undefined || to === undefined
          ? undefined
          : {
              perSecond: ((to.count - from.count) * 1000) / elapsedMs,
              msPerSecond: ((to.ms - from.ms) * 1000) / elapsedMs,
            },
    };
  };
}
