/**
 * Why a question was denied, and which assignments came nearest.
 *
 * Owns the second walk, done only when the first found no grant. Its work and its answer are bounded, so that being
 * denied costs a server little.
 */

import type { Inquiry } from "./conditions/inquiry.ts";
import { type Ask, type DenialReason, MAX_NEAR_MISSES, type Missing, type NearMiss } from "./decision.ts";
import type { AccessIndex } from "./facts.ts";
import { NONE } from "./int-column.ts";
import { explainCondition, judge } from "./judgement.ts";
import { type Closure, pathTo } from "./membership.ts";

/** Most assignments elsewhere that are looked at for one denial, of the principal and its groups together. Ours. */
const MAX_ELSEWHERE_ROWS = 256;

/** How near each lack is to a grant. */
const NEARNESS: Readonly<Record<NearMiss["missing"], number>> = {
  "role-not-found": 0,
  "operation-not-in-role": 1,
  "data-action-not-granted": 2,
  "other-scope": 3,
  "excluded-by-not-actions": 4,
  "condition-not-evaluable": 5,
  "condition-false": 6,
};

interface Candidate {
  readonly row: number;
  readonly place: number;
  readonly missing: NearMiss["missing"];
}

/** Keeps the candidates in order of nearness, those found first before those found later, and no more than the bound. */
function keep(candidates: Candidate[], candidate: Candidate): void {
  let at = candidates.length;
  while (at > 0 && NEARNESS[candidates[at - 1]!.missing] < NEARNESS[candidate.missing]) at -= 1;
  candidates.splice(at, 0, candidate);
  if (candidates.length > MAX_NEAR_MISSES) candidates.pop();
}

/** Judges what is held at the node and above it; gives the lack nearest to a grant, or null when nothing is held. */
function collectHere(
  index: AccessIndex,
  closure: Closure,
  node: number,
  ask: Ask,
  inquiry: Inquiry,
  candidates: Candidate[],
): Missing | null {
  const { assignments, scopes } = index;
  let nearest: Missing | null = null;
  closure.holders.forEach((holder, place) => {
    for (let at = node; at !== NONE; at = scopes.parent(at)) {
      for (let row = assignments.firstOf(holder, at); row !== NONE; row = assignments.nextOf(row)) {
        const missing = judge(index, row, ask, inquiry);
        if (missing === "granted") continue;
        keep(candidates, { row, place, missing });
        if (nearest === null || NEARNESS[missing] > NEARNESS[nearest]) nearest = missing;
      }
    }
  });
  return nearest;
}

/**
 * Looks for roles held elsewhere that would do; says whether anything at all is held anywhere.
 * The question was denied, so whatever would grant it is held at another place: no scope need be compared.
 */
function collectElsewhere(
  index: AccessIndex,
  closure: Closure,
  ask: Ask,
  inquiry: Inquiry,
  candidates: Candidate[],
): boolean {
  const { assignments } = index;
  let rowsLeft = MAX_ELSEWHERE_ROWS;
  closure.holders.forEach((holder, place) => {
    let row = assignments.firstOfPrincipal(holder);
    for (; row !== NONE && rowsLeft > 0; row = assignments.nextOfPrincipal(row), rowsLeft -= 1) {
      const judgement = judge(index, row, ask, inquiry);
      if (judgement === "granted") keep(candidates, { row, place, missing: "other-scope" });
    }
  });
  return rowsLeft < MAX_ELSEWHERE_ROWS;
}

function reasonFor(here: Missing | null, isAnyHeld: boolean): DenialReason {
  if (here === "role-not-found") return "operation-not-in-role";
  return here ?? (isAnyHeld ? "other-scope" : "no-assignment");
}

/**
 * Explains a denial.
 * @param index the tables.
 * @param closure the principal and its groups.
 * @param node the nearest node at or above the scope that was asked for.
 * @param ask the question, which nothing grants.
 * @param inquiry the same, as conditions see it.
 * @returns the reason, and at most `MAX_NEAR_MISSES` near misses, nearest first.
 */
export function explainDenial(
  index: AccessIndex,
  closure: Closure,
  node: number,
  ask: Ask,
  inquiry: Inquiry,
): { reason: DenialReason; nearest: NearMiss[] } {
  const candidates: Candidate[] = [];
  const here = collectHere(index, closure, node, ask, inquiry, candidates);
  const isAnyHeld = collectElsewhere(index, closure, ask, inquiry, candidates);
  const { assignments, principals, roles, scopes } = index;
  const nearest = candidates.map(({ row, place, missing }): NearMiss => {
    const miss = {
      assignmentId: assignments.id(row),
      roleDefinitionId: roles.id(assignments.role(row)),
      roleName: roles.definition(assignments.role(row))?.roleName ?? null,
      scope: assignments.spelling(row) ?? scopes.text(assignments.scope(row)),
      principalId: principals.id(assignments.principal(row)),
      via: pathTo(closure, place).map((group) => principals.id(group)),
      missing,
    };
    const condition = explainCondition(index, row, ask, inquiry);
    return condition === null ? miss : { ...miss, condition };
  });
  return { reason: reasonFor(here, isAnyHeld), nearest };
}
