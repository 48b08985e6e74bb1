/**
 * The questions about access: explain, who can, what can, what changed.
 *
 * Who may ask: who may read role assignments at the place in question (`Microsoft.Authorization/roleAssignments/read`, now, whatever time
 * is asked about); about itself anyone may ask.
 */
import {
  type Decision,
  type DenyAssignment,
  denialsOf,
  diffAccess,
  EVERYONE,
  explain,
  type OperationUniverse,
  whatCan,
  whoCan,
} from "@postern/access";
import type { ReadModel } from "../state/read-model.ts";
import type { Reply } from "../wire/exchange.ts";
import {
  type Call,
  type Question,
  queryQuestion,
  readAction,
  readOptionalText,
  readPrincipalId,
  readQuestion,
  readScopeText,
  readText,
  refuseInput,
  requireRight,
} from "./call.ts";
import { namePrincipal, namePrincipals } from "./names.ts";
import type { Moment, Past } from "./past.ts";

export type Knowledge = { readonly universe: () => OperationUniverse; readonly past: Past };

/** `true`, `false` or, when it is left out or `auto`, what the roles say. */
function readPlane(universe: OperationUniverse, question: Question, operation: string): boolean {
  const { isDataAction = "auto" } = question;
  if (isDataAction === "auto") return universe.isDataAction(operation);
  if (isDataAction === true || isDataAction === "true") return true;
  return isDataAction === false || isDataAction === "false"
    ? false
    : refuseInput("'isDataAction' must be true, false or auto.");
}

function readNeed(universe: OperationUniverse, question: Question) {
  const operation = readText(question, "operation");
  return { operation, isDataAction: readPlane(universe, question, operation), scope: readScopeText(question) };
}

function momentOut({ revision, time }: Moment) {
  return { revision, time };
}

/** Everyone a decision speaks of. */
function* principalsOf(decision: Decision): Generator<string> {
  const overruled = !decision.isAllowed && decision.overruled !== undefined ? [decision.overruled] : [];
  for (const part of decision.isAllowed ? [decision] : [...decision.nearest, ...overruled]) {
    yield part.principalId;
    yield* part.via;
  }
}

/** What a decision, explained, looks like in an answer. */
export function explainOut(model: ReadModel, principalId: string, decision: Decision) {
  return {
    principal: namePrincipal(model, principalId),
    decision,
    principals: namePrincipals(model, principalsOf(decision)),
  };
}

export async function explainAccess({ universe, past }: Knowledge, call: Call): Promise<Reply> {
  const question = await readQuestion(call);
  const principalId = question.principalId === undefined ? call.caller : readPrincipalId(question, "principalId");
  const need = readNeed(universe(), question);
  if (principalId !== call.caller) requireRight(call, readAction, need.scope);
  const moment = await past.momentOf(question);
  const time = moment.time ?? call.cloud.ports.now().toISOString();
  const attributes = { environment: { UtcNow: time } };
  const { decision, mending } = explain(moment.model.access, universe(), { principalId, ...need, attributes });
  const body = { ...need, at: momentOut(moment), ...explainOut(moment.model, principalId, decision), mending };
  return { status: 200, body };
}

export async function listWhoCan({ universe, past }: Knowledge, call: Call): Promise<Reply> {
  const question = queryQuestion(call);
  const need = readNeed(universe(), question);
  requireRight(call, readAction, need.scope);
  const moment = await past.momentOf(question);
  const { principals, isCut } = whoCan(moment.model.access, need);
  const ids = principals.flatMap(({ principalId, ways }) => [principalId, ...ways.flatMap(({ via }) => via)]);
  const named = new Map(namePrincipals(moment.model, ids).map((one) => [one.id, one]));
  // A group asks for nothing itself; its members are listed, with the way through it.
  const value = principals
    .map(({ principalId, isCertain, ways }) => ({ principal: named.get(principalId)!, isCertain, ways }))
    .filter(({ principal }) => principal.type !== "Group");
  return { status: 200, body: { ...need, at: momentOut(moment), value, principals: [...named.values()], isCut } };
}

export async function listWhatCan({ past }: Knowledge, call: Call): Promise<Reply> {
  const question = queryQuestion(call);
  const principalId = question.principalId === undefined ? call.caller : readPrincipalId(question, "principalId");
  const moment = await past.momentOf(question);
  const { access } = moment.model;
  const held = whatCan(access, principalId);
  // One right above all of them is asked for, not one for each: what is left out would be a wrong answer.
  if (principalId !== call.caller) for (const { scope } of held) requireRight(call, readAction, scope);
  const principals = namePrincipals(
    moment.model,
    held.flatMap(({ via }) => via),
  );
  const principal = namePrincipal(moment.model, principalId);
  return {
    status: 200,
    body: { principal, at: momentOut(moment), value: held, denied: denialsOf(access, principalId), principals },
  };
}

export async function diffTimes({ past }: Knowledge, call: Call): Promise<Reply> {
  const question = queryQuestion(call);
  if (question.from === undefined) refuseInput("'from' must be given, as a time.");
  const scope = readOptionalText(question, "scope") === undefined ? "/" : readScopeText(question);
  requireRight(call, readAction, scope);
  const [before, after] = await Promise.all([past.momentOf({ at: question.from }), past.momentOf({ at: question.to })]);
  const { access, roles, denials, isCut } = diffAccess(before.model.access, after.model.access, scope);
  const named = (of: "lost" | "gained") =>
    access.filter(({ change }) => change === of).flatMap(({ principalId, via }) => [principalId, ...via]);
  const namedBy = (deny: DenyAssignment | null) =>
    deny === null ? [] : [...deny.principalIds, ...deny.excludedPrincipalIds].filter((id) => id !== EVERYONE);
  const gone = [...named("lost"), ...denials.flatMap((change) => namedBy(change.before))];
  const come = [...named("gained"), ...denials.flatMap((change) => namedBy(change.after))];
  const principals = [...namePrincipals(before.model, gone), ...namePrincipals(after.model, come)];
  return {
    status: 200,
    body: { scope, from: momentOut(before), to: momentOut(after), access, roles, denials, principals, isCut },
  };
}
