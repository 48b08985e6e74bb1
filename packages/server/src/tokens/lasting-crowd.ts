/**
 * Tells a crowd that lasts from one that passes: what is worth starting for the one costs more than it saves for the other.
 *
 * Owns: how long that is. Pure.
 */

/** How long a crowd is looked at, in milliseconds; our choice. */
const windowMs = 1000;
/** Those who came while others were waiting, within that time, from whom on it lasts. Our choice: two threads cost as much as two hundred signatures to start, or a few of four clients' turns. */
const lastingCount = 64;

export class LastingCrowd {
  #sinceMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** To be told of everyone who comes while others are waiting. @param nowMs by a steady clock. @returns whether the crowd lasts. */
  note(nowMs: number): boolean {
    if (nowMs - this.#sinceMs > windowMs) {
      this.#sinceMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count >= lastingCount;
  }
}
