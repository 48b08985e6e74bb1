/**
 * The role assignments, as columns of numbers.
 *
 * Owns the rows and the ways to find them: by principal and the scopes that count (a decision asks nothing else), by principal, and by scope.
 * Principals, scopes and roles are numbers here; it knows nothing of what they mean.
 *
 * What a principal holds lies together and is walked whole, which for the few that nearly all hold is faster than looking up each scope: one miss
 * of the processor's cache instead of one for each level. Those who hold many are found by principal and scope.
 */
import { ConditionPool } from "./conditions/condition-pool.ts";
import type { HeldCondition } from "./conditions/held-condition.ts";
import { GuidTable } from "./guid-table.ts";
import { IntRecords, NONE, PairTable, RowLists } from "./int-column.ts";
import type { IntLists } from "./int-lists.ts";
import { CONDITIONAL, GRANTED, NOTHING, type Rulings } from "./role-table.ts";
import { levelIn, type ScopeChain } from "./scope-tree.ts";

/** Most assignments of one principal that are walked. Ours: about what looking up six levels costs. */
export const MAX_WALKED_ROWS = 64;
/** The integers of an entry in a principal's list, by their places: the scope first, so that of most rows nothing else is looked at. */
export const SCOPE = 0;
export const ROLE = 1;
export const ROW = 2;

/** What a search for a grant says that found no row. */
export const NO_GRANT = -2;
export const CONDITIONS = -3;
export const NOTHING_HERE = -4;

/** A row's record, half a line of the processor's cache: its id, which takes four integers, and where the rest stands. */
const RECORD_SIZE = 8;
const ROLE_AT = 4;
/** `NONE` for a row that was deleted. */
const PRINCIPAL_AT = 5;
const SCOPE_AT = 6;
/** A number of the pool's, or `NONE`. */
const CONDITION_AT = 7;

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

/** Role assignments by row number; the number of a row that was deleted is used again, that of the last one first. */
export class AssignmentTable {
  /** By row: the id, then the other numbers of the row. */
  readonly #records = new IntRecords(RECORD_SIZE);
  readonly #rows = new GuidTable(this.#records);
  /** Rows that were ever used. */
  #rowCount = 0;
  readonly #pool = new ConditionPool();
  readonly #byPrincipal: IntLists;
  readonly #byScope = new RowLists();
  /** Principals that once held too many to be walked; only their rows are in the lists of pairs. */
  readonly #wide = new Set<number>();
  readonly #pairTable = new PairTable();
  readonly #byPair = new RowLists();
  readonly #freeRows: number[] = [];
  // Few assignments have one, so it is not a column.
  readonly #spellings = new Map<number, string>();
  /** Rows found last, nearest scope first, and the level of each. */
  readonly #found: number[] = [];
  readonly #foundLevels: number[] = [];

  /** @param byPrincipal where each principal's assignments are listed: lists of three integers. */
  constructor(byPrincipal: IntLists) {
    this.#byPrincipal = byPrincipal;
  }

  /** How many assignments there are. */
  get size(): number {
    return this.#rows.size;
  }

  /** Gives the row of an assignment, or `NONE`. */
  find(id: string): number {
    return this.#rows.find(id);
  }

