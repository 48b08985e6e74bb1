/**
 * Runs a parser over generated, mutated and kept inputs, and holds what it does against what every parser promises: it throws nothing but its own
 * fault, what it accepted comes back the same when it has a printer, and (in long runs) no input takes it out of proportion.
 *
 * Inputs that give a new shape of reading join a pool that later ones are mutated from: a reader's own answers guide the search.
 * Owns: the loop and the verdict. May use: draw.ts, mutation.ts, corpus.ts, subject.ts.
 */
import { readCorpus } from "./corpus.ts";
import { Draw } from "./draw.ts";
import { mutate } from "./mutation.ts";
import type { Reading, Subject } from "./subject.ts";

export type Finding = { readonly what: string; readonly input: string };

export type FuzzOutcome = {
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly roundTrips: number;
  readonly findings: readonly Finding[];
  /** The shortest input of each shape that was seen. */
  readonly shapes: ReadonlyMap<string, string>;
};

export type FuzzOrder = {
  readonly inputs: number;
  readonly seed: number;
  /** CPU time of one input that is a finding, in milliseconds, beside what its length allows; undefined where nothing is timed. */
  readonly slowMs?: number;
  readonly onProgress?: (done: number, outcome: FuzzOutcome) => void;
};

/** Shapes that are kept apart at most: positions and names in refusals could make endlessly many. */
const maxShapes = 400;
/** After so many findings a run ends: they are most likely one. */
const maxFindings = 10;
/** How often an input is blown up to the longest that can come. */
const longShare = 0.0005;
/** A third of a second for a million characters: a tree of a hundred thousand elements takes that. Our choice. */
const tolerableMsEachChar = 0.0003;
const progressEvery = 50_000;

class Run {
  readonly #subject: Subject;
  readonly #order: FuzzOrder;
  readonly #draw: Draw;
  readonly #kept: readonly string[];
  readonly #pool: string[];
  readonly shapes = new Map<string, string>();
  readonly findings: Finding[] = [];
  inputs = 0;
  accepted = 0;
  refused = 0;
  roundTrips = 0;

  constructor(subject: Subject, order: FuzzOrder) {
    this.#subject = subject;
    this.#order = order;
    this.#draw = new Draw(order.seed);
    this.#kept = [...readCorpus(subject.name).values()];
    this.#pool = [...this.#kept];
  }

  async go(): Promise<void> {
    for (const input of this.#kept) await this.#try(input);
    while (this.inputs < this.#order.inputs && this.findings.length < maxFindings) {
      const tried = this.#try(this.#next());
      // Awaiting what is there already would cost more than most of these parsers do.
      if (tried !== undefined) await tried;
      if (this.inputs % progressEvery === 0) this.#order.onProgress?.(this.inputs, this);
    }
  }

  #next(): string {
    const draw = this.#draw;
    const { words, maxChars } = this.#subject;
    const way = draw.int(20);
    if (way < 8) return this.#subject.generate(draw).slice(0, maxChars);
    const base = way < 15 || this.#pool.length === 0 ? this.#subject.generate(draw) : draw.pick(this.#pool);
    const other = this.#pool.length === 0 ? base : draw.pick(this.#pool);
    const mutated = mutate(draw, base, words, other, maxChars);
    return draw.chance(longShare) ? this.#lengthen(mutated) : mutated;
  }

  #lengthen(input: string): string {
    const { maxChars } = this.#subject;
    const from = this.#draw.int(input.length + 1);
    const piece = input.slice(from, from + 1 + this.#draw.int(12)) || "(";
    const times = Math.max(0, Math.floor((maxChars - input.length) / piece.length));
    return input.slice(0, from) + piece.repeat(times) + input.slice(from);
  }

  #try(input: string): Promise<void> | undefined {
    this.inputs += 1;
    const started = this.#order.slowMs === undefined ? 0 : performance.now();
    try {
      const reading = this.#subject.read(input);
      if (reading instanceof Promise) {
        return reading.then(
          (read) => this.#count(input, read, started),
          (cause: unknown) => this.#judge(input, cause, started),
        );
      }
      this.#count(input, reading, started);
    } catch (cause) {
      this.#judge(input, cause, started);
    }
    return undefined;
  }

  #count(input: string, { isAccepted, shape, isRoundTrip = false }: Reading, started: number): void {
    if (isAccepted) this.accepted += 1;
    else this.refused += 1;
    if (isRoundTrip) this.roundTrips += 1;
    this.#remember(input, `${isAccepted ? "+" : "-"}${shape}`);
    this.#time(input, started);
  }

  #judge(input: string, cause: unknown, started: number): void {
    const shape = this.#subject.isRefusal(cause);
    if (shape === undefined) {
      const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      const at = cause instanceof Error ? (cause.stack?.split("\n")[1]?.trim() ?? "") : "";
      this.findings.push({ what: `${what.slice(0, 400)} ${at}`, input });
      return;
    }
    this.refused += 1;
    this.#remember(input, `!${shape}`);
    this.#time(input, started);
  }

  #remember(input: string, shape: string): void {
    const known = this.shapes.get(shape);
    if (known === undefined && this.shapes.size >= maxShapes) return;
    if (known !== undefined && known.length <= input.length) return;
    this.shapes.set(shape, input);
    if (known === undefined) this.#pool.push(input);
  }

  /** An input that took long is tried again alone, by CPU time: the machine may have been elsewhere. */
  #time(input: string, started: number): void {
    const { slowMs } = this.#order;
    const tolerableMs = (slowMs ?? 0) + input.length * tolerableMsEachChar;
    if (slowMs === undefined || performance.now() - started < tolerableMs) return;
    const cpuMs = leastCpuMs(() => this.#subject.read(input));
    if (cpuMs >= tolerableMs) this.findings.push({ what: `takes ${cpuMs.toFixed(0)} ms of CPU`, input });
  }
}

const timings = 3;

/** The least CPU time an act took, of three; what it throws is its own affair. An act that waits is timed until it does. */
export function leastCpuMs(act: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < timings; turn++) {
    const before = process.cpuUsage();
    try {
      const made = act();
      if (made instanceof Promise) made.catch(() => undefined);
    } catch {
      // refusals are as good as readings here
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** Runs a parser over so many inputs. The same seed and corpus give the same inputs. */
export async function fuzz(subject: Subject, order: FuzzOrder): Promise<FuzzOutcome> {
  const run = new Run(subject, order);
  await subject.open?.();
  try {
    await run.go();
  } finally {
    await subject.close?.();
  }
  return run;
}
