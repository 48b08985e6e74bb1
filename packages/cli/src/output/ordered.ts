/**
 * Which objects of a query's answer have an order of their own.
 *
 * az sorts an object's keys in tsv and table output, unless the query itself made the object (`{name:name, id:id}`): then the query's
 * order counts. A made object is one that was not in the data before. May use: nothing.
 */

/** Objects that a query made. */
export type Ordered = ReadonlySet<object>;

/** @returns the objects of `after` that are not in `before`. */
export function collectMade(before: unknown, after: unknown): Ordered {
  const known = new Set<object>();
  const made = new Set<object>();
  visit(before, (object) => known.add(object));
  visit(after, (object) => {
    if (!known.has(object)) made.add(object);
  });
  return made;
}

function visit(value: unknown, each: (object: object) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, each);
  } else if (isObject(value)) {
    each(value);
    for (const item of Object.values(value)) visit(item, each);
  }
}

/** True for a JSON object: not null, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keys in the order of Python's `sorted`: by code point. */
export function sortKeys(keys: readonly string[]): string[] {
  return [...keys].sort(compareCodePoints);
}

/** Compares by code point, where JavaScript's own `<` compares UTF-16 units. */
function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const left = Array.from(a, (character) => character.codePointAt(0)!);
  const right = Array.from(b, (character) => character.codePointAt(0)!);
  const at = left.findIndex((point, index) => point !== right[index]);
  return at < 0 ? -1 : left[at]! - (right[at] ?? -1);
}
