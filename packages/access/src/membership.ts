/**
 * Who is in which group, groups in groups included.
 *
 * Owns the membership facts and the transitive closure, upwards from a member. Principals are numbers here (see id-table.ts). Closures are not
 * kept: walking up costs less than remembering every principal's, and nothing goes stale.
 */
import { IntLists } from "./int-lists.ts";

const FIRST_STAMPS = 1024;
/** Holders of one walk that are compared one by one; with more each is stamped. Ours: a person mostly is in some few groups. */
const MAX_COMPARED_HOLDERS = 16;
/** Walks after which the stamps begin anew, so that they stay small integers. */
const MAX_WALKS = 2 ** 30;

/** A principal and every group it is in, nearest first. */
export interface Closure {
  /** The principal itself, then its groups in the order of their distance; each once. */
  readonly holders: readonly number[];
  /** For each holder the place in `holders` of the member it was reached from; the principal's own is 0. */
  readonly reachedFrom: readonly number[];
}

/** The direct memberships, and from them the closures. Cycles are allowed and harmless. */
export class Membership {
  readonly #groupsOf: IntLists;
  readonly #membersOf = new IntLists(1);
  /** The walk that last came by each principal. */
  #stamps = new Int32Array(FIRST_STAMPS);
  #walks = 0;
  readonly #walked = { holders: [] as number[], reachedFrom: [] as number[] };

  /** @param groupsOf where the groups of each principal are listed: lists of one integer. */
  constructor(groupsOf: IntLists) {
    this.#groupsOf = groupsOf;
  }

  /** Adds a direct membership; again is no change. */
  add(group: number, member: number): void {
    // A member is in fewer groups than a group has members.
    if (this.#groupsOf.find(member, 0, group) >= 0) return;
    this.#groupsOf.add(member, group);
    this.#membersOf.add(group, member);
  }

  /** Removes a direct membership; none is no change. */
  remove(group: number, member: number): void {
    const place = this.#groupsOf.find(member, 0, group);
    if (place < 0) return;
    this.#groupsOf.removeAt(member, place);
    this.#membersOf.removeAt(group, this.#membersOf.find(group, 0, member));
  }

  /** Removes a principal from its groups, and its members from it. */
  removeAll(principal: number): void {
    for (const group of this.#groupsOf.list(principal, 0)) this.remove(group, principal);
    for (const member of this.#membersOf.list(principal, 0)) this.remove(principal, member);
  }

  /** Gives the direct members of a group; none of what is no group. */
  membersOf(group: number): Iterable<number> {
    return this.#membersOf.list(group, 0);
  }

  /** Gives the principal and all groups it is in. */
  closure(principal: number): Closure {
    const count = this.walk(principal);
    const { holders, reachedFrom } = this.#walked;
    return { holders: holders.slice(0, count), reachedFrom: reachedFrom.slice(0, count) };
  }

  /**
   * Walks up from a principal.
   * @returns how many holders there are; {@link walked} gives them until the next walk.
   */
  walk(principal: number): number {
    const { holders, reachedFrom } = this.#walked;
    holders[0] = principal;
    reachedFrom[0] = 0;
    const lists = this.#groupsOf;
    if (lists.count(principal) === 0) return 1;
    let walk = 0;
    let count = 1;
    const { slab } = lists;
    for (let from = 0; from < count; from += 1) {
      const holder = holders[from]!;
      const groups = lists.count(holder);
      if (groups === 0) continue;
      const start = lists.start(holder);
      for (let at = start; at < start + groups; at += 1) {
        const group = slab[at]!;
        if (count < MAX_COMPARED_HOLDERS) {
          if (isAmong(holders, count, group)) continue;
        } else {
          if (walk === 0) walk = this.#stampAll(count);
          if (!this.#isNew(group, walk)) continue;
        }
        holders[count] = group;
        reachedFrom[count] = from;
        count += 1;
      }
    }
    return count;
  }

  /** What the last {@link walk} found: as many as it said, what comes after is of older ones. */
  get walked(): Closure {
    return this.#walked;
  }

  /** Begins a walk that stamps, with the holders that were found so far. */
  #stampAll(count: number): number {
    if (this.#walks === MAX_WALKS) {
      this.#stamps.fill(0);
      this.#walks = 0;
    }
    this.#walks += 1;
    for (let place = 0; place < count; place += 1) this.#isNew(this.#walked.holders[place]!, this.#walks);
    return this.#walks;
  }

  /** Says whether a walk comes by a principal for the first time, and remembers it. */
  #isNew(principal: number, walk: number): boolean {
    if (principal >= this.#stamps.length) {
      const grown = new Int32Array(Math.max(principal + 1, this.#stamps.length * 2));
      grown.set(this.#stamps);
      this.#stamps = grown;
    }
    if (this.#stamps[principal] === walk) return false;
    this.#stamps[principal] = walk;
    return true;
  }
}

function isAmong(holders: readonly number[], count: number, holder: number): boolean {
  for (let place = 0; place < count; place += 1) if (holders[place] === holder) return true;
  return false;
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
