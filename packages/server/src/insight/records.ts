/**
 * What was decided: the records of requests, and what a principal used, learned from.
 *
 * Who may ask: about its own requests anyone; about others' who may read role assignments where they were made.
 */
import {
  coverNeeds,
  customRoleFor,
  liftCreated,
  mendDecision,
  type Need,
  type OperationUniverse,
  parseScope,
} from "@postern/access";
import type { AccessRecord } from "../observe/records.ts";
import { PosternRefusal } from "../postern-caller.ts";
import type { Reply } from "../wire/exchange.ts";
import {
  type Call,
  holdsRight,
  queryQuestion,
  readAction,
  readOptionalText,
  readPrincipalId,
  readQuestion,
  readTime,
  refuseInput,
} from "./call.ts";
import { explainOut, type Knowledge } from "./questions.ts";

/** Records in one answer, the newest of those there are; our choice. */
const maxListedRecords = 1_000;

function canSee(call: Call, { principalId, scope }: { readonly principalId: string; readonly scope: string }): boolean {
  return principalId === call.caller || holdsRight(call, readAction, scope);
}

function recordOut(call: Call, universe: OperationUniverse, record: AccessRecord) {
  const { model } = call.cloud;
  const { ask, decision } = record;
  const mending = mendDecision(model.access, universe, ask, decision);
  return { ...record, ...explainOut(model, ask.principalId, decision), mending };
}

export async function listRecords(call: Call): Promise<Reply> {
  const question = queryQuestion(call);
  const principalId = question.principalId === undefined ? undefined : readPrincipalId(question, "principalId");
  const since = readTime(question, "since") ?? "";
  const outcome = readOptionalText(question, "outcome");
  const value = call.cloud.recorder
    .accesses(principalId)
    .filter((record) => principalId === undefined || record.ask.principalId === principalId)
    .filter((record) => record.time >= since && (outcome === undefined || record.outcome === outcome))
    .filter((record) => canSee(call, record.ask))
    .slice(-maxListedRecords);
  return { status: 200, body: { value } };
}

/** What was decided for one request, by the id that its answer carried. A stranger's request looks like none. */
export async function showRecord({ universe }: Knowledge, call: Call): Promise<Reply> {
  const requestId = call.name.toLowerCase();
  const found = call.cloud.recorder.accesses(requestId).filter((record) => record.requestId === requestId);
  const seen = found.filter((record) => canSee(call, record.ask));
  if (seen.length === 0) {
    const message = `There is no record of request '${call.name}' that you may see; old records make room for new ones.`;
    throw new PosternRefusal(404, "RecordNotFound", message);
  }
  const value = seen.map((record) => recordOut(call, universe(), record));
  return { status: 200, body: { requestId, value } };
}

/** The subscription or management group that all needs are in, for a custom role to be assignable at. */
function commonPlace(needs: readonly Need[]): string {
  for (const { scope } of needs) {
    const parsed = parseScope(scope);
    if (parsed.isValid && parsed.scope.subscriptionId !== null) return `/subscriptions/${parsed.scope.subscriptionId}`;
  }
  return "/";
}

/** The fewest roles for what a principal used at and after a time. */
export async function learnRoles({ universe }: Knowledge, call: Call): Promise<Reply> {
  const question = await readQuestion(call);
  const principalId = question.principalId === undefined ? call.caller : readPrincipalId(question, "principalId");
  const since = readTime(question, "since") ?? refuseInput("'since' must be given, as a time.");
  const name = readOptionalText(question, "customRoleName") ?? "Learned role";
  const uses = call.cloud.recorder.usesOf(principalId, since).filter(({ ask }) => canSee(call, ask));
  const needs = liftCreated(uses.map(({ ask }) => ask));
  const { assignments, uncovered, isProved } = coverNeeds(call.cloud.model.access, universe(), needs);
  const used = uses.map(({ ask: { operation, isDataAction, scope }, allowedCount, deniedCount, lastTime }) => ({
    operation,
    isDataAction,
    scope,
    allowedCount,
    deniedCount,
    lastTime,
  }));
  const customRole = customRoleFor(needs, name, commonPlace(needs));
  return { status: 200, body: { principalId, since, used, assignments, uncovered, isProved, customRole } };
}
