/**
 * Access decisions a second on one core, with a thousand, a hundred thousand and a million role assignments, beside casbin and Cedar asked the same
 * questions about the same world; and how long the server takes to load a million. Writes its part of docs/benchmarks.md and a plot.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { measureLoad } from "./decision-load.ts";
import type { Rate, RunOrder, RunOutcome } from "./decision-run.ts";
import { describeMachine, median } from "./measure.ts";
import { writeSection } from "./report.ts";

const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const measureMs = Number(process.env.BENCH_SECONDS ?? 1) * 1000;
/** How long a peer may take to be told its world and answer, in milliseconds; one that takes longer is said to, and not asked at greater sizes. */
const limitMs = Number(process.env.BENCH_LIMIT_SECONDS ?? 15) * 1000;
/** Longest time a timer can be set to. */
const maxTimerMs = 2 ** 31 - 1;
const sizes = [1_000, 100_000, 1_000_000] as const;
/** The peers also get a size between, so that the greatest one they can answer is known better. */
const peerSizes = [1_000, 10_000, 100_000, 1_000_000] as const;
const checked = 1_000;

type Subject = {
  readonly name: string;
  readonly engine: string;
  readonly hasConditions: boolean;
  readonly sizes: readonly number[];
};
type Result = {
  readonly subject: Subject;
  readonly size: number;
  readonly outcomes: RunOutcome[];
  failure: string | null;
};

const subjects: readonly Subject[] = [
  { name: "Postern", engine: "postern", hasConditions: false, sizes },
  { name: "Postern, every assignment with a condition", engine: "postern", hasConditions: true, sizes },
  { name: "Cedar 4.13.0 (WebAssembly)", engine: "cedar", hasConditions: false, sizes: peerSizes },
  { name: "Cedar, every assignment with a condition", engine: "cedar", hasConditions: true, sizes: peerSizes },
  { name: "casbin 5.51.1", engine: "casbin", hasConditions: false, sizes: peerSizes },
];

