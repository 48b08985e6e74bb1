/**
 * The question and the answer, as shapes.
 *
 * Owns what a decision says. Data only: it is recorded, sent and shown as it is.
 */
import type { FailedClause } from "./conditions/diagnosis.ts";
import type { HeldConditionFault } from "./conditions/held-condition.ts";
import type { AttributeSources } from "./conditions/inquiry.ts";
import type { Scope, ScopeFault } from "./scope.ts";

/** A question. */
export interface Ask {
  /** The object id of the user or service principal. */
  readonly principalId: string;
  /** E.g. `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read`; without stars, compared without case. */
  readonly operation: string;
  /** True when the operation is one of the data plane. */
  readonly isDataAction: boolean;
  /** Where: a scope or its text. */
  readonly scope: string | Scope;
  /**
   * What conditions may look at. A source that is given must be complete for the operation; of one that is left out nothing is known,
   * and what looks at it grants nothing. `environment` carries the time, as `UtcNow`.
   */
  readonly attributes?: AttributeSources | undefined;
  /** E.g. `["Blob.List"]`; empty for none; left out when not known, and then what looks at them grants nothing. */
  readonly subOperations?: readonly string[] | undefined;
}

/** Why a question could not be asked. */
export type AskFault =
  | ScopeFault
  | { readonly kind: "operation-empty" | "operation-too-long" | "operation-with-wildcard" };

/** Allowed, and by which assignment. */
export interface Allowed {
  readonly isAllowed: true;
  readonly assignmentId: string;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  /** The assignment's scope, as it was written. */
  readonly scope: string;
  /** Who holds the assignment: the principal, or the last of `via`. */
  readonly principalId: string;
  /** Group ids from the principal to the holder; empty when the principal holds it itself. */
  readonly via: readonly string[];
}

/**
 * Why not, of what the principal and its groups hold at and above the scope, nearest to a grant last:
 * `no-assignment`: nothing at all, anywhere;
 * `other-scope`: nothing here, something elsewhere;
 * `operation-not-in-role`: no role held here lists the operation;
 * `data-action-not-granted`: a role held here would grant it were it a control-plane operation (Owner and blobs);
 * `excluded-by-not-actions`: a role held here lists it and takes it out again;
 * `condition-not-evaluable`: a role held here grants it under a condition whose text or version cannot be read;
 * `condition-false`: a role held here grants it under a condition, which is false or, for want of an attribute, unknown;
 * `deny-assignment`: a role held here grants it, and a deny assignment overrules that;
 * and `invalid-ask`: the question itself cannot be read.
 */
export type DenialReason =
  | "no-assignment"
  | "other-scope"
  | "operation-not-in-role"
  | "data-action-not-granted"
  | "excluded-by-not-actions"
  | "condition-not-evaluable"
  | "condition-false"
  | "deny-assignment"
  | "invalid-ask";

/** Denied, why, and what came nearest. */
export interface Denied {
  readonly isAllowed: false;
  readonly reason: DenialReason;
  /** At most `MAX_NEAR_MISSES`, the nearest to a grant first. */
  readonly nearest: readonly NearMiss[];
  /** What is wrong with the question; null unless the reason is `invalid-ask`. */
  readonly fault: AskFault | null;
  /** What denies, there exactly when the reason is `deny-assignment`; there are no near misses then. */
  readonly overruled?: Overruled;
}

/** A grant that a deny assignment overrules. */
export interface Overruled {
  readonly denyAssignmentId: string;
  readonly denyAssignmentName: string;
  /** The deny assignment's scope, as it was written. */
  readonly scope: string;
  /** Whom it names: the principal, the last of `via`, or `EVERYONE`. */
  readonly principalId: string;
  /** Group ids from the principal to the one that is named. */
  readonly via: readonly string[];
  /** The role assignment that grants; there may be more. */
  readonly assignmentId: string;
}

/** The answer. */
export type Decision = Allowed | Denied;

/** Most near misses of one decision. Ours: more is not read. */
export const MAX_NEAR_MISSES = 8;

/** What an assignment lacks. */
export type Missing =
  | "role-not-found"
  | "operation-not-in-role"
  | "data-action-not-granted"
  | "excluded-by-not-actions"
  | "condition-not-evaluable"
  | "condition-false";

/** The condition that kept an assignment from granting: the assignment's own, or that of a permission of its role. */
export type ConditionMiss = { readonly holder: "assignment" | "role" } & (
  | { readonly clause: FailedClause; readonly fault: null }
  | { readonly clause: null; readonly fault: HeldConditionFault }
);

/** An assignment that did not grant the operation, and what it lacks. */
export interface NearMiss {
  readonly assignmentId: string;
  readonly roleDefinitionId: string;
  /** Null when the role is not defined any more. */
  readonly roleName: string | null;
  /** The assignment's scope, as it was written. */
  readonly scope: string;
  /** Who holds the assignment. */
  readonly principalId: string;
  /** Group ids from the principal to the holder; empty when the principal holds it itself. */
  readonly via: readonly string[];
  /** `other-scope`: its role grants the operation, but at another place; a condition it has was not asked. */
  readonly missing: Missing | "other-scope";
  /** Which condition and which of its clauses; there exactly when `missing` speaks of a condition. */
  readonly condition?: ConditionMiss;
}
