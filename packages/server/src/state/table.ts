/** One kind's rows in memory: by key, by secondary indexes, and in key order for paging. */
import type { Entities, EntityKind } from "./entities.ts";
import { keyOf } from "./entities.ts";

/** The values a row is found by in one index, already in comparable form (lower case where case does not count). */
export type IndexedValues<Row> = (row: Row) => readonly string[];

/** Keys of the rows with one value. Most values are one row's alone: Sets of one were half of a large directory's memory. */
type Keys = string | Set<string>;

type Index<Row> = { readonly valuesOf: IndexedValues<Row>; readonly keys: Map<string, Keys> };

export class Table<Kind extends EntityKind, IndexName extends string = never> {
  readonly #rows = new Map<string, Entities[Kind]>();
  readonly #keyOf: (row: Entities[Kind]) => string;
  readonly #indexes: Readonly<Record<IndexName, Index<Entities[Kind]>>>;
  /** The same, to walk over: a start puts very many rows. */
  readonly #allIndexes: readonly Index<Entities[Kind]>[];
  #sortedKeys: string[] | undefined;

  constructor(kind: Kind, indexes: Readonly<Record<IndexName, IndexedValues<Entities[Kind]>>>) {
    this.#keyOf = keyOf[kind];
    const made = Object.entries<IndexedValues<Entities[Kind]>>(indexes).map(
      ([name, valuesOf]) => [name, { valuesOf, keys: new Map<string, Keys>() }] as const,
    );
    this.#indexes = Object.fromEntries(made) as Record<IndexName, Index<Entities[Kind]>>;
    this.#allIndexes = made.map(([, index]) => index);
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
    const keys = this.#indexes[index].keys.get(value);
    if (keys === undefined) return [];
    return typeof keys === "string" ? [this.#rows.get(keys)!] : Array.from(keys, (key) => this.#rows.get(key)!);
  }

  /** The first row whose index holds the value. */
  findOne(index: IndexName, value: string): Entities[Kind] | undefined {
    const keys = this.#indexes[index].keys.get(value);
    if (keys === undefined || typeof keys === "string") return keys === undefined ? undefined : this.#rows.get(keys);
    for (const key of keys) return this.#rows.get(key);
    return undefined;
  }

  /** @returns the row that stood there before. */
  put(row: Entities[Kind]): Entities[Kind] | undefined {
    const key = this.#keyOf(row);
    const before = this.#rows.get(key);
    if (before === undefined) this.#sortedKeys = undefined;
    else this.#unindex(key, before);
    this.#rows.set(key, row);
    for (const { valuesOf, keys } of this.#allIndexes) {
      for (const value of valuesOf(row)) add(keys, value, key);
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
    for (const { valuesOf, keys } of this.#allIndexes) {
      for (const value of valuesOf(row)) remove(keys, value, key);
    }
  }
}

function add(index: Map<string, Keys>, value: string, key: string): void {
  const keys = index.get(value);
  if (keys === undefined) index.set(value, key);
  else if (typeof keys !== "string") keys.add(key);
  else if (keys !== key) index.set(value, new Set([keys, key]));
}

function remove(index: Map<string, Keys>, value: string, key: string): void {
  const keys = index.get(value);
  if (keys === key) index.delete(value);
  if (keys === undefined || typeof keys === "string") return;
  keys.delete(key);
  if (keys.size === 0) index.delete(value);
}
