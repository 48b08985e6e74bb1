/** Lets those who look rows up at the same time share a way to the database: what is asked while others' questions are on their way goes with the next. */

type Waiting<Key, Value> = {
  readonly key: Key;
  readonly resolve: (value: Value) => void;
  readonly reject: (cause: unknown) => void;
};

/** Keys of one question at most. Our choice: with long contents some MiB. */
const maxKeys = 64;
/** Questions on their way at once. Our choice: the database answers some side by side. */
const maxUnderWay = 3;

export class Gatherer<Key, Value> {
  readonly #fetch: (keys: readonly Key[]) => Promise<readonly Value[]>;
  #waiting: Waiting<Key, Value>[] = [];
  #underWay = 0;
  #isScheduled = false;

  /** @param fetch answers for each key, in their order. */
  constructor(fetch: (keys: readonly Key[]) => Promise<readonly Value[]>) {
    this.#fetch = fetch;
  }

  /** Looks up one key; the question is sent after this call, so that what was done before it is seen. */
  get(key: Key): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#underWay >= maxUnderWay || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    // Those of one turn of the event loop go together.
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#ask(this.#waiting.splice(0, maxKeys));
      this.#schedule();
    });
  }

  async #ask(asked: readonly Waiting<Key, Value>[]): Promise<void> {
    this.#underWay += 1;
    try {
      const values = await this.#fetch(asked.map(({ key }) => key));
      asked.forEach(({ resolve }, index) => {
        resolve(values[index]!);
      });
    } catch (cause) {
      for (const { reject } of asked) reject(cause);
    }
    this.#underWay -= 1;
    this.#schedule();
  }
}
