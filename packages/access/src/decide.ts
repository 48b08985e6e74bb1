/**
 * The decision: may this principal do this here?
 *
 * Owns the order of the walk and what counts as a grant. Everybody who asks (Resource Manager, Blob, the portal, explain, the
 * audit record) asks here and shows this object. Pure: the same facts and the same question give the same answer.
 *
 * Azure's rule: access is the sum of the assignments of the principal and of its groups, at the scope and above; nothing
 * is granted that no assignment grants. A condition that is not true takes away the one assignment or permission that carries
 * it, and no other. The walk therefore stops at the first grant: the principal's own assignments
 * before its groups', the nearest scope before those above. A deny assignment overrules all grants alike, so it is looked for then, once.
 *
 * A question that comes again is answered from memory until the facts change (see decision-memory.ts); the answer is the one the walk gives.
 *
 * Example: an app in group `devs`, which holds Storage Blob Data Reader at resource group rg1, reads a blob in rg1:
 * the container, its service, the account, the provider and rg1 are tried for the app, then for `devs`; the last gives
 * the grant, with `via: [devs]`. The same app writing a blob is denied with `operation-not-in-role`, and that
 * assignment is the nearest miss.
 * @see https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource
 */

import type { AccessIndex } from "./access-index.ts";
import { MAX_ACTION_LENGTH } from "./actions.ts";
import { CONDITIONS, NO_GRANT, NOTHING_HERE } from "./assignment-table.ts";
import { Inquiry } from "./conditions/inquiry.ts";
import type { Allowed, Ask, AskFault, Decision, Denied } from "./decision.ts";
import { freezeWhole } from "./decision-memory.ts";
import { explainDenial } from "./denial.ts";
import { EVERYONE } from "./deny-assignment-table.ts";
import type { AccessFacts } from "./facts.ts";
import { NONE } from "./int-column.ts";
import { judge } from "./judgement.ts";
import { type Closure, pathTo } from "./membership.ts";
import { Plan } from "./plan.ts";
import type { Rulings } from "./role-table.ts";
import type { ResolvedScope, ScopeChain } from "./scope-tree.ts";

const NO_GROUPS: readonly string[] = Object.freeze([]);
const NO_HOLDERS: readonly number[] = Object.freeze([]);

function findOperationFault(operation: string): AskFault | null {
  if (operation === "") return { kind: "operation-empty" };
  if (operation.length > MAX_ACTION_LENGTH) return { kind: "operation-too-long" };
  // A star in a question would match itself in a role and slip past the role's exclusions.
  if (operation.includes("*")) return { kind: "operation-with-wildcard" };
  return null;
}

/**
 * Decides whether a principal may do an operation at a scope.
 * @param facts what is assigned to whom; read only.
 * @param ask the question; one that cannot be read is denied with `invalid-ask`.
 * @returns a {@link Decision}; never throws.
 * @see https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource
 */
export function decide(facts: AccessFacts, ask: Ask): Decision {
  const { index } = facts;
  const { memory, roles, scopes } = index;
  // An operation that was asked about before is one.
  const known = roles.knownRulings(ask.operation, ask.isDataAction);
  const fault = known === undefined ? findOperationFault(ask.operation) : null;
  if (fault !== null) return { isAllowed: false, reason: "invalid-ask", nearest: [], fault };
  const resolved = scopes.resolve(ask.scope);
  if ("fault" in resolved) return { isAllowed: false, reason: "invalid-ask", nearest: [], fault: resolved.fault };
  const principal = index.principals.find(ask.principalId);
  if (principal === NONE) return { isAllowed: false, reason: "no-assignment", nearest: [], fault: null };
  const rulings = known ?? roles.rulings(ask.operation, ask.isDataAction);
  const at = resolved.node * 2 + (resolved.isExact ? 1 : 0);
  const place = memory.find(principal, at, rulings.number);
  const kept = memory.kept(place);
  if (kept !== undefined && "isAllowed" in kept) return kept;
  const question: Question = { index, ask, principal, resolved, rulings, inquiry: new Inquiry(ask) };
  if (kept !== undefined) {
    const planned = kept.answer(index, rulings, question.inquiry, (row, holder) => {
      index.members.walk(principal);
      return conclude(question, row, holder);
    });
    return planned ?? search(question);
  }
  const decision = search(question);
  if (place !== NONE) {
    const answer = question.inquiry.hasBeenAsked ? planFor(question) : freezeWhole(decision);
    if (answer !== undefined) memory.keep(place, answer);
  }
  return decision;
}

/** A question that was read. */
interface Question {
  readonly index: AccessIndex;
  readonly ask: Ask;
  readonly principal: number;
  readonly resolved: ResolvedScope;
  readonly rulings: Rulings;
  readonly inquiry: Inquiry;
}

/** Walks what is held, and stops at the first grant. */
function search(question: Question): Decision {
  const { index, principal, resolved, rulings, inquiry } = question;
  const { assignments, members, scopes } = index;
  const chain = scopes.chain(resolved.node);
  const holderCount = members.walk(principal);
  const { walked } = members;
  let isAnyHere = false;
  for (let place = 0; place < holderCount; place += 1) {
    let found = assignments.findGrant(walked.holders[place]!, chain, rulings);
    if (found === CONDITIONS) found = findConditionalGrant(index, walked.holders[place]!, chain, rulings, inquiry);
    if (found >= 0) return conclude(question, found, place);
    if (found !== NOTHING_HERE) isAnyHere = true;
  }
  const { reason, nearest } = explainDenial(index, walked, holderCount, isAnyHere, chain, rulings, inquiry);
  return { isAllowed: false, reason, nearest, fault: null };
}

