/**
 * The role definitions there are, built-in and custom, by number.
 *
 * A role's number outlives its definition: an assignment may come before the role or stay after it, and grants nothing meanwhile.
 */
import { IdTable } from "./id-table.ts";
import { NONE } from "./int-column.ts";
import { CompiledRole, type RoleDefinition, type RoleRuling } from "./role-definition.ts";

/** Operations of each plane whose rulings are kept. Ours: all surfaces together ask some hundred. */
const MAX_KEPT_OPERATIONS = 512;

/** What a role says to an operation, as a number: see {@link Rulings.code}. */
export const GRANTED = 1;
export const CONDITIONAL = 2;
export const NOTHING = 3;
const UNKNOWN = 0;
const FIRST_ROLES = 1024;

/** What each role says to one operation, found once. */
export class Rulings {
  /** Never given again, to no other operation and not after roles changed. */
  readonly number: number;
  readonly #table: RoleTable;
  readonly #operation: string;
  readonly #isDataAction: boolean;
  readonly #byRole: (RoleRuling | undefined)[] = [];
  /** By role, as a number: most of what a decision asks. */
  #codes = new Uint8Array(FIRST_ROLES);

  constructor(table: RoleTable, number: number, operation: string, isDataAction: boolean) {
    this.number = number;
    this.#table = table;
    this.#operation = operation;
    this.#isDataAction = isDataAction;
  }

  /** Gives what a role says, or undefined while it is not defined. */
  of(role: number): RoleRuling | undefined {
    return this.#byRole[role] ?? this.#rule(role);
  }

  /**
   * Gives what a role says as a number: {@link GRANTED}, {@link CONDITIONAL} or {@link NOTHING}, the last also while it is not defined.
   * @param role the number of one.
   */
  code(role: number): number {
    const known = role < this.#codes.length ? this.#codes[role]! : UNKNOWN;
    return known === UNKNOWN ? this.#settle(role) : known;
  }

  #settle(role: number): number {
    if (role >= this.#codes.length) {
      const grown = new Uint8Array(Math.max(role + 1, this.#codes.length * 2));
      grown.set(this.#codes);
      this.#codes = grown;
    }
    const verdict = this.of(role)?.verdict;
    const code = verdict === "granted" ? GRANTED : verdict === "conditional" ? CONDITIONAL : NOTHING;
    this.#codes[role] = code;
    return code;
  }

  #rule(role: number): RoleRuling | undefined {
    const ruling = this.#table.compiled(role)?.rule(this.#operation, this.#isDataAction);
    if (ruling === undefined) return undefined;
    // Filled from the start, so that it stays a plain array.
    while (this.#byRole.length <= role) this.#byRole.push(undefined);
    this.#byRole[role] = ruling;
    return ruling;
  }
}

/** Role definitions by number. */
export class RoleTable {
  readonly #ids = new IdTable();
  readonly #definitions: (RoleDefinition | undefined)[] = [];
  /** Filled at first use: most of the built-in roles are never held by anyone. */
  readonly #compiled: (CompiledRole | undefined)[] = [];
  readonly #builtins = new Set<number>();
  readonly #controlRulings = new Map<string, Rulings>();
  readonly #dataRulings = new Map<string, Rulings>();
  #rulingsMade = 0;

  /** Gives the number of a role id, whether or not the role is defined. */
  intern(id: string): number {
    return this.#ids.intern(id);
  }

  /** Gives the number of a role id, or `NONE` if it was never named. */
  find(id: string): number {
    return this.#ids.find(id);
  }

  /** Defines a role, or defines it anew. */
  put(role: RoleDefinition, isBuiltin: boolean): void {
    const number = this.#ids.intern(role.id);
    this.#definitions[number] = role;
    this.#forget(number);
    if (isBuiltin) this.#builtins.add(number);
  }

  /** Removes a definition; says whether there was one. */
  delete(number: number): boolean {
    if (number === NONE || this.#definitions[number] === undefined) return false;
    this.#definitions[number] = undefined;
    this.#forget(number);
    return true;
  }

  id(number: number): string {
    return this.#ids.id(number);
  }

  definition(number: number): RoleDefinition | undefined {
    return this.#definitions[number];
  }

  isBuiltin(number: number): boolean {
    return this.#builtins.has(number);
  }

  /** Gives the role ready for checks, or undefined while it is not defined. */
  compiled(number: number): CompiledRole | undefined {
    const known = this.#compiled[number];
    if (known !== undefined) return known;
    const definition = this.#definitions[number];
    if (definition === undefined) return undefined;
    const compiled = new CompiledRole(definition.permissions);
    this.#compiled[number] = compiled;
    return compiled;
  }

  /** Gives what every role says to an operation that was asked about before; undefined for one that was not, or is not remembered. */
  knownRulings(operation: string, isDataAction: boolean): Rulings | undefined {
    return (isDataAction ? this.#dataRulings : this.#controlRulings).get(operation);
  }

  /** Gives what every role says to an operation; good until a role changes. */
  rulings(operation: string, isDataAction: boolean): Rulings {
    const known = this.knownRulings(operation, isDataAction);
    if (known !== undefined) return known;
    this.#rulingsMade += 1;
    const rulings = new Rulings(this, this.#rulingsMade, operation, isDataAction);
    const kept = isDataAction ? this.#dataRulings : this.#controlRulings;
    if (kept.size >= MAX_KEPT_OPERATIONS) kept.clear();
    kept.set(operation, rulings);
    return rulings;
  }

  #forget(number: number): void {
    this.#compiled[number] = undefined;
    this.#controlRulings.clear();
    this.#dataRulings.clear();
  }

  /** All defined roles. */
  *definitions(): IterableIterator<RoleDefinition> {
    for (const definition of this.#definitions) if (definition !== undefined) yield definition;
  }
}
