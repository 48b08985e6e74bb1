/** Which runs of which extents the rows refer to, each once however many rows share it; some 24 bytes a run. */
import { type Content, holeExtent, type Piece } from "../engine/content.ts";
import { framedBytes } from "../engine/extent-format.ts";

/** A run as a row names it: by where it starts, how much payload it has, and its tag. */
export type Run = { readonly offset: number; readonly runBytes: number; readonly tag: number };

export function keyOf({ offset, runBytes, tag }: Run): string {
  return `${offset} ${runBytes} ${tag}`;
}

/** The runs of one extent, and how much of it rows count for. */
export class ExtentRuns {
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  readonly #tags: number[] = [];
  /** As the ledger counts: once for each reference. */
  liveBytes = 0;
  /** Where the last of them ends. */
  endBytes = 0;

  add({ offset, runBytes, tag }: Piece): void {
    this.#offsets.push(offset);
    this.#lengths.push(runBytes);
    this.#tags.push(tag);
    const framed = framedBytes(runBytes);
    this.liveBytes += framed;
    this.endBytes = Math.max(this.endBytes, offset + framed);
  }

  /** In the order in which they lie in the file. */
  *inOrder(): Generator<Run> {
    const order = Uint32Array.from(this.#offsets.keys());
    order.sort((a, b) => this.#offsets[a]! - this.#offsets[b]! || a - b);
    let before: Run | undefined;
    const seenHere = new Set<string>();
    for (const index of order) {
      const run = { offset: this.#offsets[index]!, runBytes: this.#lengths[index]!, tag: this.#tags[index]! };
      if (run.offset !== before?.offset) seenHere.clear();
      before = run;
      const key = keyOf(run);
      if (seenHere.has(key)) continue;
      seenHere.add(key);
      yield run;
    }
  }
}

export class RunMap {
  readonly extents = new Map<number, ExtentRuns>();

  /** Notes what a content refers to. */
  add(content: Content): void {
    for (const span of content.spans()) {
      if (span.extentId === holeExtent) continue;
      let runs = this.extents.get(span.extentId);
      if (runs === undefined) {
        runs = new ExtentRuns();
        this.extents.set(span.extentId, runs);
      }
      runs.add(span);
    }
  }
}

/** Why a content cannot be right, whatever lies in the extents; undefined when it can. */
export function findContradiction(content: Content, sizeBytes: number): string | undefined {
  if (content.sizeBytes !== sizeBytes) {
    return `the row says ${sizeBytes} bytes, its list of spans ${content.sizeBytes}`;
  }
  for (const { extentId, lengthBytes, skipBytes, runBytes } of content.spans()) {
    const isWithin = extentId === holeExtent || skipBytes + lengthBytes <= runBytes;
    if (!(lengthBytes > 0) || !isWithin) return "a span has a length that cannot be";
  }
  let blockBytes = 0;
  for (const block of content.blocks()) blockBytes += block.sizeBytes;
  if (content.blockCount > 0 && blockBytes !== sizeBytes) {
    return `the row says ${sizeBytes} bytes, its list of blocks ${blockBytes}`;
  }
  return undefined;
}
