/**
 * Everything said to the user that is not the answer: errors, warnings, progress. All of it goes to stderr.
 *
 * Owns: levels and colours. May use: nothing. As in az, a terminal gets colour and no level name; anything else gets the name.
 * @see https://no-color.org
 */

export type NoteLevel = "error" | "warning" | "info" | "debug";

export interface NoteOptions {
  /** Only what is at least this grave is shown. */
  readonly level: NoteLevel;
  readonly hasColor: boolean;
  /** Progress is for people: it is shown on a terminal only. */
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
}

const gravity: Readonly<Record<NoteLevel, number>> = { error: 3, warning: 2, info: 1, debug: 0 };
const colors: Readonly<Record<NoteLevel, string>> = { error: "31", warning: "33", info: "32", debug: "36" };

/** Says things on stderr. */
export class Notes {
  readonly #options: NoteOptions;

  constructor(options: NoteOptions) {
    this.#options = options;
  }

  error(text: string): void {
    this.#say("error", text);
  }

  warn(text: string): void {
    this.#say("warning", text);
  }

  info(text: string): void {
    this.#say("info", text);
  }

  /** For `--debug`; the caller keeps secrets out. */
  debug(text: string): void {
    this.#say("debug", text);
  }

  /** Something that takes long has begun. */
  progress(text: string): void {
    if (this.#options.isTerminal) this.line(text);
  }

  /** One line that is written over until it is done. */
  meter(text: string, isDone: boolean): void {
    if (this.#options.isTerminal && this.#options.level !== "error") {
      this.#options.write(`\r\u001b[K${text}${isDone ? "\n" : ""}`);
    }
  }

  /** A line without a level, hidden by `--only-show-errors`: what was done. */
  line(text: string): void {
    if (gravity.warning >= gravity[this.#options.level]) this.#options.write(`${text}\n`);
  }

  /** A line that belongs to an error: always shown. */
  hint(text: string): void {
    this.#options.write(`${text}\n`);
  }

  #say(level: NoteLevel, text: string): void {
    const { level: least, hasColor, write } = this.#options;
    if (gravity[level] < gravity[least]) return;
    write(hasColor ? `\u001b[${colors[level]}m${text}\u001b[0m\n` : `${level.toUpperCase()}: ${text}\n`);
  }
}
