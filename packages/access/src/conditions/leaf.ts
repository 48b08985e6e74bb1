/**
 * The leaves of the tree, compiled: what a condition says without AND, OR and NOT.
 *
 * Equal leaves are one closure, whichever conditions they stand in: thousands of conditions mostly differ in one name,
 * and what they share stays in the processor's cache.
 */
import { ActionSet } from "../actions.ts";
import { BoundedCache } from "../bounded-cache.ts";
import { foldCase } from "../case-folding.ts";
import { compileComparison, isSubOperationAttribute, lookUp } from "./comparison.ts";
import type { Comparison, Existence, Match } from "./expression.ts";
import type { Inquiry } from "./inquiry.ts";
import { printExpression } from "./printer.ts";
import { type Truth, truthOf, UNKNOWN } from "./truth.ts";

/** An expression without parts. */
export type LeafExpression = Match | Existence | Comparison;
/** Says whether a leaf is true for an ask. */
export type Leaf = (inquiry: Inquiry) => Truth;

/** Leaves of one cache generation. Ours: a thousand conditions with a few names of their own each. */
const LEAVES_PER_GENERATION = 4096;
const leaves = new BoundedCache<string, Leaf>(LEAVES_PER_GENERATION);
/** For going through the tree again and again without printing its leaves. */
const leavesByExpression = new WeakMap<LeafExpression, Leaf>();

function compileMatch({ kind, pattern }: Match): Leaf {
  const set = new ActionSet([pattern]);
  if (kind === "action-matches") {
    if (pattern.includes("*")) return (inquiry) => truthOf(set.matches(inquiry.foldedOperation));
    const folded = foldCase(pattern.trim());
    return (inquiry) => truthOf(inquiry.foldedOperation === folded);
  }
  return (inquiry) => {
    const subOperations = inquiry.foldedSubOperations;
    if (subOperations === undefined) return UNKNOWN;
    return truthOf(subOperations.some((each) => set.matches(each)));
  };
}

function compileExistence({ attribute }: Existence): Leaf {
  if (isSubOperationAttribute(attribute)) {
    return ({ subOperations }) => (subOperations === undefined ? UNKNOWN : truthOf(subOperations.length > 0));
  }
  const { source } = attribute;
  const look = lookUp(attribute);
  return (inquiry) => (inquiry.isGiven(source) ? truthOf(look(inquiry) !== undefined) : UNKNOWN);
}

function compile(expression: LeafExpression): Leaf {
  if (expression.kind === "comparison") return compileComparison(expression);
  return expression.kind === "exists" ? compileExistence(expression) : compileMatch(expression);
}

/** Gives the compiled form of a leaf. */
export function leafOf(expression: LeafExpression): Leaf {
  const own = leavesByExpression.get(expression);
  if (own !== undefined) return own;
  const text = printExpression(expression);
  const leaf = leaves.get(text) ?? compile(expression);
  leaves.set(text, leaf);
  leavesByExpression.set(expression, leaf);
  return leaf;
}
