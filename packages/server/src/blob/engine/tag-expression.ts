/**
 * Expressions over blob index tags: what `where` searches by and what `x-ms-if-tags` asks of a blob. Pure; a parsed expression is plain data.
 *
 *     expression  = conjunction { OR conjunction }          OR, brackets and <> only in conditions
 *     conjunction = term { AND term }
 *     term        = "(" expression ")" | name operator 'value'
 *     name        = "key" | key | @container                @container only in searches
 *
 * Values are compared by their code points, without regard to numbers.
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-manage-find-blobs#finding-data-using-blob-index-tags
 * @see https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations#tags-conditional-operations
 */
import type { Tags } from "./model.ts";

export type TagOperator = "=" | "<>" | ">" | ">=" | "<" | "<=";
export type TagComparison = { readonly key: string; readonly operator: TagOperator; readonly value: string };
export type TagExpression =
  | { readonly kind: "compare"; readonly comparison: TagComparison }
  | { readonly kind: "and" | "or"; readonly terms: readonly TagExpression[] };

/** A search: everything it says must hold. */
export type TagSearch = { readonly comparisons: readonly TagComparison[]; readonly container: string | null };

/** Where an expression stops making sense: a place, from 1, and what was met there. */
export class TagSyntaxError extends Error {
  readonly position: number;
  constructor(position: number, what: string) {
    super(`Error parsing query at or near character position ${position}: ${what}`);
    this.name = "TagSyntaxError";
    this.position = position;
  }
}

/** An expression's length at most, in characters. Our choice: ten longest tags fit. */
export const maxExpressionLength = 8192;
/** Comparisons of an expression at most, and brackets in each other. Our choice: a blob has ten tags. */
const maxComparisons = 64;
const maxDepth = 16;

type Token = {
  readonly kind: "name" | "value" | "operator" | "word" | "bracket" | "end";
  readonly text: string;
  readonly at: number;
};

const space = /\s*/y;
const tokenPattern = /(?:"([^"]*)"|'((?:[^']|'')*)'|(<>|>=|<=|=|>|<)|([()])|(@?[A-Za-z_][A-Za-z0-9_]*))/y;

function skipSpace(text: string, at: number): number {
  space.lastIndex = at;
  space.exec(text);
  return space.lastIndex;
}

function tokenize(text: string): Token[] {
  if (text.length > maxExpressionLength) throw new TagSyntaxError(maxExpressionLength, "the expression is too long");
  const tokens: Token[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    if (match === null) throw new TagSyntaxError(at + 1, `unexpected '${text[at]}'`);
    const [, name, value, operator, bracket, word] = match;
    if (name !== undefined) tokens.push({ kind: "name", text: name, at: at + 1 });
    else if (value !== undefined) tokens.push({ kind: "value", text: value.replaceAll("''", "'"), at: at + 1 });
    else if (operator !== undefined) tokens.push({ kind: "operator", text: operator, at: at + 1 });
    else if (bracket !== undefined) tokens.push({ kind: "bracket", text: bracket, at: at + 1 });
    else tokens.push({ kind: "word", text: word!, at: at + 1 });
    at = skipSpace(text, tokenPattern.lastIndex);
  }
  tokens.push({ kind: "end", text: "the end", at: text.length + 1 });
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #comparisonCount = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  fail(token = this.#token): never {
    throw new TagSyntaxError(token.at, `unexpected '${token.text}'`);
  }

  isAtEnd(): boolean {
    return this.#token.kind === "end";
  }

  takeWord(word: "AND" | "OR"): boolean {
    const isThere = this.#token.kind === "word" && this.#token.text.toUpperCase() === word;
    if (isThere) this.#next += 1;
    return isThere;
  }

  takeBracket(text: "(" | ")"): boolean {
    const isThere = this.#token.kind === "bracket" && this.#token.text === text;
    if (isThere) this.#next += 1;
    return isThere;
  }

  comparison(): TagComparison {
    this.#comparisonCount += 1;
    const [name, operator, value] = [this.#take("name", "word"), this.#take("operator"), this.#take("value")];
    if (this.#comparisonCount > maxComparisons) this.fail(name);
    // In quotes an @ would be no key either: tags cannot have one.
    return { key: name.text, operator: operator.text as TagOperator, value: value.text };
  }

  #take(...kinds: Token["kind"][]): Token {
    const token = this.#token;
    if (!kinds.includes(token.kind)) this.fail();
    this.#next += 1;
    return token;
  }

  expression(depth = 0): TagExpression {
    return this.#joined("or", () => this.#joined("and", () => this.#term(depth), "AND"), "OR");
  }

  #joined(kind: "and" | "or", take: () => TagExpression, word: "AND" | "OR"): TagExpression {
    const terms = [take()];
    while (this.takeWord(word)) terms.push(take());
    return terms.length === 1 ? terms[0]! : { kind, terms };
  }

  #term(depth: number): TagExpression {
    const start = this.#token;
    if (!this.takeBracket("(")) return { kind: "compare", comparison: this.comparison() };
    if (depth === maxDepth) this.fail(start);
    const inner = this.expression(depth + 1);
    if (!this.takeBracket(")")) this.fail();
    return inner;
  }
}

/** Reads a condition. @throws TagSyntaxError. */
export function parseTagCondition(text: string): TagExpression {
  const parser = new Parser(text);
  const expression = parser.expression();
  return parser.isAtEnd() ? expression : parser.fail();
}

/** Reads a search: comparisons joined by AND, of tags and of the container's name. @throws TagSyntaxError. */
export function parseTagSearch(text: string): TagSearch {
  const parser = new Parser(text);
  const comparisons: TagComparison[] = [];
  let container: string | null = null;
  do {
    const comparison = parser.comparison();
    if (comparison.operator === "<>") throw new TagSyntaxError(1, "the operator '<>' is not one of a search");
    if (!comparison.key.startsWith("@")) comparisons.push(comparison);
    else if (comparison.key !== "@container" || comparison.operator !== "=" || container !== null) {
      throw new TagSyntaxError(1, `'${comparison.key}' is not compared so`);
    } else container = comparison.value;
  } while (parser.takeWord("AND"));
  if (!parser.isAtEnd()) parser.fail();
  if (comparisons.length === 0) throw new TagSyntaxError(1, "a search names a tag");
  return { comparisons, container };
}

/** Compares by code points, as the index is ordered. */
export function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Whether a tag of that value, or none, is what the comparison asks for: what is absent is unlike everything. */
export function meetsComparison({ operator, value }: TagComparison, present: string | undefined): boolean {
  if (present === undefined) return operator === "<>";
  const order = compareTexts(present, value);
  switch (operator) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
  }
}

/** Whether a blob with these tags meets a condition. */
export function meetsTags(expression: TagExpression, tags: Tags): boolean {
  if (expression.kind !== "compare") {
    const isMet = (term: TagExpression): boolean => meetsTags(term, tags);
    return expression.kind === "and" ? expression.terms.every(isMet) : expression.terms.some(isMet);
  }
  const { comparison } = expression;
  return meetsComparison(comparison, tags.find(([key]) => key === comparison.key)?.[1]);
}
