/**
 * The deny assignments: what nobody may do whatever is assigned to them.
 *
 * Owns their rows, by id and by scope, and the search for one that overrules a grant. There are few, and in most tenants none: a decision
 * looks here only when something was granted, and not at all while the table is empty.
 *
 * Operations on deny assignments themselves are never denied by one: who made a deny assignment that takes in everyone and everything must be
 * able to take it away again. Ours: Azure excludes its own services instead.
 * @see https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
 */
import { foldCase } from "./case-folding.ts";
import type { Ask } from "./decision.ts";
import { NONE } from "./int-column.ts";
import type { Closure } from "./membership.ts";
import { CompiledRole, type RolePermission } from "./role-definition.ts";
import type { ScopeTree } from "./scope-tree.ts";

/** The id that stands for all principals. */
export const EVERYONE = "00000000-0000-0000-0000-000000000000";

const EXEMPT_PREFIX = "microsoft.authorization/denyassignments/";

/** What one permission object of a deny assignment denies; its exclusions cut that object only. */
export type DenyPermission = Pick<RolePermission, "actions" | "notActions" | "dataActions" | "notDataActions">;

/** A deny assignment as a fact. */
export interface DenyAssignment {
  /** Its GUID, unique among all deny assignments. */
  readonly id: string;
  readonly denyAssignmentName: string;
  readonly scope: string;
  readonly permissions: readonly DenyPermission[];
  /** Object ids of users, groups and service principals, or {@link EVERYONE}. Groups take in their members, those of groups in them included. */
  readonly principalIds: readonly string[];
  /** Whom it does not touch; groups as above. */
  readonly excludedPrincipalIds: readonly string[];
  /** True when it holds at its scope only, not below. */
  readonly doesSpareChildScopes: boolean;
}

/** A deny assignment in the table. */
export interface DenyRow {
  readonly deny: DenyAssignment;
  readonly node: number;
  readonly isForEveryone: boolean;
  readonly principals: ReadonlySet<number>;
  readonly excluded: ReadonlySet<number>;
  readonly denied: CompiledRole;
}

/** A deny assignment that overrules, and the place among the principal and its groups that it names; `NONE` for everyone. */
export interface Overruling {
  readonly row: DenyRow;
  readonly place: number;
}

/** Deny assignments by id and by scope. */
export class DenyAssignmentTable {
  readonly #rows = new Map<string, DenyRow>();
  readonly #byNode = new Map<number, readonly DenyRow[]>();

  get size(): number {
    return this.#rows.size;
  }

  /** All rows, in the order of their coming. */
  rows(): IterableIterator<DenyRow> {
    return this.#rows.values();
  }

  get(id: string): DenyAssignment | undefined {
    return this.#rows.get(id)?.deny;
  }

  /** Adds a row, or replaces the one of its id. */
  put(row: DenyRow): void {
    this.delete(row.deny.id);
    this.#rows.set(row.deny.id, row);
    this.#byNode.set(row.node, [...(this.#byNode.get(row.node) ?? []), row]);
  }

  /** Deletes a row; says whether there was one. */
  delete(id: string): boolean {
    const row = this.#rows.get(id);
    if (row === undefined) return false;
    this.#rows.delete(id);
    const left = this.#byNode.get(row.node)!.filter((each) => each !== row);
    if (left.length === 0) this.#byNode.delete(row.node);
    else this.#byNode.set(row.node, left);
    return true;
  }

  /**
   * Finds what denies an operation to a principal.
   * @param closure the principal and its groups.
   * @param node the nearest node at or above the scope asked for.
   * @param isExact whether that node is the scope itself.
   * @returns the deny assignment nearest to the scope, or null.
   */
  find(scopes: ScopeTree, closure: Closure, node: number, isExact: boolean, ask: Ask): Overruling | null {
    for (let at = node; at !== NONE; at = scopes.parent(at)) {
      for (const row of this.#byNode.get(at) ?? []) {
        const isBelow = at !== node || !isExact;
        if (isBelow && row.deny.doesSpareChildScopes) continue;
        if (row.denied.rule(ask.operation, ask.isDataAction).verdict !== "granted") continue;
        if (foldCase(ask.operation).startsWith(EXEMPT_PREFIX)) return null;
        if (closure.holders.some((holder) => row.excluded.has(holder))) continue;
        const place = closure.holders.findIndex((holder) => row.principals.has(holder));
        if (place >= 0 || row.isForEveryone) return { row, place: place >= 0 ? place : NONE };
      }
    }
    return null;
  }
}

/** Makes the row of a deny assignment. */
export function readDenyAssignment(deny: DenyAssignment, node: number, intern: (id: string) => number): DenyRow {
  const named = deny.principalIds.filter((id) => id !== EVERYONE);
  return {
    deny: { ...deny, id: deny.id.toLowerCase() },
    node,
    isForEveryone: named.length < deny.principalIds.length,
    principals: new Set(named.map(intern)),
    excluded: new Set(deny.excludedPrincipalIds.map(intern)),
    denied: new CompiledRole(deny.permissions),
  };
}
