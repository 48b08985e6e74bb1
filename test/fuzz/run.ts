/**
 * The long run, by hand: so many inputs for one parser or each, timed, under a bounded heap; then inputs that grow.
 *
 *   node --conditions=postern-source --expose-gc --max-old-space-size=512 test/fuzz/run.ts --inputs 1000000 [--parser X]... [--seed 1] [--keep]
 *
 * `--keep` adds to the corpus: findings, and the shortest input of each new shape. Ends with 1 when something was found.
 */
import { parseArgs } from "node:util";
import { keepRecord } from "../faults/record.ts";
import { keepInput, maxKeptChars, readCorpus } from "./corpus.ts";
import { fuzz } from "./engine.ts";
import { findGrowth } from "./growth.ts";
import { subjects } from "./parsers.ts";

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "1000000" },
    parser: { type: "string", multiple: true },
    seed: { type: "string", default: "1" },
    keep: { type: "boolean", default: false },
  },
});
const inputs = Number(values.inputs);
const seed = Number(values.seed);
/** CPU time of one input past which it is a finding, in milliseconds. */
const slowMs = 100;
/** What the heap may hold more at the end than after the first tenth, in MiB. */
const maxGrowthMiB = 48;
/** Inputs kept for their shape, for each parser. */
const maxKept = 24;

const unknown = values.parser?.filter((name) => !subjects.some((subject) => subject.name === name)) ?? [];
if (unknown.length > 0)
  throw new Error(`no parser of that name: ${unknown}; there are ${subjects.map(({ name }) => name).join(", ")}`);

function heapMiB(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

for (const subject of subjects.filter(({ name }) => values.parser?.includes(name) ?? true)) {
  const cpu = process.cpuUsage();
  let early: number | undefined;
  const onProgress = (done: number) => {
    if (early === undefined && done >= inputs / 10) early = heapMiB();
  };
  const outcome = await fuzz(subject, { inputs, seed, slowMs, onProgress });
  const { user, system } = process.cpuUsage(cpu);
  const findings = [...outcome.findings];
  const grownMiB = early === undefined ? 0 : heapMiB() - early;
  if (grownMiB > maxGrowthMiB) findings.push({ what: `the heap grew by ${grownMiB.toFixed(0)} MiB`, input: "" });
  findings.push(...(await findGrowth(subject)));
  const { accepted, refused, roundTrips, shapes } = outcome;
  const cpuMicrosecondsEach = Math.round((user + system) / outcome.inputs);
  console.log(
    JSON.stringify({
      parser: subject.name,
      inputs: outcome.inputs,
      accepted,
      refused,
      roundTrips,
      shapes: shapes.size,
      cpuMicrosecondsEach,
      grownMiB: Math.round(grownMiB),
      findings: findings.length,
    }),
  );
  for (const { what, input } of findings) console.log(`  FOUND ${what}\n    ${JSON.stringify(input).slice(0, 600)}`);
  keepRecord(subject.name, {
    section: "fuzz",
    source: "test/fuzz/run.ts",
    parser: subject.name,
    seed,
    inputs: outcome.inputs,
    accepted,
    refused,
    roundTrips,
    cpuMicrosecondsEach,
    findings: findings.length,
  });
  if (values.keep) {
    for (const { input } of findings)
      if (input !== "" && input.length <= maxKeptChars) keepInput(subject.name, "found", input);
    const room = maxKept - readCorpus(subject.name).size;
    const short = [...shapes.values()].filter(
      (input) => input.length <= maxKeptChars && ![...readCorpus(subject.name).values()].includes(input),
    );
    for (const input of short.slice(0, Math.max(0, room))) keepInput(subject.name, "shape", input);
  }
  if (findings.length > 0) process.exitCode = 1;
}
