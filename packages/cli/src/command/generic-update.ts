/**
 * `--set`, `--add` and `--remove`: az's way to change any property of an object. May use: command.ts, faults.ts.
 *
 * A path is names apart by dots, and indexes or filters in brackets: `web.redirectUris[0]`, `appRoles[value=Reader].isEnabled`.
 * @see https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-tips#generic-update-arguments
 */
import { failure } from "../faults.ts";
import type { Option } from "./command.ts";

export const genericUpdate = {
  set: {
    kind: "list",
    flags: ["--set"],
    valueName: "KEY=VALUE",
    summary: "Set properties by path, e.g. --set property1.property2=<value>.",
  },
  add: {
    kind: "list",
    flags: ["--add"],
    summary: "Add to a list: its path, then JSON values or key=value pairs.",
  },
  remove: {
    kind: "list",
    flags: ["--remove"],
    summary: "Remove a property, or an element of a list: its path, then the index.",
  },
  forceString: {
    kind: "flag",
    flags: ["--force-string"],
    summary: "Keep values as they are written, instead of reading them as JSON.",
  },
} as const satisfies Readonly<Record<string, Option>>;

export interface GenericUpdate {
  readonly set: readonly string[] | undefined;
  readonly add: readonly string[] | undefined;
  readonly remove: readonly string[] | undefined;
  readonly forceString: boolean;
}

type Branch = Record<string, unknown> | unknown[];

/** Changes an object in place: sets first, then additions, then removals. @throws CliFault (failure) in az's words. */
export function applyGenericUpdate(target: Record<string, unknown>, update: GenericUpdate): void {
  for (const expression of update.set ?? []) setProperty(target, expression, update.forceString);
  if (update.add !== undefined) addToList(target, update.add, update.forceString);
  if (update.remove !== undefined) removeProperty(target, update.remove);
}

function setProperty(target: Branch, expression: string, isForced: boolean): void {
  // The mark between key and value is the first that stands in no brackets.
  const mark = /^(?:\[[^\]]*\]|[^=[])*/.exec(expression)![0].length;
  if (expression[mark] !== "=")
    throw failure(`usage error: Invalid property '${expression}'. Correct syntax: --set KEY=VALUE [KEY=VALUE ...]`);
  const path = splitPath(expression.slice(0, mark));
  const name = path.pop();
  if (name === undefined)
    throw failure("usage error: Empty key in --set. Correct syntax: --set KEY=VALUE [KEY=VALUE ...]");
  const parent = find(target, path, true);
  const value = readValue(expression.slice(mark + 1), isForced);
  const index = readIndex(name);
  if (Array.isArray(parent)) {
    if (index === undefined || index >= parent.length)
      throw failure(`index ${index ?? name} doesn't exist on ${path.at(-1) ?? "root"}`);
    parent[index] = value;
  } else setOwn(parent, name, value);
}

function addToList(target: Branch, words: readonly string[], isForced: boolean): void {
  const [place = "", ...values] = words;
  const path = splitPath(place);
  const name = path.at(-1);
  const parent = find(target, path.slice(0, -1), true);
  if (name !== undefined && !Array.isArray(parent) && parent[name] === undefined) setOwn(parent, name, []);
  const list = find(target, path, false);
  if (!Array.isArray(list))
    throw failure("usage error: --add property.listProperty <key=value, string or JSON string>");
  let pairs: Record<string, unknown> = {};
  const flush = () => {
    if (Object.keys(pairs).length > 0) list.push(pairs);
    pairs = {};
  };
  for (const word of values) {
    const mark = word.indexOf("=");
    if (mark >= 0 && !word.startsWith("{")) setOwn(pairs, word.slice(0, mark), word.slice(mark + 1));
    else {
      flush();
      list.push(readValue(word, isForced));
    }
  }
  flush();
}

function removeProperty(target: Branch, [place = "", index]: readonly string[]): void {
  const path = splitPath(place);
  if (index === undefined) {
    const name = path.pop() ?? "";
    const parent = find(target, path, false);
    if (Array.isArray(parent) || !Object.hasOwn(parent, name)) throw missing(name, path, parent);
    delete parent[name];
    return;
  }
  const list = find(target, path, false);
  if (!Array.isArray(list)) throw failure(`${path.at(-1)} doesn't exist`);
  const at = Number(index);
  if (!Number.isInteger(at) || at >= list.length || at < -list.length) {
    throw failure(`index ${index} doesn't exist on ${path.at(-1)}`);
  }
  list.splice(at, 1);
}

/** `a.b[0]` as a, b, [0]. */
function splitPath(path: string): string[] {
  return path.match(/\[.*?\]|[^.[\]]+/g) ?? [];
}

/** Follows a path; what is null is made an object on the way when something is to be set in it. */
function find(target: Branch, path: readonly string[], canMake: boolean): Branch {
  let at: Branch = target;
  for (const [index, part] of path.entries()) {
    let next: unknown = step(at, part, path.slice(0, index + 1));
    if (next === undefined) throw missing(part, path.slice(0, -1), at);
    if (next === null && canMake && !Array.isArray(at)) {
      next = {};
      setOwn(at, part, next);
    }
    if (typeof next !== "object" || next === null) {
      const parent = path.slice(0, -1).join(".");
      throw failure(`Couldn't find '${part}' in '${parent}'. '${parent}' does not support further indexing.`);
    }
    at = next as Branch;
  }
  return at;
}

function step(at: Branch, part: string, path: readonly string[]): unknown {
  if (!part.startsWith("[")) return Array.isArray(at) ? undefined : Object.hasOwn(at, part) ? at[part] : undefined;
  if (!Array.isArray(at)) throw missing(part, path, at);
  const inner = part.slice(1, -1);
  const mark = inner.indexOf("=");
  if (mark < 0) {
    const index = readIndex(part);
    const item = index === undefined ? undefined : at.at(index);
    if (item === undefined) throw failure(`index ${inner} doesn't exist on ${path.at(-2) ?? "root"}`);
    return item;
  }
  const [key, wanted] = [inner.slice(0, mark), readValue(inner.slice(mark + 1), false)];
  const found = at.filter((item) => (item as Record<string, unknown> | null)?.[key] === wanted);
  if (found.length === 1) return found[0];
  throw failure(
    found.length > 1
      ? `non-unique key '${key}' found multiple matches on ${path.at(-2) ?? "root"}. Key must be unique.`
      : `item with value '${String(wanted)}' doesn't exist for key '${key}' on ${path.at(-2) ?? "root"}`,
  );
}

function readIndex(part: string): number | undefined {
  const match = /^\[(-?\d+)\]$/.exec(part);
  return match === null ? undefined : Number(match[1]);
}

function readValue(text: string, isForced: boolean): unknown {
  if (isForced) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A name like `__proto__` is a property like any other here. */
function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

function missing(part: string, path: readonly string[], at: Branch): Error {
  const options = Array.isArray(at)
    ? `index into the collection '${path.join(".")}' with [<index>] or [<key=value>]`
    : `[${Object.keys(at)
        .sort()
        .map((key) => `'${key}'`)
        .join(", ")}]`;
  return failure(`Couldn't find '${part}' in '${path.join(".")}'. Available options: ${options}`);
}