/** Goes through what somebody holds at the scopes of a chain and asks the conditions; gives the row that grants. */
function findConditionalGrant(
  index: AccessIndex,
  holder: number,
  chain: ScopeChain,
  rulings: Rulings,
  inquiry: Inquiry,
): number {
  const { assignments } = index;
  const found = assignments.search(holder, chain);
  for (let each = 0; each < found; each += 1) {
    const row = assignments.foundRow(each);
    if (judge(index, row, rulings, inquiry) === "granted") return row;
  }
  return NO_GRANT;
}

/**
 * Says whether a principal may do an operation at a scope, and nothing more: as {@link decide}, for who would only look at `isAllowed`.
 * @param facts what is assigned to whom; read only.
 * @param ask the question; one that cannot be read is not allowed.
 */
export function isAllowed(facts: AccessFacts, ask: Ask): boolean {
  const { index } = facts;
  const { assignments, denials, members, roles, scopes } = index;
  // What denies needs the whole answer.
  if (denials.size > 0) return decide(facts, ask).isAllowed;
  const known = roles.knownRulings(ask.operation, ask.isDataAction);
  if (known === undefined && findOperationFault(ask.operation) !== null) return false;
  const resolved = scopes.resolve(ask.scope);
  const principal = index.principals.find(ask.principalId);
  if ("fault" in resolved || principal === NONE) return false;
  const rulings = known ?? roles.rulings(ask.operation, ask.isDataAction);
  const chain = scopes.chain(resolved.node);
  const holderCount = members.walk(principal);
  const { holders } = members.walked;
  let inquiry: Inquiry | undefined;
  for (let place = 0; place < holderCount; place += 1) {
    let found = assignments.findGrant(holders[place]!, chain, rulings);
    if (found === CONDITIONS) {
      inquiry ??= new Inquiry(ask);
      found = findConditionalGrant(index, holders[place]!, chain, rulings, inquiry);
    }
    if (found >= 0) return true;
  }
  return false;
}

/** The answer when a row grants, whose holder is at a place of the last walk. */
function conclude({ index, ask, principal, resolved }: Question, row: number, place: number): Decision {
  const overruled = index.denials.size === 0 ? null : findOverruling(index, row, principal, resolved, ask);
  return overruled ?? allow(index, row, index.members.walked, place);
}

function planFor({ index, principal, resolved, rulings }: Question): Plan | undefined {
  const { assignments, members, scopes } = index;
  return Plan.of(index, rulings, (found) => {
    const chain = scopes.chain(resolved.node);
    const holderCount = members.walk(principal);
    for (let place = 0; place < holderCount; place += 1) {
      const count = assignments.search(members.walked.holders[place]!, chain);
      for (let each = 0; each < count; each += 1) found(assignments.foundRow(each), place);
    }
  });
}

/** Somebody the facts know nothing of: only what is denied to everyone concerns them. */
const STRANGER: Closure = Object.freeze({ holders: NO_HOLDERS, reachedFrom: NO_HOLDERS });

/**
 * Says whether a deny assignment forbids what is asked, whether or not anything grants it. `decide` looks only where there is a grant to overrule;
 * whoever lets something through without one must ask here.
 * @param facts what is assigned to whom; read only.
 * @param ask the question; one that cannot be read is forbidden.
 * @see https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
 */
export function isForbidden(facts: AccessFacts, ask: Ask): boolean {
  const { denials, members, principals, scopes } = facts.index;
  if (findOperationFault(ask.operation) !== null) return true;
  const resolved = scopes.resolve(ask.scope);
  if ("fault" in resolved) return true;
  const principal = principals.find(ask.principalId);
  const closure = principal === NONE ? STRANGER : members.closure(principal);
  return denials.size > 0 && denials.find(scopes, closure, resolved.node, resolved.isExact, ask) !== null;
}

function findOverruling(index: AccessIndex, granting: number, principal: number, at: ResolvedScope, ask: Ask) {
  const { assignments, denials, members, principals, scopes } = index;
  const closure = members.closure(principal);
  const found = denials.find(scopes, closure, at.node, at.isExact, ask);
  if (found === null) return null;
  const { deny } = found.row;
  const isForEveryone = found.place === NONE;
  const denied: Denied = {
    isAllowed: false,
    reason: "deny-assignment",
    nearest: [],
    fault: null,
    overruled: {
      denyAssignmentId: deny.id,
      denyAssignmentName: deny.denyAssignmentName,
      scope: deny.scope,
      principalId: isForEveryone ? EVERYONE : principals.id(closure.holders[found.place]!),
      via: isForEveryone ? NO_GROUPS : pathTo(closure, found.place).map((group) => principals.id(group)),
      assignmentId: assignments.id(granting),
    },
  };
  return denied;
}

function allow({ assignments, principals, roles, scopes }: AccessIndex, row: number, closure: Closure, place: number) {
  const role = assignments.role(row);
  const allowed: Allowed = {
    isAllowed: true,
    assignmentId: assignments.id(row),
    roleDefinitionId: roles.id(role),
    roleName: roles.definition(role)!.roleName,
    scope: assignments.spelling(row) ?? scopes.text(assignments.scope(row)),
    principalId: principals.id(closure.holders[place]!),
    via: place === 0 ? NO_GROUPS : pathTo(closure, place).map((group) => principals.id(group)),
  };
  return allowed;
}
