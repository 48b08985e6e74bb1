/** Finds the row of the operation table that an address and a method name, or why there is none. */
import type { Key, Segment } from "./address.ts";
import type { GraphFault } from "./graph-fault.ts";
import { isAbsentCollection, isAbsentMember } from "./known-segments.ts";
import type { GraphOperation, View } from "./operation.ts";

export type Match =
  | { readonly operation: GraphOperation; readonly keys: Readonly<Record<string, Key>>; readonly view: View }
  | { readonly fault: GraphFault };

const wholeView: View = { cast: undefined, isCount: false, isReference: false };

type Route = { readonly operation: GraphOperation; readonly parts: readonly string[] };

export class Router {
  readonly #routes: readonly Route[];

  constructor(operations: readonly GraphOperation[]) {
    this.#routes = operations.map((operation) => ({ operation, parts: operation.match.slice(1).split("/") }));
  }

  /** The row for the whole path; for a GET that has none, the collection that its last segments are a view of. */
  find(method: string, segments: readonly Segment[]): Match {
    const exact = this.#findExact(method, segments);
    if ("operation" in exact || method !== "GET") return exact;
    const viewed = readView(segments);
    if (viewed === undefined) return exact;
    const found = this.#findExact(method, viewed.segments);
    return "operation" in found && found.operation.isCollection === true ? { ...found, view: viewed.view } : exact;
  }

  /** A name in the table goes before a key of the same place (`/directoryObjects/getByIds`). */
  #findExact(method: string, segments: readonly Segment[]): Match {
    const matching: { readonly route: Route; readonly keys: Readonly<Record<string, Key>> }[] = [];
    for (const route of this.#routes) {
      const keys = matchParts(route.parts, segments);
      if (keys !== undefined) matching.push({ route, keys });
    }
    matching.sort((a, b) => Object.keys(a.keys).length - Object.keys(b.keys).length);
    const found = matching.find(({ route }) => route.operation.method === method);
    const isNamed =
      matching[0] !== undefined && Object.keys(matching[0].keys).length === Object.keys(found?.keys ?? {}).length;
    if (found !== undefined && isNamed) return { operation: found.route.operation, keys: found.keys, view: wholeView };
    if (matching.length > 0) return { fault: { kind: "method-not-allowed" } };
    return { fault: this.#explain(method, segments) };
  }

  /** Names the first segment no operation has: absent when Graph has it, unknown when it has not. */
  #explain(method: string, segments: readonly Segment[]): GraphFault {
    const known = this.#knownDepth(segments);
    const first = segments[known] ?? segments.at(-1);
    if (first === undefined) return { kind: "absent", what: "the service document" };
    const text = first.kind === "name" ? first.text : first.key.text;
    const path = `${method} ${segments.map(spell).join("/")}`;
    if (known === segments.length) return { kind: "absent", what: path };
    const isAbsent = known === 0 ? isAbsentCollection(text) : isAbsentMember(text);
    return isAbsent ? { kind: "absent", what: path } : { kind: "segment-unknown", segment: text };
  }

  /** How many leading segments some operation begins with. */
  #knownDepth(segments: readonly Segment[]): number {
    for (let depth = segments.length; depth > 0; depth--) {
      const head = segments.slice(0, depth);
      const isKnown = this.#routes.some(
        ({ parts }) => parts.length >= depth && matchParts(parts.slice(0, depth), head) !== undefined,
      );
      if (isKnown) return depth;
    }
    return 0;
  }
}

const typePrefix = "microsoft.graph.";

/** Takes `/microsoft.graph.user`, `/$count` and `/$ref` off the end of a path; undefined when it has none of them. */
function readView(
  segments: readonly Segment[],
): { readonly segments: readonly Segment[]; readonly view: View } | undefined {
  const names = segments.map((segment) => (segment.kind === "name" ? segment.text.toLowerCase() : ""));
  let end = names.length;
  const isCount = names[end - 1] === "$count";
  const isReference = names[end - 1] === "$ref";
  if (isCount || isReference) end--;
  const last = names[end - 1];
  const cast = last?.startsWith(typePrefix) === true ? last.slice(typePrefix.length) : undefined;
  if (cast !== undefined) end--;
  if (end === names.length) return undefined;
  return { segments: segments.slice(0, end), view: { cast, isCount, isReference } };
}

/** Names that are never keys: `$count`, a cast, a function (`/applications/delta` names no application). */
function isReserved(name: string): boolean {
  return name.startsWith("$") || name.toLowerCase().startsWith(typePrefix) || isAbsentMember(name);
}

/** Actions and functions may be written with the name of their schema. */
function isNamed(text: string, part: string): boolean {
  const folded = text.toLowerCase();
  return folded === part.toLowerCase() || folded === `${typePrefix}${part.toLowerCase()}`;
}

function matchParts(parts: readonly string[], segments: readonly Segment[]): Readonly<Record<string, Key>> | undefined {
  if (parts.length !== segments.length) return undefined;
  const keys: Record<string, Key> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index]!;
    if (part.startsWith("{")) {
      if (segment.kind === "name" && isReserved(segment.text)) return undefined;
      keys[part.slice(1, -1)] = segment.kind === "key" ? segment.key : { text: segment.text, property: undefined };
    } else if (segment.kind === "key" || !isNamed(segment.text, part)) return undefined;
  }
  return keys;
}

/** Keys are left out of texts: they are the caller's own. */
function spell(segment: Segment, index: number): string {
  if (segment.kind === "key") return "{key}";
  return index % 2 === 1 && !/^[A-Za-z$][A-Za-z.$]*$/.test(segment.text) ? "{key}" : segment.text.slice(0, 64);
}
