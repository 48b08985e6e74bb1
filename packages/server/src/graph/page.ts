/** Cuts one page out of a collection: from where the last page ended, in the order asked for, only rows that pass. Pure. */
import type { PageMark } from "./skip-token.ts";

export type Rows<Row> = {
  /** In ascending code-unit order of their keys. */
  readonly keys: readonly string[];
  readonly get: (key: string) => Row | undefined;
};

export type PageRequest<Row> = {
  readonly top: number;
  readonly after: PageMark | undefined;
  readonly passes: (row: Row) => boolean;
  /** How to sort; undefined for the order of keys. */
  readonly order: { readonly read: (row: Row) => string; readonly isDescending: boolean } | undefined;
};

export type Page<Row> = { readonly rows: readonly Row[]; readonly next: PageMark | undefined };

/** @returns up to `top` rows, and the mark to go on from when there are more. */
export function cutPage<Row>(rows: Rows<Row>, request: PageRequest<Row>): Page<Row> {
  const found: { readonly mark: PageMark; readonly row: Row }[] = [];
  for (const entry of ordered(rows, request)) {
    if (found.length === request.top) return { rows: found.map(({ row }) => row), next: found.at(-1)!.mark };
    found.push(entry);
  }
  return { rows: found.map(({ row }) => row), next: undefined };
}

/** Rows that pass, after the mark, in order; lazily when the order is that of the keys, so that a page costs a page. */
function* ordered<Row>(
  rows: Rows<Row>,
  { after, passes, order }: PageRequest<Row>,
): Generator<{ readonly mark: PageMark; readonly row: Row }> {
  if (order === undefined) {
    const first = after === undefined ? 0 : firstAfter(rows.keys, after.key);
    for (let index = first; index < rows.keys.length; index++) {
      const key = rows.keys[index]!;
      const row = rows.get(key);
      if (row !== undefined && passes(row)) yield { mark: { key, sortValue: null }, row };
    }
    return;
  }
  const entries: { mark: PageMark & { sortValue: string }; row: Row }[] = [];
  for (const key of rows.keys) {
    const row = rows.get(key);
    if (row !== undefined && passes(row))
      entries.push({ mark: { key, sortValue: order.read(row).toLowerCase() }, row });
  }
  const direction = order.isDescending ? -1 : 1;
  entries.sort((a, b) => direction * compareMarks(a.mark, b.mark));
  for (const entry of entries) if (after === undefined || direction * compareMarks(entry.mark, after) > 0) yield entry;
}

function compareMarks(a: PageMark, b: PageMark): number {
  const left = a.sortValue ?? "";
  const right = b.sortValue ?? "";
  if (left !== right) return left < right ? -1 : 1;
  return a.key === b.key ? 0 : a.key < b.key ? -1 : 1;
}

/** Index of the first key greater than the given one. */
function firstAfter(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
