/**
 * The patterns of the Like operators: `*` for any characters, `?` for one, `\*` and `\?` for themselves; the whole text must match.
 *
 * No regular expression is built from data. A pattern is cut at its stars, and the leftmost place of each piece is looked
 * for from left to right: that leaves the most room for the rest, so no choice is ever taken back. A pattern that
 * asks for more characters than the text has is refused at once; the work is under the text's length squared.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-format#stringlike
 */

/** What stands between two stars. */
interface Piece {
  readonly text: string;
  /** Places of question marks in the text; empty for most. */
  readonly wildcards: ReadonlySet<number>;
}

function matchesAt(piece: Piece, text: string, at: number): boolean {
  if (piece.wildcards.size === 0) return text.startsWith(piece.text, at);
  if (at + piece.text.length > text.length) return false;
  for (let i = 0; i < piece.text.length; i += 1) {
    if (!piece.wildcards.has(i) && piece.text.charCodeAt(i) !== text.charCodeAt(at + i)) return false;
  }
  return true;
}

function findPiece(piece: Piece, text: string, from: number): number {
  if (piece.wildcards.size === 0) return text.indexOf(piece.text, from);
  for (let at = from; at + piece.text.length <= text.length; at += 1) if (matchesAt(piece, text, at)) return at;
  return -1;
}

function cutAtStars(pattern: string): Piece[] {
  const pieces: Piece[] = [];
  let text = "";
  let wildcards = new Set<number>();
  for (let i = 0; i < pattern.length; i += 1) {
    const character = pattern.charAt(i);
    const next = pattern.charAt(i + 1);
    if (character === "*") {
      pieces.push({ text, wildcards });
      text = "";
      wildcards = new Set();
    } else if (character === "\\" && (next === "*" || next === "?")) {
      text += next;
      i += 1;
    } else {
      if (character === "?") wildcards.add(text.length);
      text += character;
    }
  }
  return [...pieces, { text, wildcards }];
}

/** A pattern made ready for many texts. */
export class LikePattern {
  readonly #pieces: readonly Piece[];
  readonly #minimumLength: number;

  /** @param pattern already folded where case does not count. */
  constructor(pattern: string) {
    this.#pieces = cutAtStars(pattern);
    this.#minimumLength = this.#pieces.reduce((length, piece) => length + piece.text.length, 0);
  }

  /** Says whether the whole text matches; a question mark stands for one UTF-16 unit. */
  matches(text: string): boolean {
    if (text.length < this.#minimumLength) return false;
    const first = this.#pieces[0]!;
    if (!matchesAt(first, text, 0)) return false;
    if (this.#pieces.length === 1) return text.length === first.text.length;
    const last = this.#pieces[this.#pieces.length - 1]!;
    const end = text.length - last.text.length;
    if (!matchesAt(last, text, end)) return false;
    let from = first.text.length;
    for (let i = 1; i < this.#pieces.length - 1; i += 1) {
      const piece = this.#pieces[i]!;
      const at = findPiece(piece, text, from);
      if (at === -1) return false;
      from = at + piece.text.length;
    }
    return from <= end;
  }
}