  /** Adds an assignment, or replaces the one of that id; gives its row. */
  put(id: string, { role, principal, scope, condition, spelling }: AssignmentRow): number {
    const unused = this.#freeRows.at(-1) ?? this.#rowCount;
    const row = this.#rows.intern(id, unused);
    if (row !== unused) this.#clear(row);
    else if (row === this.#rowCount) this.#rowCount += 1;
    else this.#freeRows.pop();
    this.#records.hold(row);
    const { words } = this.#records;
    const record = row * RECORD_SIZE;
    words[record + ROLE_AT] = role;
    words[record + PRINCIPAL_AT] = principal;
    words[record + SCOPE_AT] = scope;
    words[record + CONDITION_AT] = condition === null ? NONE : this.#pool.acquire(condition.text, condition.version);
    this.#byPrincipal.add(principal, scope, role, row);
    this.#byScope.add(scope, row);
    if (this.#wide.has(principal)) this.#addPair(row);
    else if (this.#byPrincipal.count(principal) > MAX_WALKED_ROWS) {
      this.#wide.add(principal);
      for (const held of this.rowsOf(principal)) this.#addPair(held);
    }
    if (spelling !== null) this.#spellings.set(row, spelling);
    return row;
  }

  /** Deletes an assignment; says whether there was one. */
  delete(id: string): boolean {
    const row = this.find(id);
    if (row === NONE) return false;
    this.#clear(row);
    this.#rows.delete(id);
    this.#freeRows.push(row);
    return true;
  }

  /** Takes a row out of everything but the ids. */
  #clear(row: number): void {
    const [principal, scope] = [this.principal(row), this.scope(row)];
    if (this.#wide.has(principal)) this.#byPair.remove(this.#pairTable.find(principal, scope), row);
    this.#byPrincipal.removeAt(principal, this.#byPrincipal.find(principal, ROW, row));
    this.#byScope.remove(scope, row);
    if (this.hasCondition(row)) this.#pool.release(this.#condition(row));
    this.#spellings.delete(row);
    this.#records.words[row * RECORD_SIZE + PRINCIPAL_AT] = NONE;
  }

  /** How many assignments a principal holds itself. */
  countOf(principal: number): number {
    return this.#byPrincipal.count(principal);
  }

  /** Gives the rows of a principal, oldest first; a copy. */
  rowsOf(principal: number): number[] {
    return this.#byPrincipal.list(principal, ROW);
  }

  /** Gives the scope of one row of a principal by its place among {@link countOf}, 0 for the oldest. */
  scopeOf(principal: number, place: number): number {
    return this.#byPrincipal.get(principal, place, SCOPE);
  }

  /** The memory that entries lie in; good until the next change. */
  get entries(): Int32Array {
    return this.#byPrincipal.slab;
  }

  /** Where in {@link entries} the scopes, the roles or the rows of a principal that holds something begin. */
  entriesFrom(principal: number, part: typeof SCOPE | typeof ROLE | typeof ROW): number {
    return this.#byPrincipal.partStart(principal, part);
  }

  /**
   * Finds the row of a principal that grants at the scopes of a chain: that at the nearest scope, and of one scope the newest.
   * @returns the row; or {@link NOTHING_HERE}, {@link NO_GRANT} when something is held here and nothing of it grants, or {@link CONDITIONS} when it takes
   * conditions to tell.
   */
  findGrant(principal: number, chain: ScopeChain, rulings: Rulings): number {
    const count = this.#byPrincipal.count(principal);
    if (count === 0) return NOTHING_HERE;
    if (count > MAX_WALKED_ROWS) return this.#findWideGrant(principal, chain, rulings);
    const { slab } = this.#byPrincipal;
    const { mask } = chain;
    const scopesFrom = this.#byPrincipal.start(principal);
    let [isAnyHere, granting, nearest] = [false, NONE, chain.count];
    for (let entry = count - 1; entry >= 0; entry -= 1) {
      const scope = slab[scopesFrom + entry]!;
      if (((mask >>> (scope & 31)) & 1) === 0) continue;
      const level = levelIn(chain, scope);
      if (level === NONE) continue;
      isAnyHere = true;
      const code = rulings.code(slab[this.#byPrincipal.partStart(principal, ROLE) + entry]!);
      if (code === NOTHING) continue;
      const row = slab[this.#byPrincipal.partStart(principal, ROW) + entry]!;
      if (code === CONDITIONAL || this.hasCondition(row)) return CONDITIONS;
      if (level >= nearest) continue;
      nearest = level;
      granting = row;
    }
    return isAnyHere ? (granting === NONE ? NO_GRANT : granting) : NOTHING_HERE;
  }

  #findWideGrant(principal: number, chain: ScopeChain, rulings: Rulings): number {
    const found = this.#searchPairs(principal, chain);
    for (let place = 0; place < found; place += 1) {
      const row = this.#found[place]!;
      const code = rulings.code(this.role(row));
      if (code === CONDITIONAL || (code === GRANTED && this.hasCondition(row))) return CONDITIONS;
      if (code === GRANTED) return row;
    }
    return found === 0 ? NOTHING_HERE : NO_GRANT;
  }

  /**
   * Finds the rows of a principal at the scopes of a chain: nearest scope first, and of one scope the newest first.
   * @returns how many; {@link foundRow} gives them until the next search.
   */
  search(principal: number, chain: ScopeChain): number {
    const count = this.#byPrincipal.count(principal);
    if (count === 0) return 0;
    return count > MAX_WALKED_ROWS ? this.#searchPairs(principal, chain) : this.#walk(principal, count, chain);
  }

  /** @param place below what the last {@link search} gave. */
  foundRow(place: number): number {
    return this.#found[place]!;
  }

  /** As {@link search}, as a list of one's own. */
  rowsAt(principal: number, chain: ScopeChain): number[] {
    return this.#found.slice(0, this.search(principal, chain));
  }

  #walk(principal: number, count: number, chain: ScopeChain): number {
    const { slab } = this.#byPrincipal;
    const start = this.#byPrincipal.start(principal);
    const { mask } = chain;
    let found = 0;
    for (let entry = count - 1; entry >= 0; entry -= 1) {
      const scope = slab[start + entry]!;
      if (((mask >>> (scope & 31)) & 1) === 0) continue;
      const level = levelIn(chain, scope);
      if (level === NONE) continue;
      let to = found;
      for (; to > 0 && this.#foundLevels[to - 1]! > level; to -= 1) {
        this.#foundLevels[to] = this.#foundLevels[to - 1]!;
        this.#found[to] = this.#found[to - 1]!;
      }
      this.#foundLevels[to] = level;
      this.#found[to] = this.#byPrincipal.get(principal, entry, ROW);
      found += 1;
    }
    return found;
  }

  #searchPairs(principal: number, { nodes, count }: ScopeChain): number {
    let found = 0;
    for (let level = 0; level < count; level += 1) {
      const pair = this.#pairTable.find(principal, nodes[level]!);
      if (pair === NONE) continue;
      for (let row = this.#byPair.first(pair); row !== NONE; row = this.#byPair.next(row)) {
        this.#found[found] = row;
        found += 1;
      }
    }
    return found;
  }

  #addPair(row: number): void {
    this.#byPair.add(this.#pairTable.intern(this.principal(row), this.scope(row)), row);
  }

  /** Gives the newest row at a scope, or `NONE`. */
  firstAtScope(scope: number): number {
    return this.#byScope.first(scope);
  }

  /** Gives the next row at the same scope, or `NONE`. */
  nextAtScope(row: number): number {
    return this.#byScope.next(row);
  }

  /** All rows. */
  *rows(): IterableIterator<number> {
    for (let row = 0; row < this.#rowCount; row += 1) if (this.principal(row) !== NONE) yield row;
  }

  /** The rows of a role: all rows are looked at. */
  rowsOfRole(role: number): number[] {
    return [...this.rows()].filter((row) => this.role(row) === role);
  }

  id(row: number): string {
    return this.#rows.text(row);
  }

  role(row: number): number {
    return this.#records.words[row * RECORD_SIZE + ROLE_AT]!;
  }

  principal(row: number): number {
    return this.#records.words[row * RECORD_SIZE + PRINCIPAL_AT]!;
  }

  scope(row: number): number {
    return this.#records.words[row * RECORD_SIZE + SCOPE_AT]!;
  }

  /** The number of its condition in the pool. */
  #condition(row: number): number {
    return this.#records.words[row * RECORD_SIZE + CONDITION_AT]!;
  }

  hasCondition(row: number): boolean {
    return this.#pool.size > 0 && this.#condition(row) !== NONE;
  }

  /** Gives the condition of an assignment, or undefined for none. */
  condition(row: number): HeldCondition | undefined {
    return this.hasCondition(row) ? this.#pool.condition(this.#condition(row)) : undefined;
  }

  spelling(row: number): string | null {
    return this.#spellings.get(row) ?? null;
  }
}
