/** Texts that many rows repeat, each kept once and spoken of by number. */

/** Numbers texts: 0, 1, 2, … in the order they were first seen. Never forgets one. */
export class TextNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  #lastNumber = -1;

  /** Gives a text's number, a new one if it was never seen. */
  intern(text: string): number {
    // Mostly the same as of the row before, which is compared faster than looked up.
    if (text === this.#texts[this.#lastNumber]) return this.#lastNumber;
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#texts.length;
      this.#texts.push(text);
      this.#numbers.set(text, number);
    }
    this.#lastNumber = number;
    return number;
  }

  /** Gives the text of a number that {@link intern} gave. */
  text(number: number): string {
    return this.#texts[number]!;
  }
}
