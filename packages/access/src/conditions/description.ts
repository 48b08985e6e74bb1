/**
 * A condition in words, for people who read it in a list or in an explanation.
 */
import { type AttributeType, findAttribute } from "./catalogue.ts";
import type { Condition } from "./condition.ts";
import type { AttributeOperand, Comparison, Expression, Operand, Quantifier } from "./expression.ts";
import { findOperator, type Operator, type Relation } from "./operators.ts";
import { printAttribute, printExpression, printLiteral } from "./printer.ts";
import { readBlocks, type Target } from "./targeting.ts";

/** One block of a condition in words. All blocks must hold. */
export interface BlockDescription {
  /** The operations it is about, e.g. `Microsoft.Storage/…/blobs/read except Blob.List`; empty when it is about all. */
  readonly appliesTo: readonly string[];
  /** What these need, e.g. `the container name is 'logs'`. */
  readonly requires: string;
}

const RELATION_WORDS: Readonly<Record<Relation, readonly [plain: string, negated: string]>> = {
  equals: ["is", "is not"],
  "starts-with": ["starts with", "does not start with"],
  like: ["matches", "does not match"],
  less: ["is less than", ""],
  "at-most": ["is at most", ""],
  greater: ["is greater than", ""],
  "at-least": ["is at least", ""],
};
const TIME_WORDS: Readonly<Partial<Record<Relation, string>>> = {
  less: "is before",
  "at-most": "is not after",
  greater: "is after",
  "at-least": "is not before",
};
const QUANTIFIER_WORDS: Readonly<Record<Quantifier, readonly [left: string, right: string]>> = {
  ForAnyOfAnyValues: ["some value of", "any of"],
  ForAllOfAnyValues: ["every value of", "any of"],
  ForAnyOfAllValues: ["some value of", "each of"],
  ForAllOfAllValues: ["every value of", "each of"],
};
/** Of these an attribute has one value, and speaking of some or all of them would only confuse. */
const SINGLE_TYPES: ReadonlySet<AttributeType | undefined> = new Set(["Bool", "String", "DateTime", "Guid"]);
const SOURCE_WORDS = { resource: "the", request: "the request's", principal: "the principal's", environment: "the" };

function describeAttribute({ source, name }: AttributeOperand): string {
  const found = findAttribute(source, name);
  if (found === undefined) return printAttribute({ source, name });
  const key = found.key === null ? "" : ` '${found.key}'`;
  return `${SOURCE_WORDS[source]} ${found.entry.displayName}${key}`;
}

function describeOperand(operand: Operand): string {
  if (operand.kind === "attribute") return describeAttribute(operand);
  if (operand.kind === "literal") return printLiteral(operand.literal);
  return operand.literals.map(printLiteral).join(", ");
}

function describeRelation({ relation, isNegated, type }: Operator): string {
  const time = type === "datetime" ? TIME_WORDS[relation] : undefined;
  return time ?? RELATION_WORDS[relation][isNegated ? 1 : 0];
}

function describeComparison({ left, quantifier, operator: name, right }: Comparison): string {
  const operator = findOperator(name)!;
  const [leftWords, rightWords] = quantifier === null ? ["", ""] : QUANTIFIER_WORDS[quantifier];
  const isSingleLeft = left.kind === "attribute" && SINGLE_TYPES.has(findAttribute(left.source, left.name)?.entry.type);
  const isSingle = right.kind === "literal" || (right.kind === "list" && right.literals.length === 1);
  const words = [
    isSingleLeft ? "" : leftWords,
    describeOperand(left),
    describeRelation(operator),
    isSingle ? "" : rightWords,
    describeOperand(right),
    operator.ignoresCase ? "(in any case)" : "",
  ];
  return words.filter((word) => word !== "").join(" ");
}

function describePart(expression: Expression): string {
  const text = describeExpression(expression);
  return expression.kind === "and" || expression.kind === "or" ? `(${text})` : text;
}

function describeExpression(expression: Expression): string {
  switch (expression.kind) {
    case "and":
    case "or":
      return expression.operands.map(describePart).join(` ${expression.kind} `);
    case "not":
      if (expression.operand.kind === "exists")
        return `${describeAttribute(expression.operand.attribute)} is not there`;
      return `not: ${describePart(expression.operand)}`;
    case "exists":
      return `${describeAttribute(expression.attribute)} is there`;
    case "action-matches":
      return `the operation matches ${expression.pattern}`;
    case "sub-operation-matches":
      return `the suboperation is ${expression.pattern}`;
    case "comparison":
      return describeComparison(expression);
  }
}

function describeTarget({ action, subOperation }: Target): string {
  if (subOperation === null) return action;
  return `${action} ${subOperation.isExcluded ? "except" : "as"} ${subOperation.name}`;
}

/**
 * Puts a condition into words.
 * @returns its blocks; all must hold, and those about other operations hold by themselves.
 */
export function describeCondition(condition: Condition): BlockDescription[] {
  return readBlocks(condition.expression).map(({ targeting, targets, requirements }) => {
    const isUnusual = targeting !== null && targets.length === 0;
    const parts = requirements.length === 1 ? requirements.map(describeExpression) : requirements.map(describePart);
    return {
      // An unusual targeting part says when the block is left out, so what it applies to is the opposite.
      appliesTo: isUnusual ? [`all but: ${printExpression(targeting)}`] : targets.map(describeTarget),
      requires: parts.join(" or "),
    };
  });
}
