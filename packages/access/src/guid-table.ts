/**
 * Numbers by GUID, without case: a million of them in some 28 bytes each, found with two looks at memory.
 *
 * Owns the layout: a GUID is four integers in a column, at the place its number says; a table of open addressing gives the number. A map of
 * strings looks at the string of every key that it comes by, each somewhere else in memory. Ids that are no GUIDs are kept in such a map.
 */
import { NONE } from "./int-column.ts";

const WORDS = 4;
const FIRST_SLOTS = 64;
/** Growth factor of the column of keys. Ours: as of a column. */
const GROWTH = 1.5;
const GUID_LENGTH = 36;
const HYPHEN = 45;
const HEX_DIGIT_BITS = 4;
const HALF_WORD_BITS = 16;
/** A power of two; characters from there on are no digits. */
const CHARACTERS = 128;
const NO_DIGIT = -1;
const HALF_WORD_MASK = 0xffff;
const HEXADECIMAL = 16;

/** The value of each hexadecimal digit by its character. */
const DIGITS = Int8Array.from({ length: CHARACTERS }, (_, code) =>
  "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase()),
);

/** What was read last. */
const read = new Int32Array(WORDS);

/** Four digits as an integer of 16 bits; negative when one of them is no digit. */
function readFour(text: string, at: number): number {
  const a = text.charCodeAt(at);
  const b = text.charCodeAt(at + 1);
  const c = text.charCodeAt(at + 2);
  const d = text.charCodeAt(at + 3);
  if ((a | b | c | d) >= CHARACTERS) return NO_DIGIT;
  return (
    (DIGITS[a]! << (3 * HEX_DIGIT_BITS)) |
    (DIGITS[b]! << (2 * HEX_DIGIT_BITS)) |
    (DIGITS[c]! << HEX_DIGIT_BITS) |
    DIGITS[d]!
  );
}

function readWord(text: string, word: number, upperAt: number, lowerAt: number): boolean {
  const upper = readFour(text, upperAt);
  const lower = readFour(text, lowerAt);
  read[word] = (upper << HALF_WORD_BITS) | lower;
  return (upper | lower) >= 0;
}

/** Reads a GUID into {@link read}; says whether the text is one. */
function readGuid(text: string): boolean {
  if (text.length !== GUID_LENGTH) return false;
  for (let at = 8; at <= 23; at += 5) if (text.charCodeAt(at) !== HYPHEN) return false;
  return readWord(text, 0, 0, 4) && readWord(text, 1, 9, 14) && readWord(text, 2, 19, 24) && readWord(text, 3, 28, 32);
}

/** Four digits by their 16 bits, each made when it is first needed. */
const digitsOf: string[] = new Array(HALF_WORD_MASK + 1).fill("");

function writeFour(word: number): string {
  const known = digitsOf[word]!;
  if (known !== "") return known;
  const digits = word.toString(HEXADECIMAL).padStart(4, "0");
  digitsOf[word] = digits;
  return digits;
}

function upperDigits(word: number): string {
  return writeFour(word >>> HALF_WORD_BITS);
}

function lowerDigits(word: number): string {
  return writeFour(word & HALF_WORD_MASK);
}

/** A random odd factor: who chooses GUIDs cannot know which of them collide. */
function drawFactor(): number {
  return Math.floor(Math.random() * 2 ** 32) | 1;
}

/** A table from ids to small integers, each given to one id at a time. */
export class GuidTable {
  /** By number. */
  #keys = new Int32Array(FIRST_SLOTS * WORDS);
  #slots = new Int32Array(FIRST_SLOTS).fill(NONE);
  /** How far a hash is shifted to be a slot's place. */
  #shift = 32 - Math.log2(FIRST_SLOTS);
  #count = 0;
  readonly #others = new Map<string, number>();
  readonly #otherTexts = new Map<number, string>();
  readonly #first = drawFactor();
  readonly #second = drawFactor();
  readonly #third = drawFactor();
  readonly #fourth = drawFactor();

  /** How many ids there are. */
  get size(): number {
    return this.#count + this.#others.size;
  }

