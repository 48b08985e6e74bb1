/** Finds the row of the operation table that an address and a method name, or why there is none. */
import type { Key, Segment } from "./address.ts";
import type { GraphFault } from "./graph-fault.ts";
import { isAbsentCollection, isAbsentMember } from "./known-segments.ts";
import type { GraphOperation } from "./operation.ts";

export type Match =
  | { readonly operation: GraphOperation; readonly keys: Readonly<Record<string, Key>> }
  | { readonly fault: GraphFault };

type Route = { readonly operation: GraphOperation; readonly parts: readonly string[] };

export class Router {
  readonly #routes: readonly Route[];

  constructor(operations: readonly GraphOperation[]) {
    this.#routes = operations.map((operation) => ({ operation, parts: operation.match.slice(1).split("/") }));
  }

  /** A name in the table goes before a key of the same place (`/directoryObjects/getByIds`). */
  find(method: string, segments: readonly Segment[]): Match {
    const matching: { readonly route: Route; readonly keys: Readonly<Record<string, Key>> }[] = [];
    for (const route of this.#routes) {
      const keys = matchParts(route.parts, segments);
      if (keys !== undefined) matching.push({ route, keys });
    }
    matching.sort((a, b) => Object.keys(a.keys).length - Object.keys(b.keys).length);
    const found = matching.find(({ route }) => route.operation.method === method);
    const isNamed =
      matching[0] !== undefined && Object.keys(matching[0].keys).length === Object.keys(found?.keys ?? {}).length;
    if (found !== undefined && isNamed) return { operation: found.route.operation, keys: found.keys };
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

function matchParts(parts: readonly string[], segments: readonly Segment[]): Readonly<Record<string, Key>> | undefined {
  if (parts.length !== segments.length) return undefined;
  const keys: Record<string, Key> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index]!;
    if (part.startsWith("{")) {
      // `/applications/delta` names a function, not an application.
      if (segment.kind === "name" && isAbsentMember(segment.text)) return undefined;
      keys[part.slice(1, -1)] = segment.kind === "key" ? segment.key : { text: segment.text, property: undefined };
    } else if (segment.kind === "key" || segment.text.toLowerCase() !== part.toLowerCase()) return undefined;
  }
  return keys;
}

/** Keys are left out of texts: they are the caller's own. */
function spell(segment: Segment, index: number): string {
  if (segment.kind === "key") return "{key}";
  return index % 2 === 1 && !/^[A-Za-z$][A-Za-z.$]*$/.test(segment.text) ? "{key}" : segment.text.slice(0, 64);
}
