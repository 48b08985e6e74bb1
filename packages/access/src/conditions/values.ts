/**
 * Values: reading what an ask brings and what a condition writes into something that compares.
 *
 * Nothing is converted between types. A text is no number and a list is no text: what does not fit is not read, and a
 * comparison with it grants nothing.
 */
import { foldCase } from "../case-folding.ts";

/** One value of an attribute. Dates are texts such as `2022-06-01T23:38:32.8883645Z`; GUIDs are texts; numbers are integers. */
export type AttributeScalar = string | number | boolean;
/** What an attribute holds: one value or several. An empty list is the same as no attribute. */
export type AttributeValue = AttributeScalar | readonly AttributeScalar[];

/** Longest text that is compared, in UTF-16 units. Ours: blob names have at most 1,024, resource ids stay under 2,048. */
export const MAX_VALUE_LENGTH = 4096;

/** The types that the operators compare. */
export type OperandType = "bool" | "string" | "numeric" | "datetime" | "guid";

/** A value in the form in which it compares: booleans as 0 and 1, dates and GUIDs as canonical texts. */
export type Comparable = string | number;

const DASHED_GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const BARE_GUID = /^[0-9a-f]{32}$/;
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d{1,7}))?Z$/;
/** Digits of a fraction of a second: Azure counts in units of 100 ns, and blob versions differ in the last. */
const FRACTION_DIGITS = 7;

/** Gives a GUID in lower case with dashes, or undefined for what is no GUID; without dashes is one too. */
export function readGuid(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (DASHED_GUID.test(lower)) return lower;
  if (!BARE_GUID.test(lower)) return undefined;
  return [lower.slice(0, 8), lower.slice(8, 12), lower.slice(12, 16), lower.slice(16, 20), lower.slice(20)].join("-");
}

function isDayOfMonth(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= days[month - 1]!;
}

/**
 * Gives a time in a form of fixed length, whose order as a text is the order in time; undefined for what is no time.
 * @param text `yyyy-mm-ddThh:mm:ss[.f]Z` with up to seven digits of a second.
 */
export function readDateTime(text: string): string | undefined {
  const parts = DATE_TIME.exec(text);
  if (parts === null || !isDayOfMonth(Number(parts[1]), Number(parts[2]), Number(parts[3]))) return undefined;
  return `${text.slice(0, 19)}.${(parts[5] ?? "").padEnd(FRACTION_DIGITS, "0")}`;
}

/**
 * Reads one value as a type.
 * @param value one value of an attribute, or a literal's; a list is not read.
 * @param type the operator's type.
 * @param ignoresCase fold a text.
 * @returns undefined for a value of another type.
 */
export function readValue(value: AttributeValue, type: OperandType, ignoresCase: boolean): Comparable | undefined {
  if (type === "bool") return typeof value === "boolean" ? Number(value) : undefined;
  if (type === "numeric") return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== "string" || value.length > MAX_VALUE_LENGTH) return undefined;
  if (type === "string") return ignoresCase ? foldCase(value) : value;
  return type === "guid" ? readGuid(value) : readDateTime(value);
}
