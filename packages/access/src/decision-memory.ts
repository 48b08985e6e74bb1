/**
 * Decisions that were asked for again: a question that comes twice while the facts stand still is answered from here.
 *
 * Owns the places, a fixed number of them, and what voids them. Everything in a key is a number that never means something else as long as the
 * revision stands, and is compared whole: a place holds the answer to this very question or none. Every change of the facts makes a new
 * revision, and what was kept before it is never found again. A question is noted when it comes first and its answer kept when it comes a
 * second time, so that a flood of questions that are all different keeps nothing, and takes from what is kept at most the half of each set
 * that is for newcomers.
 */
import type { Decision } from "./decision.ts";
import type { Plan } from "./plan.ts";

/** Sets of two places, a power of two. Ours: with some 300 bytes an answer 5 MB, with the greatest there are (eight near misses, some 2 KB) 32 MB. */
const SETS = 8192;
const PLACES_PER_SET = 2;
/** Numbers of one key: principal, place, operation, revision. As floats they count further than any process lives. */
const KEY_SIZE = 4;
const SET_SIZE = PLACES_PER_SET * KEY_SIZE;
const NO_PLACE = -1;

/** The answers kept, by question. */
export class DecisionMemory {
  /** Side by side, so that a set is one line of the processor's cache. */
  readonly #keys = new Float64Array(SETS * SET_SIZE);
  readonly #kept: (Decision | Plan | undefined)[] = new Array(SETS * PLACES_PER_SET).fill(undefined);
  /** Keys that were never written hold zeros, which are of no revision. */
  #revision = 1;

  /** Voids everything; to be called before each change of the facts. */
  forgetAll(): void {
    this.#revision += 1;
  }

  /**
   * Finds the place of a question; one that has none is noted.
   * @param at the nearest node, twice, and one more for being the scope itself.
   * @param operation the number of its rulings, which are of one plane.
   * @returns the place, or -1 for a question that comes for the first time.
   */
  find(principal: number, at: number, operation: number): number {
    const set = hash(principal, at, operation) & (SETS - 1);
    const first = set * SET_SIZE;
    if (this.#isKey(first, principal, at, operation)) return set * PLACES_PER_SET;
    const second = first + KEY_SIZE;
    if (this.#isKey(second, principal, at, operation)) return set * PLACES_PER_SET + 1;
    const keys = this.#keys;
    keys[second] = principal;
    keys[second + 1] = at;
    keys[second + 2] = operation;
    keys[second + 3] = this.#revision;
    this.#kept[set * PLACES_PER_SET + 1] = undefined;
    return NO_PLACE;
  }

  /** Gives what is kept at a place that {@link find} gave for the question. */
  kept(place: number): Decision | Plan | undefined {
    return place === NO_PLACE ? undefined : this.#kept[place];
  }

  /** Keeps the answer at the place that {@link find} gave for the question; of one that came for the first time it does not. */
  keep(place: number, answer: Decision | Plan): void {
    if (place === NO_PLACE) return;
    this.#kept[place] = answer;
    if (place % PLACES_PER_SET === 1) this.#swap(place - 1);
  }

  #isKey(from: number, principal: number, at: number, operation: number): boolean {
    const keys = this.#keys;
    return (
      keys[from] === principal &&
      keys[from + 1] === at &&
      keys[from + 2] === operation &&
      keys[from + 3] === this.#revision
    );
  }

  /** The first place of a set is not for newcomers. */
  #swap(first: number): void {
    const [keys, kept] = [this.#keys, this.#kept];
    const [left, right] = [first * KEY_SIZE, (first + 1) * KEY_SIZE];
    for (let each = 0; each < KEY_SIZE; each += 1) {
      const key = keys[left + each]!;
      keys[left + each] = keys[right + each]!;
      keys[right + each] = key;
    }
    const answer = kept[first];
    kept[first] = kept[first + 1];
    kept[first + 1] = answer;
  }
}

function hash(principal: number, at: number, operation: number): number {
  let mixed = Math.imul(principal ^ Math.imul(at, 0x9e3779b1) ^ Math.imul(operation, 0x85ebca6b), 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x27d4eb2f);
  return mixed ^ (mixed >>> 13);
}

/** Makes an answer unchangeable, with all that is in it: many who ask get the same one. */
export function freezeWhole<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freezeWhole(part);
  return Object.freeze(value);
}
