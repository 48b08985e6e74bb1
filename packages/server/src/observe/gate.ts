/**
 * What becomes of the answers of `decide` to a request: they are recorded, and in soft mode a denial is let through.
 *
 * Owns: which of several rights decides, what soft mode lets through, and the header that points a refused caller to its record. May use:
 * `@postern/access`, the records, the read model. Every surface that decides hands its answers over here.
 */
import { type Ask, type Decision, isForbidden } from "@postern/access";
import type { Cloud } from "../cloud.ts";
import { findSoftMode } from "../state/soft-modes.ts";
import type { Exchange } from "../wire/exchange.ts";
import type { AccessOutcome, AccessRecord } from "./records.ts";

/** Where a refused caller finds out why; the body stays exactly Azure's. */
const explainHeader = "x-postern-explain";

/** A question that was put to `decide`, and its answer. */
export type Answered = { readonly ask: Ask; readonly decision: Decision };

/** All that was asked for one request: rights of which any one would do, in their order, up to the first that was found. */
export type Asked = {
  readonly surface: AccessRecord["surface"];
  /** The row of the operation table. */
  readonly operation: string;
  /** At least one. */
  readonly answers: readonly Answered[];
};

type GateCloud = Pick<Cloud, "model" | "recorder" | "ports" | "drills">;

/**
 * Records what was asked for a request and says whether it goes on.
 * @returns the place in `answers` of the right that was found, or -1. In soft mode it is 0 where nothing was found.
 */
export function settle(cloud: GateCloud, { requestId }: Pick<Exchange, "requestId">, asked: Asked): number {
  const { recorder, ports } = cloud;
  const { surface, operation } = asked;
  const isDelayed = cloud.drills !== undefined && cloud.drills.propagation !== null;
  const answers = isDelayed ? asked.answers.map((answer) => delayEffect(cloud, answer)) : asked.answers;
  const now = ports.now();
  const found = answers.findIndex(({ decision }) => decision.isAllowed);
  const isSoft = found < 0 && isLetThrough(cloud, answers[0]!, now);
  const time = formatTime(now);
  for (const [place, { ask, decision }] of answers.entries()) {
    const { principalId, operation: action, isDataAction, scope } = ask;
    recorder.recordAccess({
      time,
      requestId,
      surface,
      operation,
      ask: { principalId, operation: action, isDataAction, scope: typeof scope === "string" ? scope : scope.text },
      outcome: outcomeOf(decision, place, found, isSoft),
      decision,
    });
  }
  return isSoft ? 0 : found;
}

const formatted = { ms: Number.NaN, text: "" };

/** Many requests come in one millisecond. */
function formatTime(time: Date): string {
  const ms = time.getTime();
  if (ms !== formatted.ms) Object.assign(formatted, { ms, text: time.toISOString() });
  return formatted.text;
}

/** The first right stands for the request when none is held: it is the whole one, those after it are narrower. */
function outcomeOf(decision: Decision, place: number, found: number, isSoft: boolean): AccessOutcome {
  if (decision.isAllowed) return "allowed";
  if (found >= 0 || place > 0) return "passed-over";
  return isSoft ? "let-through" : "denied";
}

/** What was assigned just now may be made to take a while, as in Azure: see drills/. */
function delayEffect({ model, drills }: GateCloud, answer: Answered): Answered {
  if (drills === undefined || drills.propagation === null) return answer;
  return { ...answer, decision: drills.decideLate(model, answer.ask, answer.decision) };
}

/**
 * A question that could not be read is never let through: nobody could say what it was. Nor is what a deny assignment forbids: whoever may switch
 * soft mode on may give roles, and no role overcomes one that was made above.
 */
function isLetThrough({ model }: GateCloud, { ask, decision }: Answered, now: Date): boolean {
  if (decision.isAllowed || decision.reason === "invalid-ask") return false;
  return findSoftMode(model, ask.principalId, ask.scope, now) !== undefined && !isForbidden(model.access, ask);
}

/** Says in the answer's headers where the refusal is explained. */
export function pointToExplanation(cloud: Pick<Cloud, "recorder">, { response, requestId }: Exchange): void {
  const { ownOrigin } = cloud.recorder;
  if (ownOrigin !== "") response.setHeader(explainHeader, `${ownOrigin}/postern/access/records/${requestId}`);
}
