/**
 * The role assignments in memory: what decisions read is in the access facts, the rest beside it in columns, and a row is put together when somebody
 * asks for it. A million as objects in a map would be some 400 MiB and seconds of a start.
 *
 * Owns which rows the columns can hold: those that come back the same, member by member. Any other is kept as it is. Rows are told apart by the
 * number that the facts give them, so nobody else may add or delete assignments there for good.
 */
import type { AccessFacts } from "@postern/access";
import type { RoleAssignment } from "./entities.ts";
import { readMoment } from "./moment.ts";
import { TextNumbers } from "./text-numbers.ts";

const principalTypes: readonly RoleAssignment["principalType"][] = [
  "User",
  "Group",
  "ServicePrincipal",
  "ForeignGroup",
  "Device",
];
const firstCapacity = 64;
/** Growth factor of the columns; our choice: at most a third of them is unused. */
const growth = 1.5;
/** In a column of numbers of texts: null. */
const none = -1;
/** How many members a row has. */
const memberCount = 13;

type Columns = {
  readonly types: Uint8Array;
  readonly createdOnMs: Float64Array;
  readonly updatedOnMs: Float64Array;
  readonly createdBy: Int32Array;
  readonly updatedBy: Int32Array;
};

function createColumns(capacity: number): Columns {
  return {
    types: new Uint8Array(capacity),
    createdOnMs: new Float64Array(capacity),
    updatedOnMs: new Float64Array(capacity),
    createdBy: new Int32Array(capacity),
    updatedBy: new Int32Array(capacity),
  };
}

export class AssignmentRows {
  readonly #access: AccessFacts;
  #columns = createColumns(firstCapacity);
  #capacity = firstCapacity;
  readonly #creators = new TextNumbers();
  /** Rows that the columns cannot hold, by number. */
  readonly #odd = new Map<number, RoleAssignment>();

  /** @param access takes over from here what decisions depend on. */
  constructor(access: AccessFacts) {
    this.#access = access;
  }

  get size(): number {
    return this.#access.assignmentCount;
  }

  get(name: string): RoleAssignment | undefined {
    return this.#row(this.#access.assignmentNumber(name));
  }

  has(name: string): boolean {
    return this.#access.assignmentNumber(name) !== none;
  }

  /** All rows, each made as it is come to. The rows must not change meanwhile. */
  *values(): IterableIterator<RoleAssignment> {
    for (const number of this.#access.assignmentNumbers()) yield this.#row(number)!;
  }

  /** @returns the row that stood there before. */
  put(row: RoleAssignment): RoleAssignment | undefined {
    const before = this.get(row.name);
    this.take(row);
    return before;
  }

  /** As {@link put}, where nobody asks what was there before: at a start there may be a million. */
  take(row: RoleAssignment): void {
    // It refuses what cannot be, and then nothing was changed.
    const number = this.#access.putAssignment({
      id: row.name,
      roleDefinitionId: row.roleDefinitionId,
      principalId: row.principalId,
      scope: row.scope,
      condition: row.condition,
      conditionVersion: row.conditionVersion,
    });
    if (!this.#write(number, row)) this.#odd.set(number, row);
    else if (this.#odd.size > 0) this.#odd.delete(number);
  }

  /** @returns the row that was there. */
  delete(name: string): RoleAssignment | undefined {
    const before = this.get(name);
    if (before === undefined) return undefined;
    this.#odd.delete(this.#access.assignmentNumber(name));
    this.#access.deleteAssignment(name);
    return before;
  }

  #row(number: number): RoleAssignment | undefined {
    const odd = this.#odd.get(number);
    if (odd !== undefined) return odd;
    const fact = this.#access.assignmentByNumber(number);
    if (fact === undefined) return undefined;
    const { types, createdOnMs, updatedOnMs, createdBy, updatedBy } = this.#columns;
    const row = {
      name: fact.id,
      scope: fact.scope,
      roleDefinitionId: fact.roleDefinitionId,
      principalId: fact.principalId,
      principalType: principalTypes[types[number]!]!,
      description: null,
      condition: fact.condition,
      conditionVersion: fact.conditionVersion,
      delegatedManagedIdentityResourceId: null,
      createdOn: new Date(createdOnMs[number]!).toISOString(),
      updatedOn: new Date(updatedOnMs[number]!).toISOString(),
      createdBy: this.#creator(createdBy[number]!),
      updatedBy: this.#creator(updatedBy[number]!),
    };
    return row as RoleAssignment;
  }

  #creator(number: number): string | null {
    return number === none ? null : this.#creators.text(number);
  }

  /** Writes what the facts do not keep into the columns; false when the row would not come back the same. */
  #write(number: number, row: RoleAssignment): boolean {
    if (!isPlain(row)) return false;
    const type = principalTypes.indexOf(row.principalType);
    const created = readMoment(row.createdOn);
    // Most are never updated.
    const updated = row.updatedOn === row.createdOn ? created : readMoment(row.updatedOn);
    if (type < 0 || Number.isNaN(created + updated)) return false;
    if (number >= this.#capacity) this.#grow(number + 1);
    const { types, createdOnMs, updatedOnMs, createdBy, updatedBy } = this.#columns;
    types[number] = type;
    createdOnMs[number] = created;
    updatedOnMs[number] = updated;
    createdBy[number] = row.createdBy === null ? none : this.#creators.intern(row.createdBy);
    updatedBy[number] = row.updatedBy === null ? none : this.#creators.intern(row.updatedBy);
    return true;
  }

  #grow(least: number): void {
    this.#capacity = Math.max(least, Math.ceil(this.#capacity * growth));
    const before = this.#columns;
    const grown = createColumns(this.#capacity);
    for (const name of Object.keys(grown) as (keyof Columns)[]) grown[name].set(before[name]);
    this.#columns = grown;
  }
}

/** Says whether the columns have a place for everything in a row but its times. */
function isPlain(row: RoleAssignment): boolean {
  return (
    row.description === null &&
    row.delegatedManagedIdentityResourceId === null &&
    // The facts keep a version only with its condition, and ids in lower case.
    (row.condition !== null || row.conditionVersion === null) &&
    isLowerCase(row.name) &&
    isLowerCase(row.roleDefinitionId) &&
    isLowerCase(row.principalId) &&
    Object.keys(row).length === memberCount
  );
}

function isLowerCase(text: string): boolean {
  return text === text.toLowerCase();
}
