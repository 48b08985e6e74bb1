/**
 * What a condition is evaluated against: the operation, its suboperations and the attributes of one ask.
 *
 * What an ask does not say is not the same as what it says is not there. A source that is given is taken as complete, so
 * an attribute missing from it does not exist; of a source that is not given nothing is known, not even that an
 * attribute is absent, or else `NOT Exists` would grant to every surface that forgot to say. The same
 * holds for suboperations.
 */
import { BoundedCache } from "../bounded-cache.ts";
import { foldCase } from "../case-folding.ts";
import { attributeKey } from "./attribute-name.ts";
import type { AttributeSource } from "./expression.ts";
import type { AttributeValue } from "./values.ts";

/** Attributes by name, without source and brackets, e.g. `Microsoft.Storage/storageAccounts/blobServices/containers:name`. */
export type AttributeRecord = Readonly<Record<string, AttributeValue | undefined>>;

/** The attributes of one ask, by source. A source that is given must be complete for the operation. */
export type AttributeSources = { readonly [Source in AttributeSource]?: AttributeRecord | undefined };

/** What conditions see of an ask. */
export interface ConditionInput {
  /** E.g. `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read`. */
  readonly operation: string;
  /** The time is `UtcNow` of `environment`, e.g. `2026-01-31T12:00:00Z`: there is no clock in here. */
  readonly attributes?: AttributeSources | undefined;
  /** E.g. `["Blob.List"]`; empty when the operation is none of those that have a name; left out when that is not known. */
  readonly subOperations?: readonly string[] | undefined;
}

/** Canonical name of the preview's way to write suboperations: `@Request[subOperation] ForAnyOfAnyValues:…`. */
export const SUB_OPERATION_KEY = "suboperation";

/** A value, unless it is as good as none. */
function usable(value: AttributeValue | null | undefined): AttributeValue | undefined {
  return value === null || (Array.isArray(value) && value.length === 0) ? undefined : value;
}

/** Operations of one cache generation. Ours: all surfaces together have some hundred. */
const OPERATIONS_PER_GENERATION = 1024;
const foldedOperations = new BoundedCache<string, string>(OPERATIONS_PER_GENERATION);

/** Folded once, so that comparing with a condition's pattern is mostly comparing one string with itself. */
function foldOperation(operation: string): string {
  const known = foldedOperations.get(operation);
  if (known !== undefined) return known;
  const folded = foldCase(operation);
  foldedOperations.set(operation, folded);
  return folded;
}

/** Lists of suboperations told apart for one operation. Ours: there are four suboperations. */
const MAX_TARGETS_PER_OPERATION = 64;
const targets = new BoundedCache<string, Map<string, number>>(OPERATIONS_PER_GENERATION);
let targetCount = 0;

/**
 * Numbers an operation together with its suboperations: equal numbers mean the same of both. Numbers are never used again.
 */
function numberTarget({ operation, subOperations }: ConditionInput): number {
  let ofOperation = targets.get(operation);
  if (ofOperation === undefined || ofOperation.size >= MAX_TARGETS_PER_OPERATION) {
    ofOperation = new Map();
    targets.set(operation, ofOperation);
  }
  const key = subOperations === undefined ? UNKNOWN_SUB_OPERATIONS : nameOf(subOperations);
  let number = ofOperation.get(key);
  if (number === undefined) {
    targetCount += 1;
    number = targetCount;
    ofOperation.set(key, number);
  }
  return number;
}

const UNKNOWN_SUB_OPERATIONS = "?";

/** A quoted list is no single name, and none of them is the mark of what is not known. */
function nameOf(subOperations: readonly string[]): string {
  return subOperations.length === 0 ? "" : JSON.stringify(subOperations);
}

/** One ask, made ready as far as conditions look at it. */
export class Inquiry {
  /** Set by every condition that looked: what was found then is good for this ask only. */
  hasBeenAsked = false;
  readonly #input: ConditionInput;
  #tables: Map<AttributeSource, Map<string, AttributeValue>> | undefined;
  #foldedOperation: string | undefined;
  #foldedSubOperations: readonly string[] | undefined;
  #target = 0;

  constructor(input: ConditionInput) {
    this.#input = input;
  }

  get foldedOperation(): string {
    this.#foldedOperation ??= foldOperation(this.#input.operation);
    return this.#foldedOperation;
  }

  /** Stands for the operation and its suboperations: what only looks at those says the same to every ask of one number. */
  get target(): number {
    if (this.#target === 0) this.#target = numberTarget(this.#input);
    return this.#target;
  }

  /** Undefined when the ask does not say. */
  get subOperations(): readonly string[] | undefined {
    return this.#input.subOperations;
  }

  get foldedSubOperations(): readonly string[] | undefined {
    this.#foldedSubOperations ??= this.#input.subOperations?.map(foldCase);
    return this.#foldedSubOperations;
  }

  /** Says whether the ask gives a source. */
  isGiven(source: AttributeSource): boolean {
    return this.#input.attributes?.[source] !== undefined;
  }

  /**
   * Gives an attribute's value, or undefined where there is none.
   * @param source where it comes from.
   * @param name its name as the condition writes it.
   * @param key its canonical name.
   */
  attribute(source: AttributeSource, name: string, key: string): AttributeValue | undefined {
    const record = this.#input.attributes?.[source];
    if (record === undefined) return undefined;
    // Mostly the condition and the ask spell a name alike, and the table need not be made.
    if (Object.hasOwn(record, name)) return usable(record[name]);
    const table = this.#tables?.get(source) ?? this.#readTable(source, record);
    return table.get(key);
  }

  #readTable(source: AttributeSource, record: AttributeRecord): Map<string, AttributeValue> {
    const table = new Map<string, AttributeValue>();
    for (const name of Object.keys(record)) {
      const value = usable(record[name]);
      if (value !== undefined) table.set(attributeKey(name), value);
    }
    this.#tables ??= new Map();
    this.#tables.set(source, table);
    return table;
  }
}
