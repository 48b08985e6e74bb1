/**
 * From tokens to the tree.
 *
 * Owns the grammar and its bounds. NOT binds tighter than AND and OR, which bind alike: where both stand at one level the
 * documentation calls for parentheses, and so does this parser (none of the 29 built-in roles with conditions needs
 * otherwise). Words are read without case, GUIDs with or without quotes and dashes: live conditions have all of these.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-format#condition-syntax
 */
import { MAX_ACTION_LENGTH } from "../actions.ts";
import { foldCase } from "../case-folding.ts";
import { ConditionSyntaxError } from "./condition-fault.ts";
import type { AttributeOperand, Comparison, Expression, Literal, Match, Operand, SourceRange } from "./expression.ts";
import { readTokens, type Token } from "./lexer.ts";
import { findOperator, findQuantifier, type Operator } from "./operators.ts";
import { readDateTime, readGuid } from "./values.ts";

/** Largest condition, in UTF-8 bytes. Azure's own limit (8 KB). */
export const MAX_CONDITION_SIZE_BYTES = 8192;
/** Deepest nesting of parentheses and NOTs. Ours: the deepest documented example has 6. */
export const MAX_CONDITION_NESTING = 64;
/** Most values of one list. Ours: the longest in a built-in role has 23, and 8 KB hold 240 GUIDs. */
export const MAX_LIST_VALUES = 512;

function countUtf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

interface ReadOperand {
  readonly operand: Operand;
  readonly range: SourceRange;
}

/** Gives a literal as the operator compares it. @throws ConditionSyntaxError when it is of another type. */
function fitLiteral(literal: Literal, { type }: Operator, position: number): Literal {
  if (type === "guid" && literal.type === "string") {
    const guid = readGuid(literal.value);
    if (guid !== undefined) return { type: "guid", value: guid };
  }
  const expected = { bool: "boolean", string: "string", numeric: "integer", datetime: "string", guid: "guid" }[type];
  if (literal.type !== expected) throw new ConditionSyntaxError("literal-type-mismatch", position);
  if (type === "datetime" && readDateTime(String(literal.value)) === undefined) {
    throw new ConditionSyntaxError("invalid-date-time", position);
  }
  return literal;
}

