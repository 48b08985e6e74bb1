/**
 * Whether time grows faster than input: pieces of the language are repeated up to the longest input that can come from outside, doubling each time.
 *
 * A finding takes both: doubling costs clearly more than twice as much, in the end and all along, and the longest input costs more than it is worth. CPU time, the
 * least of three, so that other work on the machine counts for little; still a judgement by time, and so for runs by hand only. In `npm test` the
 * longest inputs are read all the same: what is exponential would never end.
 */
import { type Finding, leastCpuMs } from "./engine.ts";
import type { Subject } from "./subject.ts";

/** What the longest input may take, in milliseconds of CPU: as much as some hundred requests. */
const tolerableMs = 40;
/** Twice the input may cost so much more; linear is 2, quadratic 4. */
const tolerableFactor = 2.8;
const doublings = 3;

/** The pumped inputs of a subject: its own, and each of its words repeated. @param length in characters, at most. */
export function pumpedInputs({ pumps, words }: Subject, length: number): string[] {
  const all = [...pumps, ...words.map((word) => ["", word, ""] as const)];
  return all.map(([before, repeated, after]) => {
    const times = Math.max(1, Math.floor((length - before.length - after.length) / repeated.length));
    return before + repeated.repeat(times) + after;
  });
}

export async function findGrowth(subject: Subject): Promise<Finding[]> {
  await subject.open?.();
  const findings: Finding[] = [];
  const lengths = Array.from({ length: doublings + 1 }, (_, index) =>
    Math.floor(subject.maxChars / 2 ** (doublings - index)),
  );
  const series = lengths.map((length) => pumpedInputs(subject, length));
  for (const [index, longest] of series.at(-1)!.entries()) {
    const finalMs = await cpuMsOf(subject, longest);
    if (finalMs < tolerableMs) continue;
    const times: number[] = [];
    for (const inputs of series) times.push(await cpuMsOf(subject, inputs[index]!));
    const factors = times.slice(1).map((ms, at) => ms / Math.max(0.01, times[at]!));
    const overall = times.at(-1)! / Math.max(0.01, times[0]!);
    if (overall > tolerableFactor ** doublings && factors.slice(-2).every((factor) => factor > tolerableFactor)) {
      const what = `grows: ${lengths.map((length, at) => `${length} characters ${times[at]!.toFixed(1)} ms`).join(", ")}`;
      findings.push({ what, input: longest.slice(0, 200) });
    }
  }
  await subject.close?.();
  return findings;
}

async function cpuMsOf(subject: Subject, input: string): Promise<number> {
  let settled: Promise<unknown> = Promise.resolve();
  const ms = leastCpuMs(() => {
    const reading = subject.read(input);
    if (reading instanceof Promise) settled = Promise.allSettled([settled, reading]);
    return reading;
  });
  await settled;
  return ms;
}
