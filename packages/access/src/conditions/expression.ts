/** What a condition says, as a tree. Data only. */

/** A piece of a condition's text, in UTF-16 units; `end` is the first unit after it. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/** Where an attribute comes from: `@Resource`, `@Request`, `@Principal`, `@Environment`. */
export type AttributeSource = "resource" | "request" | "principal" | "environment";

/** A value that is written in the condition; a GUID in lower case with dashes. */
export type Literal =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "guid"; readonly value: string }
  | { readonly type: "integer"; readonly value: number }
  | { readonly type: "boolean"; readonly value: boolean };

/** `@Resource[…]`, with the name as it was written. */
export interface AttributeOperand {
  readonly kind: "attribute";
  readonly source: AttributeSource;
  readonly name: string;
}

/** One side of a comparison. */
export type Operand =
  | AttributeOperand
  | { readonly kind: "literal"; readonly literal: Literal }
  | { readonly kind: "list"; readonly literals: readonly Literal[] };

/** The left side's quantifier comes first: `ForAllOfAnyValues`: every value on the left, with some value on the right. */
export type Quantifier = "ForAnyOfAnyValues" | "ForAllOfAnyValues" | "ForAnyOfAllValues" | "ForAllOfAllValues";

type Order = "LessThan" | "LessThanEquals" | "GreaterThan" | "GreaterThanEquals";

/** The operators, as Microsoft spells them. */
export type OperatorName =
  | `Bool${"" | "Not"}Equals`
  | `String${"" | "Not"}${"Equals" | "StartsWith" | "Like"}${"" | "IgnoreCase"}`
  | `${"Numeric" | "DateTime"}${"Equals" | "NotEquals" | Order}`
  | `Guid${"" | "Not"}Equals`;

/** `left operator right`. */
export interface Comparison {
  readonly kind: "comparison";
  readonly left: Operand;
  readonly quantifier: Quantifier | null;
  readonly operator: OperatorName;
  readonly right: Operand;
  readonly range: SourceRange;
}

/** `Exists @Request[…]`. */
export interface Existence {
  readonly kind: "exists";
  readonly attribute: AttributeOperand;
  readonly range: SourceRange;
}

/** `ActionMatches{'…'}` or `SubOperationMatches{'…'}`. */
export interface Match {
  readonly kind: "action-matches" | "sub-operation-matches";
  readonly pattern: string;
  readonly range: SourceRange;
}

/** A condition or a part of one. `and` and `or` have at least two operands; parentheses are in the shape only. */
export type Expression =
  | { readonly kind: "and" | "or"; readonly operands: readonly Expression[]; readonly range: SourceRange }
  | { readonly kind: "not"; readonly operand: Expression; readonly range: SourceRange }
  | Match
  | Existence
  | Comparison;
