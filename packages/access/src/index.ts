/**
 * @postern/access: Azure role-based access decisions as a pure function.
 *
 * Owns what a scope is, what a role grants, what a condition says (conditions/), and the one decision. No dependencies, no I/O, no clock, no dice; runs in a
 * browser as well. The built-in roles are data, and come from `@postern/access/roles`.
 * @see https://learn.microsoft.com/azure/role-based-access-control/overview
 */
export { MAX_ACTION_LENGTH, matchesAction } from "./actions.ts";
export * from "./advice/index.ts";
export { foldCase } from "./case-folding.ts";
export { CASE_SENSITIVE_KEY_SUFFIX, KEYS_SUFFIX, MAX_ATTRIBUTE_NAME_LENGTH } from "./conditions/attribute-name.ts";
export {
  type ActionEntry,
  type AttributeEntry,
  type AttributeType,
  actionCatalogue,
  attributeCatalogue,
  attributeNames,
  blobTagAttribute,
  customSecurityAttribute,
  findActions,
  findAttribute,
  subOperationNames,
} from "./conditions/catalogue.ts";
export { MAX_ATTRIBUTE_VALUES } from "./conditions/comparison.ts";
export {
  type Condition,
  type ConditionOutcome,
  type ConditionResult,
  evaluateCondition,
  parseCondition,
} from "./conditions/condition.ts";
export type { ConditionFault, ConditionFaultKind } from "./conditions/condition-fault.ts";
export { type BlockDescription, describeCondition } from "./conditions/description.ts";
export { type ClauseFailure, type FailedClause, MAX_CLAUSE_TEXT_LENGTH } from "./conditions/diagnosis.ts";
export type {
  AttributeOperand,
  AttributeSource,
  Comparison,
  Existence,
  Expression,
  Literal,
  Match,
  Operand,
  OperatorName,
  Quantifier,
  SourceRange,
} from "./conditions/expression.ts";
export { CONDITION_VERSION, type HeldConditionFault } from "./conditions/held-condition.ts";
export type { AttributeRecord, AttributeSources, ConditionInput } from "./conditions/inquiry.ts";
export { type Operator, operators, quantifiers, type Relation } from "./conditions/operators.ts";
export { MAX_CONDITION_NESTING, MAX_CONDITION_SIZE_BYTES, MAX_LIST_VALUES } from "./conditions/parser.ts";
export { printExpression } from "./conditions/printer.ts";
export { type Concern, type ConcernKind, reviewCondition } from "./conditions/review.ts";
export {
  type AttributeScalar,
  type AttributeValue,
  MAX_VALUE_LENGTH,
  type OperandType,
  readDateTime,
  readGuid,
} from "./conditions/values.ts";
export { decide, isAllowed, isForbidden } from "./decide.ts";
export {
  type Allowed,
  type Ask,
  type AskFault,
  type ConditionMiss,
  type Decision,
  type DenialReason,
  type Denied,
  MAX_NEAR_MISSES,
  type Missing,
  type NearMiss,
  type Overruled,
} from "./decision.ts";
export { type DenyAssignment, type DenyPermission, EVERYONE } from "./deny-assignment-table.ts";
export {
  type Assignment,
  type AssignmentInput,
  FactsError,
  type FactsFault,
  type GroupPath,
  MAX_ACTIONS_PER_LIST,
} from "./fact.ts";
export { AccessFacts } from "./facts.ts";
export { conditionalPermissionsAt, hasAccessAtOrBelow, permissionsAt } from "./permissions.ts";
export { checkRole, type RoleDefinition, type RolePermission, type RoleVerdict } from "./role-definition.ts";
export {
  isAtOrBelow,
  isGuid,
  MAX_SCOPE_LENGTH,
  MAX_SCOPE_SEGMENTS,
  parents,
  parseScope,
  type Scope,
  type ScopeFault,
  type ScopeKind,
  type ScopeResult,
  scopeKey,
} from "./scope.ts";
