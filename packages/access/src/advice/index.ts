/**
 * Advice about access: why not and what would mend it, who may and what may they, and which roles an app needs.
 *
 * Owns everything that is asked about decisions rather than for one. Pure as the rest of the package; may use all of it.
 */
export {
  type AccessChange,
  type AccessDiff,
  type DenialChange,
  diffAccess,
  MAX_COMPARED_WAYS,
  type RoleChange,
} from "./access-diff.ts";
export {
  type AccessWay,
  denialsOf,
  type HeldAccess,
  type ListedPrincipal,
  MAX_LISTED_PRINCIPALS,
  type WhoCan,
  whatCan,
  whoCan,
} from "./access-list.ts";
export {
  type Explanation,
  explain,
  MAX_MENDING_ROLES,
  type MendingRole,
  mendDecision,
  mendingRoles,
} from "./explanation.ts";
export { distinctNeeds, liftCreated, type Need } from "./need.ts";
export { OperationUniverse } from "./operation-universe.ts";
export {
  type CustomRole,
  coverNeeds,
  customRoleFor,
  type LearnedAssignment,
  MAX_NEEDS,
  type RoleCover,
} from "./role-cover.ts";
export { type Choice, type Cover, findCover, MAX_EXACT_ELEMENTS, MAX_SEARCH_STEPS } from "./set-cover.ts";
