/**
 * Reads `$search` and tests rows by it: clauses `"property:text"` joined by AND, OR and parentheses. Display names and descriptions are
 * searched word by word; any other property by how it begins.
 * @see https://learn.microsoft.com/graph/search-query-parameter#using-search-on-directory-object-collections
 */
import { refuseGraph } from "./graph-fault.ts";
import { maxSearchClauses, maxSearchDepth, maxSearchLength } from "./limits.ts";
import type { FilterField, ReadAt, ResourceType } from "./resource-type.ts";

export type SearchNode =
  | { readonly kind: "and" | "or"; readonly parts: readonly SearchNode[] }
  | { readonly kind: "clause"; readonly property: string; readonly text: string };

/** Properties that are searched by their words. */
const tokenized: readonly string[] = ["displayname", "description"];

const clausePattern = /"((?:[^"\\]|\\["\\])*)"/y;
const wordPattern = /(?:AND|OR)(?=[\s"()]|$)/y;

/** @throws GraphRefusal `query-malformed`, `search-syntax`. */
export function parseSearch(text: string): SearchNode {
  if (text.length > maxSearchLength) malformed(`it is longer than ${maxSearchLength} characters`);
  return new SearchParser(text).parse();
}

class SearchParser {
  readonly #text: string;
  #position = 0;
  #depth = 0;
  #clauses = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): SearchNode {
    const node = this.#chain("OR");
    if (this.#peek() !== "") this.#fail();
    return node;
  }

  #peek(): string {
    while (/\s/.test(this.#text.charAt(this.#position))) this.#position++;
    return this.#text.charAt(this.#position);
  }

  #fail(): never {
    const character = this.#text.charAt(this.#position);
    refuseGraph({ kind: "search-syntax", search: this.#text, position: this.#position, character });
  }

  #takeWord(word: "AND" | "OR"): boolean {
    this.#peek();
    wordPattern.lastIndex = this.#position;
    if (wordPattern.exec(this.#text)?.[0] !== word) return false;
    this.#position += word.length;
    return true;
  }

  #chain(word: "AND" | "OR"): SearchNode {
    const parts = [word === "OR" ? this.#chain("AND") : this.#primary()];
    while (this.#takeWord(word)) parts.push(word === "OR" ? this.#chain("AND") : this.#primary());
    return parts.length === 1 ? parts[0]! : { kind: word === "OR" ? "or" : "and", parts };
  }

  #primary(): SearchNode {
    if (this.#peek() !== "(") return this.#clause();
    if (++this.#depth > maxSearchDepth) malformed(`it nests deeper than ${maxSearchDepth} levels`);
    this.#position++;
    const node = this.#chain("OR");
    if (this.#peek() !== ")") this.#fail();
    this.#position++;
    this.#depth--;
    return node;
  }

  #clause(): SearchNode {
    clausePattern.lastIndex = this.#position;
    const quoted = clausePattern.exec(this.#text);
    if (quoted === null) this.#fail();
    if (++this.#clauses > maxSearchClauses) malformed(`it has more than ${maxSearchClauses} clauses`);
    const clause = quoted[1]!.replace(/\\(.)/g, "$1");
    const separator = clause.indexOf(":");
    if (separator < 1 || separator === clause.length - 1) malformed('a clause is not of the form "property:text"');
    this.#position += quoted[0].length;
    return { kind: "clause", property: clause.slice(0, separator).trim(), text: clause.slice(separator + 1) };
  }
}

function malformed(why: string): never {
  refuseGraph({ kind: "query-malformed", option: "$search", why });
}

/** @throws GraphRefusal `property-unknown`, `filter-unsupported` for a property that has no words. */
export function compileSearch<Row>(
  type: ResourceType<Row>,
  node: SearchNode,
  wordsOf: (text: string) => Words = rememberLast(splitWords),
): (row: Row, at: ReadAt) => boolean {
  if (node.kind === "clause") return compileClause(type, node, wordsOf);
  const parts = node.parts.map((part) => compileSearch(type, part, wordsOf));
  if (node.kind === "and") return (row, at) => parts.every((part) => part(row, at));
  return (row, at) => parts.some((part) => part(row, at));
}

/** Clauses ask the same name of the same row one after another: it is cut into words once. */
function rememberLast<Result>(compute: (text: string) => Result): (text: string) => Result {
  let last: { readonly text: string; readonly result: Result } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, result: compute(text) };
    return last.result;
  };
}

function compileClause<Row>(
  type: ResourceType<Row>,
  { property, text }: SearchNode & { kind: "clause" },
  wordsOf: (text: string) => Words,
) {
  const field = fieldOf(type, property);
  const { kind } = field;
  if (kind !== "text" && kind !== "identifier" && kind !== "texts")
    refuseGraph({ kind: "filter-unsupported", property, resource: type.title });
  const read = (row: Row, at: ReadAt): readonly unknown[] =>
    kind === "texts" ? field.read(row, at) : [field.read(row, at)];
  const test = tokenized.includes(property.toLowerCase()) ? wordTest(text, wordsOf) : beginningTest(text);
  return (row: Row, at: ReadAt) => read(row, at).some((value) => typeof value === "string" && test(value));
}

function fieldOf<Row>(type: ResourceType<Row>, property: string): FilterField<Row> {
  const folded = property.toLowerCase();
  for (const [name, field] of Object.entries(type.filters)) if (name.toLowerCase() === folded) return field;
  const isKnown = type.properties.some(({ name }) => name.toLowerCase() === folded);
  if (isKnown) refuseGraph({ kind: "filter-unsupported", property, resource: type.title });
  return refuseGraph({ kind: "property-unknown", property, type: type.name, option: "search" });
}

function beginningTest(text: string): (value: string) => boolean {
  const folded = text.toLowerCase();
  return (value) => value.toLowerCase().startsWith(folded);
}

/** Every word of the search begins some word of the value, in any order. */
function wordTest(text: string, wordsOf: (text: string) => Words): (value: string) => boolean {
  const { words, symbols } = splitWords(text);
  const wanted = words.length > 0 ? words : symbols;
  return (value) => {
    const there = wordsOf(value);
    const all = words.length > 0 ? [...there.words, ...there.joined] : there.symbols;
    return wanted.every((word) => all.some((candidate) => candidate.startsWith(word)));
  };
}

type Words = {
  readonly words: readonly string[];
  readonly joined: readonly string[];
  readonly symbols: readonly string[];
};

/**
 * Exported for its tests. Words end at white space, at symbols, between letters and digits, and where a capital follows a small letter;
 * words with only symbols between them are also one joined word.
 */
export function splitWords(text: string): Words {
  const words: string[] = [];
  const joined: string[] = [];
  const symbols: string[] = [];
  for (const run of text.split(/\s+/)) {
    const parts = run.split(/([^\p{L}\p{N}\p{M}]+)/u);
    parts.forEach((part, index) => {
      if (part === "") return;
      if (index % 2 === 1) symbols.push(...part);
      else words.push(...splitRun(part));
    });
    const letters = parts.filter((part, index) => index % 2 === 0 && part !== "");
    if (letters.length > 1) joined.push(letters.join("").toLowerCase());
  }
  return { words, joined, symbols };
}

/** Letters and digits of one run, cut where their kind changes. */
function splitRun(run: string): string[] {
  const cut = run.replace(/(\p{Ll}\p{M}*)(?=\p{Lu})/gu, "$1 ").replace(/\p{N}+/gu, " $& ");
  return cut
    .toLowerCase()
    .split(" ")
    .filter((piece) => piece !== "");
}
