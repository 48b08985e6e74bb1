/** Cuts the text of `$filter` into tokens. Spec: https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html */
import { refuseGraph } from "./graph-fault.ts";

export type Literal =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "guid"; readonly value: string }
  | { readonly kind: "time"; readonly value: number }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null"; readonly value: null };

export type Token =
  | { readonly kind: "literal"; readonly literal: Literal; readonly position: number }
  | { readonly kind: "name"; readonly text: string; readonly position: number }
  | { readonly kind: "mark"; readonly text: "(" | ")" | "," | "/" | ":"; readonly position: number }
  | { readonly kind: "end"; readonly position: number };

const spaces = /\s+/y;
const guidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])/iy;
const timePattern = /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?(?:Z|[+-]\d{2}:\d{2}))?(?![\w:.-])/iy;
const numberPattern = /[+-]?\d{1,15}(?:\.\d{1,15})?(?:e[+-]?\d{1,2})?(?![\w.:-])/iy;
/** A property, an operator, or the number of things in a collection (`tags/$count`). */
const namePattern = /[A-Za-z_][A-Za-z0-9_]*|\$count(?!\w)/y;

/**
 * Reads all tokens; the last one is `end`. A quote within a string is written twice.
 * @throws GraphRefusal `filter-syntax` at the first character that starts no token.
 */
export function lexFilter(filter: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    const text = pattern.exec(filter)?.[0];
    if (text !== undefined) position += text.length;
    return text;
  };
  while (true) {
    take(spaces);
    if (position >= filter.length) break;
    const start = position;
    const mark = filter.charAt(position);
    if (mark === "(" || mark === ")" || mark === "," || mark === "/" || mark === ":") {
      position++;
      tokens.push({ kind: "mark", text: mark, position: start });
      continue;
    }
    const literal = mark === "'" ? takeString() : takeBareLiteral(take);
    if (literal !== undefined) {
      tokens.push({ kind: "literal", literal, position: start });
      continue;
    }
    const text = take(namePattern);
    if (text === undefined) refuseGraph({ kind: "filter-syntax", filter, position: start });
    tokens.push({ kind: "name", text, position: start });
  }
  tokens.push({ kind: "end", position: filter.length });
  return tokens;

  function takeString(): Literal {
    const start = position++;
    let value = "";
    while (true) {
      const quote = filter.indexOf("'", position);
      if (quote === -1) refuseGraph({ kind: "filter-syntax", filter, position: start });
      value += filter.slice(position, quote);
      position = quote + 1;
      if (filter.charAt(position) !== "'") return { kind: "string", value };
      value += "'";
      position++;
    }
  }
}

function takeBareLiteral(take: (pattern: RegExp) => string | undefined): Literal | undefined {
  const guid = take(guidPattern);
  if (guid !== undefined) return { kind: "guid", value: guid.toLowerCase() };
  const time = take(timePattern);
  if (time !== undefined) return { kind: "time", value: Date.parse(time) };
  const number = take(numberPattern);
  return number === undefined ? undefined : { kind: "number", value: Number(number) };
}
