/** Breaks an input in one to four places: what is near a language finds what its grammar does not say. */
import type { Draw } from "./draw.ts";

/** Times a piece is repeated: enough to pass the bounds of nesting and lists. */
const repetitions = [2, 3, 17, 70, 600];
const numbers = ["0", "-1", "1e309", "9007199254740993", "99999999999999999999", "2147483648", "NaN", "00"];

/** @param words the language's own, which put in a wrong place are more than noise. @param other another input, to cross with. */
export function mutate(draw: Draw, input: string, words: readonly string[], other: string, maxChars: number): string {
  let mutated = input;
  for (let round = 1 + draw.int(4); round > 0; round--) mutated = mutateOnce(draw, mutated, words, other, maxChars);
  return mutated;
}

function mutateOnce(draw: Draw, input: string, words: readonly string[], other: string, maxChars: number): string {
  const longer = (text: string) =>
    text.repeat(Math.min(draw.pick(repetitions), Math.ceil(maxChars / Math.max(1, text.length))));
  return breakOnce(draw, input, words, other, longer).slice(0, maxChars);
}

function breakOnce(
  draw: Draw,
  input: string,
  words: readonly string[],
  other: string,
  longer: (text: string) => string,
): string {
  const at = draw.int(input.length + 1);
  const end = Math.min(input.length, at + 1 + draw.int(draw.chance(0.8) ? 8 : input.length + 1));
  const piece = input.slice(at, end);
  const [before, after] = [input.slice(0, at), input.slice(end)];
  switch (draw.int(10)) {
    case 0:
      return before + after;
    case 1:
      return before + draw.character() + input.slice(at + 1);
    case 2:
      return before + longer(piece) + after;
    case 3:
    case 4:
      return before + draw.pick(words) + (draw.chance(0.5) ? input.slice(at) : after);
    case 5:
      return before + other.slice(draw.int(other.length + 1));
    case 6:
      return before + longer(draw.pick(words)) + after;
    case 7:
      return input.replace(/\d+/, () => draw.pick(numbers));
    case 8:
      return before + (draw.chance(0.5) ? piece.toUpperCase() : piece.toLowerCase()) + after;
    default:
      return (
        before + String.fromCharCode(((piece.charCodeAt(0) || 0) ^ (1 << draw.int(8))) & 0xffff) + input.slice(at + 1)
      );
  }
}
