/** One kind's rows in memory: by key, by secondary indexes, and in key order for paging. */
import type { Entities, EntityKind } from "./entities.ts";
import { keyOf } from "./entities.ts";

/** The values a row is found by in one index, already in comparable form (lower case where case does not count). */
export type IndexedValues<Row> = (row: Row) => readonly string[];

export class Table<Kind extends EntityKind, IndexName extends string = never> {
  readonly #rows = new Map<string, Entities[Kind]>();
  readonly #keyOf: (row: Entities[Kind]) => string;
  readonly #valuesOf: Readonly<Record<IndexName, IndexedValues<Entities[Kind]>>>;
  readonly #indexes = new Map<IndexName, Map<string, Set<string>>>();
  #sortedKeys: string[] | undefined;

  constructor(kind: Kind, indexes: Readonly<Record<IndexName, IndexedValues<Entities[Kind]>>>) {
    this.#keyOf = keyOf[kind];
    this.#valuesOf = indexes;
    for (const name of Object.keys(indexes) as IndexName[]) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): Entities[Kind] | undefined {
    return this.#rows.get(key);
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  values(): IterableIterator<Entities[Kind]> {
    return this.#rows.values();
  }

  /** Keys in code-unit order; the array is shared, do not change it. Paging by "after this key" is stable under inserts. */
  sortedKeys(): readonly string[] {
    this.#sortedKeys ??= [...this.#rows.keys()].sort();
    return this.#sortedKeys;
  }

  /** All rows whose index holds the value, in insertion order. */
  find(index: IndexName, value: string): Entities[Kind][] {
    const keys = this.#indexes.get(index)?.get(value);
    return keys === undefined ? [] : Array.from(keys, (key) => this.#rows.get(key)!);
  }

  /** The first row whose index holds the value. */
  findOne(index: IndexName, value: string): Entities[Kind] | undefined {
    for (const key of this.#indexes.get(index)?.get(value) ?? []) return this.#rows.get(key);
    return undefined;
  }

  /** @returns the row that stood there before. */
  put(row: Entities[Kind]): Entities[Kind] | undefined {
    const key = this.#keyOf(row);
    const before = this.#rows.get(key);
    if (before === undefined) this.#sortedKeys = undefined;
    else this.#unindex(key, before);
    this.#rows.set(key, row);
    for (const [name, index] of this.#indexes) {
      for (const value of this.#valuesOf[name](row)) {
        const keys = index.get(value);
        if (keys === undefined) index.set(value, new Set([key]));
        else keys.add(key);
      }
    }
    return before;
  }

  /** @returns the row that was there. */
  delete(key: string): Entities[Kind] | undefined {
    const before = this.#rows.get(key);
    if (before === undefined) return undefined;
    this.#unindex(key, before);
    this.#rows.delete(key);
    this.#sortedKeys = undefined;
    return before;
  }

  #unindex(key: string, row: Entities[Kind]): void {
    for (const [name, index] of this.#indexes) {
      for (const value of this.#valuesOf[name](row)) {
        const keys = index.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index.delete(value);
      }
    }
  }
}
