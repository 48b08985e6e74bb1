/**
 * A ring of segments in memory that two threads and the disk share: one fills them with a body's records, as they will lie in the file, the other sums them.
 * Whole pages of a segment go to disk by one write; what is left of the last page goes on in the next segment, for the disk takes only whole ones past the
 * system's cache.
 */
import type { SumReport, SumRequest, Sums } from "./blob-sums-worker.ts";
import { pageBytes, recordHeaderBytes, recordPayloadBytes } from "./extent-format.ts";

/** Segments of a lane. Our choice: one being filled, one written, one summed. */
const laneSegments = 3;
/** Records of a segment, which are told to the other thread and written at once. Our choice: 512 KiB; each time wakes a thread twice. */
const segmentRecords = 8;

/** With room for the rest of a page before the records, and after them. */
const segmentBytes = pagesOf(pageBytes - 1 + segmentRecords * (recordHeaderBytes + recordPayloadBytes));
/** Memory of a lane, in bytes. */
export const laneBytes = laneSegments * segmentBytes;

function pagesOf(bytes: number): number {
  return Math.ceil(bytes / pageBytes) * pageBytes;
}

const noBytes = Buffer.alloc(0);

/** Lent to one body at a time, see {@link BodySums}. A segment is filled again when it is both written and summed. */
export class SumLane {
  readonly #index: number;
  readonly #post: (request: SumRequest) => void;
  readonly #memory: SharedArrayBuffer;
  readonly #segments: readonly Buffer[];
  #body = 0;
  #begin: SumRequest["begin"];
  /** Segments since the body began. */
  #takenSegments = 0;
  #summedSegments = 0;
  #writtenSegments = 0;
  /** Of the segment that is being filled; none between two. */
  #segment: Buffer | undefined;
  /** Where its next record begins. */
  #fill = 0;
  /** Payload of its records, in bytes. */
  #lengths: number[] = [];
  /** What the segment before did not end a page with. */
  #rest: Buffer = noBytes;
  #sums: Sums | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** @param memory begins at a page; this lane's part of it is the one with its index. */
  constructor(index: number, memory: SharedArrayBuffer, post: (request: SumRequest) => void) {
    this.#index = index;
    this.#memory = memory;
    this.#post = post;
    this.#segments = Array.from({ length: laneSegments }, (_, segment) =>
      Buffer.from(memory, index * laneBytes + segment * segmentBytes, segmentBytes),
    );
  }

  /** What is still being summed of a body before is nobody's. */
  begin(md5: boolean, crc64: boolean): void {
    this.#body += 1;
    this.#begin = { memory: this.#memory, md5, crc64 };
    this.#takenSegments = 0;
    this.#summedSegments = 0;
    this.#writtenSegments = 0;
    this.#segment = undefined;
    this.#lengths = [];
    this.#rest = noBytes;
    this.#sums = undefined;
    this.#failure = undefined;
    this.#wake = undefined;
  }

  /** Room for the next record, of so much payload; waits until there is some. */
  async take(payloadBytes: number): Promise<Buffer> {
    if (this.#segment === undefined) {
      while (this.#failure === undefined && this.#takenSegments - this.#doneSegments >= laneSegments) {
        await this.#change();
      }
      this.#startSegment();
    }
    this.#check();
    return this.#segment!.subarray(this.#fill, this.#fill + recordHeaderBytes + payloadBytes);
  }

  get #doneSegments(): number {
    return Math.min(this.#summedSegments, this.#writtenSegments);
  }

  #startSegment(): void {
    this.#segment = this.#segments[this.#takenSegments % laneSegments]!;
    this.#takenSegments += 1;
    this.#fill = this.#rest.copy(this.#segment);
    this.#rest = noBytes;
  }

  /**
   * The record that was taken last is filled.
   * @param isLastOfRun what comes then lies elsewhere in the file.
   * @returns pages to write, which follow those before; none while the segment has room. Each is said to be {@link setWritten written}.
   */
  close(payloadBytes: number, isLastOfRun: boolean): Buffer | undefined {
    this.#lengths.push(payloadBytes);
    this.#fill += recordHeaderBytes + payloadBytes;
    if (this.#lengths.length < segmentRecords && !isLastOfRun) return undefined;
    const segment = this.#segment!;
    const end = this.#fill;
    this.#tell(false);
    this.#segment = undefined;
    if (isLastOfRun) {
      segment.fill(0, end, pagesOf(end));
      return segment.subarray(0, pagesOf(end));
    }
    const wholeEnd = end - (end % pageBytes);
    this.#rest = segment.subarray(wholeEnd, end);
    return segment.subarray(0, wholeEnd);
  }

  #tell(isLast: boolean): void {
    if (this.#failure !== undefined) return;
    const [begin, lengths] = [this.#begin, this.#lengths];
    this.#begin = undefined;
    this.#lengths = [];
    const recordsBytes = lengths.reduce((sum, lengthBytes) => sum + recordHeaderBytes + lengthBytes, 0);
    const at = (this.#segment?.byteOffset ?? 0) + this.#fill - recordsBytes;
    this.#post({ lane: this.#index, body: this.#body, ...(begin && { begin }), at, lengths, isLast });
  }

  /** The first of the segments that were not yet are written. */
  setWritten(count: number): void {
    this.#writtenSegments += count;
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

  settle({ body, isSegment, sums }: SumReport): void {
    if (body !== this.#body) return;
    if (isSegment) this.#summedSegments += 1;
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
