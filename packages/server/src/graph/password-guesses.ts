/**
 * Stops somebody who holds a person's token, but not their password, from finding it by trying: after ten wrong ones in a row every
 * attempt counts as wrong for a minute. In memory and bounded; attempts under way count as wrong until it is known.
 * @see https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout
 */
import { RecentMap } from "../tokens/recent-map.ts";

/** Wrong passwords in a row, and how long the lock holds, in seconds: Entra's defaults for sign-in. */
const maxGuesses = 10;
const lockSeconds = 60;
/** People remembered; our choice. */
const maxPeople = 10_000;

type Count = { guesses: number; lockedUntilMs: number };

export class PasswordGuesses {
  readonly #counts = new RecentMap<Count>(maxPeople);

  /** Counts an attempt before it is judged. @returns false when there may be none now. */
  begin(userId: string, now: Date): boolean {
    const count = this.#counts.get(userId) ?? { guesses: 0, lockedUntilMs: 0 };
    if (now.getTime() < count.lockedUntilMs) return false;
    count.guesses++;
    if (count.guesses >= maxGuesses) {
      count.guesses = 0;
      count.lockedUntilMs = now.getTime() + lockSeconds * 1000;
    }
    this.#counts.set(userId, count);
    return true;
  }

  /** The attempt was right: what came before it does not count any more. */
  succeed(userId: string): void {
    this.#counts.delete(userId);
  }
}
