/**
 * Comparing names without case, the way Resource Manager's own (ordinal, culture-free) comparison does.
 *
 * Owns the one folding function of this package. `toLowerCase` alone would be wrong for access: it makes the Kelvin
 * sign U+212A equal to the letter k, so that two different names would be one.
 */

const NON_ASCII = /[\u0080-\uffff]/;

function foldCharacter(character: string): string {
  const upper = character.toUpperCase();
  if (upper.length !== 1 || upper < "\u0080") return character;
  const lower = upper.toLowerCase();
  return lower.length !== 1 || lower < "\u0080" ? character : lower;
}

/**
 * Folds a name so that two names are equal without case exactly when their folded forms are equal.
 * A non-ASCII letter never folds to an ASCII one, nor to more than one character.
 * @param text any string.
 * @returns the folded form, of the same length.
 * @see https://learn.microsoft.com/dotnet/standard/base-types/best-practices-strings#string-operations-that-use-the-invariant-culture
 */
export function foldCase(text: string): string {
  if (!NON_ASCII.test(text)) return text.toLowerCase();
  let folded = "";
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    folded += character < "\u0080" ? character.toLowerCase() : foldCharacter(character);
  }
  return folded;
}
