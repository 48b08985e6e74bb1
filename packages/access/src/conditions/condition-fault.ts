/** Why a text is no condition: one closed union, data without sentences. */

/** What may be wrong with a condition's text. */
export type ConditionFaultKind =
  | "empty"
  | "too-large"
  | "unexpected-character"
  | "unterminated-string"
  | "unterminated-attribute"
  | "unknown-attribute-source"
  | "invalid-attribute-name"
  | "unexpected-token"
  | "unexpected-end"
  /** AND beside OR without parentheses: Azure's documentation requires them. */
  | "mixed-and-or"
  | "nested-too-deep"
  | "unknown-operator"
  | "quantifier-not-supported"
  | "list-without-quantifier"
  | "list-too-long"
  | "literal-type-mismatch"
  | "integer-out-of-range"
  | "invalid-date-time"
  | "invalid-pattern";

/** What is wrong with a condition's text, and where: `position` counts UTF-16 units from the start. */
export interface ConditionFault {
  readonly kind: ConditionFaultKind;
  readonly position: number;
}

/** How the parser stops; never leaves `parseCondition`. */
export class ConditionSyntaxError extends Error {
  readonly fault: ConditionFault;

  constructor(kind: ConditionFaultKind, position: number) {
    super(kind);
    this.fault = { kind, position };
  }
}
