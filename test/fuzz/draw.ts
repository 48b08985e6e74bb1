/** Draws for generators and mutations: one seeded source of chance, and the few shapes grammars are made of. */
import { makeRandom } from "../support/random.ts";

/** Repetitions of one place of a grammar: most are few, some go past what parsers allow. */
const usualRepetitions = 4;
const manyRepetitions = 80;

export class Draw {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = makeRandom(seed);
  }

  /** 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor(this.#random() * below);
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.int(items.length)]!;
  }

  /** One of several productions, carried out. */
  one<Item>(...ways: readonly (() => Item)[]): Item {
    return this.pick(ways)();
  }

  /** What `make` makes, some times: `least` to a few, seldom many. */
  many<Item>(make: () => Item, least = 0): Item[] {
    const most = this.chance(0.02) ? manyRepetitions : usualRepetitions;
    return Array.from({ length: least + this.int(most) }, make);
  }

  maybe(make: () => string, share = 0.5): string {
    return this.chance(share) ? make() : "";
  }

  digits(most = 6): string {
    return String(this.int(10 ** (1 + this.int(most))));
  }

  word(): string {
    return this.pick(words);
  }

  guid(): string {
    return this.chance(0.7) ? "aaaaaaaa-0000-4000-8000-000000000001" : this.pick(guids);
  }

  /** Text of any characters, also of such as no encoding has. */
  text(most = 12): string {
    return Array.from({ length: this.int(most) }, () => this.character()).join("");
  }

  character(): string {
    return this.one(
      () => String.fromCharCode(0x20 + this.int(0x5f)),
      () => String.fromCharCode(0x20 + this.int(0x5f)),
      () => this.pick(oddCharacters),
      () => String.fromCharCode(this.int(0x10000)),
    );
  }

  shuffle<Item>(items: readonly Item[]): Item[] {
    const shuffled = [...items];
    for (let index = shuffled.length - 1; index > 0; index--) {
      const other = this.int(index + 1);
      [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
    }
    return shuffled;
  }
}

const words = [
  "a",
  "b",
  "id",
  "name",
  "displayName",
  "notes",
  "x-y",
  "Z9",
  "_",
  "__proto__",
  "constructor",
  "toString",
];
const guids = [
  "00000000-0000-0000-0000-000000000000",
  "AAAAAAAA-0000-4000-8000-000000000001",
  "aaaaaaaa000040008000000000000001",
  "aaaaaaaa-0000-4000-8000-00000000000",
];
/** Where readers stumble: ends of encodings, blanks that are none, folding that changes length, halves of pairs. */
const oddCharacters = [
  ..."\u0000\t\n\r\u007f\u0085\u00a0\u2028\u200b\ufeff\u0130\u0131\u017f\u212a\ufb00\u00df'\"\\%&<>;",
].concat("\ud800", "\udc00", "\u{1d4b3}");
