/**
 * `--output json` and `jsonc`: two spaces, sorted keys, as az prints it. May use: ordered.ts.
 */
import { isObject, sortKeys } from "./ordered.ts";

/** Sorts the keys of every object in a value. */
export function sortDeeply(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortDeeply);
  if (!isObject(value)) return value;
  // A null prototype keeps a key named __proto__ an ordinary key.
  const sorted: Record<string, unknown> = Object.create(null);
  for (const key of sortKeys(Object.keys(value))) sorted[key] = sortDeeply(value[key]);
  return sorted;
}

export function formatJson(value: unknown): string {
  return `${JSON.stringify(sortDeeply(value), null, 2)}\n`;
}

const jsonToken = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** The same with names, texts and the rest each in a colour of its own. */
export function formatColoredJson(value: unknown): string {
  return formatJson(value).replace(jsonToken, (token, text?: string, colon?: string) => {
    if (text === undefined) return paint("36", token);
    return colon === undefined ? paint("33", text) : `${paint("94", text)}${colon}`;
  });
}

function paint(color: string, text: string): string {
  return `\u001b[${color}m${text}\u001b[39m`;
}
