/**
 * A file of lines that grows to a bound, is then put aside, and begins anew; of those put aside the newest few are kept.
 *
 * Written in the background and in batches. What cannot be written in time is dropped and counted: a slow disk takes no memory and holds up nobody.
 * Owns: the file, its successors `FILE.1`, `FILE.2` …, and its buffer. 0600: it says who did what.
 */
import { type FileHandle, open, rename, rm } from "node:fs/promises";

export type LineFileOptions = {
  readonly path: string;
  /** Of the file, before it is put aside. */
  readonly maxBytes: number;
  /** Files put aside that are kept. */
  readonly keptFiles: number;
  /** Takes one line, once each time that writing begins to fail. */
  readonly report: (problem: string) => void;
  /** Longest that a line waits for company, in milliseconds. */
  readonly flushIntervalMs?: number;
};

/** Lines waiting to be written, in characters; past it they are dropped. Our choice. */
const maxWaitingChars = 4 * 1024 * 1024;
/** So many characters are written without waiting for more. Our choice. */
const batchChars = 64 * 1024;
const defaultFlushIntervalMs = 1_000;

export class LineFile {
  readonly #options: LineFileOptions;
  #waiting: string[] = [];
  #waitingChars = 0;
  #handle: FileHandle | undefined;
  #sizeBytes = 0;
  #last: Promise<void> = Promise.resolve();
  #isFailing = false;
  readonly #timer: NodeJS.Timeout;
  /** Lines that were dropped. */
  droppedCount = 0;

  constructor(options: LineFileOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#flushSoon(), options.flushIntervalMs ?? defaultFlushIntervalMs).unref();
  }

  write(line: string): void {
    if (this.#waitingChars + line.length > maxWaitingChars) {
      this.droppedCount += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingChars += line.length;
    if (this.#waitingChars >= batchChars && this.#waitingChars - line.length < batchChars) this.#flushSoon();
  }

  /** Writes what is left and closes the file. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flushSoon();
    await this.#last;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  #flushSoon(): void {
    if (this.#waiting.length > 0) this.#last = this.#last.then(() => this.#flush());
  }

  async #flush(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#waitingChars = 0;
    if (lines.length === 0) return;
    try {
      await this.#append(lines);
      this.#isFailing = false;
    } catch (cause) {
      this.droppedCount += lines.length;
      if (!this.#isFailing)
        this.#options.report(`lines of ${this.#options.path} are lost: ${(cause as Error).message}`);
      this.#isFailing = true;
      await this.#handle?.close().catch(() => undefined);
      this.#handle = undefined;
    }
  }

  async #append(lines: readonly string[]): Promise<void> {
    const { maxBytes } = this.#options;
    let batch: string[] = [];
    let batchBytes = 0;
    for (const line of lines) {
      const lineBytes = Buffer.byteLength(line);
      if (this.#handle === undefined) await this.#open();
      const isFull = this.#sizeBytes + batchBytes > 0 && this.#sizeBytes + batchBytes + lineBytes > maxBytes;
      if (isFull) {
        await this.#write(batch, batchBytes);
        batch = [];
        batchBytes = 0;
        await this.#putAside();
      }
      batch.push(line);
      batchBytes += lineBytes;
    }
    await this.#write(batch, batchBytes);
  }

  async #write(batch: readonly string[], sizeBytes: number): Promise<void> {
    if (batch.length === 0) return;
    await this.#handle!.appendFile(batch.join(""));
    this.#sizeBytes += sizeBytes;
  }

  async #open(): Promise<void> {
    this.#handle = await open(this.#options.path, "a", 0o600);
    await this.#handle.chmod(0o600);
    this.#sizeBytes = (await this.#handle.stat()).size;
  }

  async #putAside(): Promise<void> {
    const { path, keptFiles } = this.#options;
    await this.#handle?.close();
    this.#handle = undefined;
    if (keptFiles === 0) await rm(path, { force: true });
    for (let place = keptFiles; place > 0; place--) {
      await rename(place === 1 ? path : `${path}.${place - 1}`, `${path}.${place}`).catch(
        (cause: NodeJS.ErrnoException) => {
          if (cause.code !== "ENOENT") throw cause;
        },
      );
    }
    await this.#open();
  }
}
