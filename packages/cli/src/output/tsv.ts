/**
 * `--output tsv`: one line an item, values apart by tabs, no headers: for shells. May use: ordered.ts.
 *
 * az's rules: a list inside a line is shown as its length, an object as nothing; an object's values come in the order of their names,
 * unless the query made the object. az prints Python's words for what is not text; so do we, for scripts compare them.
 */
import { isObject, type Ordered, sortKeys } from "./ordered.ts";

export function formatTsv(value: unknown, made: Ordered): string {
  const items = Array.isArray(value) ? value : [value];
  return items.map((item) => `${formatLine(item, made)}\n`).join("");
}

function formatLine(item: unknown, made: Ordered): string {
  if (Array.isArray(item)) return item.map(formatCell).join("\t");
  if (isObject(item)) {
    const keys = made.has(item) ? Object.keys(item) : sortKeys(Object.keys(item));
    return keys.map((key) => formatCell(item[key])).join("\t");
  }
  return typeof item === "boolean" ? String(item) : formatCell(item);
}

function formatCell(value: unknown): string {
  if (Array.isArray(value)) return String(value.length);
  if (isObject(value)) return "";
  return formatScalar(value);
}

/** A scalar as Python's `str` writes it. */
export function formatScalar(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}