/** @returns what was measured, or why there is nothing. */
function run(subject: Subject, assignments: number): Promise<RunOutcome | string> {
  const { engine, hasConditions } = subject;
  const order: RunOrder = { engine, assignments, hasConditions, measureMs, checked };
  const child = fork(join(import.meta.dirname, "decision-run.ts"), [JSON.stringify(order)], {
    execArgv: ["--expose-gc", "--conditions=postern-source"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  return new Promise((resolve) => {
    let [output, errors, isBuilt, isLate] = ["", "", false, false];
    const limit = setTimeout(
      () => {
        isLate = true;
        child.kill("SIGKILL");
      },
      engine === "postern" ? maxTimerMs : limitMs,
    );
    child.on("message", () => {
      isBuilt = true;
    });
    child.stdout!.on("data", (chunk: Buffer) => {
      output += chunk;
    });
    child.stderr!.on("data", (chunk: Buffer) => {
      errors += chunk;
    });
    child.once("close", (code) => {
      clearTimeout(limit);
      const during = isBuilt ? "answering" : "being told its assignments";
      if (isLate) resolve(`not done in ${limitMs / 1000} s, ${during}`);
      else if (code !== 0)
        resolve(`gave up ${during}: ${/^.*(?:Error|memory|FATAL).*$/m.exec(errors)?.[0] ?? `exit ${code}`}`);
      else resolve(JSON.parse(output) as RunOutcome);
    });
  });
}

const results: Result[] = subjects.flatMap((subject) =>
  subject.sizes.map((size): Result => ({ subject, size, outcomes: [], failure: null })),
);
const loads: number[] = [];
for (let round = 1; round <= rounds; round += 1) {
  loads.push(loadavg()[0]!);
  for (const result of results) {
    const { subject, size } = result;
    const smaller = results.find((other) => other.subject === subject && other.size < size && other.failure !== null);
    if (smaller !== undefined) result.failure ??= "not tried";
    if (result.failure !== null) continue;
    const outcome = await run(subject, size);
    if (typeof outcome === "string" && subject.engine === "postern")
      throw new Error(`${subject.name}, ${size}: ${outcome}`);
    if (typeof outcome === "string") result.failure = outcome;
    else result.outcomes.push(outcome);
    console.log(
      `${round}/${rounds} ${subject.name}, ${size}: ${typeof outcome === "string" ? outcome : describe(outcome)}`,
    );
  }
}

function describe({ hot, mixed, cold, yesOrNo, bytesPerAssignment }: RunOutcome): string {
  const memory = bytesPerAssignment === null ? "" : `, ${bytesPerAssignment.toFixed(0)} bytes an assignment`;
  const short = yesOrNo === null ? "" : `, ${yesOrNo.perSecond.toFixed(0)} /s cold, yes or no`;
  return `${hot.perSecond.toFixed(0)} /s hot, ${mixed.perSecond.toFixed(0)} /s mixed, ${cold.perSecond.toFixed(0)} /s cold${short}${memory}`;
}

/** Who answers fewer in the time is compared as far as it came; a figure of wrong answers would be none. */
function checkAgreement(): number {
  let compared = 0;
  for (const { subject, size, outcomes } of results) {
    const truth = results.find((other) => {
      const { engine, hasConditions } = other.subject;
      return engine === "postern" && hasConditions === subject.hasConditions && other.size === size;
    })?.outcomes[0]?.answers;
    for (const { answers } of outcomes) {
      if (truth === undefined) continue;
      const count = Math.min(answers.length, truth.length);
      if (answers.slice(0, count) !== truth.slice(0, count)) {
        throw new Error(`${subject.name} with ${size} assignments answers otherwise than Postern`);
      }
      if (subject.engine !== "postern") compared += count;
    }
  }
  return compared;
}

const compared = checkAgreement();
const scratch = mkdtempSync(join(tmpdir(), "postern-bench-"));
const { empty, full } = await measureLoad(join(scratch, "state"), sizes[2], rounds);
rmSync(scratch, { recursive: true, force: true });
const seconds = (starts: readonly { readonly readyMs: number }[]) =>
  median(starts.map(({ readyMs }) => readyMs)) / 1000;
const loadSeconds = seconds(full) - seconds(empty);

function rate(result: Result, pick: (outcome: RunOutcome) => Rate, unit: keyof Rate = "perSecond"): number {
  return median(result.outcomes.map((outcome) => pick(outcome)[unit]));
}

const count = (value: number) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(2));
const find = (engine: string, hasConditions: boolean, size: number) =>
  results.find(
    (each) => each.subject.engine === engine && each.subject.hasConditions === hasConditions && each.size === size,
  )!;
const hot = (outcome: RunOutcome) => outcome.hot;
const mixed = (outcome: RunOutcome) => outcome.mixed;
const cold = (outcome: RunOutcome) => outcome.cold;
/** A peer says no more than yes or no anyway. */
const yesOrNo = (outcome: RunOutcome) => outcome.yesOrNo ?? outcome.cold;
const rows = results.map((result) => {
  const { subject, size, outcomes, failure } = result;
  const head = `| ${subject.name} | ${size.toLocaleString("en")}`;
  if (outcomes.length === 0) return `${head} | ${failure} | – | – | – | – | – | – |`;
  const ours = find("postern", subject.hasConditions, size);
  const ratio = ours?.outcomes.length > 0 ? (rate(ours, yesOrNo) / rate(result, yesOrNo)).toPrecision(3) : "–";
  const bytes = outcomes[0]!.bytesPerAssignment;
  const memory =
    bytes === null || size < 100_000 ? "–" : median(outcomes.map((one) => one.bytesPerAssignment!)).toFixed(0);
  const rates = [rate(result, hot), rate(result, mixed), rate(result, cold), rate(result, cold, "perCpuSecond")];
  return `${head} | ${[...rates, rate(result, yesOrNo)].map(count).join(" | ")} | ${ratio} | ${memory} |`;
});
const growth = (pick: (outcome: RunOutcome) => Rate) =>
  (rate(find("postern", false, sizes[0]), pick) / rate(find("postern", false, sizes[2]), pick)).toFixed(2);
const allowed = find("postern", false, sizes[2]).outcomes[0]!.allowedShare;
const text = [
  `20 subscriptions, 2,000 resource groups with a storage account of 10 containers each, 200,000 principals of which 20,000 are groups nested three deep; eight operations, seven built-in roles. Half the questions are about anybody at any place, half about somebody who holds something there or above, itself or by a group up to three above it: ${Math.round(100 * allowed)} % are allowed. Hot: 256 questions again and again, as of a busy app; Postern remembers the answers to such, as far as no condition looks at attributes, until anything changes. Mixed: 100,000 different questions, the one of rank n coming 1/n as often as the first (Zipf's law). Cold: every question new, anybody of everybody at any place; nothing of it is in the processor's cache. The texts of a question are new strings each time. Every answer of Postern's has its reasons: the assignment that grants, or what came nearest; yes or no alone is \`isAllowed\`, and all that casbin says. One thread; medians of ${rounds} rounds of ${measureMs / 1000} s, the subjects taking turns in one run; load average at the start of a round: ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}.`,
  `The peers are told the same world as their documentation says: casbin as policies with a hierarchy of resources, which it goes through one after another; Cedar as links of templates in a set that it reads once, with the entities each question is about. ${compared.toLocaleString("en")} of their answers were compared with Postern's, and all agree. Where a peer was not done in ${limitMs / 1000} s it was not asked at greater sizes.`,
  `Machine: ${describeMachine()}. Command: \`npm run bench -- decisions\`.`,
  `| | assignments | hot /s | mixed /s | cold /s | cold, per CPU second | cold, yes or no /s | Postern's to it, cold, yes or no | bytes an assignment |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n${rows.join("\n")}`,
  `From a thousand to a million assignments a decision's cost grows ${growth(hot)} times hot, ${growth(mixed)} times mixed, ${growth(cold)} times cold and ${growth(yesOrNo)} times cold with yes or no alone. The server starts on a folder with a million in ${seconds(full).toFixed(1)} s, ${loadSeconds.toFixed(1)} s longer than on one without (medians of ${rounds}), and idles at ${median(full.map(({ idleMemoryMiB }) => idleMemoryMiB)).toFixed(0)} MiB.`,
].join("\n\n");
const drawn = results.filter(({ outcomes, size }) => outcomes.length > 0 && size !== 10_000);
const bars = (pick: (outcome: RunOutcome) => Rate) =>
  drawn.map((result) => ({
    name: `${result.subject.name}, ${result.size.toLocaleString("en")}`,
    value: rate(result, pick),
  }));
writeSection({
  id: "decisions",
  title: "Access decisions",
  text,
  charts: [
    { title: "Decisions a second, hot", bars: bars(hot) },
    { title: "Decisions a second, mixed", bars: bars(mixed) },
    { title: "Decisions a second, cold", bars: bars(cold) },
    { title: "Decisions a second, cold, yes or no", bars: bars(yesOrNo) },
  ],
});
