/**
 * Who is in which group, groups in groups included.
 *
 * Owns the membership facts and the transitive closure, upwards from a member. Principals are numbers here (see id-table.ts).
 */
import { BoundedCache } from "./bounded-cache.ts";

/** Closures of one cache generation. Ours: the principals that are active at a time. */
const CLOSURES_PER_GENERATION = 32_768;

/** A principal and every group it is in, nearest first. */
export interface Closure {
  /** The principal itself, then its groups in the order of their distance; each once. */
  readonly holders: readonly number[];
  /** For each holder the place in `holders` of the member it was reached from; the principal's own is 0. */
  readonly reachedFrom: readonly number[];
}

/** The direct memberships, and from them the closures. Cycles are allowed and harmless. */
export class Membership {
  readonly #groupsOf = new Map<number, Set<number>>();
  readonly #membersOf = new Map<number, Set<number>>();
  readonly #closures = new BoundedCache<number, Closure>(CLOSURES_PER_GENERATION);

  /** Adds a direct membership; again is no change. */
  add(group: number, member: number): void {
    link(this.#groupsOf, member, group);
    link(this.#membersOf, group, member);
    this.#forgetClosures(member);
  }

  /** Removes a direct membership; none is no change. */
  remove(group: number, member: number): void {
    this.#forgetClosures(member);
    unlink(this.#groupsOf, member, group);
    unlink(this.#membersOf, group, member);
  }

  /** Removes a principal from its groups, and its members from it. */
  removeAll(principal: number): void {
    for (const group of [...(this.#groupsOf.get(principal) ?? [])]) this.remove(group, principal);
    for (const member of [...(this.#membersOf.get(principal) ?? [])]) this.remove(principal, member);
  }

  /** Gives the direct members of a group; none of what is no group. */
  membersOf(group: number): Iterable<number> {
    return this.#membersOf.get(group) ?? [];
  }

  /** Gives the principal and all groups it is in. */
  closure(principal: number): Closure {
    const known = this.#closures.get(principal);
    if (known !== undefined) return known;
    const holders = [principal];
    const reachedFrom = [0];
    const seen = new Set(holders);
    for (let i = 0; i < holders.length; i += 1) {
      for (const group of this.#groupsOf.get(holders[i]!) ?? []) {
        if (seen.has(group)) continue;
        seen.add(group);
        holders.push(group);
        reachedFrom.push(i);
      }
    }
    const closure = { holders, reachedFrom };
    this.#closures.set(principal, closure);
    return closure;
  }

  /** Forgets what a change of this member's groups may alter: its closure, and if it has members itself, theirs. */
  #forgetClosures(member: number): void {
    if (this.#membersOf.has(member)) this.#closures.clear();
    else this.#closures.delete(member);
  }
}

/**
 * Lists the groups between a principal and a holder.
 * @param closure the principal's closure.
 * @param place the holder's place in it.
 * @returns the groups in order, the holder last; empty when the holder is the principal itself.
 */
export function pathTo(closure: Closure, place: number): number[] {
  const path: number[] = [];
  for (let at = place; at !== 0; at = closure.reachedFrom[at]!) path.unshift(closure.holders[at]!);
  return path;
}

function link(table: Map<number, Set<number>>, from: number, to: number): void {
  const linked = table.get(from);
  if (linked === undefined) table.set(from, new Set([to]));
  else linked.add(to);
}

function unlink(table: Map<number, Set<number>>, from: number, to: number): void {
  const linked = table.get(from);
  linked?.delete(to);
  if (linked?.size === 0) table.delete(from);
}
