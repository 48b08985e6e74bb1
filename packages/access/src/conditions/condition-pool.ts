/**
 * The conditions of assignments, each text once: thousands of assignments are often made with one condition.
 *
 * Owns counting their holders, so that a condition nobody holds any more is forgotten.
 */
import { HeldCondition } from "./held-condition.ts";

interface Entry {
  readonly condition: HeldCondition;
  holders: number;
}

/** Conditions shared by text and version. */
export class ConditionPool {
  readonly #entries = new Map<string, Entry>();

  /** Gives the condition of a text, and counts one holder more. */
  acquire(text: string, version: string | null): HeldCondition {
    const key = keyOf(text, version);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { condition: new HeldCondition(text, version), holders: 0 };
      this.#entries.set(key, entry);
    }
    entry.holders += 1;
    return entry.condition;
  }

  /** Counts one holder less. */
  release({ text, version }: HeldCondition): void {
    const key = keyOf(text, version);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.holders -= 1;
    if (entry.holders === 0) this.#entries.delete(key);
  }

  /** How many different conditions are held. */
  get size(): number {
    return this.#entries.size;
  }
}

/** A quoted version has no line break in it, so no two pairs make one key. */
function keyOf(text: string, version: string | null): string {
  return version === null ? `\n${text}` : `${JSON.stringify(version)}\n${text}`;
}
