/**
 * Stand-ins for faults, so that a renderer can be asked for its words for every kind without a case for each being written here: the kinds
 * are read from the union's source, and each member of a stand-in prints as its own name in braces.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const server = join(import.meta.dirname, "..", "..", "packages", "server", "src");

/** One kind of a closed union: its name, and the members whose type is a choice of words, with the words. */
export type FaultKind = { readonly kind: string; readonly choices: Readonly<Record<string, readonly string[]>> };

/** The kinds of a closed union, in the order of its source. @param path from packages/server/src. */
export function kindsOf(path: string): FaultKind[] {
  const source = readFileSync(join(server, path), "utf8");
  const [, ...members] = source.slice(source.search(/^export type \w*Fault =$/m)).split(/readonly kind: (?=")/);
  if (members.length === 0) throw new Error(`no fault kinds in ${path}`);
  return members.map((text) => {
    const choices: Record<string, string[]> = {};
    for (const [, name, words] of text.matchAll(/readonly (\w+)\??: ((?:\s*\|?\s*"[^"]+")+)/g)) {
      choices[name!] = [...words!.matchAll(/"([^"]+)"/g)].map(([, word]) => word!);
    }
    return { kind: /^"([^"]+)"/.exec(text)![1]!, choices };
  });
}

/** A value that prints as `{name}` however a renderer takes it apart: text, number, date, list or object. */
function hole(name: string): unknown {
  const text = `{${name}}`;
  const proxy: unknown = new Proxy(() => proxy, {
    get: (_, member) => {
      if (member === Symbol.toPrimitive || member === "toString" || member === "toISOString" || member === "toJSON")
        return () => text;
      if (member === Symbol.iterator) return [text][Symbol.iterator].bind([text]);
      if (member === "length") return text.length;
      return proxy;
    },
  });
  return proxy;
}

/** Faults of that kind whose members are holes: one for every word of a choice, else one. */
export function sampleFaults({ kind, choices }: FaultKind): { readonly kind: string }[] {
  const [choice] = Object.entries(choices);
  const fixed: Readonly<Record<string, string>> = { kind, objectKind: "application" };
  const make = (given: Readonly<Record<string, string>>) =>
    new Proxy({ kind }, { get: (_, member) => given[String(member)] ?? hole(String(member)) });
  return choice === undefined ? [make(fixed)] : choice[1].map((word) => make({ ...fixed, [choice[0]]: word }));
}
