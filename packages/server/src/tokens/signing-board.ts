/**
 * Memory that the main thread and the threads that sign have in common: texts to sign go one way, signatures the other, and nobody is woken for each.
 *
 * There are as many slots as may be in hand at once. A slot is written by one side at a time: by the main thread until its number is put in the queue, by the
 * thread that takes it out until its number stands among the finished, then by the main thread again. Numbers that count up wrap around after 2^32; the count of slots
 * divides that. Owns: the layout and the order of reads and writes. May use: SharedArrayBuffer, Atomics.
 */

/** Our choice: a thousand signatures that wait do so where they cost less. */
export const slotCount = 64;
/** Longest text, in bytes; our choice: a token with two hundred groups has 10 KiB. */
export const maxContentBytes = 16_128;
/** Longest signature, in bytes: of RSA with 2048 bits. */
const maxSignatureBytes = 256;
/** The signature stands before its text. */
const slotBytes = maxSignatureBytes + maxContentBytes;
/**
 * Of what is in hand, how much is finished when the main thread is told, while there is more to sign. Our choice, by measurement: it does more in one turn, and there
 * is enough left to sign until its clients ask again. At a half it is woken more often, at three quarters threads are out of work more often.
 */
const toldShare = 2 / 3;
/** No more wait for each other; our choice: on two cores that is 2 ms. */
const maxToldTogether = 16;

// Words that stand by themselves.
const submitted = 0;
const claimed = 1;
const sleeping = 2;
const finished = 3;
const told = 4;
const collected = 5;
// And for each slot.
const queue = 8;
const done = queue + slotCount;
const contentSizes = done + slotCount;
const signatureSizes = contentSizes + slotCount;
const keyNumbers = signatureSizes + slotCount;
const wordCount = keyNumbers + slotCount;

/** What is to be signed, in place: good until its signature is written. */
export type Order = { readonly slot: number; readonly content: Buffer; readonly keyNumber: number };

export class SigningBoard {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  /** Of the main thread: how many were put in the queue, and how many finished ones it has seen. */
  #submittedCount = 0;
  #seenCount = 0;

  /** @param memory of the board that this is the other side of; undefined for a new one. */
  constructor(memory = new SharedArrayBuffer(wordCount * Int32Array.BYTES_PER_ELEMENT + slotCount * slotBytes)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, wordCount);
    this.#bytes = Buffer.from(memory, wordCount * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Main thread: puts a text in the queue. @param content ASCII, within its bound. @param slot one that is free. */
  submit(slot: number, content: string, keyNumber: number): void {
    const words = this.#words;
    words[contentSizes + slot] = this.#bytes.write(content, slot * slotBytes + maxSignatureBytes, "latin1");
    words[keyNumbers + slot] = keyNumber;
    Atomics.store(words, queue + (this.#submittedCount % slotCount), slot);
    this.#submittedCount = (this.#submittedCount + 1) >>> 0;
    Atomics.store(words, submitted, this.#submittedCount | 0);
    if (Atomics.load(words, sleeping) > 0) Atomics.notify(words, submitted, 1);
  }

  /**
   * Main thread: the next one that is finished; undefined for none. Nothing of it stays in the slot, which is free from then on.
   * @returns its signature in base64url; "" where it failed.
   */
  collect(): { readonly slot: number; readonly signature: string } | undefined {
    const words = this.#words;
    const place = done + (this.#seenCount % slotCount);
    const slot = Atomics.load(words, place) - 1;
    if (slot < 0) return undefined;
    Atomics.store(words, place, 0);
    this.#seenCount = (this.#seenCount + 1) >>> 0;
    Atomics.store(words, collected, this.#seenCount | 0);
    const start = slot * slotBytes;
    const signature = this.#bytes.toString("base64url", start, start + words[signatureSizes + slot]!);
    this.#bytes.fill(0, start, start + maxSignatureBytes + words[contentSizes + slot]!);
    return { slot, signature };
  }

  /** Main thread: how often it was told, to be given to {@link whenTold} after it has looked at what is finished. */
  get toldCount(): number {
    return Atomics.load(this.#words, told);
  }

  /** Main thread: resolves when it is told again; undefined when it was by now. */
  whenTold(toldCount: number): Promise<unknown> | undefined {
    const outcome = Atomics.waitAsync(this.#words, told, toldCount);
    return outcome.async ? outcome.value : undefined;
  }

  /** A thread that signs: takes one out of the queue; undefined when it is empty. */
  claim(): Order | undefined {
    const words = this.#words;
    while (true) {
      const count = Atomics.load(words, claimed);
      if (count === Atomics.load(words, submitted)) return undefined;
      // Read before it is claimed: from then on another may be written there.
      const slot = Atomics.load(words, queue + ((count >>> 0) % slotCount));
      if (Atomics.compareExchange(words, claimed, count, (count + 1) | 0) !== count) continue;
      const start = slot * slotBytes + maxSignatureBytes;
      const content = this.#bytes.subarray(start, start + words[contentSizes + slot]!);
      return { slot, content, keyNumber: words[keyNumbers + slot]! };
    }
  }

  /** A thread that signs: writes a signature. @param signature undefined where it failed. */
  finish(slot: number, signature: Buffer | undefined): void {
    const words = this.#words;
    const fits = signature !== undefined && signature.length <= maxSignatureBytes;
    if (fits) this.#bytes.set(signature, slot * slotBytes);
    words[signatureSizes + slot] = fits ? signature.length : 0;
    const place = Atomics.add(words, finished, 1) >>> 0;
    Atomics.store(words, done + (place % slotCount), slot + 1);
  }

  /** A thread that signs: whether so much is finished that the main thread should look at it, though there may be more to sign. */
  get isWorthTelling(): boolean {
    const words = this.#words;
    const seenCount = Atomics.load(words, collected);
    const finishedCount = (Atomics.load(words, finished) - seenCount) | 0;
    const inHandCount = (Atomics.load(words, submitted) - seenCount) | 0;
    return finishedCount >= Math.min(maxToldTogether, inHandCount * toldShare);
  }

  /** A thread that signs: tells the main thread that some are finished. */
  tell(): void {
    Atomics.add(this.#words, told, 1);
    Atomics.notify(this.#words, told);
  }

  /** A thread that signs: sleeps until there is something in the queue, or there may be. */
  sleep(): void {
    const words = this.#words;
    Atomics.add(words, sleeping, 1);
    const count = Atomics.load(words, claimed);
    Atomics.wait(words, submitted, count);
    Atomics.sub(words, sleeping, 1);
  }
}
