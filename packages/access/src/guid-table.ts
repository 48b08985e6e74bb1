/**
 * Numbers by GUID, without case: a million of them in some 28 bytes each, found with two looks at memory.
 *
 * Owns the layout: a GUID is four integers in a column, at the place its number says; a table of open addressing gives the number. A map of
 * strings looks at the string of every key that it comes by, each somewhere else in memory. Ids that are no GUIDs are kept in such a map.
 */
import { IntRecords, NONE } from "./int-column.ts";

const WORDS = 4;
const FIRST_SLOTS = 64;
const GUID_LENGTH = 36;
const HYPHEN = 45;
const HEX_DIGIT_BITS = 4;
const HALF_WORD_BITS = 16;
/** A power of two; characters from there on are no digits. */
const CHARACTERS = 128;
const NO_DIGIT = -1;

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

/** The character of each digit by its value. */
const CHARACTER_CODES = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));

/** The character of one of the eight digits of a word, by how far it is from the right, in bits. */
function digitOf(word: number, shift: number): number {
  return CHARACTER_CODES[(word >>> shift) & 15]!;
}

/** Writes a GUID in one piece: what is put together of parts is an object for every part. */
function writeGuid(a: number, b: number, c: number, d: number): string {
  // biome-ignore format: as the GUID is written
  return String.fromCharCode(
    digitOf(a, 28), digitOf(a, 24), digitOf(a, 20), digitOf(a, 16), digitOf(a, 12), digitOf(a, 8), digitOf(a, 4), digitOf(a, 0),
    HYPHEN, digitOf(b, 28), digitOf(b, 24), digitOf(b, 20), digitOf(b, 16),
    HYPHEN, digitOf(b, 12), digitOf(b, 8), digitOf(b, 4), digitOf(b, 0),
    HYPHEN, digitOf(c, 28), digitOf(c, 24), digitOf(c, 20), digitOf(c, 16),
    HYPHEN, digitOf(c, 12), digitOf(c, 8), digitOf(c, 4), digitOf(c, 0),
    digitOf(d, 28), digitOf(d, 24), digitOf(d, 20), digitOf(d, 16), digitOf(d, 12), digitOf(d, 8), digitOf(d, 4), digitOf(d, 0),
  );
}

/** A random odd factor: who chooses GUIDs cannot know which of them collide. */
function drawFactor(): number {
  return Math.floor(Math.random() * 2 ** 32) | 1;
}

/** A table from ids to small integers, each given to one id at a time. */
export class GuidTable {
  /** By number: the four integers of the GUID, then what others keep about it. */
  readonly #records: IntRecords;
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

  /** @param records by the table's numbers, of four integers or more: the first four are the table's. */
  constructor(records = new IntRecords(WORDS)) {
    this.#records = records;
  }

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
    const { words, size } = this.#records;
    const from = number * size;
    return writeGuid(words[from]!, words[from + 1]!, words[from + 2]!, words[from + 3]!);
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
    const records = this.#records;
    records.hold(number);
    const from = number * records.size;
    for (let word = 0; word < WORDS; word += 1) records.words[from + word] = read[word]!;
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
    const { words, size } = this.#records;
    const mask = slots.length - 1;
    let hole = this.#slotOfRead();
    if (slots[hole] === NONE) return;
    this.#count -= 1;
    // What was put further on for want of room moves up, so that no search ends at the hole.
    for (let at = (hole + 1) & mask; slots[at] !== NONE; at = (at + 1) & mask) {
      const home = this.#home(words, slots[at]! * size);
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
    const slots = this.#slots;
    const { words, size } = this.#records;
    const mask = slots.length - 1;
    for (let slot = this.#home(read, 0); ; slot = (slot + 1) & mask) {
      const number = slots[slot]!;
      if (number === NONE) return slot;
      const from = number * size;
      if (
        words[from] === read[0] &&
        words[from + 1] === read[1] &&
        words[from + 2] === read[2] &&
        words[from + 3] === read[3]
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
    const { words, size } = this.#records;
    for (const number of before) {
      if (number === NONE) continue;
      let slot = this.#home(words, number * size);
      while (this.#slots[slot] !== NONE) slot = (slot + 1) & mask;
      this.#slots[slot] = number;
    }
  }
}
