/**
 * The tree of scopes that facts speak of.
 *
 * Owns which scope is under which: the text's own hierarchy, and above it the management groups, which only facts know.
 * Uses scope.ts for reading. A scope that something is assigned at is a node, and so is everything above it, so the
 * scopes that count for any other scope are the nearest node above it and that node's ancestors.
 */
import { BoundedCache } from "./bounded-cache.ts";
import { IntColumn, NONE } from "./int-column.ts";
import { parseScope, type Scope, type ScopeFault } from "./scope.ts";

/** The tenant's node, the root of the tree. */
export const TENANT_NODE = 0;

/** Entries of one cache generation. Ours: the scopes in use at a time; at 1 KiB for text and entry, 64 MiB at the very most. */
const RESOLVED_SCOPES_PER_GENERATION = 32_768;
/** Longest scope text that is remembered, in UTF-16 units. Ours; longer ones are read each time. */
const MAX_REMEMBERED_SCOPE_LENGTH = 512;
/** Scope texts kept for showing decisions. */
const NODE_TEXTS_PER_GENERATION = 4_096;

/** Where a scope stands: the nearest node at or above it, and whether that node is the scope itself. */
export interface ResolvedScope {
  readonly node: number;
  readonly isExact: boolean;
  /** Nodes there were when this was found: a nearer one may have come since. */
  readonly nodeCount: number;
}

/** A read that found no scope. */
export interface UnresolvedScope {
  readonly fault: ScopeFault;
}

/** The scopes that facts speak of, as numbered nodes. Never forgets one. */
export class ScopeTree {
  readonly #steps: string[] = [""];
  /** Parent by text: a subscription's and a management group's is the tenant. */
  readonly #textParents = new IntColumn();
  /** Parent that access is inherited from: as by text, but for management groups. */
  readonly #parents = new IntColumn();
  readonly #nodes = new Map<string, number>();
  readonly #resolved = new BoundedCache<string, ResolvedScope>(RESOLVED_SCOPES_PER_GENERATION);
  readonly #texts = new BoundedCache<number, string>(NODE_TEXTS_PER_GENERATION);

  /** Gives the scope's node, adding it and what is above it as needed. */
  intern(scope: Scope): number {
    let node = TENANT_NODE;
    scope.foldedSteps.forEach((folded, i) => {
      const name = `${node}/${folded}`;
      let child = this.#nodes.get(name);
      if (child === undefined) {
        child = this.#steps.length;
        this.#steps.push(scope.steps[i]!);
        this.#textParents.set(child, node);
        this.#parents.set(child, node);
        this.#nodes.set(name, child);
      }
      node = child;
    });
    return node;
  }

  /** Finds the nearest node at or above a scope. */
  nearest(scope: Scope): ResolvedScope {
    let node = TENANT_NODE;
    let isExact = true;
    for (const folded of scope.foldedSteps) {
      const child = this.#nodes.get(`${node}/${folded}`);
      if (child === undefined) {
        isExact = false;
        break;
      }
      node = child;
    }
    return { node, isExact, nodeCount: this.#steps.length };
  }

  /** As {@link nearest}, from a scope or its text, and remembered. */
  resolve(scope: string | Scope): ResolvedScope | UnresolvedScope {
    const text = typeof scope === "string" ? scope : scope.text;
    const known = this.#resolved.get(text);
    if (known !== undefined && (known.isExact || known.nodeCount === this.#steps.length)) return known;
    const result = typeof scope === "string" ? parseScope(scope) : null;
    if (result !== null && !result.isValid) return result;
    const found = this.nearest(result === null ? (scope as Scope) : result.scope);
    if (text.length <= MAX_REMEMBERED_SCOPE_LENGTH) this.#resolved.set(text, found);
    return found;
  }

  /** Gives the node that access is inherited from, or `NONE` for the tenant. */
  parent(node: number): number {
    return this.#parents.get(node);
  }

  /** Puts a management group or a subscription under another node. */
  setParent(node: number, parent: number): void {
    this.#parents.set(node, parent);
  }

  /** Says whether a node is another or inherits from it. */
  isAtOrBelow(node: number, ancestor: number): boolean {
    for (let at = node; at !== NONE; at = this.#parents.get(at)) if (at === ancestor) return true;
    return false;
  }

  /** Writes a node's scope, spelled as it was first seen. */
  text(node: number): string {
    const known = this.#texts.get(node);
    if (known !== undefined) return known;
    let text = "";
    for (let at = node; at !== TENANT_NODE; at = this.#textParents.get(at)) text = `/${this.#steps[at]}${text}`;
    if (text === "") text = "/";
    this.#texts.set(node, text);
    return text;
  }
}
