/**
 * The cheapest choice of sets that together cover everything: exactly where the question is small, greedily where it is large.
 *
 * Knows nothing of roles. Both ways are bounded; the answer says whether it is proved to be the cheapest.
 */

/** One set that can be chosen. */
export interface Choice {
  /** Elements that it covers, as numbers from 0. */
  readonly covers: readonly number[];
  /** Above 0. */
  readonly cost: number;
}

/** What was chosen. */
export interface Cover {
  /** Places in the list of choices, in their order. */
  readonly chosen: readonly number[];
  readonly cost: number;
  /** Elements that no choice covers. */
  readonly uncovered: readonly number[];
  /** True when no cheaper cover exists. */
  readonly isProved: boolean;
}

/** Most elements of an exact search. Ours: one bit of an integer each. */
export const MAX_EXACT_ELEMENTS = 30;
/** Steps of an exact search before it gives what it has. Ours: well under a second. */
export const MAX_SEARCH_STEPS = 200_000;

function costOf(choices: readonly Choice[], chosen: readonly number[]): number {
  return chosen.reduce((sum, place) => sum + choices[place]!.cost, 0);
}

/** Takes what covers most for its cost, again and again; then drops what the others cover already. */
function coverGreedily(choices: readonly Choice[], wanted: ReadonlySet<number>): number[] {
  const left = new Set(wanted);
  const chosen: number[] = [];
  while (left.size > 0) {
    let best = -1;
    let bestRate = Number.POSITIVE_INFINITY;
    choices.forEach(({ covers, cost }, place) => {
      const fresh = covers.reduce((count, element) => count + (left.has(element) ? 1 : 0), 0);
      if (fresh > 0 && cost / fresh < bestRate) [best, bestRate] = [place, cost / fresh];
    });
    chosen.push(best);
    for (const element of choices[best]!.covers) left.delete(element);
  }
  return dropNeedless(choices, chosen, wanted);
}

function dropNeedless(choices: readonly Choice[], chosen: readonly number[], wanted: ReadonlySet<number>): number[] {
  let kept = [...chosen].sort((a, b) => choices[b]!.cost - choices[a]!.cost);
  for (const place of [...kept]) {
    const others = kept.filter((other) => other !== place);
    const covered = new Set(others.flatMap((other) => choices[other]!.covers));
    if ([...wanted].every((element) => covered.has(element))) kept = others;
  }
  return kept;
}

/** A choice as the exact search sees it. */
interface Masked {
  readonly place: number;
  readonly mask: number;
  readonly cost: number;
}

/** Leaves out choices that another one covers at no greater cost. */
function dropDominated(choices: readonly Choice[], bits: ReadonlyMap<number, number>): Masked[] {
  const cheapest = new Map<number, Masked>();
  choices.forEach(({ covers, cost }, place) => {
    const mask = covers.reduce((bitsSet, element) => bitsSet | (1 << bits.get(element)!), 0);
    const known = cheapest.get(mask);
    if (mask !== 0 && (known === undefined || cost < known.cost)) cheapest.set(mask, { place, mask, cost });
  });
  const all = [...cheapest.values()];
  return all.filter((a) => !all.some((b) => b !== a && (a.mask & ~b.mask) === 0 && b.cost <= a.cost));
}

/** Branch and bound on the first element that is not covered yet. */
class ExactSearch {
  readonly #choices: readonly Masked[];
  readonly #byBit: readonly (readonly Masked[])[];
  readonly #all: number;
  #steps = 0;
  best: readonly number[];
  bestCost: number;

  constructor(choices: readonly Masked[], size: number, start: { chosen: readonly number[]; cost: number }) {
    this.#choices = choices;
    this.#all = size === 0 ? 0 : (1 << size) - 1;
    this.#byBit = Array.from({ length: size }, (_, bit) =>
      this.#choices.filter(({ mask }) => (mask & (1 << bit)) !== 0).sort((a, b) => a.cost - b.cost),
    );
    this.best = start.chosen;
    this.bestCost = start.cost;
  }

  /** @returns whether the search came to its end. */
  run(): boolean {
    this.#visit(0, 0, []);
    return this.#steps < MAX_SEARCH_STEPS;
  }

  #visit(covered: number, cost: number, chosen: readonly number[]): void {
    this.#steps += 1;
    if (covered === this.#all) {
      if (cost < this.bestCost) [this.best, this.bestCost] = [chosen, cost];
      return;
    }
    const bit = 31 - Math.clz32(~covered & this.#all & -(~covered & this.#all));
    for (const { place, mask, cost: own } of this.#byBit[bit]!) {
      if (cost + own >= this.bestCost || this.#steps >= MAX_SEARCH_STEPS) return;
      this.#visit(covered | mask, cost + own, [...chosen, place]);
    }
  }
}

/**
 * Covers the elements 0 to `elementCount - 1` as cheaply as can be found.
 * @returns the same for the same input; elements that nothing covers are left out and named.
 */
export function findCover(choices: readonly Choice[], elementCount: number): Cover {
  const coverable = new Set(choices.flatMap(({ covers }) => covers));
  const elements = Array.from({ length: elementCount }, (_, element) => element);
  const uncovered = elements.filter((element) => !coverable.has(element));
  const greedy = coverGreedily(choices, coverable);
  const start = { chosen: greedy, cost: costOf(choices, greedy) };
  let isProved = false;
  let chosen: readonly number[] = greedy;
  if (coverable.size <= MAX_EXACT_ELEMENTS) {
    const bits = new Map([...coverable].sort((a, b) => a - b).map((element, bit) => [element, bit]));
    const search = new ExactSearch(dropDominated(choices, bits), coverable.size, start);
    isProved = search.run();
    chosen = search.best;
  }
  const sorted = [...chosen].sort((a, b) => a - b);
  return { chosen: sorted, cost: costOf(choices, sorted), uncovered, isProved };
}
