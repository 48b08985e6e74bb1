/**
 * The role definitions there are, built-in and custom, by number.
 *
 * A role's number outlives its definition: an assignment may come before the role or stay after it, and grants nothing meanwhile.
 */
import { IdTable } from "./id-table.ts";
import { NONE } from "./int-column.ts";
import { CompiledRole, type RoleDefinition } from "./role-definition.ts";

/** Role definitions by number. */
export class RoleTable {
  readonly #ids = new IdTable();
  readonly #definitions: (RoleDefinition | undefined)[] = [];
  /** Filled at first use: most of the built-in roles are never held by anyone. */
  readonly #compiled: (CompiledRole | undefined)[] = [];
  readonly #builtins = new Set<number>();

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
    this.#compiled[number] = undefined;
    if (isBuiltin) this.#builtins.add(number);
  }

  /** Removes a definition; says whether there was one. */
  delete(number: number): boolean {
    if (number === NONE || this.#definitions[number] === undefined) return false;
    this.#definitions[number] = undefined;
    this.#compiled[number] = undefined;
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

  /** All defined roles. */
  *definitions(): IterableIterator<RoleDefinition> {
    for (const definition of this.#definitions) if (definition !== undefined) yield definition;
  }
}
