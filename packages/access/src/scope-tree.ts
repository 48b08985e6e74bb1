/**
 * The tree of scopes that facts speak of.
 *
 * Owns which scope is under which: the text's own hierarchy, and above it the management groups, which only facts know.
 * Uses scope.ts for reading. A scope that something is assigned at is a node, and so is everything above it, so the
 * scopes that count for any other scope are the nearest node above it and that node's ancestors.
 */
import { BoundedCache } from "./bounded-cache.ts";
import { IntColumn, NONE } from "./int-column.ts";
import { KeptTexts } from "./kept-texts.ts";
import { parseScope, type Scope, type ScopeFault } from "./scope.ts";

/** The tenant's node, the root of the tree. */
export const TENANT_NODE = 0;

/** Entries of one cache generation. Ours: the scopes in use at a time; at 1 KiB for text and entry, 64 MiB at the very most for each of two caches. */
const RESOLVED_SCOPES_PER_GENERATION = 32_768;
/** Longest scope text that is remembered, in UTF-16 units. Ours; longer ones are read each time. */
const MAX_REMEMBERED_SCOPE_LENGTH = 512;
/** Where a scope stands: the nearest node at or above it, and whether that node is the scope itself. */
export interface ResolvedScope {
  readonly node: number;
  readonly isExact: boolean;
  /** Whether the text asked for is the node's own, letter for letter. */
  readonly isSpelledAsNode: boolean;
}

/** Where a scope stands that is no node. */
interface Below {
  readonly resolved: ResolvedScope;
  /** Nodes there were when this was found: a nearer one may have come since. */
  readonly nodeCount: number;
}

/** A node and those that access is inherited from, nearest first. */
export interface ScopeChain {
  /** As many as `count`; what comes after is of older chains. */
  readonly nodes: readonly number[];
  readonly count: number;
  /** Bit `node % 32` is set for every node: what has another bit is none of them. */
  readonly mask: number;
}

/** Gives the place of a node in a chain, or `NONE`. */
export function levelIn({ nodes, count }: ScopeChain, node: number): number {
  for (let level = 0; level < count; level += 1) if (nodes[level] === node) return level;
  return NONE;
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
  /** For each node that has some, those below it by the canonical form of their step. */
  readonly #children: (Map<string, number> | undefined)[] = [undefined];
  /** By text, of scopes that are nodes: twice the node, and one more when it is spelled as the node. Numbers, for one look at memory less. */
  readonly #exact = new BoundedCache<string, number>(RESOLVED_SCOPES_PER_GENERATION);
  readonly #below = new BoundedCache<string, Below>(RESOLVED_SCOPES_PER_GENERATION);
  readonly #texts = new KeptTexts((node) => this.#writeText(node));
  readonly #chain = { nodes: [] as number[], count: 0, mask: 0 };

  /** Gives the scope's node, adding it and what is above it as needed. */
  intern(scope: Scope): number {
    let node = TENANT_NODE;
    scope.foldedSteps.forEach((folded, i) => {
      node = this.#children[node]?.get(folded) ?? this.#addChild(node, folded, scope.steps[i]!);
    });
    return node;
  }

  #addChild(node: number, folded: string, step: string): number {
    const child = this.#steps.length;
    this.#steps.push(step);
    this.#children.push(undefined);
    this.#textParents.set(child, node);
    this.#parents.set(child, node);
    this.#children[node] ??= new Map();
    this.#children[node].set(folded, child);
    return child;
  }

  /** Gives where a text stands that was found to be a node before; undefined for any other, which may be one as well. */
  remembered(text: string): ResolvedScope | undefined {
    const known = this.#exact.get(text);
    return known === undefined ? undefined : { node: known >> 1, isExact: true, isSpelledAsNode: (known & 1) === 1 };
  }

  /** As {@link intern}, and remembered. */
  settle(scope: Scope): ResolvedScope {
    this.intern(scope);
    return this.resolve(scope) as ResolvedScope;
  }

  /** Finds the nearest node at or above a scope. */
  nearest(scope: Scope): ResolvedScope {
    let node = TENANT_NODE;
    let isExact = true;
    for (const folded of scope.foldedSteps) {
      const child = this.#children[node]?.get(folded);
      if (child === undefined) {
        isExact = false;
        break;
      }
      node = child;
    }
    return { node, isExact, isSpelledAsNode: isExact && this.text(node) === scope.text };
  }

  /** As {@link nearest}, from a scope or its text, and remembered. */
  resolve(scope: string | Scope): ResolvedScope | UnresolvedScope {
    const text = typeof scope === "string" ? scope : scope.text;
    const exact = this.remembered(text);
    if (exact !== undefined) return exact;
    const below = this.#below.get(text);
    if (below !== undefined && below.nodeCount === this.#steps.length) return below.resolved;
    const result = typeof scope === "string" ? parseScope(scope) : null;
    if (result !== null && !result.isValid) return result;
    const found = this.nearest(result === null ? (scope as Scope) : result.scope);
    if (text.length <= MAX_REMEMBERED_SCOPE_LENGTH) this.#remember(text, found);
    return found;
  }

  #remember(text: string, found: ResolvedScope): void {
    if (found.isExact) this.#exact.set(text, found.node * 2 + (found.isSpelledAsNode ? 1 : 0));
    else this.#below.set(text, { resolved: found, nodeCount: this.#steps.length });
  }

  /** Gives the node that access is inherited from, or `NONE` for the tenant. */
  parent(node: number): number {
    return this.#parents.get(node);
  }

  /** Gives a node and all above it; good until the next call. */
  chain(node: number): ScopeChain {
    const chain = this.#chain;
    let [count, mask] = [0, 0];
    for (let at = node; at !== NONE; at = this.#parents.get(at)) {
      chain.nodes[count] = at;
      count += 1;
      mask |= 1 << (at & 31);
    }
    chain.count = count;
    chain.mask = mask;
    return chain;
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
    return this.#texts.get(node);
  }

  #writeText(node: number): string {
    if (node === TENANT_NODE) return "/";
    const parent = this.#textParents.get(node);
    return `${parent === TENANT_NODE ? "" : this.text(parent)}/${this.#steps[node]}`;
  }
}
