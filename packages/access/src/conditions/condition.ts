/**
 * Conditions on role assignments and on roles' permissions (Azure ABAC, version 2.0).
 *
 * Owns the language: reading a text once, evaluating it against an ask, saying which clause failed, printing and describing
 * it, and which attributes there are. Uses only the case folding, the bounded cache and the matching of actions from above this
 * folder. Knows nothing of roles, assignments or scopes.
 *
 *     text ── lexer ── parser ──► tree ── program ──► true, false or unknown
 *                                  │                     │
 *                                  ├── printer           └── diagnosis: the clause that failed
 *                                  ├── description: in words
 *                                  └── review: against the catalogue of attributes
 *
 * What an unknown answer means is decided in truth.ts, what an ask leaves unsaid in inquiry.ts: neither ever grants.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-format
 */
import { type ConditionFault, ConditionSyntaxError } from "./condition-fault.ts";
import { type FailedClause, findFailedClause } from "./diagnosis.ts";
import type { Expression } from "./expression.ts";
import { type ConditionInput, Inquiry } from "./inquiry.ts";
import { parseExpression } from "./parser.ts";
import { evaluateTree, Program } from "./program.ts";
import { FALSE } from "./truth.ts";

/** A condition that was read. */
export class Condition {
  /** As it was written. */
  readonly text: string;
  readonly expression: Expression;
  #program: Program | undefined;

  constructor(text: string, expression: Expression) {
    this.text = text;
    this.expression = expression;
  }

  /** @internal Says whether the condition is true; false and unknown are one. The program is made at first use. */
  isTrue(inquiry: Inquiry): boolean {
    this.#program ??= new Program(this.expression);
    return this.#program.isTrue(inquiry);
  }
}

/** A condition, or why the text is none. */
export type ConditionResult =
  | { readonly isValid: true; readonly condition: Condition }
  | { readonly isValid: false; readonly fault: ConditionFault };

/**
 * Reads a condition.
 * @param text at most `MAX_CONDITION_SIZE_BYTES` of UTF-8; line breaks count as blanks.
 * @returns the condition, or the first {@link ConditionFault}; never throws.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-format
 */
export function parseCondition(text: string): ConditionResult {
  try {
    return { isValid: true, condition: new Condition(text, parseExpression(text)) };
  } catch (error) {
    if (error instanceof ConditionSyntaxError) return { isValid: false, fault: error.fault };
    throw error;
  }
}

/** What a condition says to an ask. */
export type ConditionOutcome =
  | { readonly isTrue: true }
  | {
      readonly isTrue: false;
      /** True when the answer is not false but unknown; it grants as little. */
      readonly isUnknown: boolean;
      readonly clause: FailedClause;
    };

/**
 * Evaluates a condition by itself, without regard to roles and scopes.
 * @param condition from {@link parseCondition}.
 * @param input the operation, its suboperations and attributes.
 * @returns the outcome; when it is not true, the clause that kept it from being so.
 */
export function evaluateCondition(condition: Condition, input: ConditionInput): ConditionOutcome {
  const inquiry = new Inquiry(input);
  if (condition.isTrue(inquiry)) return { isTrue: true };
  const isUnknown = evaluateTree(condition.expression, inquiry) !== FALSE;
  return { isTrue: false, isUnknown, clause: findFailedClause(condition.expression, inquiry) };
}
