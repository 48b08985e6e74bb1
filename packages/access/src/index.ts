/**
 * @postern/access: Azure role-based access decisions as a pure function.
 *
 * Owns what a scope is, what a role grants, and the one decision. No dependencies, no I/O, no clock, no dice; runs in a
 * browser as well. The built-in roles are data, and come from `@postern/access/roles`.
 * @see https://learn.microsoft.com/azure/role-based-access-control/overview
 */
export { MAX_ACTION_LENGTH, matchesAction } from "./actions.ts";
export { foldCase } from "./case-folding.ts";
export { decide } from "./decide.ts";
export {
  type Allowed,
  type Ask,
  type AskFault,
  type Decision,
  type DenialReason,
  type Denied,
  MAX_NEAR_MISSES,
  type Missing,
  type NearMiss,
} from "./decision.ts";
export {
  AccessFacts,
  type Assignment,
  type AssignmentInput,
  FactsError,
  type FactsFault,
  type GroupPath,
  MAX_ACTIONS_PER_LIST,
} from "./facts.ts";
export { hasAccessAtOrBelow, permissionsAt } from "./permissions.ts";
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
