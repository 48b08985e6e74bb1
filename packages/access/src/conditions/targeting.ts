/**
 * Which part of a condition says what it is about.
 *
 * A condition is made of blocks: `(!(ActionMatches{…}) OR (requirement))`, joined by AND. The first part only says to which
 * operations the block applies, and is never what a user has to mend.
 */
import { isSubOperationAttribute } from "./comparison.ts";
import type { Expression } from "./expression.ts";

/** One action that a block applies to. */
export interface Target {
  /** A pattern, as in a role. */
  readonly action: string;
  /** The suboperation it is narrowed to, or with `isExcluded` narrowed to all but; null for all. */
  readonly subOperation: { readonly name: string; readonly isExcluded: boolean } | null;
}

/** A block: to what it applies, and what it requires. */
export interface Block {
  /** The part that says to which operations the block applies; null when it applies to all. */
  readonly targeting: Expression | null;
  /** What `targeting` says, one action each; empty where it is not written in the usual shape. */
  readonly targets: readonly Target[];
  /** Of these one must be true. */
  readonly requirements: readonly Expression[];
}

/** Says whether an expression speaks of the operation only: of no attribute. */
export function isTargeting(expression: Expression): boolean {
  switch (expression.kind) {
    case "action-matches":
    case "sub-operation-matches":
      return true;
    case "and":
    case "or":
      return expression.operands.every(isTargeting);
    case "not":
      return isTargeting(expression.operand);
    case "exists":
      return isSubOperationAttribute(expression.attribute);
    case "comparison":
      return isSubOperationAttribute(expression.left);
  }
}

function readSubOperation(expression: Expression): Target["subOperation"] {
  if (expression.kind === "sub-operation-matches") return { name: expression.pattern, isExcluded: false };
  if (expression.kind === "not") {
    const inner = readSubOperation(expression.operand);
    return inner === null ? null : { ...inner, isExcluded: !inner.isExcluded };
  }
  if (expression.kind !== "comparison" || expression.quantifier !== "ForAnyOfAnyValues") return null;
  const { right } = expression;
  const literal = right.kind === "list" && right.literals.length === 1 ? right.literals[0]! : undefined;
  return literal?.type === "string" ? { name: literal.value, isExcluded: false } : null;
}

/** Reads `ActionMatches{…}`, or that AND a suboperation; null for any other shape. */
function readTarget(expression: Expression): Target | null {
  if (expression.kind === "action-matches") return { action: expression.pattern, subOperation: null };
  if (expression.kind !== "and" || expression.operands.length !== 2) return null;
  const [first, second] = expression.operands as [Expression, Expression];
  const subOperation = readSubOperation(second);
  if (first.kind !== "action-matches" || subOperation === null) return null;
  return { action: first.pattern, subOperation };
}

/** Reads `!(target)`, or several joined by AND; null for any other shape. */
function readTargets(expression: Expression): Target[] | null {
  if (expression.kind === "not") {
    const target = readTarget(expression.operand);
    return target === null ? null : [target];
  }
  if (expression.kind !== "and") return null;
  const targets = expression.operands.map(readTargets);
  return targets.every((each) => each !== null) ? targets.flat() : null;
}

function readBlock(expression: Expression): Block {
  const operands = expression.kind === "or" ? expression.operands : [];
  const targeting = operands.filter(isTargeting);
  if (targeting.length !== 1) return { targeting: null, targets: [], requirements: [expression] };
  return {
    targeting: targeting[0]!,
    targets: readTargets(targeting[0]!) ?? [],
    requirements: operands.filter((each) => each !== targeting[0]),
  };
}

/** Cuts a condition into its blocks. */
export function readBlocks(expression: Expression): Block[] {
  return expression.kind === "and" ? expression.operands.flatMap(readBlocks) : [readBlock(expression)];
}
