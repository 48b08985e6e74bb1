/**
 * Comparisons, compiled: literals are read and patterns cut once, attributes looked up by their canonical name.
 *
 * A comparison has an answer only when both sides can be read as the operator's type; a missing attribute, a value of another
 * type and a list where one value is compared leave it unknown.
 */
import { attributeKey } from "./attribute-name.ts";
import type { AttributeOperand, Comparison, Operand } from "./expression.ts";
import { type Inquiry, SUB_OPERATION_KEY } from "./inquiry.ts";
import { findOperator, type Operator, prepareRight, type RightSide, testOf } from "./operators.ts";
import { FALSE, type Truth, truthOf, UNKNOWN } from "./truth.ts";
import { type AttributeValue, type Comparable, readValue } from "./values.ts";

/** Most values of one attribute; with more a comparison is unknown. Ours: a custom security attribute has at most 50, a blob 10 tags. */
export const MAX_ATTRIBUTE_VALUES = 256;

type Evaluate = (inquiry: Inquiry) => Truth;
type Prepare<Side> = (value: Comparable) => Side;
type ReadOne<Side> = (inquiry: Inquiry) => Side | undefined;
type ReadMany<Side> = (inquiry: Inquiry) => readonly Side[] | undefined;

/** Says whether an operand is the preview's `@Request[subOperation]`. */
export function isSubOperationAttribute(operand: Operand): boolean {
  return (
    operand.kind === "attribute" && operand.source === "request" && attributeKey(operand.name) === SUB_OPERATION_KEY
  );
}

/** Gives how to look up an attribute's value; suboperations, once given, are there even when there is none of them. */
export function lookUp(operand: AttributeOperand): (inquiry: Inquiry) => AttributeValue | undefined {
  if (isSubOperationAttribute(operand)) return (inquiry) => inquiry.subOperations;
  const { source, name } = operand;
  const key = attributeKey(name);
  return (inquiry) => inquiry.attribute(source, name, key);
}

function constant<Value>(value: Value): () => Value {
  return () => value;
}

function compileOne<Side>(operand: Operand, { type, ignoresCase }: Operator, prepare: Prepare<Side>): ReadOne<Side> {
  const read = (value: AttributeValue | undefined): Side | undefined => {
    const comparable = value === undefined ? undefined : readValue(value, type, ignoresCase);
    return comparable === undefined ? undefined : prepare(comparable);
  };
  if (operand.kind === "literal") return constant(read(operand.literal.value));
  if (operand.kind === "list") return constant(undefined);
  const look = lookUp(operand);
  return (inquiry) => read(look(inquiry));
}

function compileMany<Side>(operand: Operand, { type, ignoresCase }: Operator, prepare: Prepare<Side>): ReadMany<Side> {
  const read = (value: AttributeValue | undefined): readonly Side[] | undefined => {
    if (value === undefined) return undefined;
    const values = Array.isArray(value) ? (value as readonly AttributeValue[]) : [value];
    const sides: Side[] = [];
    for (const each of values) {
      const comparable = readValue(each, type, ignoresCase);
      if (comparable === undefined) return undefined;
      sides.push(prepare(comparable));
    }
    return sides;
  };
  if (operand.kind === "literal") return constant(read(operand.literal.value));
  if (operand.kind === "list") return constant(read(operand.literals.map(({ value }) => value)));
  const look = lookUp(operand);
  return (inquiry) => {
    const value = look(inquiry);
    return Array.isArray(value) && value.length > MAX_ATTRIBUTE_VALUES ? undefined : read(value);
  };
}

function compileQuantified(comparison: Comparison, operator: Operator): Evaluate {
  const { quantifier, left, right } = comparison;
  const readLefts = compileMany(left, operator, (value) => value);
  const readRights = compileMany<RightSide>(right, operator, (value) => prepareRight(operator, value));
  const test = testOf(operator);
  const isAnyLeft = quantifier === "ForAnyOfAnyValues" || quantifier === "ForAnyOfAllValues";
  const isAnyRight = quantifier === "ForAnyOfAnyValues" || quantifier === "ForAllOfAnyValues";
  return (inquiry) => {
    const lefts = readLefts(inquiry);
    const rights = readRights(inquiry);
    if (lefts === undefined || rights === undefined) return UNKNOWN;
    // Only suboperations can be empty. "All of none" would be true by logic alone, and grant for saying nothing.
    if (lefts.length === 0) return isAnyLeft ? FALSE : UNKNOWN;
    if (rights.length === 0) return isAnyRight ? FALSE : UNKNOWN;
    for (const each of lefts) {
      let isSatisfied = !isAnyRight;
      for (const other of rights) {
        if (test(each, other) !== isAnyRight) continue;
        isSatisfied = isAnyRight;
        break;
      }
      if (isSatisfied === isAnyLeft) return truthOf(isAnyLeft);
    }
    return truthOf(!isAnyLeft);
  };
}

/** An attribute beside one value, as nearly all comparisons are: one closure, for speed only. */
function compileUsual(
  attribute: AttributeOperand,
  operator: Operator,
  { literal }: Extract<Operand, { kind: "literal" }>,
): Evaluate {
  const { type, ignoresCase } = operator;
  const value = readValue(literal.value, type, ignoresCase);
  if (value === undefined) return constant(UNKNOWN);
  const right = prepareRight(operator, value);
  const test = testOf(operator);
  const look = lookUp(attribute);
  return (inquiry) => {
    const found = look(inquiry);
    const left = found === undefined ? undefined : readValue(found, type, ignoresCase);
    return left === undefined ? UNKNOWN : truthOf(test(left, right));
  };
}

/** Compiles a comparison. */
export function compileComparison(comparison: Comparison): Evaluate {
  const operator = findOperator(comparison.operator)!;
  if (comparison.quantifier !== null) return compileQuantified(comparison, operator);
  const { left: attribute, right: value } = comparison;
  if (attribute.kind === "attribute" && value.kind === "literal") return compileUsual(attribute, operator, value);
  const readLeft = compileOne(comparison.left, operator, (value) => value);
  const readRight = compileOne<RightSide>(comparison.right, operator, (value) => prepareRight(operator, value));
  const test = testOf(operator);
  return (inquiry) => {
    const left = readLeft(inquiry);
    if (left === undefined) return UNKNOWN;
    const right = readRight(inquiry);
    return right === undefined ? UNKNOWN : truthOf(test(left, right));
  };
}
