/**
 * The functions of template expressions that are served, but those that look at the deployment itself (evaluation.ts). Pure.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions
 */
import { createHash } from "node:crypto";
import { refuseTemplate } from "./expression.ts";

export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

export function isRecord(value: unknown): value is { readonly [name: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textOf(value: Value | undefined): string {
  if (typeof value === "string") return value;
  return value === undefined ? "" : JSON.stringify(value);
}

type Pure = (args: readonly Value[]) => Value;

/** RFC 4122's name-based GUID, in a namespace of ARM's own; the same texts give the same GUID. */
const GUID_NAMESPACE = Buffer.from("11fb06fb712d4ddd98c7e71bbd588830", "hex");
const UNIQUE_LENGTH = 13;
const MAX_RANGE = 10_000;

function guid(args: readonly Value[]): string {
  const hash = createHash("sha1").update(GUID_NAMESPACE).update(args.map(textOf).join("-"), "utf8").digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** 13 letters and digits that the texts decide; Azure's own hash is not published, so the letters are others there. */
function uniqueString(args: readonly Value[]): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  const hash = createHash("sha256").update(args.map(textOf).join("-"), "utf8").digest();
  return Array.from(hash.subarray(0, UNIQUE_LENGTH), (byte) => alphabet[byte & 31]).join("");
}

function concat(args: readonly Value[]): Value {
  if (args.length > 0 && args.every((arg) => Array.isArray(arg))) return args.flat() as Value;
  return args.map(textOf).join("");
}

/** `{0}` and so on; a format behind a colon is not looked at. */
function format([pattern, ...values]: readonly Value[]): Value {
  return textOf(pattern).replace(/\{\{|\}\}|\{(\d+)(?::[^}]*)?\}/g, (part, index: string | undefined) => {
    return index === undefined ? part.charAt(0) : textOf(values[Number(index)] ?? "");
  });
}

function isSame(a: Value | undefined, b: Value | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function number(value: Value | undefined): number {
  const read = typeof value === "number" ? value : Number(textOf(value));
  return Number.isFinite(read) ? read : refuseTemplate(`'${textOf(value).slice(0, 64)}' is no number.`);
}

function contains([container, item]: readonly Value[]): Value {
  if (typeof container === "string") return container.includes(textOf(item));
  if (Array.isArray(container)) return container.some((one: Value) => isSame(one, item));
  return isRecord(container) && Object.keys(container).some((key) => key.toLowerCase() === textOf(item).toLowerCase());
}

function union(args: readonly Value[]): Value {
  if (args.every(isRecord)) return Object.assign({}, ...args) as Value;
  const all = args.flat() as Value[];
  return all.filter((one, index) => all.findIndex((other) => isSame(one, other)) === index);
}

function range([start, count]: readonly Value[]): Value {
  const length = number(count);
  if (length > MAX_RANGE) refuseTemplate(`range gives at most ${MAX_RANGE} numbers.`);
  return Array.from({ length }, (_, index) => number(start) + index);
}

function isEmpty(value: Value | undefined): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function parseJson([text]: readonly Value[]): Value {
  try {
    return JSON.parse(textOf(text)) as Value;
  } catch {
    return refuseTemplate("json() was given a text that is no JSON.");
  }
}

export const pureFunctions: ReadonlyMap<string, Pure> = new Map<string, Pure>([
  ["add", ([a, b]) => number(a) + number(b)],
  ["and", (args) => args.every((arg) => arg === true)],
  ["array", ([value]) => (Array.isArray(value) ? value : [value ?? null])],
  ["base64", ([text]) => Buffer.from(textOf(text)).toString("base64")],
  ["base64tostring", ([text]) => Buffer.from(textOf(text), "base64").toString("utf8")],
  ["bool", ([value]) => value === true || textOf(value).toLowerCase() === "true" || value === 1],
  ["coalesce", (args) => args.find((arg) => arg !== null) ?? null],
  ["concat", concat],
  ["contains", contains],
  ["createarray", (args) => args],
  [
    "createobject",
    (args) =>
      Object.fromEntries(
        args.flatMap((name, index) => (index % 2 === 0 ? [[textOf(name), args[index + 1] ?? null]] : [])),
      ),
  ],
  ["div", ([a, b]) => Math.trunc(number(a) / number(b))],
  ["empty", ([value]) => isEmpty(value)],
  ["endswith", ([text, end]) => textOf(text).toLowerCase().endsWith(textOf(end).toLowerCase())],
  ["equals", ([a, b]) => isSame(a, b)],
  ["false", () => false],
  ["first", ([value]) => (Array.isArray(value) ? (value[0] ?? null) : textOf(value).charAt(0))],
  ["format", format],
  ["greater", ([a, b]) => number(a) > number(b)],
  ["greaterorequals", ([a, b]) => number(a) >= number(b)],
  ["guid", guid],
  ["indexof", ([text, part]) => textOf(text).toLowerCase().indexOf(textOf(part).toLowerCase())],
  ["int", ([value]) => Math.trunc(number(value))],
  [
    "join",
    ([list, mark]) => (Array.isArray(list) ? list.map((one: Value) => textOf(one)).join(textOf(mark)) : textOf(list)),
  ],
  ["json", parseJson],
  ["last", ([value]) => (Array.isArray(value) ? (value.at(-1) ?? null) : textOf(value).slice(-1))],
  [
    "length",
    ([value]) => (typeof value === "object" && value !== null ? Object.keys(value).length : textOf(value).length),
  ],
  ["less", ([a, b]) => number(a) < number(b)],
  ["lessorequals", ([a, b]) => number(a) <= number(b)],
  ["max", (args) => Math.max(...(args.flat() as Value[]).map(number))],
  ["min", (args) => Math.min(...(args.flat() as Value[]).map(number))],
  ["mod", ([a, b]) => number(a) % number(b)],
  ["mul", ([a, b]) => number(a) * number(b)],
  ["not", ([value]) => value !== true],
  ["null", () => null],
  ["or", (args) => args.some((arg) => arg === true)],
  ["range", range],
  ["replace", ([text, old, next]) => textOf(text).replaceAll(textOf(old), textOf(next))],
  [
    "skip",
    ([value, count]) => (Array.isArray(value) ? value.slice(number(count)) : textOf(value).slice(number(count))),
  ],
  ["split", ([text, mark]) => textOf(text).split(textOf(mark))],
  ["startswith", ([text, start]) => textOf(text).toLowerCase().startsWith(textOf(start).toLowerCase())],
  ["string", ([value]) => textOf(value)],
  ["sub", ([a, b]) => number(a) - number(b)],
  [
    "substring",
    ([text, from, count]) =>
      textOf(text).substring(number(from), count === undefined ? undefined : number(from) + number(count)),
  ],
  [
    "take",
    ([value, count]) => (Array.isArray(value) ? value.slice(0, number(count)) : textOf(value).slice(0, number(count))),
  ],
  ["tolower", ([text]) => textOf(text).toLowerCase()],
  ["toupper", ([text]) => textOf(text).toUpperCase()],
  ["trim", ([text]) => textOf(text).trim()],
  ["true", () => true],
  ["union", union],
  ["uniquestring", uniqueString],
]);
