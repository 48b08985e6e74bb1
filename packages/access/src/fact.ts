/**
 * What a fact is, and what is wrong with one that cannot be taken in.
 *
 * Owns the shapes that go into and come out of the facts (see facts.ts), and their checks.
 */
import { MAX_ACTION_LENGTH } from "./actions.ts";
import type { DenyAssignment } from "./deny-assignment-table.ts";
import { isGuid, parseScope, type Scope, type ScopeFault } from "./scope.ts";

/** Most entries in one list of a role's permission. Ours: the longest list of a built-in role has under 400. */
export const MAX_ACTIONS_PER_LIST = 4096;

/** Why a fact was refused. */
export type FactsFault =
  | { readonly kind: "invalid-scope"; readonly fault: ScopeFault }
  | { readonly kind: "not-a-guid"; readonly field: "roleDefinitionId" | "principalId" | "groupId" | "memberId" | "id" }
  | { readonly kind: "empty-assignment-id" }
  | { readonly kind: "builtin-role" }
  | { readonly kind: "role-too-large" }
  | { readonly kind: "not-a-management-group" }
  | { readonly kind: "management-group-cycle" };

/** Thrown when a fact cannot be taken in; nothing was changed. */
export class FactsError extends Error {
  readonly fault: FactsFault;

  constructor(fault: FactsFault) {
    super(fault.kind);
    this.name = "FactsError";
    this.fault = fault;
  }
}

/** A role assignment as a fact. */
export interface Assignment {
  /** The assignment's name, a GUID in Azure; unique among all assignments. */
  readonly id: string;
  /** The role definition's GUID, without a path. */
  readonly roleDefinitionId: string;
  /** The object id of the user, group or service principal. */
  readonly principalId: string;
  readonly scope: string;
  /** The ABAC condition; null for none. Any string, even an empty one, is a condition, and one that cannot be read grants nothing. */
  readonly condition: string | null;
  /** The version of the condition's language; null for none, which means "2.0", the only one that is evaluated. */
  readonly conditionVersion: string | null;
}

/** An assignment to be taken in: its condition may be left out, its scope may have been read already. */
export interface AssignmentInput extends Omit<Assignment, "condition" | "conditionVersion" | "scope"> {
  readonly scope: string | Scope;
  readonly condition?: string | null;
  readonly conditionVersion?: string | null;
}

/** A group that a principal is in, and the way there. */
export interface GroupPath {
  readonly groupId: string;
  /** Group ids from the principal to this group, which is the last. */
  readonly via: readonly string[];
}

/** Gives a scope that may have been read already. @throws FactsError `invalid-scope`. */
export function readScope(scope: string | Scope): Scope {
  if (typeof scope !== "string") return scope;
  const result = parseScope(scope);
  if (!result.isValid) throw new FactsError({ kind: "invalid-scope", fault: result.fault });
  return result.scope;
}

/** @throws FactsError `not-a-guid`. */
export function requireGuid(id: string, field: Extract<FactsFault, { kind: "not-a-guid" }>["field"]): void {
  if (!isGuid(id)) throw new FactsError({ kind: "not-a-guid", field });
}

/** @throws FactsError `role-too-large`. */
export function checkSize({ permissions }: Pick<DenyAssignment, "permissions">): void {
  for (const { actions, notActions, dataActions, notDataActions } of permissions) {
    for (const list of [actions, notActions, dataActions, notDataActions]) {
      if (list.length > MAX_ACTIONS_PER_LIST || list.some((entry) => entry.length > MAX_ACTION_LENGTH)) {
        throw new FactsError({ kind: "role-too-large" });
      }
    }
  }
}

/** Gives a management group's own scope. @throws FactsError `not-a-management-group`, `invalid-scope`. */
export function managementGroupScope(id: string): Scope {
  const scope = readScope(`/providers/Microsoft.Management/managementGroups/${id}`);
  // An id with a slash in it would be read as something below the group.
  if (scope.kind !== "management-group") throw new FactsError({ kind: "not-a-management-group" });
  return scope;
}
