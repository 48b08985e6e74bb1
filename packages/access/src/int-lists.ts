/**
 * Lists of entries of a few small integers, one list for each owner, each lying together in memory.
 *
 * Owns the layout: one slab of integers, cut into blocks of a power of two of entries; a list that outgrows its block moves to the next size, and
 * blocks that were left are used again. In a block come all entries' first integers, then all their second ones: who walks a list looking at the
 * first touches one or two lines of the processor's cache, where linked rows would be a miss each. Knows nothing of access.
 */

import { IntRecords } from "./int-column.ts";

/** Entries of the smallest block. Ours: most principals hold one or two things. */
const SMALLEST_BLOCK = 2;
const FIRST_SLAB_INTEGERS = 1024;
/** Integers of a record that are a list's: the place of its block and the number of its entries. */
const HEAD_SIZE = 2;
/** Growth factor of the slab. Ours: as of a column. */
const GROWTH = 1.5;

/** Entries that the block of a list has room for. */
function blockSize(entries: number): number {
  return entries <= SMALLEST_BLOCK ? SMALLEST_BLOCK : 2 ** (32 - Math.clz32(entries - 1));
}

/** For each owner a list of entries in the order they were added. Owners are small integers from 0. */
export class IntLists {
  /** By owner, from a place in its record: where its block is, and how many entries it has. */
  readonly #heads: IntRecords;
  readonly #headAt: number;
  #slab = new Int32Array(FIRST_SLAB_INTEGERS);
  #slabEnd = 0;
  /** For each block size, by its logarithm, the places of blocks that were left. */
  readonly #left: number[][] = [];
  readonly #width: number;

  /**
   * @param width integers of one entry.
   * @param heads by owner: what is looked at together lies together.
   * @param headAt from which place of a record two integers are the lists'.
   */
  constructor(width: 1 | 2 | 3, heads = new IntRecords(HEAD_SIZE), headAt = 0) {
    this.#width = width;
    this.#heads = heads;
    this.#headAt = headAt;
  }

  /** How many entries the owner has. */
  count(owner: number): number {
    const { words, size } = this.#heads;
    const at = owner * size + this.#headAt + 1;
    return owner >= 0 && at < words.length ? words[at]! : 0;
  }

  /** Where in {@link slab} the first integers of the owner's entries begin; for an owner that has some. */
  start(owner: number): number {
    return this.#heads.words[owner * this.#heads.size + this.#headAt]!;
  }

  /** As {@link start}, of the integers of another place. */
  partStart(owner: number, part: number): number {
    return this.start(owner) + part * blockSize(this.count(owner));
  }

  /** The memory all lists lie in; good until the next change. */
  get slab(): Int32Array {
    return this.#slab;
  }

  /** One integer of one entry, each by its place from 0. */
  get(owner: number, entry: number, part: number): number {
    return this.#slab[this.partStart(owner, part) + entry]!;
  }

  /** The same integer of every entry, in their order; a copy. */
  list(owner: number, part: number): number[] {
    return Array.from({ length: this.count(owner) }, (_, entry) => this.get(owner, entry, part));
  }

  /** The place of the first entry whose integer this is, or -1. */
  find(owner: number, part: number, value: number): number {
    const count = this.count(owner);
    if (count === 0) return -1;
    const from = this.partStart(owner, part);
    for (let entry = 0; entry < count; entry += 1) if (this.#slab[from + entry] === value) return entry;
    return -1;
  }

  /** Adds an entry at the end of the owner's list; of its integers as many count as an entry has. */
  add(owner: number, first: number, second = 0, third = 0): void {
    this.#heads.hold(owner);
    const count = this.count(owner);
    if (count === 0) this.#setStart(owner, this.#take(SMALLEST_BLOCK));
    else if (count === blockSize(count)) this.#move(owner, count, blockSize(count), blockSize(count + 1));
    this.#setCount(owner, count + 1);
    const size = blockSize(count + 1);
    const at = this.start(owner) + count;
    const slab = this.#slab;
    slab[at] = first;
    if (this.#width > 1) slab[at + size] = second;
    if (this.#width > 2) slab[at + 2 * size] = third;
  }

  /** Takes out the entry at a place from 0; the others keep their order. */
  removeAt(owner: number, entry: number): void {
    const count = this.count(owner);
    const [start, size] = [this.start(owner), blockSize(count)];
    for (let part = 0; part < this.#width; part += 1) {
      const from = start + part * size;
      this.#slab.copyWithin(from + entry, from + entry + 1, from + count);
    }
    if (count === 1) this.#leave(start, size);
    else if (blockSize(count - 1) < size) this.#move(owner, count - 1, size, blockSize(count - 1));
    this.#setCount(owner, count - 1);
  }

  #setStart(owner: number, start: number): void {
    this.#heads.words[owner * this.#heads.size + this.#headAt] = start;
  }

  #setCount(owner: number, count: number): void {
    this.#heads.words[owner * this.#heads.size + this.#headAt + 1] = count;
  }

  #move(owner: number, count: number, fromSize: number, toSize: number): void {
    const from = this.start(owner);
    const to = this.#take(toSize);
    for (let part = 0; part < this.#width; part += 1) {
      const source = from + part * fromSize;
      this.#slab.copyWithin(to + part * toSize, source, source + count);
    }
    this.#setStart(owner, to);
    this.#leave(from, fromSize);
  }

  #take(size: number): number {
    const left = this.#left[31 - Math.clz32(size)]?.pop();
    if (left !== undefined) return left;
    const at = this.#slabEnd;
    this.#slabEnd += size * this.#width;
    if (this.#slabEnd > this.#slab.length) {
      const grown = new Int32Array(Math.max(this.#slabEnd, Math.ceil(this.#slab.length * GROWTH)));
      grown.set(this.#slab);
      this.#slab = grown;
    }
    return at;
  }

  #leave(at: number, size: number): void {
    const order = 31 - Math.clz32(size);
    this.#left[order] ??= [];
    this.#left[order].push(at);
  }
}