  /** Gives the number of an id, or `NONE`. */
  find(id: string): number {
    if (readGuid(id)) return this.#slots[this.#slotOfRead()]!;
    // Ids mostly come in lower case already: the second look is for those that do not.
    return this.#others.size === 0 ? NONE : (this.#others.get(id) ?? this.#others.get(id.toLowerCase()) ?? NONE);
  }

  /** Writes the id, in lower case, that has a number, which must be some id's. */
  text(number: number): string {
    const other = this.#otherTexts.size === 0 ? undefined : this.#otherTexts.get(number);
    if (other !== undefined) return other;
    const keys = this.#keys;
    const from = number * WORDS;
    const [first, second, third, fourth] = [keys[from]!, keys[from + 1]!, keys[from + 2]!, keys[from + 3]!];
    const start = `${upperDigits(first)}${lowerDigits(first)}-${upperDigits(second)}`;
    const end = `${lowerDigits(third)}${upperDigits(fourth)}${lowerDigits(fourth)}`;
    return `${start}-${lowerDigits(second)}-${upperDigits(third)}-${end}`;
  }

  /**
   * Gives the number of an id; one that has none gets a number.
   * @param number no other id's.
   */
  intern(id: string, number: number): number {
    if (!readGuid(id)) return this.#internOther(id.toLowerCase(), number);
    const slot = this.#slotOfRead();
    const known = this.#slots[slot]!;
    if (known !== NONE) return known;
    const from = number * WORDS;
    if (from >= this.#keys.length) {
      const grown = new Int32Array(Math.max(from + WORDS, Math.ceil((this.#keys.length * GROWTH) / WORDS) * WORDS));
      grown.set(this.#keys);
      this.#keys = grown;
    }
    this.#keys.set(read, from);
    this.#slots[slot] = number;
    this.#count += 1;
    // Half full at most keeps the runs that a look-up walks short.
    if (this.#count * 2 > this.#slots.length) this.#grow();
    return number;
  }

  #internOther(text: string, number: number): number {
    const known = this.#others.get(text);
    if (known !== undefined) return known;
    this.#others.set(text, number);
    this.#otherTexts.set(number, text);
    return number;
  }

  /** Takes an id out, if it is there. */
  delete(id: string): void {
    if (!readGuid(id)) {
      const text = id.toLowerCase();
      const number = this.#others.get(text);
      if (number === undefined) return;
      this.#others.delete(text);
      this.#otherTexts.delete(number);
      return;
    }
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#slotOfRead();
    if (slots[hole] === NONE) return;
    this.#count -= 1;
    // What was put further on for want of room moves up, so that no search ends at the hole.
    for (let at = (hole + 1) & mask; slots[at] !== NONE; at = (at + 1) & mask) {
      const home = this.#home(this.#keys, slots[at]! * WORDS);
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = slots[at]!;
      hole = at;
    }
    slots[hole] = NONE;
  }

  #home(words: Int32Array, from: number): number {
    const sum =
      Math.imul(words[from]!, this.#first) +
      Math.imul(words[from + 1]!, this.#second) +
      Math.imul(words[from + 2]!, this.#third) +
      Math.imul(words[from + 3]!, this.#fourth);
    // The sum's upper bits depend on all bits of all words.
    return (sum | 0) >>> this.#shift;
  }

  /** Where the GUID that was read is, or the free slot where it belongs. */
  #slotOfRead(): number {
    const [slots, keys] = [this.#slots, this.#keys];
    const mask = slots.length - 1;
    for (let slot = this.#home(read, 0); ; slot = (slot + 1) & mask) {
      const number = slots[slot]!;
      if (number === NONE) return slot;
      const from = number * WORDS;
      if (
        keys[from] === read[0] &&
        keys[from + 1] === read[1] &&
        keys[from + 2] === read[2] &&
        keys[from + 3] === read[3]
      ) {
        return slot;
      }
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(before.length * 2).fill(NONE);
    this.#shift -= 1;
    const mask = this.#slots.length - 1;
    for (const number of before) {
      if (number === NONE) continue;
      let slot = this.#home(this.#keys, number * WORDS);
      while (this.#slots[slot] !== NONE) slot = (slot + 1) & mask;
      this.#slots[slot] = number;
    }
  }
}
