/**
 * Reviewing a condition against the catalogue: what can be read and yet cannot be meant.
 *
 * A misspelled attribute is never there, so that its comparisons grant nothing, and `NOT Exists` of it grants always: who takes in
 * conditions should refuse those with a concern. Evaluation itself does not look at the catalogue.
 */
import { attributeKey } from "./attribute-name.ts";
import {
  type ActionEntry,
  type AttributeEntry,
  actionCatalogue,
  attributeNames,
  findActions,
  findAttribute,
} from "./catalogue.ts";
import { isSubOperationAttribute } from "./comparison.ts";
import type { Condition } from "./condition.ts";
import type { AttributeOperand, Comparison, Expression, SourceRange } from "./expression.ts";
import { findOperator, type Operator } from "./operators.ts";
import { printAttribute } from "./printer.ts";
import { type Block, readBlocks, type Target } from "./targeting.ts";
import type { OperandType } from "./values.ts";

/**
 * What is doubtful:
 * `unknown-attribute`: the source has none of that name;
 * `unknown-sub-operation`: none of the actions has it;
 * `operator-unfit`: the attribute is of another type than the operator, so that the comparison is never true;
 * `attribute-not-for-action`: no action that the block is about has the attribute;
 * `utc-now-operator`: Azure takes only DateTimeGreaterThan and DateTimeLessThan for it;
 * `guid-operator-with-storage`: Azure fails the authorization of Storage's data operations when GUIDs are compared.
 */
export type ConcernKind =
  | "unknown-attribute"
  | "unknown-sub-operation"
  | "operator-unfit"
  | "attribute-not-for-action"
  | "utc-now-operator"
  | "guid-operator-with-storage";

/** One doubtful place. */
export interface Concern {
  readonly kind: ConcernKind;
  readonly range: SourceRange;
  /** The attribute as `@Resource[…]`, or the suboperation. */
  readonly subject: string;
}

const STORAGE_PREFIX = "Microsoft.Storage/";
const FITTING: Readonly<Record<Exclude<AttributeEntry["type"], "Any">, OperandType>> = {
  Bool: "bool",
  String: "string",
  StringList: "string",
  DateTime: "datetime",
  Guid: "guid",
};

function fits({ type }: AttributeEntry, operator: Operator, isQuantified: boolean): boolean {
  if (type === "Any") return true;
  return FITTING[type] === operator.type && (type !== "StringList" || isQuantified);
}

function rowsOf(targets: readonly Target[]): ActionEntry[] {
  return targets.flatMap(({ action, subOperation }) => findActions(action, subOperation));
}

class Review {
  readonly concerns: Concern[] = [];
  readonly #block: Block;
  readonly #rows: readonly ActionEntry[];

  constructor(block: Block) {
    this.#block = block;
    this.#rows = rowsOf(block.targets);
  }

  run(): readonly Concern[] {
    const { targeting, requirements } = this.#block;
    for (const expression of targeting === null ? requirements : [targeting, ...requirements]) this.#visit(expression);
    return this.concerns;
  }

  #add(kind: ConcernKind, range: SourceRange, subject: string): void {
    this.concerns.push({ kind, range, subject });
  }

  #visit(expression: Expression): void {
    switch (expression.kind) {
      case "and":
      case "or":
        for (const operand of expression.operands) this.#visit(operand);
        return;
      case "not":
        this.#visit(expression.operand);
        return;
      case "sub-operation-matches":
        this.#checkSubOperation(expression.pattern, expression.range);
        return;
      case "exists":
        if (!isSubOperationAttribute(expression.attribute))
          this.#checkAttribute(expression.attribute, expression.range);
        return;
      case "comparison":
        this.#checkComparison(expression);
    }
  }

  #checkSubOperation(name: string, range: SourceRange): void {
    const lower = name.toLowerCase();
    const isKnown = actionCatalogue.some(({ subOperation }) => subOperation?.name.toLowerCase() === lower);
    if (!isKnown) this.#add("unknown-sub-operation", range, name);
  }

  #checkComparison(comparison: Comparison): void {
    const operator = findOperator(comparison.operator)!;
    const { range, quantifier } = comparison;
    for (const operand of [comparison.left, comparison.right]) {
      if (operand.kind !== "attribute" || isSubOperationAttribute(operand)) continue;
      const known = this.#checkAttribute(operand, range);
      if (known === undefined) continue;
      const subject = printAttribute(operand);
      if (!fits(known, operator, quantifier !== null)) this.#add("operator-unfit", range, subject);
      else if (attributeKey(operand.name) === attributeKey(attributeNames.utcNow)) {
        const isAllowed = operator.relation === "less" || operator.relation === "greater";
        if (!isAllowed) this.#add("utc-now-operator", range, subject);
      }
      if (operator.type === "guid" && this.#rows.some(({ action }) => action.startsWith(STORAGE_PREFIX))) {
        this.#add("guid-operator-with-storage", range, subject);
      }
    }
  }

  #checkAttribute(operand: AttributeOperand, range: SourceRange): AttributeEntry | undefined {
    const known = findAttribute(operand.source, operand.name)?.entry;
    if (known === undefined) {
      this.#add("unknown-attribute", range, printAttribute(operand));
      return undefined;
    }
    const { source } = operand;
    if (known.isInternal || this.#rows.length === 0 || (source !== "resource" && source !== "request")) return known;
    const isTaken = this.#rows.some((row) => row[source].includes(known.name));
    if (!isTaken) this.#add("attribute-not-for-action", range, printAttribute(operand));
    return known;
  }
}

/**
 * Reviews a condition against the catalogue of attributes and suboperations.
 * @returns the doubtful places in the order of the text; empty when there is none.
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes
 */
export function reviewCondition(condition: Condition): Concern[] {
  return readBlocks(condition.expression).flatMap((block) => new Review(block).run());
}
