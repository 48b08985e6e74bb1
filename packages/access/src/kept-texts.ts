/**
 * Texts of numbers, kept for showing: as many as there are places, one of several numbers that share a place. Neither a hit nor a miss ever has to
 * make room.
 */

/** Places, a power of two. Ours: as many as things in use; at some 200 bytes 6 MB. */
const PLACES = 32_768;
const NO_NUMBER = -1;

/** The texts of the numbers that were asked for last. */
export class KeptTexts {
  readonly #numbers = new Int32Array(PLACES).fill(NO_NUMBER);
  readonly #texts: string[] = new Array(PLACES).fill("");
  readonly #write: (number: number) => string;

  /** @param write makes the text of a number, always the same. */
  constructor(write: (number: number) => string) {
    this.#write = write;
  }

  /** Gives the text of a number from 0. */
  get(number: number): string {
    const place = number & (PLACES - 1);
    if (this.#numbers[place] === number) return this.#texts[place]!;
    const text = this.#write(number);
    this.#numbers[place] = number;
    this.#texts[place] = text;
    return text;
  }
}
