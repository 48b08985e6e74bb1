/**
 * Finds the command that a command line means. May use: this folder, faults.ts.
 */
import { type CliFault, usageFault } from "../faults.ts";
import type { Entry, OptionTable } from "./command.ts";
import { globalOptions } from "./global-options.ts";
import { findEntry, isGroup, listBelow } from "./registry.ts";
import { findClosest } from "./suggestions.ts";

/** A command with its arguments, or a group of commands that was named alone. */
export type Resolved =
  | { readonly kind: "command"; readonly entry: Entry; readonly tokens: readonly string[] }
  | { readonly kind: "group"; readonly path: string; readonly tokens: readonly string[] };

/**
 * Walks the words of a command line down the list of commands. Global options may stand before the command's words.
 * @throws CliFault (usage) when a word names no command.
 */
export function resolveCommand(line: readonly string[]): Resolved {
  let path = "";
  const before: string[] = [];
  let at = 0;
  for (; at < line.length; at += 1) {
    const word = line[at]!;
    if (word.startsWith("-")) {
      const taken = countGlobalOption(line, at);
      before.push(...line.slice(at, at + taken));
      at += taken - 1;
      continue;
    }
    const next = path === "" ? word : `${path} ${word}`;
    const entry = findEntry(next);
    const hasBelow = entry !== undefined && isGroup(next) && findEntry(`${next} ${line[at + 1] ?? ""}`) !== undefined;
    if (entry !== undefined && !hasBelow) return { kind: "command", entry, tokens: [...before, ...line.slice(at + 1)] };
    if (!isGroup(next)) throw unknownCommand(line, path, word);
    path = next;
  }
  return { kind: "group", path, tokens: before };
}

/** @returns how many tokens a global option takes here; 1 for what is none, so that the group can complain of it. */
function countGlobalOption(line: readonly string[], at: number): number {
  const table: OptionTable = globalOptions;
  const option = Object.values(table).find(({ flags }) => flags.includes(line[at]!));
  return option !== undefined && option.kind === "text" && at + 1 < line.length ? 2 : 1;
}

/** Groups of commands that az has none of. */
const ownGroups: ReadonlySet<string> = new Set(["access", "drill", "env", "keys", "secrets", "soft-mode"]);

/** az's words for a mistyped command; for a command of az that is not ours, how to run az's own. */
function unknownCommand(line: readonly string[], path: string, word: string): CliFault {
  const closest = findClosest(word, [...listBelow(path).keys()]);
  if (closest !== undefined) {
    return usageFault(`'${word}' is misspelled or not recognized by the system.`, `Did you mean '${closest}' ?`);
  }
  // Only the command's words are repeated: what follows may hold a secret.
  const words = line.slice(0, 1 + line.findIndex((_, index) => line[index + 1]?.startsWith("-") ?? true));
  const isOwn = path !== "" && ownGroups.has(path.split(" ")[0]!);
  return usageFault(
    // In a group that az has too, az's words; a group of az's own is none that is misspelled.
    path === "" ? `'${word}' is not a command of postern.` : `'${word}' is misspelled or not recognized by the system.`,
    ...(isOwn
      ? []
      : [`If it is one of az, the real az runs it against this cloud: postern run -- az ${words.join(" ")} ...`]),
    `Commands there are: ${path === "" ? "postern" : `postern ${path}`} --help`,
  );
}
