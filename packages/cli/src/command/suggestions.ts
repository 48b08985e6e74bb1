/**
 * Which of some known words a mistyped one was probably meant to be. May use: nothing.
 */

/** Below this likeness a suggestion confuses more than it helps: az's own bound (Python's difflib with cutoff 0.7). */
const LEAST_LIKENESS = 0.7;
/** A word longer than this is no mistyped command; comparing it would cost time for nothing. */
const MAX_COMPARED_CHARACTERS = 64;

/** @returns the known word most like the given one, or undefined when none is like it. */
export function findClosest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_COMPARED_CHARACTERS) return undefined;
  let best: { readonly word: string; readonly likeness: number } | undefined;
  for (const candidate of known) {
    const likeness = compareWords(word.toLowerCase(), candidate.toLowerCase());
    if (likeness >= LEAST_LIKENESS && likeness > (best?.likeness ?? 0)) best = { word: candidate, likeness };
  }
  return best?.word;
}

/** 1 for equal words, 0 for words with nothing in common: one less the edits needed by the longer word's length. */
function compareWords(a: string, b: string): number {
  const longest = Math.max(a.length, b.length);
  return longest === 0 ? 1 : 1 - countEdits(a, b) / longest;
}

/** Optimal string alignment: insert, delete, replace, or swap two neighbours, each one edit. */
function countEdits(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, rows[i - 1]![j]! + 1, row[j - 1]! + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
