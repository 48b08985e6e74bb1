/**
 * Names like a pattern, as Python's fnmatch has it: `*` is any text, slashes too, `?` one character, `[seq]` and `[!seq]` one of some.
 * May use: nothing. @see https://docs.python.org/3/library/fnmatch.html
 *
 * Not by a regular expression: a pattern of many stars would take for ever. Here only the last star is ever tried again, so that the time is at most
 * the name's length by the pattern's.
 */
export function matchesGlob(name: string, glob: string): boolean {
  const characters = Array.from(name);
  const parts = readGlob(glob);
  let [at, part] = [0, 0];
  let retry: { readonly part: number; at: number } | undefined;
  while (at < characters.length) {
    const wanted = parts[part];
    if (wanted === "star") {
      retry = { part, at };
      part += 1;
    } else if (wanted?.(characters[at]!) === true) {
      at += 1;
      part += 1;
    } else if (retry !== undefined) {
      retry.at += 1;
      at = retry.at;
      part = retry.part + 1;
    } else return false;
  }
  return parts.slice(part).every((one) => one === "star");
}

/** What every name that matches begins with. */
export function prefixOfGlob(glob: string): string | undefined {
  const prefix = /^[^*?[]*/.exec(glob)![0];
  return prefix === "" ? undefined : prefix;
}

type Part = "star" | ((character: string) => boolean);

function readGlob(glob: string): Part[] {
  // A bracket that is never closed stands for itself.
  const tokens = glob.match(/\[!?\]?[^\]]*\]|[\s\S]/gu) ?? [];
  return tokens.map((token): Part => {
    if (token === "*") return "star";
    if (token === "?") return () => true;
    if (token.length > 1 && token.startsWith("[")) return readSet(token);
    return (character) => character === token;
  });
}

function readSet(token: string): Part {
  const isNegated = token[1] === "!";
  const members = Array.from(token.slice(isNegated ? 2 : 1, -1));
  const matches = (character: string) => {
    for (let index = 0; index < members.length; index += 1) {
      const [from, mark, to] = members.slice(index, index + 3);
      if (mark === "-" && to !== undefined) {
        if (from! <= character && character <= to) return true;
        index += 2;
      } else if (from === character) return true;
    }
    return false;
  };
  return (character) => matches(character) !== isNegated;
}
