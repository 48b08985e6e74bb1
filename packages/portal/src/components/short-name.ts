/** Longest name that a button repeats, in characters: a reader of the page should come to its end. */
const maxChars = 120;

/** A name as the label of a button has it. */
export function shortName(name: string): string {
  return name.slice(0, maxChars);
}
