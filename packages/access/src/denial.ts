/**
 * Why a question was denied, and which assignments came nearest.
 *
 * Owns the second walk, done only when the first found no grant. Its work and its answer are bounded, so that being
 * denied costs a server little.
 */

import type { AccessIndex } from "./access-index.ts";
import { ROLE, ROW, SCOPE } from "./assignment-table.ts";
import type { Inquiry } from "./conditions/inquiry.ts";
import { type DenialReason, MAX_NEAR_MISSES, type Missing, type NearMiss } from "./decision.ts";
import { NONE } from "./int-column.ts";
import { explainCondition, judge } from "./judgement.ts";
import { type Closure, pathTo } from "./membership.ts";
import { NOTHING, type Rulings } from "./role-table.ts";
import { levelIn, type ScopeChain } from "./scope-tree.ts";

/** Most near misses of other scopes. Ours: with those found at the scope itself there may be `MAX_NEAR_MISSES`. */
const MAX_ELSEWHERE_MISSES = 2;
/** Most assignments elsewhere that are looked at for one denial, of the principal and its groups together. Ours. */
const MAX_ELSEWHERE_ROWS = 256;

const NO_GROUPS: readonly string[] = Object.freeze([]);

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
function keep(candidates: Candidate[], row: number, place: number, missing: NearMiss["missing"]): void {
  let at = candidates.length;
  while (at > 0 && NEARNESS[candidates[at - 1]!.missing] < NEARNESS[missing]) at -= 1;
  if (at >= MAX_NEAR_MISSES) return;
  const candidate = { row, place, missing };
  if (at === candidates.length) candidates.push(candidate);
  else candidates.splice(at, 0, candidate);
  if (candidates.length > MAX_NEAR_MISSES) candidates.pop();
}

/** Judges what is held at the scope and above it; gives the lack nearest to a grant, or null when nothing is held. */
function collectHere(
  index: AccessIndex,
  { holders }: Closure,
  holderCount: number,
  chain: ScopeChain,
  rulings: Rulings,
  inquiry: Inquiry,
  candidates: Candidate[],
): Missing | null {
  const { assignments } = index;
  let nearest: Missing | null = null;
  for (let place = 0; place < holderCount; place += 1) {
    const found = assignments.search(holders[place]!, chain);
    for (let each = 0; each < found; each += 1) {
      const row = assignments.foundRow(each);
      const missing = judge(index, row, rulings, inquiry);
      if (missing === "granted") continue;
      keep(candidates, row, place, missing);
      if (nearest === null || NEARNESS[missing] > NEARNESS[nearest]) nearest = missing;
    }
  }
  return nearest;
}

/**
 * Looks for roles held elsewhere that would do; says whether anything at all is held anywhere.
 * The question was denied, so whatever would grant it is held at another place: no scope need be compared but to leave out what was found here.
 * Conditions are not asked: what they look at is of the place asked about, not of the other.
 */
function collectElsewhere(
  { assignments }: AccessIndex,
  { holders }: Closure,
  holderCount: number,
  chain: ScopeChain,
  rulings: Rulings,
  candidates: Candidate[],
): boolean {
  let rowsLeft = MAX_ELSEWHERE_ROWS;
  let missesLeft = MAX_ELSEWHERE_MISSES;
  for (let place = 0; place < holderCount && rowsLeft > 0; place += 1) {
    const holder = holders[place]!;
    const count = Math.min(assignments.countOf(holder), rowsLeft);
    if (count === 0) continue;
    rowsLeft -= count;
    const { entries } = assignments;
    const [scopes, roles] = [assignments.entriesFrom(holder, SCOPE), assignments.entriesFrom(holder, ROLE)];
    for (let each = 0; each < count; each += 1) {
      if (rulings.code(entries[roles + each]!) === NOTHING) continue;
      if (levelIn(chain, entries[scopes + each]!) !== NONE) continue;
      keep(candidates, entries[assignments.entriesFrom(holder, ROW) + each]!, place, "other-scope");
      missesLeft -= 1;
      if (missesLeft === 0) return true;
    }
  }
  return rowsLeft < MAX_ELSEWHERE_ROWS;
}

function reasonFor(here: Missing | null, isAnyHeld: boolean): DenialReason {
  if (here === "role-not-found") return "operation-not-in-role";
  return here ?? (isAnyHeld ? "other-scope" : "no-assignment");
}

/**
 * Explains a denial.
 * @param index the tables.
 * @param closure the principal and its groups, of which only the first `holderCount` count.
 * @param isAnyHere whether anything is held at the scope or above it.
 * @param chain the nodes at and above the scope that was asked for.
 * @param rulings what the roles say to the operation, which nothing grants.
 * @param inquiry the ask, as conditions see it.
 * @returns the reason, and at most `MAX_NEAR_MISSES` near misses, nearest first.
 */
export function explainDenial(
  index: AccessIndex,
  closure: Closure,
  holderCount: number,
  isAnyHere: boolean,
  chain: ScopeChain,
  rulings: Rulings,
  inquiry: Inquiry,
): { reason: DenialReason; nearest: readonly NearMiss[] } {
  const candidates: Candidate[] = [];
  const here = isAnyHere ? collectHere(index, closure, holderCount, chain, rulings, inquiry, candidates) : null;
  const isAnyHeld = collectElsewhere(index, closure, holderCount, chain, rulings, candidates);
  const { assignments, principals, roles, scopes } = index;
  const nearest = candidates.map(({ row, place, missing }): NearMiss => {
    const miss = {
      assignmentId: assignments.id(row),
      roleDefinitionId: roles.id(assignments.role(row)),
      roleName: roles.definition(assignments.role(row))?.roleName ?? null,
      scope: assignments.spelling(row) ?? scopes.text(assignments.scope(row)),
      principalId: principals.id(closure.holders[place]!),
      via: place === 0 ? NO_GROUPS : pathTo(closure, place).map((group) => principals.id(group)),
      missing,
    };
    const condition = missing.startsWith("condition") ? explainCondition(index, row, rulings, inquiry) : null;
    return condition === null ? miss : { ...miss, condition };
  });
  return { reason: reasonFor(here, isAnyHeld), nearest };
}
