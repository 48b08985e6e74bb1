/**
 * Columns of small integers and what is built from them: linked lists over row numbers, and a table of pairs.
 *
 * Owns the memory layout of the big tables of this package: a million assignments as objects would be ten times the size.
 * Knows nothing of access.
 */

const FIRST_CAPACITY_ROWS = 64;
/** Growth factor of a column. Ours: half again, so that at most a third of a big column is unused. */
const GROWTH = 1.5;
/** Marks the end of a list, or no row. */
export const NONE = -1;

/** A growing array of 32-bit integers; places never written read as `NONE`. */
export class IntColumn {
  #values = new Int32Array(FIRST_CAPACITY_ROWS).fill(NONE);

  get(row: number): number {
    return row >= 0 && row < this.#values.length ? this.#values[row]! : NONE;
  }

  set(row: number, value: number): void {
    if (row >= this.#values.length) {
      const grown = new Int32Array(Math.max(row + 1, Math.ceil(this.#values.length * GROWTH))).fill(NONE);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[row] = value;
  }
}

/** A growing array of records of a few 32-bit integers, which lie side by side; integers never written read as 0. */
export class IntRecords {
  /** All records, one after another; good until the next {@link hold}. */
  words: Int32Array;
  /** Integers of one record. */
  readonly size: number;

  /** @param size integers of one record. */
  constructor(size: number) {
    this.size = size;
    this.words = new Int32Array(FIRST_CAPACITY_ROWS * size);
  }

  /** Makes room for a record. */
  hold(record: number): void {
    const needed = (record + 1) * this.size;
    if (needed <= this.words.length) return;
    const grown = new Int32Array(Math.max(needed, Math.ceil((this.words.length * GROWTH) / this.size) * this.size));
    grown.set(this.words);
    this.words = grown;
  }
}

/** For each owner a doubly linked list of rows, newest first; a row is in one owner's list at most. */
export class RowLists {
  readonly #heads = new IntColumn();
  readonly #next = new IntColumn();
  readonly #previous = new IntColumn();

  /** Gives the owner's newest row, or `NONE`. */
  first(owner: number): number {
    return this.#heads.get(owner);
  }

  /** Gives the row after this one in its owner's list, or `NONE`. */
  next(row: number): number {
    return this.#next.get(row);
  }

  /** Puts a row, which must be in no list, at the head of the owner's. */
  add(owner: number, row: number): void {
    const head = this.#heads.get(owner);
    this.#next.set(row, head);
    this.#previous.set(row, NONE);
    if (head !== NONE) this.#previous.set(head, row);
    this.#heads.set(owner, row);
  }

  /** Takes a row out of the owner's list, in which it must be. */
  remove(owner: number, row: number): void {
    const next = this.#next.get(row);
    const previous = this.#previous.get(row);
    if (next !== NONE) this.#previous.set(next, previous);
    if (previous === NONE) this.#heads.set(owner, next);
    else this.#next.set(previous, next);
  }
}

/** Numbers pairs of non-negative integers: 0, 1, 2, … in the order they were first seen. Open addressing, no removal. */
export class PairTable {
  readonly #lefts = new IntColumn();
  readonly #rights = new IntColumn();
  #slots = new Int32Array(FIRST_CAPACITY_ROWS).fill(NONE);
  #count = 0;

  /** Gives the pair's number, or `NONE` if it was never seen. */
  find(left: number, right: number): number {
    return this.#slots[this.#slotOf(left, right)]!;
  }

  /** Gives the pair's number, a new one if it was never seen. */
  intern(left: number, right: number): number {
    const known = this.find(left, right);
    if (known !== NONE) return known;
    // Half full at most keeps the runs that a look-up walks short.
    if ((this.#count + 1) * 2 > this.#slots.length) this.#grow();
    const pair = this.#count;
    this.#count += 1;
    this.#lefts.set(pair, left);
    this.#rights.set(pair, right);
    this.#slots[this.#slotOf(left, right)] = pair;
    return pair;
  }

  #slotOf(left: number, right: number): number {
    const mask = this.#slots.length - 1;
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right + 1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const pair = this.#slots[slot]!;
      if (pair === NONE || (this.#lefts.get(pair) === left && this.#rights.get(pair) === right)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(NONE);
    for (let pair = 0; pair < this.#count; pair += 1) {
      this.#slots[this.#slotOf(this.#lefts.get(pair), this.#rights.get(pair))] = pair;
    }
  }
}
