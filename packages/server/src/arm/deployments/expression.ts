/**
 * The expression language of ARM templates: a text that begins with `[` and ends with `]` is an expression. Read here; meaning is in functions.ts.
 *
 * Grammar: expression = value { "." name | "[" expression "]" }; value = name "(" [ expression { "," expression } ] ")" | number | 'text'.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
 */
import { refuseArm } from "../fault.ts";

export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "member"; readonly of: Expression; readonly key: Expression };

/** @see https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices#template-limits */
const maxExpressionLength = 24_576;
/** Nesting that is read; our choice, far above what templates have. */
const maxDepth = 64;

const token = /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*)|([()[\],.]))/y;

/** @throws ArmRefusal `template-invalid`. */
export function refuseTemplate(why: string): never {
  return refuseArm({ kind: "template-invalid", why });
}

/** @returns undefined for a text that is no expression; `[[` stands for a `[` that begins a plain text. */
export function parseExpression(text: string): Expression | undefined {
  if (!text.startsWith("[") || !text.endsWith("]") || text.startsWith("[[")) return undefined;
  if (text.length > maxExpressionLength)
    refuseTemplate(`An expression is longer than ${maxExpressionLength} characters.`);
  const reader = new Reader(text.slice(1, -1));
  const expression = reader.readExpression(0);
  reader.requireEnd();
  return expression;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readExpression(depth: number): Expression {
    if (depth > maxDepth) refuseTemplate("An expression is nested too deep.");
    let value = this.#readValue(depth);
    for (;;) {
      if (this.#take(".")) value = { kind: "member", of: value, key: { kind: "literal", value: this.#readName() } };
      else if (this.#take("[")) {
        const key = this.readExpression(depth + 1);
        this.#require("]");
        value = { kind: "member", of: value, key };
      } else return value;
    }
  }

  requireEnd(): void {
    if (this.#text.slice(this.#at).trim() !== "") this.#refuse();
  }

  #readValue(depth: number): Expression {
    const match = this.#next();
    if (match?.[1] !== undefined) return { kind: "literal", value: match[1].replaceAll("''", "'") };
    if (match?.[2] !== undefined) return { kind: "literal", value: Number(match[2]) };
    const name = match?.[3];
    if (name === undefined) return this.#refuse();
    this.#require("(");
    const args: Expression[] = [];
    if (!this.#take(")")) {
      do args.push(this.readExpression(depth + 1));
      while (this.#take(","));
      this.#require(")");
    }
    return { kind: "call", name, args };
  }

  #readName(): string {
    return this.#next()?.[3] ?? this.#refuse();
  }

  #next(): RegExpExecArray | null {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (match !== null) this.#at = token.lastIndex;
    return match;
  }

  #take(mark: string): boolean {
    const before = this.#at;
    if (this.#next()?.[4] === mark) return true;
    this.#at = before;
    return false;
  }

  #require(mark: string): void {
    if (!this.#take(mark)) this.#refuse();
  }

  #refuse(): never {
    return refuseTemplate(`Unable to parse language expression '${this.#text.slice(0, 128)}' at position ${this.#at}.`);
  }
}
