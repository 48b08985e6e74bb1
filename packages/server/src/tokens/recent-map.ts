/** A map of bounded size that forgets what was not used for longest. */
export class RecentMap<Value, Key = string> {
  readonly #entries = new Map<Key, Value>();
  readonly #maxEntries: number;
  /** The youngest, as far as is known: who asks for it again and again need not move it each time. */
  #youngest: Key | undefined;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined && key !== this.#youngest) {
      // A Map keeps insertion order, so putting it in again makes it the youngest.
      this.#entries.delete(key);
      this.#entries.set(key, value);
      this.#youngest = key;
    }
    return value;
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#youngest = key;
    if (this.#entries.size > this.#maxEntries) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest!);
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key);
    if (key === this.#youngest) this.#youngest = undefined;
  }

  clear(): void {
    this.#entries.clear();
    this.#youngest = undefined;
  }
}
