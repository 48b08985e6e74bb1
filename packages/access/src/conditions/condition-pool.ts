/**
 * The conditions of assignments, each text once: thousands of assignments are often made with one condition.
 *
 * Owns their numbers and counting their holders, so that a condition nobody holds any more is forgotten.
 */
import { HeldCondition } from "./held-condition.ts";

/** Conditions shared by text and version, by number; a number is used again after its last holder is gone. */
export class ConditionPool {
  readonly #conditions: (HeldCondition | undefined)[] = [];
  readonly #holders: number[] = [];
  readonly #free: number[] = [];
  /** By version, then by text. */
  readonly #numbers = new Map<string | null, Map<string, number>>();

  /** Gives the number of a text's condition, and counts one holder more. */
  acquire(text: string, version: string | null): number {
    let ofVersion = this.#numbers.get(version);
    if (ofVersion === undefined) {
      ofVersion = new Map();
      this.#numbers.set(version, ofVersion);
    }
    let number = ofVersion.get(text);
    if (number === undefined) {
      number = this.#free.pop() ?? this.#conditions.length;
      this.#conditions[number] = new HeldCondition(text, version);
      this.#holders[number] = 0;
      ofVersion.set(text, number);
    }
    this.#holders[number]! += 1;
    return number;
  }

  /** Gives the condition of a number that is held. */
  condition(number: number): HeldCondition {
    return this.#conditions[number]!;
  }

  /** Counts one holder less. */
  release(number: number): void {
    this.#holders[number]! -= 1;
    if (this.#holders[number] !== 0) return;
    const { text, version } = this.condition(number);
    const ofVersion = this.#numbers.get(version);
    ofVersion?.delete(text);
    if (ofVersion?.size === 0) this.#numbers.delete(version);
    this.#conditions[number] = undefined;
    this.#free.push(number);
  }

  /** How many different conditions are held. */
  get size(): number {
    return this.#conditions.length - this.#free.length;
  }
}
