/**
 * From a condition's text to its tokens.
 *
 * Owns blanks, quotes, brackets and the shape of words. Every loop moves on, so the work is linear in the text.
 */
import { foldCase } from "../case-folding.ts";
import { isAttributeName } from "./attribute-name.ts";
import { ConditionSyntaxError } from "./condition-fault.ts";
import type { AttributeSource, SourceRange } from "./expression.ts";
import { readGuid } from "./values.ts";

/** A token. A word's text is as it was written. */
export type Token =
  | { readonly kind: "(" | ")" | "{" | "}" | "," | "and" | "or" | "not" | "end"; readonly range: SourceRange }
  | { readonly kind: "word" | "string" | "guid"; readonly text: string; readonly range: SourceRange }
  | { readonly kind: "integer"; readonly value: number; readonly range: SourceRange }
  | {
      readonly kind: "attribute";
      readonly source: AttributeSource;
      readonly name: string;
      readonly range: SourceRange;
    };

const SOURCES: ReadonlyMap<string, AttributeSource> = new Map([
  ["resource", "resource"],
  ["request", "request"],
  ["principal", "principal"],
  ["environment", "environment"],
]);
const LOGICAL_WORDS: ReadonlyMap<string, "and" | "or" | "not"> = new Map([
  ["and", "and"],
  ["or", "or"],
  ["not", "not"],
]);
const BLANKS = " \t\r\n";
const SINGLE_CHARACTERS = "(){},";
const RUN = /[0-9A-Za-z_:-]+/y;
const WORD = /^[A-Za-z]+(?::[A-Za-z]+)?$/;
const INTEGER = /^-?\d+$/;

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  }
  return false;
}

/** A quoted text. It ends at the next quote: no way to write a quote inside is documented. */
function readString(text: string, start: number): Token {
  const close = text.indexOf("'", start + 1);
  if (close === -1) throw new ConditionSyntaxError("unterminated-string", start);
  const content = text.slice(start + 1, close);
  if (hasControlCharacter(content)) throw new ConditionSyntaxError("unexpected-character", start);
  return { kind: "string", text: content, range: { start, end: close + 1 } };
}

function readAttribute(text: string, start: number): Token {
  const open = text.indexOf("[", start);
  const word = open === -1 ? "" : text.slice(start + 1, open);
  const source = SOURCES.get(foldCase(word));
  if (source === undefined) throw new ConditionSyntaxError("unknown-attribute-source", start);
  const close = text.indexOf("]", open);
  if (close === -1) throw new ConditionSyntaxError("unterminated-attribute", start);
  const name = text.slice(open + 1, close);
  if (!isAttributeName(name)) throw new ConditionSyntaxError("invalid-attribute-name", open + 1);
  return { kind: "attribute", source, name, range: { start, end: close + 1 } };
}

/** A word, a number or a GUID without quotes. */
function readRun(text: string, start: number): Token {
  RUN.lastIndex = start;
  const run = RUN.exec(text)?.[0];
  if (run === undefined) throw new ConditionSyntaxError("unexpected-character", start);
  const range = { start, end: start + run.length };
  const guid = readGuid(run);
  if (guid !== undefined) return { kind: "guid", text: guid, range };
  if (INTEGER.test(run)) {
    const value = Number(run);
    if (!Number.isSafeInteger(value)) throw new ConditionSyntaxError("integer-out-of-range", start);
    // -0 would print and compare otherwise than it was written.
    return { kind: "integer", value: value === 0 ? 0 : value, range };
  }
  if (!WORD.test(run)) throw new ConditionSyntaxError("unexpected-character", start);
  const logical = LOGICAL_WORDS.get(foldCase(run));
  return logical === undefined ? { kind: "word", text: run, range } : { kind: logical, range };
}

function readToken(text: string, start: number): Token {
  const character = text.charAt(start);
  if (SINGLE_CHARACTERS.includes(character)) {
    return { kind: character as "(" | ")" | "{" | "}" | ",", range: { start, end: start + 1 } };
  }
  if (character === "'") return readString(text, start);
  if (character === "@") return readAttribute(text, start);
  if (character === "!") return { kind: "not", range: { start, end: start + 1 } };
  if (text.startsWith("&&", start)) return { kind: "and", range: { start, end: start + 2 } };
  if (text.startsWith("||", start)) return { kind: "or", range: { start, end: start + 2 } };
  return readRun(text, start);
}

/**
 * Cuts a condition into tokens; the last is `end`.
 * @throws ConditionSyntaxError
 */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && BLANKS.includes(text.charAt(at))) at += 1;
    if (at === text.length) break;
    const token = readToken(text, at);
    tokens.push(token);
    at = token.range.end;
  }
  return [...tokens, { kind: "end", range: { start: at, end: at } }];
}
