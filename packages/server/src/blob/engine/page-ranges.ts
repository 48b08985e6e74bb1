/** Which pages of a page blob are written, and which differ from an earlier state of it. Pure. */
import { type Content, holeExtent, type PlacedSpan } from "./content.ts";

export type PageRange = { readonly start: number; readonly end: number; readonly isClear: boolean };

/** Adds a range, joined to the last when they touch and are of one kind. */
function push(ranges: PageRange[], start: number, end: number, isClear: boolean): void {
  const last = ranges.at(-1);
  if (last !== undefined && last.end === start && last.isClear === isClear) {
    ranges[ranges.length - 1] = { start: last.start, end, isClear };
  } else ranges.push({ start, end, isClear });
}

/** Written pages within a range. */
export function listPages(content: Content, from: number, to: number): PageRange[] {
  const ranges: PageRange[] = [];
  for (const span of spansWithin(content, from, to)) {
    if (span.extentId !== holeExtent) {
      push(ranges, Math.max(from, span.start), Math.min(to, span.start + span.lengthBytes), false);
    }
  }
  return ranges;
}

function* spansWithin(content: Content, from: number, to: number): Generator<PlacedSpan> {
  if (from >= Math.min(to, content.sizeBytes)) return;
  for (let index = content.findSpan(from); index < content.spanCount; index++) {
    const span = content.spanAt(index);
    if (span.start >= to) return;
    yield span;
  }
}

/** Two pieces hold the same bytes when they are the same place of the same run, as unchanged pages are. */
function isSame(a: PlacedSpan, b: PlacedSpan | undefined): boolean {
  if (b === undefined) return a.extentId === holeExtent;
  if (a.extentId !== b.extentId) return false;
  if (a.extentId === holeExtent) return true;
  return a.offset === b.offset && a.tag === b.tag && a.start - a.skipBytes === b.start - b.skipBytes;
}

/** Pages within a range that differ from the earlier state: written since, or cleared since. */
export function diffPages(content: Content, earlier: Content, from: number, to: number): PageRange[] {
  const ranges: PageRange[] = [];
  let past = from < earlier.sizeBytes ? earlier.findSpan(from) : earlier.spanCount;
  for (const span of spansWithin(content, from, to)) {
    const end = Math.min(to, span.start + span.lengthBytes);
    for (let at = Math.max(from, span.start); at < end; ) {
      const before = past < earlier.spanCount ? earlier.spanAt(past) : undefined;
      const beforeEnd = before === undefined ? end : before.start + before.lengthBytes;
      const next = Math.min(end, beforeEnd);
      if (!isSame(span, before)) push(ranges, at, next, span.extentId === holeExtent);
      if (next === beforeEnd && before !== undefined) past += 1;
      at = next;
    }
  }
  return ranges;
}
