/**
 * The role assignments, as columns of numbers.
 *
 * Owns the rows and three ways to find them: by principal and scope together (a decision asks nothing else), by principal,
 * and by scope. Principals, scopes and roles are numbers here; it knows nothing of what they mean.
 */
import { ConditionPool } from "./conditions/condition-pool.ts";
import type { HeldCondition } from "./conditions/held-condition.ts";
import { IntColumn, NONE, PairTable, RowLists } from "./int-column.ts";

/** What makes a row. */
export interface AssignmentRow {
  readonly role: number;
  readonly principal: number;
  readonly scope: number;
  /** Null for none; a version of null means 2.0. */
  readonly condition: { readonly text: string; readonly version: string | null } | null;
  /** The scope's text where it is spelled otherwise than the scope's node; else null. */
  readonly spelling: string | null;
}

/** Role assignments by row number; a row's number is used again after it was deleted. */
export class AssignmentTable {
  readonly #rows = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #roles = new IntColumn();
  readonly #pairs = new IntColumn();
  readonly #principals = new IntColumn();
  readonly #scopes = new IntColumn();
  readonly #pairTable = new PairTable();
  readonly #byPair = new RowLists();
  readonly #byPrincipal = new RowLists();
  readonly #byScope = new RowLists();
  readonly #freeRows: number[] = [];
  // Few assignments have either, so these are not columns.
  readonly #conditions = new Map<number, HeldCondition>();
  readonly #pool = new ConditionPool();
  readonly #spellings = new Map<number, string>();

  /** How many assignments there are. */
  get size(): number {
    return this.#rows.size;
  }

  /** Gives the row of an assignment, or `NONE`. */
  find(id: string): number {
    return this.#rows.get(id) ?? NONE;
  }

  /** Adds an assignment, whose id must be new. */
  add(id: string, { role, principal, scope, condition, spelling }: AssignmentRow): void {
    const row = this.#freeRows.pop() ?? this.#ids.length;
    const pair = this.#pairTable.intern(principal, scope);
    this.#rows.set(id, row);
    this.#ids[row] = id;
    this.#roles.set(row, role);
    this.#pairs.set(row, pair);
    this.#principals.set(row, principal);
    this.#scopes.set(row, scope);
    this.#byPair.add(pair, row);
    this.#byPrincipal.add(principal, row);
    this.#byScope.add(scope, row);
    if (condition !== null) this.#conditions.set(row, this.#pool.acquire(condition.text, condition.version));
    if (spelling !== null) this.#spellings.set(row, spelling);
  }

  /** Deletes an assignment; says whether there was one. */
  delete(id: string): boolean {
    const row = this.find(id);
    if (row === NONE) return false;
    this.#byPair.remove(this.#pairs.get(row), row);
    this.#byPrincipal.remove(this.#principals.get(row), row);
    this.#byScope.remove(this.#scopes.get(row), row);
    this.#releaseCondition(row);
    this.#spellings.delete(row);
    this.#rows.delete(id);
    this.#ids[row] = "";
    this.#freeRows.push(row);
    return true;
  }

  /** Gives the newest row of a principal at a scope, or `NONE`. */
  firstOf(principal: number, scope: number): number {
    const pair = this.#pairTable.find(principal, scope);
    return pair === NONE ? NONE : this.#byPair.first(pair);
  }

  /** Gives the next row with the same principal and scope, or `NONE`. */
  nextOf(row: number): number {
    return this.#byPair.next(row);
  }

  /** Gives the newest row of a principal, or `NONE`. */
  firstOfPrincipal(principal: number): number {
    return this.#byPrincipal.first(principal);
  }

  /** Gives the next row of the same principal, or `NONE`. */
  nextOfPrincipal(row: number): number {
    return this.#byPrincipal.next(row);
  }

  /** Gives the newest row at a scope, or `NONE`. */
  firstAtScope(scope: number): number {
    return this.#byScope.first(scope);
  }

  /** Gives the next row at the same scope, or `NONE`. */
  nextAtScope(row: number): number {
    return this.#byScope.next(row);
  }

  /** All rows, in the order of their ids' first coming. */
  rows(): IterableIterator<number> {
    return this.#rows.values();
  }

  id(row: number): string {
    return this.#ids[row]!;
  }

  role(row: number): number {
    return this.#roles.get(row);
  }

  principal(row: number): number {
    return this.#principals.get(row);
  }

  scope(row: number): number {
    return this.#scopes.get(row);
  }

  hasCondition(row: number): boolean {
    return this.#conditions.size > 0 && this.#conditions.has(row);
  }

  /** Gives the condition of an assignment, or undefined for none. */
  condition(row: number): HeldCondition | undefined {
    return this.#conditions.size === 0 ? undefined : this.#conditions.get(row);
  }

  spelling(row: number): string | null {
    return this.#spellings.get(row) ?? null;
  }

  #releaseCondition(row: number): void {
    const condition = this.#conditions.get(row);
    if (condition === undefined) return;
    this.#pool.release(condition);
    this.#conditions.delete(row);
  }
}
