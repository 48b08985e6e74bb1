/**
 * The tree as a list of steps: look at one leaf, go on here or there.
 *
 * A decision asks only whether a condition is true. NOT is pushed down to the leaves (De Morgan's laws hold for three truth values
 * too), and above them AND and OR can then no more turn unknown into true than false: so each step asks whether its leaf
 * is what it must be, true or, under an odd number of NOTs, false, and unknown is neither. No stack, no recursion, and a
 * condition's steps lie side by side in memory.
 *
 * A condition mostly begins by saying which operations it is about. What it says to an operation is found once and remembered as the step to
 * begin with: for an operation that it is not about, that is the end.
 *
 *     !(a AND b) OR c      0: a is false?  yes: accept   no: 1
 *                          1: b is false?  yes: accept   no: 2
 *                          2: c is true?   yes: accept   no: reject
 *
 * `evaluateTree` gives the three values by going through the tree; it serves explanations.
 */
import type { Expression } from "./expression.ts";
import type { Inquiry } from "./inquiry.ts";
import { type Leaf, leafOf } from "./leaf.ts";
import { isTargeting } from "./targeting.ts";
import { FALSE, negate, TRUE, type Truth, UNKNOWN } from "./truth.ts";

const ACCEPT = -1;
const REJECT = -2;
/** Numbers of one step: what its leaf must be, where to go if it is, where to go if not. */
const STEP_SIZE = 3;
/** Operations whose first step is remembered, of one condition. Ours: those a surface asks about one place. */
const MAX_KEPT_ENTRIES = 64;

/** A condition, ready to be asked whether it is true. */
export class Program {
  readonly #leaves: readonly Leaf[];
  readonly #steps: Int16Array;
  readonly #entry: number;
  /** For each leaf whether it looks at the operation only. */
  readonly #isTargeting: readonly boolean[];
  /** The first step that looks at an attribute, by target; see {@link Inquiry.target}. */
  readonly #entries = new Map<number, number>();

  /** @param expression a tree of the parser's, which bounds its depth and its size (8 KB make under 1,000 leaves). */
  constructor(expression: Expression) {
    const leaves: Leaf[] = [];
    const isTargetingLeaf: boolean[] = [];
    const steps: number[] = [];
    // From the last leaf to the first, so that where a step goes is known when it is written.
    const write = (part: Expression, isNegated: boolean, onTrue: number, onFalse: number): number => {
      switch (part.kind) {
        case "not":
          return write(part.operand, !isNegated, onTrue, onFalse);
        case "and":
        case "or": {
          const isAnd = (part.kind === "and") !== isNegated;
          return part.operands.reduceRight(
            (next, each) => (isAnd ? write(each, isNegated, next, onFalse) : write(each, isNegated, onTrue, next)),
            isAnd ? onTrue : onFalse,
          );
        }
        default:
          steps.push(isNegated ? FALSE : TRUE, onTrue, onFalse);
          isTargetingLeaf.push(isTargeting(part));
          return leaves.push(leafOf(part)) - 1;
      }
    };
    this.#entry = write(expression, false, ACCEPT, REJECT);
    this.#leaves = leaves;
    this.#isTargeting = isTargetingLeaf;
    this.#steps = Int16Array.from(steps);
  }

  /** Says whether the condition is true; false and unknown are one. */
  isTrue(inquiry: Inquiry): boolean {
    let at = this.#entries.get(inquiry.target) ?? this.#findEntry(inquiry);
    while (at >= 0) at = this.#go(at, inquiry);
    return at === ACCEPT;
  }

  #go(at: number, inquiry: Inquiry): number {
    const step = at * STEP_SIZE;
    const isAsExpected = this.#leaves[at]!(inquiry) === this.#steps[step];
    return this.#steps[isAsExpected ? step + 1 : step + 2]!;
  }

  #findEntry(inquiry: Inquiry): number {
    let at = this.#entry;
    while (at >= 0 && this.#isTargeting[at]) at = this.#go(at, inquiry);
    if (this.#entries.size >= MAX_KEPT_ENTRIES) this.#entries.clear();
    this.#entries.set(inquiry.target, at);
    return at;
  }
}

/** Gives the truth value of an expression by going through its tree. */
export function evaluateTree(expression: Expression, inquiry: Inquiry): Truth {
  switch (expression.kind) {
    case "not":
      return negate(evaluateTree(expression.operand, inquiry));
    case "and":
    case "or": {
      const decisive = expression.kind === "and" ? FALSE : TRUE;
      const truths = expression.operands.map((operand) => evaluateTree(operand, inquiry));
      if (truths.includes(decisive)) return decisive;
      return truths.includes(UNKNOWN) ? UNKNOWN : negate(decisive);
    }
    default:
      return leafOf(expression)(inquiry);
  }
}
