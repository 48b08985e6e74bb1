/**
 * Which clause kept a condition from being true, and why.
 *
 * Owns the descent from the whole to the smallest clause that has to change: of an AND the part that fails, of an OR the
 * requirement rather than the part that only says which operations are meant.
 */
import { isSubOperationAttribute, lookUp } from "./comparison.ts";
import type { AttributeOperand, Expression, SourceRange } from "./expression.ts";
import type { Inquiry } from "./inquiry.ts";
import { printAttribute, printExpression } from "./printer.ts";
import { evaluateTree } from "./program.ts";
import { isTargeting } from "./targeting.ts";
import { FALSE, UNKNOWN } from "./truth.ts";

/**
 * Why a clause is not true:
 * `false`: it was compared, and is not so;
 * `attribute-missing`: what it compares is not there;
 * `source-not-given`: the ask says nothing of that source of attributes;
 * `sub-operations-not-given`: the ask does not say which suboperations it has;
 * `value-unfit`: a value of another type than the operator's, several where one is compared, or too many.
 */
export type ClauseFailure =
  | "false"
  | "attribute-missing"
  | "source-not-given"
  | "sub-operations-not-given"
  | "value-unfit";

/** The clause that failed. */
export interface FailedClause {
  /** Where it stands in the condition as it was written. */
  readonly range: SourceRange;
  /** The clause in canonical spelling, cut after {@link MAX_CLAUSE_TEXT_LENGTH}. */
  readonly text: string;
  readonly because: ClauseFailure;
  /** The attribute that is missing, not given or unfit, as `@Resource[…]`; null for none. */
  readonly attribute: string | null;
}

/** Longest text of a failed clause, in UTF-16 units. Ours: records keep it, and its range says the rest. */
export const MAX_CLAUSE_TEXT_LENGTH = 512;

type Cause = Pick<FailedClause, "because" | "attribute">;

function findAttributeCause(operand: AttributeOperand, inquiry: Inquiry): Cause | null {
  const attribute = printAttribute(operand);
  if (isSubOperationAttribute(operand)) {
    return inquiry.subOperations === undefined ? { because: "sub-operations-not-given", attribute } : null;
  }
  if (!inquiry.isGiven(operand.source)) return { because: "source-not-given", attribute };
  return lookUp(operand)(inquiry) === undefined ? { because: "attribute-missing", attribute } : null;
}

/** Why an expression without parts is unknown. */
function causeOfUnknown(expression: Expression, inquiry: Inquiry): Cause {
  if (expression.kind === "sub-operation-matches") return { because: "sub-operations-not-given", attribute: null };
  const operands =
    expression.kind === "comparison"
      ? [expression.left, expression.right]
      : expression.kind === "exists"
        ? [expression.attribute]
        : [];
  const attributes = operands.filter((each) => each.kind === "attribute");
  for (const attribute of attributes) {
    const cause = findAttributeCause(attribute, inquiry);
    if (cause !== null) return cause;
  }
  const [first] = attributes;
  return { because: "value-unfit", attribute: first === undefined ? null : printAttribute(first) };
}

function partsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === "not") return [expression.operand];
  return expression.kind === "and" || expression.kind === "or" ? expression.operands : [];
}

function causeOf(expression: Expression, inquiry: Inquiry): Cause {
  if (evaluateTree(expression, inquiry) !== UNKNOWN) return { because: "false", attribute: null };
  const unknown = partsOf(expression).find((part) => evaluateTree(part, inquiry) === UNKNOWN);
  return unknown === undefined ? causeOfUnknown(expression, inquiry) : causeOf(unknown, inquiry);
}

/** The part in which alone the failure lies, or undefined where it lies in the whole. */
function findFailedPart(expression: Expression, inquiry: Inquiry): Expression | undefined {
  if (expression.kind === "and") {
    const truths = expression.operands.map((operand) => evaluateTree(operand, inquiry));
    const at = truths.includes(FALSE) ? truths.indexOf(FALSE) : truths.indexOf(UNKNOWN);
    return expression.operands[at];
  }
  if (expression.kind !== "or") return undefined;
  const requirements = expression.operands.filter((operand) => !isTargeting(operand));
  return requirements.length === 1 ? requirements[0] : undefined;
}

/**
 * Finds the clause that kept a condition from being true.
 * @param whole a condition that is not true for the inquiry.
 * @param inquiry the ask.
 */
export function findFailedClause(whole: Expression, inquiry: Inquiry): FailedClause {
  let clause = whole;
  for (let part = findFailedPart(clause, inquiry); part !== undefined; part = findFailedPart(clause, inquiry)) {
    clause = part;
  }
  const text = printExpression(clause);
  return {
    range: clause.range,
    text: text.length > MAX_CLAUSE_TEXT_LENGTH ? `${text.slice(0, MAX_CLAUSE_TEXT_LENGTH - 1)}…` : text,
    ...causeOf(clause, inquiry),
  };
}
