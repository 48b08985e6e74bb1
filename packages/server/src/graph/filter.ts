/**
 * Reads `$filter` into a tree: a recursive descent over the tokens, bounded in length and depth.
 *
 * Grammar, loosest first: `or`, `and`, `not`, then a comparison (`path eq literal`, `path in (..)`), a function (`startswith(path,literal)`),
 * a lambda (`path/any(x:..)`) or parentheses. Spec: OData 4.01 part 2, 5.1.1; what of it Graph's directory supports is for the evaluator to say.
 */
import { type Literal, lexFilter, type Token } from "./filter-lexer.ts";
import { refuseGraph } from "./graph-fault.ts";
import { maxFilterAlternatives, maxFilterClauses, maxFilterDepth, maxFilterLength } from "./limits.ts";

export type ComparisonOperator = "eq" | "ne" | "gt" | "ge" | "lt" | "le";
export type TextFunction = "startswith" | "endswith" | "contains";

/** A property's name, segment by segment; within a lambda the first may be its variable. */
export type FilterPath = readonly string[];

export type FilterNode =
  | { readonly kind: "and" | "or"; readonly parts: readonly FilterNode[] }
  | { readonly kind: "not"; readonly part: FilterNode }
  | {
      readonly kind: "compare";
      readonly path: FilterPath;
      readonly operator: ComparisonOperator;
      readonly literal: Literal;
    }
  | { readonly kind: "in"; readonly path: FilterPath; readonly literals: readonly Literal[] }
  | { readonly kind: "function"; readonly name: TextFunction; readonly path: FilterPath; readonly literal: Literal }
  | {
      readonly kind: "lambda";
      readonly quantifier: "any" | "all";
      readonly path: FilterPath;
      readonly variable: string;
      /** undefined for `any()`: the collection is not empty. */
      readonly body: FilterNode | undefined;
    };

const comparisonOperators: readonly string[] = ["eq", "ne", "gt", "ge", "lt", "le"];
const textFunctions: readonly string[] = ["startswith", "endswith", "contains"];

/**
 * Reads a filter.
 * @throws GraphRefusal `filter-syntax`, `query-malformed` (too long, too deep), `filter-too-many-clauses`.
 */
export function parseFilter(filter: string): FilterNode {
  if (filter.length > maxFilterLength)
    refuseGraph({ kind: "query-malformed", option: "$filter", why: `it is longer than ${maxFilterLength} characters` });
  return new FilterParser(filter).parse();
}

class FilterParser {
  readonly #filter: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  #clauses = 0;

  constructor(filter: string) {
    this.#filter = filter;
    this.#tokens = lexFilter(filter);
  }

  parse(): FilterNode {
    const node = this.#chain("or");
    if (this.#token.kind !== "end") this.#fail();
    return node;
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #fail(): never {
    refuseGraph({ kind: "filter-syntax", filter: this.#filter, position: this.#token.position });
  }

  #isWord(word: string): boolean {
    const token = this.#token;
    return token.kind === "name" && token.text.toLowerCase() === word;
  }

  #isMark(text: string): boolean {
    const token = this.#token;
    return token.kind === "mark" && token.text === text;
  }

  #expectMark(text: string): void {
    if (!this.#isMark(text)) this.#fail();
    this.#next++;
  }

  #name(): string {
    const token = this.#token;
    if (token.kind !== "name") this.#fail();
    this.#next++;
    return token.text;
  }

  /** Operands joined by one word; `or` is looser than `and`. */
  #chain(word: "and" | "or"): FilterNode {
    const parts = [word === "or" ? this.#chain("and") : this.#unary()];
    while (this.#isWord(word)) {
      this.#next++;
      parts.push(word === "or" ? this.#chain("and") : this.#unary());
    }
    if (word === "or" && parts.length > maxFilterAlternatives)
      refuseGraph({ kind: "filter-too-many-clauses", count: parts.length, limit: maxFilterAlternatives });
    return parts.length === 1 ? parts[0]! : { kind: word, parts };
  }

  #unary(): FilterNode {
    if (!this.#isWord("not")) return this.#primary();
    return this.#nested(() => {
      this.#next++;
      return { kind: "not", part: this.#unary() };
    });
  }

