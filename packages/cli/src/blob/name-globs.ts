/**
 * Names like a pattern, as Python's fnmatch has it: `*` is any text, slashes too, `?` one character, `[seq]` and `[!seq]` one of some.
 * May use: nothing. @see https://docs.python.org/3/library/fnmatch.html
 */
export function matchesGlob(name: string, glob: string): boolean {
  return new RegExp(`^${translate(glob)}$`, "su").test(name);
}

/** What every name that matches begins with. */
export function prefixOfGlob(glob: string): string | undefined {
  const prefix = /^[^*?[]*/.exec(glob)![0];
  return prefix === "" ? undefined : prefix;
}

function translate(glob: string): string {
  // Runs of stars are one, so that no pattern takes long.
  return glob.replace(
    /\*+|\?|\[(!?)(\]?[^\]]*)\]|[\s\S]/gu,
    (part, negation: string | undefined, members: string | undefined) => {
      if (part.startsWith("*")) return ".*";
      if (part === "?") return ".";
      if (members !== undefined) return `[${negation === "!" ? "^" : ""}${members.replace(/[\\^[\]&~|]/g, "\\$&")}]`;
      return part.replace(/[\\^$.*+?()[\]{}|/-]/g, (special) => (special === "-" ? "\\x2d" : `\\${special}`));
    },
  );
}