function fitOperand({ operand, range }: ReadOperand, operator: Operator, isQuantified: boolean): Operand {
  if (operand.kind === "attribute") return operand;
  if (operand.kind === "literal")
    return { kind: "literal", literal: fitLiteral(operand.literal, operator, range.start) };
  const literals = operand.literals.map((literal) => fitLiteral(literal, operator, range.start));
  if (isQuantified) return { kind: "list", literals };
  // The documentation's general form has braces for every operator; with one value in them there is one meaning.
  if (literals.length === 1) return { kind: "literal", literal: literals[0]! };
  throw new ConditionSyntaxError("list-without-quantifier", range.start);
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Expression {
    if (this.#peek().kind === "end") throw new ConditionSyntaxError("empty", 0);
    const expression = this.#level(0);
    this.#expect("end");
    return expression;
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #unexpected(token: Token): ConditionSyntaxError {
    return new ConditionSyntaxError(token.kind === "end" ? "unexpected-end" : "unexpected-token", token.range.start);
  }

  #expect<Kind extends Token["kind"]>(kind: Kind): Token & { readonly kind: Kind } {
    const token = this.#peek();
    if (token.kind !== kind) throw this.#unexpected(token);
    this.#at += 1;
    return token as Token & { readonly kind: Kind };
  }

  /** Parts joined by AND or by OR. */
  #level(nesting: number): Expression {
    const first = this.#part(nesting);
    const { kind } = this.#peek();
    if (kind !== "and" && kind !== "or") return first;
    const operands = [first];
    for (let token = this.#peek(); token.kind === "and" || token.kind === "or"; token = this.#peek()) {
      if (token.kind !== kind) throw new ConditionSyntaxError("mixed-and-or", token.range.start);
      this.#at += 1;
      operands.push(this.#part(nesting));
    }
    return { kind, operands, range: { start: first.range.start, end: operands[operands.length - 1]!.range.end } };
  }

  #part(nesting: number): Expression {
    const token = this.#peek();
    if (nesting > MAX_CONDITION_NESTING) throw new ConditionSyntaxError("nested-too-deep", token.range.start);
    if (token.kind === "not") {
      this.#at += 1;
      const operand = this.#part(nesting + 1);
      return { kind: "not", operand, range: { start: token.range.start, end: operand.range.end } };
    }
    if (token.kind === "(") {
      this.#at += 1;
      const inner = this.#level(nesting + 1);
      const { range } = this.#expect(")");
      return { ...inner, range: { start: token.range.start, end: range.end } };
    }
    if (token.kind === "word") {
      const word = foldCase(token.text);
      if (word === "actionmatches") return this.#match("action-matches");
      if (word === "suboperationmatches") return this.#match("sub-operation-matches");
      if (word === "exists") return this.#existence();
    }
    return this.#comparison();
  }

  #match(kind: Match["kind"]): Expression {
    const { start } = this.#expect("word").range;
    this.#expect("{");
    const pattern = this.#expect("string");
    // Blanks around a role's entry are not part of it, so a pattern of blanks would be an empty one.
    if (pattern.text.trim() === "" || pattern.text.length > MAX_ACTION_LENGTH) {
      throw new ConditionSyntaxError("invalid-pattern", pattern.range.start);
    }
    return { kind, pattern: pattern.text, range: { start, end: this.#expect("}").range.end } };
  }

  #existence(): Expression {
    const { start } = this.#expect("word").range;
    const token = this.#expect("attribute");
    const attribute: AttributeOperand = { kind: "attribute", source: token.source, name: token.name };
    return { kind: "exists", attribute, range: { start, end: token.range.end } };
  }

  #comparison(): Comparison {
    const left = this.#operand();
    const word = this.#expect("word");
    const colon = word.text.indexOf(":");
    const quantifier = colon === -1 ? null : findQuantifier(word.text.slice(0, colon));
    const operator = findOperator(word.text.slice(colon + 1));
    if (quantifier === undefined || operator === undefined) {
      throw new ConditionSyntaxError("unknown-operator", word.range.start);
    }
    if (quantifier !== null && !operator.canQuantify) {
      throw new ConditionSyntaxError("quantifier-not-supported", word.range.start);
    }
    const right = this.#operand();
    return {
      kind: "comparison",
      left: fitOperand(left, operator, quantifier !== null),
      quantifier,
      operator: operator.name,
      right: fitOperand(right, operator, quantifier !== null),
      range: { start: left.range.start, end: right.range.end },
    };
  }

  #operand(): ReadOperand {
    const token = this.#peek();
    if (token.kind === "attribute") {
      this.#at += 1;
      return { operand: { kind: "attribute", source: token.source, name: token.name }, range: token.range };
    }
    if (token.kind === "{") return this.#list();
    return { operand: { kind: "literal", literal: this.#literal() }, range: token.range };
  }

  #list(): ReadOperand {
    const { start } = this.#expect("{").range;
    const literals = [this.#literal()];
    while (this.#peek().kind === ",") {
      this.#at += 1;
      literals.push(this.#literal());
      if (literals.length > MAX_LIST_VALUES) throw new ConditionSyntaxError("list-too-long", start);
    }
    return { operand: { kind: "list", literals }, range: { start, end: this.#expect("}").range.end } };
  }

  #literal(): Literal {
    const token = this.#peek();
    this.#at += 1;
    if (token.kind === "string") return { type: "string", value: token.text };
    if (token.kind === "guid") return { type: "guid", value: token.text };
    if (token.kind === "integer") return { type: "integer", value: token.value };
    const word = token.kind === "word" ? foldCase(token.text) : "";
    if (word === "true" || word === "false") return { type: "boolean", value: word === "true" };
    throw this.#unexpected(token);
  }
}

/**
 * Reads a condition's text into its tree.
 * @throws ConditionSyntaxError and nothing else.
 */
export function parseExpression(text: string): Expression {
  // The length alone refuses most of what is too large; a unit has at least one byte.
  if (text.length > MAX_CONDITION_SIZE_BYTES || countUtf8Bytes(text) > MAX_CONDITION_SIZE_BYTES) {
    throw new ConditionSyntaxError("too-large", 0);
  }
  return new Parser(readTokens(text)).parse();
}
