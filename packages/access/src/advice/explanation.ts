/**
 * Explains a decision: the decision itself, and for a denial the roles that would mend it.
 *
 * Owns which built-in roles are offered, and where. Data only: whoever shows it finds the words.
 */
import { decide } from "../decide.ts";
import type { Ask, Decision } from "../decision.ts";
import type { AccessFacts } from "../facts.ts";
import { parseScope, type Scope } from "../scope.ts";
import { liftCreated, type Need, placeAbove } from "./need.ts";
import type { OperationUniverse } from "./operation-universe.ts";
import { isGrantedBy, type RoleFit, weighRole } from "./role-fit.ts";

/** Roles offered for one denial. Ours: the first is the advice, the others are there to compare. */
export const MAX_MENDING_ROLES = 3;

/** A role that would mend a denial, smallest first. */
export interface MendingRole {
  readonly roleDefinitionId: string;
  readonly roleName: string;
  /** Operations it grants in all, and those beyond what was asked. */
  readonly operationsGranted: number;
  readonly operationsBeyond: number;
  /** Where it could be given, narrowest first; the place asked about, or the nearest above at which roles are usually given, comes first. */
  readonly scopes: readonly string[];
}

/** A decision with what would mend it. */
export interface Explanation {
  readonly decision: Decision;
  /** Smallest first; empty when it is allowed, when no role can help, or when no built-in role grants the operation. */
  readonly mending: readonly MendingRole[];
}

/** The scope itself unless it is a bare namespace, then the places above it, up to the subscription or management group. */
function placesFrom(scope: Scope): string[] {
  const places: string[] = scope.kind === "provider" || scope.text === "" ? [] : [scope.text];
  for (let at: Scope = scope; ; ) {
    const above = placeAbove(at);
    const parsed = above === null ? null : parseScope(above);
    if (parsed === null || !parsed.isValid) return places;
    places.push(parsed.scope.text);
    at = parsed.scope;
  }
}

/**
 * Finds the built-in roles that grant an operation, smallest first: by the operations they grant beyond it, those named for its service
 * before others.
 * @param facts for its roles.
 * @param universe of the same roles.
 * @param need what is lacking; a scope that cannot be read has no answer.
 */
export function mendingRoles(facts: AccessFacts, universe: OperationUniverse, need: Need): MendingRole[] {
  // Who makes a container needs the role before it is there: above it.
  const [lifted] = liftCreated([need]);
  const parsed = parseScope(lifted?.scope ?? need.scope);
  if (!parsed.isValid) return [];
  const fits: RoleFit[] = [];
  for (const role of facts.roles()) {
    if (!facts.isBuiltinRole(role.id) || !isGrantedBy(facts, role, need)) continue;
    fits.push(weighRole(universe, role, [need]));
  }
  fits.sort((a, b) => a.cost - b.cost || (a.role.roleName < b.role.roleName ? -1 : 1));
  const scopes = placesFrom(parsed.scope);
  return fits.slice(0, MAX_MENDING_ROLES).map(({ role, operationsGranted, operationsBeyond }) => ({
    roleDefinitionId: role.id,
    roleName: role.roleName,
    operationsGranted,
    operationsBeyond,
    scopes,
  }));
}

/**
 * Explains what `decide` says to a question.
 * @see https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
 */
export function explain(facts: AccessFacts, universe: OperationUniverse, ask: Ask): Explanation {
  const decision = decide(facts, ask);
  return { decision, mending: mendDecision(facts, universe, ask, decision) };
}

/** As {@link explain}, for a decision that was made already. */
export function mendDecision(
  facts: AccessFacts,
  universe: OperationUniverse,
  { operation, isDataAction, scope }: Ask,
  decision: Decision,
): MendingRole[] {
  if (decision.isAllowed || !isMendable(decision.reason)) return [];
  const need = { operation, isDataAction, scope: typeof scope === "string" ? scope : scope.text };
  return mendingRoles(facts, universe, need);
}

/** No role helps against a question that cannot be read, nor against a deny assignment. */
function isMendable(reason: string): boolean {
  return reason !== "invalid-ask" && !reason.includes("deny");
}
