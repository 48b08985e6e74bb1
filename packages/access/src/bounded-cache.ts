/**
 * A cache that cannot grow without end: two generations, the older dropped whole when the younger is full. What is in
 * use is carried over, and neither a read nor a write ever has to look for a victim.
 */

/** Keeps the answers used last: at least `generationEntries`, at most twice as many. */
export class BoundedCache<Key, Value> {
  readonly #generationEntries: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  /** @param generationEntries entries of one generation, at least 1. */
  constructor(generationEntries: number) {
    this.#generationEntries = generationEntries;
  }

  /** Gives what was remembered, or undefined. */
  get(key: Key): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  /** Remembers a value, which must not be undefined. */
  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#generationEntries) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  /** Forgets one key. */
  delete(key: Key): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  /** Forgets everything. */
  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