  #primary(): FilterNode {
    if (this.#isMark("(")) return this.#nested(() => this.#parenthesised());
    if (++this.#clauses > maxFilterClauses)
      refuseGraph({ kind: "query-malformed", option: "$filter", why: `it has more than ${maxFilterClauses} clauses` });
    const following = this.#tokens[this.#next + 1];
    const isCall = following?.kind === "mark" && following.text === "(";
    const token = this.#token;
    if (isCall && token.kind === "name" && textFunctions.includes(token.text.toLowerCase())) return this.#function();
    return this.#aboutPath();
  }

  #parenthesised(): FilterNode {
    this.#expectMark("(");
    const node = this.#chain("or");
    this.#expectMark(")");
    return node;
  }

  #nested(read: () => FilterNode): FilterNode {
    if (++this.#depth > maxFilterDepth)
      refuseGraph({ kind: "query-malformed", option: "$filter", why: `it nests deeper than ${maxFilterDepth} levels` });
    const node = read();
    this.#depth--;
    return node;
  }

  #function(): FilterNode {
    const name = this.#name().toLowerCase() as TextFunction;
    this.#expectMark("(");
    const path = this.#path().path;
    this.#expectMark(",");
    const literal = this.#literal();
    this.#expectMark(")");
    return { kind: "function", name, path, literal };
  }

  /** A comparison, an `in`, or a lambda: all three begin with a path. */
  #aboutPath(): FilterNode {
    const { path, quantifier } = this.#path();
    if (quantifier !== undefined) return this.#nested(() => this.#lambda(path, quantifier));
    const word = this.#token.kind === "name" ? this.#token.text.toLowerCase() : "";
    if (word === "in") {
      this.#next++;
      return { kind: "in", path, literals: this.#literals() };
    }
    if (!comparisonOperators.includes(word)) this.#fail();
    this.#next++;
    return { kind: "compare", path, operator: word as ComparisonOperator, literal: this.#literal() };
  }

  #path(): { readonly path: FilterPath; readonly quantifier: "any" | "all" | undefined } {
    const path = [this.#name()];
    while (this.#isMark("/")) {
      this.#next++;
      const name = this.#name();
      const folded = name.toLowerCase();
      if (this.#isMark("(") && (folded === "any" || folded === "all")) return { path, quantifier: folded };
      path.push(name);
    }
    return { path, quantifier: undefined };
  }

  #lambda(path: FilterPath, quantifier: "any" | "all"): FilterNode {
    this.#expectMark("(");
    if (quantifier === "any" && this.#isMark(")")) {
      this.#next++;
      return { kind: "lambda", quantifier, path, variable: "", body: undefined };
    }
    const variable = this.#name();
    this.#expectMark(":");
    const body = this.#chain("or");
    this.#expectMark(")");
    return { kind: "lambda", quantifier, path, variable, body };
  }

  #literals(): Literal[] {
    this.#expectMark("(");
    const literals = [this.#literal()];
    while (this.#isMark(",")) {
      this.#next++;
      literals.push(this.#literal());
    }
    this.#expectMark(")");
    if (literals.length > maxFilterAlternatives)
      refuseGraph({ kind: "filter-too-many-clauses", count: literals.length, limit: maxFilterAlternatives });
    return literals;
  }

  #literal(): Literal {
    const token = this.#token;
    if (token.kind === "literal") {
      this.#next++;
      return token.literal;
    }
    for (const word of ["true", "false", "null"] as const) {
      if (!this.#isWord(word)) continue;
      this.#next++;
      return word === "null" ? { kind: "null", value: null } : { kind: "boolean", value: word === "true" };
    }
    return this.#fail();
  }
}
