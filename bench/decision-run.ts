/**
 * One engine at one size, in a process of its own: tells it the world, has it answer a set of questions again and again (hot), questions of which
 * some come often and most seldom (mixed) and questions that are new each time (cold), and prints what it found as JSON. Asked for by bench/decisions.ts.
 */
import { createHash } from "node:crypto";
import type { BuildEngine, Engine } from "./decision-engines/engine.ts";
import { questionOf } from "./decision-world.ts";

export type RunOrder = {
  readonly engine: string;
  readonly assignments: number;
  readonly hasConditions: boolean;
  /** How long each way of asking is measured, in milliseconds. */
  readonly measureMs: number;
  /** Questions whose answers are compared between engines. */
  readonly checked: number;
};

/** Decisions a second, by the clock and by the CPU time that the process used. */
export type Rate = { readonly perSecond: number; readonly perCpuSecond: number };
export type RunOutcome = {
  readonly buildMs: number;
  readonly bytesPerAssignment: number | null;
  readonly hot: Rate;
  readonly mixed: Rate;
  readonly cold: Rate;
  /** Cold, when only yes or no is wanted; null for an engine that never says more. */
  readonly yesOrNo: Rate | null;
  /** One character for each question that was checked. */
  readonly answers: string;
  readonly allowedShare: number;
};

/** Questions asked again and again: what a busy app asks. */
const hotQuestions = 256;
/** Different questions of the mixed lot, of which the one of rank n comes 1/n as often as the first (Zipf's law): what a busy tenant asks. */
const mixedQuestions = 100_000;
/** Where the numbers of the mixed lot begin, far from those of new ones. */
const firstMixedQuestion = 1_000_000_000;
/** New questions made ready at a time: few enough that their own texts are in the processor's cache, as those of a request just read would be. */
const coldBatch = 500;

const order = JSON.parse(process.argv[2]!) as RunOrder;
const { build } = (await import(`./decision-engines/${order.engine}.ts`)) as { build: BuildEngine };
const started = performance.now();
const engine = await build({ assignments: order.assignments, hasConditions: order.hasConditions });
const buildMs = performance.now() - started;
process.send?.("built");

let nextQuestion = 0;
function prepare(count: number): readonly unknown[] {
  const questions = Array.from({ length: count }, () => questionOf(nextQuestion++, order.assignments));
  return engine.prepare(questions);
}

function prepareMixed(count: number): readonly unknown[] {
  // A rank whose logarithm is drawn evenly comes as often as Zipf's law says.
  const draw = () => firstMixedQuestion + Math.floor(mixedQuestions ** Math.random());
  return engine.prepare(Array.from({ length: count }, () => questionOf(draw(), order.assignments)));
}

/** Asks at most as many as the time allows, of an engine that may take seconds for one. */
function answerChecked(from: Engine): string {
  const until = performance.now() + 2 * order.measureMs;
  let answers = "";
  while (answers.length < order.checked && performance.now() < until) {
    const one = new Uint8Array(1);
    from.answerAll(prepare(1), one);
    answers += one[0];
  }
  return answers;
}

/** @param batches gives questions; the time it takes to make them does not count. */
function measure(
  batches: () => readonly unknown[],
  measureMs: number,
  answer = (batch: readonly unknown[]) => engine.answerAll(batch),
): Rate & { readonly allowedShare: number } {
  let [asked, allowed, wallMs, cpuUs] = [0, 0, 0, 0];
  while (wallMs < measureMs) {
    const batch = batches();
    const cpu = process.cpuUsage();
    const from = performance.now();
    allowed += answer(batch);
    wallMs += performance.now() - from;
    const used = process.cpuUsage(cpu);
    cpuUs += used.user + used.system;
    asked += batch.length;
  }
  return { perSecond: (asked * 1e3) / wallMs, perCpuSecond: (asked * 1e6) / cpuUs, allowedShare: allowed / asked };
}

const answers = answerChecked(engine);
const perQuestionMs = (() => {
  const from = performance.now();
  const sample = prepare(Math.min(answers.length, 10));
  engine.answerAll(sample);
  return (performance.now() - from) / sample.length;
})();
// A slow engine gets as many questions as it can answer.
const affordable = Math.max(1, Math.floor(order.measureMs / perQuestionMs));
const hotSet = prepare(Math.min(hotQuestions, affordable));
const withoutShare = ({ perSecond, perCpuSecond }: Rate): Rate => ({ perSecond, perCpuSecond });
measure(() => hotSet, order.measureMs / 2);
const hot = withoutShare(measure(() => hotSet, order.measureMs));
const batchSize = Math.min(coldBatch, affordable);
measure(() => prepareMixed(batchSize), order.measureMs / 2);
const mixed = withoutShare(measure(() => prepareMixed(batchSize), order.measureMs));
const { allowedShare, ...cold } = measure(() => prepare(batchSize), order.measureMs);
const answerYesOrNo = engine.answerYesOrNo?.bind(engine);
if (answerYesOrNo !== undefined) measure(() => prepare(batchSize), order.measureMs / 4, answerYesOrNo);
const yesOrNo =
  answerYesOrNo === undefined ? null : withoutShare(measure(() => prepare(batchSize), order.measureMs, answerYesOrNo));
const { bytesPerAssignment = null } = engine;
const outcome: RunOutcome = { buildMs, bytesPerAssignment, hot, mixed, cold, yesOrNo, answers, allowedShare };
console.log(JSON.stringify({ ...outcome, digest: createHash("sha256").update(answers).digest("hex").slice(0, 8) }));
