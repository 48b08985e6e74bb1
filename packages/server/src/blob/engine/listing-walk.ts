/**
 * How a slice of a listing is walked, whatever the rows come from: it asks for rows and is given them, so that a store that answers at once and one that takes
 * its time are walked by the same rules. Names under a common prefix are jumped over, not walked.
 */
import { ListedBlob, type ListedRow } from "./blob-rows.ts";
import { decodePastPlace, encodePastPlace, type PastPlace, type PastShown, presentStamp } from "./history-listing.ts";

/** Items of one call at most, so that no call holds the event loop for long. Our choice: some milliseconds. */
export const maxSliceItems = 500;

export type ListedItem =
  | ListedBlob
  /** Only uncommitted blocks so far. */
  | { readonly kind: "uncommitted"; readonly name: string }
  /** All names that begin so, up to and with the delimiter. */
  | { readonly kind: "prefix"; readonly name: string };

/** `next` is where the following slice starts (see `from`); undefined when there is no more. */
export type Slice<Item> = { readonly items: readonly Item[]; readonly next: string | undefined };

export type BlobListing = {
  readonly prefix: string;
  /** "" for none. */
  readonly delimiter: string;
  /** First name that may come, in code point order. */
  readonly from: string;
  /** Names from here on do not come; undefined for no such bound. */
  readonly before?: string | undefined;
  readonly limit: number;
  readonly hasUncommitted: boolean;
  /** What is shown besides the present; undefined for nothing. */
  readonly past?: PastShown;
  /** The time at which kept deletions are shown; needed with `past`. */
  readonly nowMs?: number;
};

/** A name with uncommitted blocks only. */
type StagedRow = { name: string; version: null; stamp?: number };

/** A row of a listing in its order: of names, and where a name has several items, of `stamp`. */
export type PlacedRow = ListedRow | StagedRow;

/** The next rows of a listing that are wanted. */
export type RowsAsked = {
  /** First name that may come; with a past place behind it where the past is shown. */
  readonly position: string;
  /** Above the last name; undefined for no end. */
  readonly end: string | undefined;
  readonly limit: number;
  /** One row of each common prefix is enough. */
  readonly isJumping: boolean;
};

/** How rows are best asked for where a listing has a delimiter. */
export type WalkPace = {
  /** Rows asked for first, and after a common prefix; grows fourfold while no prefix is met. */
  readonly firstBatchRows: number;
  /** Whether one row of each common prefix can be asked for; then, after the first prefix, all the rest of the slice is. */
  readonly canJump: boolean;
};

/** Walks one slice. */
export function* walkListing(
  listing: BlobListing,
  { firstBatchRows, canJump }: WalkPace,
): Generator<RowsAsked, Slice<ListedItem>, readonly PlacedRow[]> {
  const { prefix, delimiter, limit } = listing;
  const end = earlierEnd(afterPrefix(prefix), listing.before);
  const items: ListedItem[] = [];
  let position = laterOf(listing.from, prefix);
  let batchRows = delimiter === "" ? limit + 1 : firstBatchRows;
  let isJumping = false;
  for (;;) {
    const wanted = Math.min(batchRows, limit - items.length + 1);
    const rows = yield { position, end, limit: wanted, isJumping };
    let group: string | undefined;
    for (const row of rows) {
      const { name } = row;
      if (group !== undefined && name.startsWith(group)) continue;
      const cut = delimiter === "" ? -1 : name.indexOf(delimiter, prefix.length);
      group = cut < 0 ? undefined : name.slice(0, cut + delimiter.length);
      if (items.length === limit) return { items, next: group ?? encodePastPlace({ name, stamp: row.stamp ?? 0 }) };
      if (group !== undefined) items.push({ kind: "prefix", name: group });
      else items.push(row.version === null ? { kind: "uncommitted", name } : new ListedBlob(row));
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < wanted) return { items, next: undefined };
    const beyond = group === undefined ? afterRow(last) : afterPrefix(group);
    if (beyond === undefined) return { items, next: undefined };
    position = beyond;
    isJumping = canJump && group !== undefined;
    if (group === undefined) batchRows = Math.min(batchRows * 4, maxSliceItems);
    else batchRows = isJumping ? limit + 1 : firstBatchRows;
  }
}

/** After a present blob, or a name without one, comes the next name; after a past one the next state. */
function afterRow({ name, stamp }: PlacedRow): string {
  const isLastOfName = stamp === undefined || stamp === presentStamp;
  return isLastOfName ? `${name}\u0000` : encodePastPlace({ name, stamp: stamp + 1 });
}

/** Where a listing of the past goes on. */
export function pastPlaceOf({ position }: RowsAsked): PastPlace {
  return decodePastPlace(position);
}

/** The later of two texts in code point order, which for UTF-16 is not JavaScript's own. */
export function laterOf(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0 ? a : b;
}

/** The end of a listing: of its prefix, or the bound before that. */
function earlierEnd(end: string | undefined, before: string | undefined): string | undefined {
  if (end === undefined || before === undefined) return end ?? before;
  return laterOf(end, before) === end ? before : end;
}

/** The least text, in code point order, that is above everything that begins with the prefix; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    // Surrogates are no characters of their own and have no place in UTF-8.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return points.map((point) => String.fromCodePoint(point)).join("") + String.fromCodePoint(next);
  }
  return undefined;
}
