/**
 * A request on its way through this room: what the caller asks with, and what they may.
 *
 * Owns: the caller's rights, the reading of query and body. Who calls, and how a refusal leaves: postern-caller.ts.
 */
import { decide, parseScope, scopeKey } from "@postern/access";
import type { Cloud } from "../cloud.ts";
import { PosternRefusal, refuseRight } from "../postern-caller.ts";
import type { PrincipalId } from "../state/identifiers.ts";
import { parseGuid } from "../state/identifiers.ts";
import { BodyRefusal, readJson } from "../wire/body.ts";
import type { Exchange, Reply } from "../wire/exchange.ts";

/** Largest body, in bytes; our choice: a question is some hundred. */
const maxQuestionBytes = 16_384;

export const readAction = "Microsoft.Authorization/roleAssignments/read";
export const writeAction = "Microsoft.Authorization/roleAssignments/write";

export function refuseInput(message: string): never {
  throw new PosternRefusal(400, "InvalidRequestContent", message);
}

export type Call = {
  readonly cloud: Cloud;
  readonly exchange: Exchange;
  readonly caller: PrincipalId;
  readonly query: URLSearchParams;
  /** What stands in the path's hole, if it has one. */
  readonly name: string;
};

export type Handler = (call: Call) => Promise<Reply>;

/**
 * Says whether the caller holds a right, without soft mode: what is seen and set here must not follow from what is set here.
 */
export function holdsRight({ cloud, caller }: Pick<Call, "cloud" | "caller">, operation: string, scope: string) {
  return decide(cloud.model.access, { principalId: caller, operation, isDataAction: false, scope, subOperations: [] })
    .isAllowed;
}

/** @throws PosternRefusal 403, in the words of Resource Manager. */
export function requireRight(call: Call, operation: string, scope: string): void {
  if (holdsRight(call, operation, scope)) return;
  refuseRight(call.caller, operation, scope);
}

export type Question = Readonly<Record<string, unknown>>;

/** The body: one JSON object. @throws PosternRefusal 400, 413. */
export async function readQuestion({ exchange }: Call): Promise<Question> {
  try {
    const body = await readJson(exchange.request, maxQuestionBytes);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Question;
  } catch (cause) {
    if (!(cause instanceof BodyRefusal)) throw cause;
    if (cause.fault.kind === "body-too-large") {
      const message = `The request content has more than ${maxQuestionBytes} bytes.`;
      throw new PosternRefusal(413, "RequestContentTooLarge", message);
    }
  }
  return refuseInput("The request body must be one JSON object.");
}

/** The query's parameters as a question; of one that is given twice the first counts. */
export function queryQuestion({ query }: Call): Question {
  return Object.fromEntries([...query].reverse());
}

export function readText(question: Question, name: string): string {
  const value = question[name];
  return typeof value === "string" && value !== "" ? value : refuseInput(`'${name}' must be given, as a text.`);
}

export function readOptionalText(question: Question, name: string): string | undefined {
  return question[name] === undefined || question[name] === null ? undefined : readText(question, name);
}

/** An object id, in lower case. */
export function readPrincipalId(question: Question, name: string): PrincipalId {
  return (parseGuid<string>(question[name]) ?? refuseInput(`'${name}' must be an object id, a GUID.`)) as PrincipalId;
}

/** A scope as it was written. */
export function readScopeText(question: Question, name = "scope"): string {
  const text = readText(question, name);
  if (scopeKey(text) === null)
    refuseInput(`'${name}' must be a scope, such as /subscriptions/{id}/resourceGroups/{name}.`);
  const parsed = parseScope(text);
  return parsed.isValid ? parsed.scope.text : text;
}

/** ISO 8601, to its canonical form; undefined when it was not given. */
export function readTime(question: Question, name: string): string | undefined {
  const text = readOptionalText(question, name);
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}T/.test(text) ? new Date(text) : new Date(Number.NaN);
  return Number.isNaN(time.getTime())
    ? refuseInput(`'${name}' must be a time, such as 2026-01-31T12:00:00Z.`)
    : time.toISOString();
}
