/** A ring of slots in memory that two threads share: one fills them with a body's records and has them written, the other sums them. */
import type { SumReport, SumRequest, Sums } from "./blob-sums-worker.ts";
import { recordHeaderBytes, recordPayloadBytes } from "./extent-format.ts";

/** Slots of a lane. Our choice: 1.25 MiB, of which some are being filled, some written and some summed. */
const laneSlots = 20;
/** Slots that are told to the other thread, or written, at once, unless the body ends before. Our choice: 512 KiB; each time wakes a thread twice. */
export const slotsTogether = 8;

const slotBytes = recordHeaderBytes + recordPayloadBytes;

/** Lent to one body at a time, see {@link BodySums}. A slot is filled again when it is both written and summed. */
export class SumLane {
  readonly #index: number;
  readonly #post: (request: SumRequest) => void;
  readonly #memory = new SharedArrayBuffer(laneSlots * slotBytes);
  readonly #slots: readonly Buffer[];
  #body = 0;
  #begin: SumRequest["begin"];
  /** Slots since the body began. */
  #takenSlots = 0;
  #summedSlots = 0;
  #writtenSlots = 0;
  /** Payload of slots that the other thread was not told of, in bytes. */
  #untold: number[] = [];
  #sums: Sums | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(index: number, post: (request: SumRequest) => void) {
    this.#index = index;
    this.#post = post;
    this.#slots = Array.from({ length: laneSlots }, (_, slot) =>
      Buffer.from(this.#memory, slot * slotBytes, slotBytes),
    );
  }

  /** What is still being summed of a body before is nobody's. */
  begin(md5: boolean, crc64: boolean): void {
    this.#body += 1;
    this.#begin = { memory: this.#memory, md5, crc64 };
    this.#takenSlots = 0;
    this.#summedSlots = 0;
    this.#writtenSlots = 0;
    this.#untold = [];
    this.#sums = undefined;
    this.#failure = undefined;
    this.#wake = undefined;
  }

  /** The next slot, as a record of so much payload; waits until it is free. */
  async take(payloadBytes: number): Promise<Buffer> {
    while (this.#failure === undefined && this.#takenSlots - this.#doneSlots >= laneSlots) {
      this.#tell(false);
      await this.#change();
    }
    this.#check();
    const slot = this.#slots[this.#takenSlots % laneSlots]!;
    this.#takenSlots += 1;
    return slot.subarray(0, recordHeaderBytes + payloadBytes);
  }

  get #doneSlots(): number {
    return Math.min(this.#summedSlots, this.#writtenSlots);
  }

  /** Has the slot that was taken last summed. */
  sum(payloadBytes: number): void {
    this.#untold.push(payloadBytes);
    if (this.#untold.length >= slotsTogether) this.#tell(false);
  }

  #tell(isLast: boolean): void {
    if (this.#failure !== undefined || (this.#untold.length === 0 && !isLast)) return;
    const [begin, lengths] = [this.#begin, this.#untold];
    this.#begin = undefined;
    this.#untold = [];
    this.#post({ lane: this.#index, body: this.#body, ...(begin && { begin }), lengths, isLast });
  }

  /** The first of the slots that were not yet are written. */
  setWritten(count: number): void {
    this.#writtenSlots += count;
    this.#wake?.();
  }

  /** The body has come to its end. @throws what {@link fail} was told. */
  async finish(): Promise<Sums> {
    this.#tell(true);
    while (this.#sums === undefined && this.#failure === undefined) await this.#change();
    this.#check();
    return this.#sums!;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  settle({ body, summedSlots, sums }: SumReport): void {
    if (body !== this.#body) return;
    this.#summedSlots += summedSlots;
    this.#sums = sums;
    this.#wake?.();
  }

  /** The body cannot be written or summed: nobody waits for that any more. */
  fail(cause: unknown): void {
    this.#failure ??= { cause };
    this.#wake?.();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.cause;
  }
}
