/**
 * The condition of a role assignment: what is taken in.
 *
 * What cannot be read is refused, and so is an attribute or a suboperation that there is not: it is mostly a slip of the pen, and where it stands
 * negated (`NOT Exists`, a block that is about no suboperation) it would grant to everyone. Azure refuses unknown attributes too, as seen from az
 * with one of Service Bus. It does not ask whether the role has an operation that the condition speaks of: az has put a condition about
 * containers on Reader. Azure's answer says only that the condition is invalid; where and why is ours.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-format
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-troubleshoot
 */
import { CONDITION_VERSION, type Condition, parseCondition, reviewCondition } from "@postern/access";
import { type ConditionProblem, refuse } from "../state/fault.ts";

/** What a caller sent; an empty text is as good as none. */
export type ConditionRequest = {
  readonly condition: string | null | undefined;
  readonly conditionVersion: string | null | undefined;
};

/** What an assignment keeps: both or neither. */
export type SettledCondition =
  | { readonly condition: string; readonly conditionVersion: typeof CONDITION_VERSION }
  | { readonly condition: null; readonly conditionVersion: null };

const none: SettledCondition = { condition: null, conditionVersion: null };

/**
 * Reads the condition of a request. Left out, null or empty takes an assignment's condition away: an assignment is put whole. A condition without a
 * version is one of 2.0.
 * @throws Refusal `condition-invalid`.
 */
export function settleCondition({ condition, conditionVersion }: ConditionRequest): SettledCondition {
  if (condition === null || condition === undefined || condition === "") return none;
  if (conditionVersion && conditionVersion !== CONDITION_VERSION) {
    return refuseCondition({ kind: "unsupported-version", character: null });
  }
  const result = parseCondition(condition);
  if (!result.isValid) return refuseCondition({ kind: result.fault.kind, character: result.fault.position + 1 });
  refuseUnknownNames(result.condition);
  return { condition, conditionVersion: CONDITION_VERSION };
}

function refuseUnknownNames(condition: Condition): void {
  for (const { kind, range } of reviewCondition(condition)) {
    if (kind === "unknown-attribute" || kind === "unknown-sub-operation") {
      refuseCondition({ kind, character: range.start + 1 });
    }
  }
}

function refuseCondition(problem: ConditionProblem): never {
  return refuse({ kind: "condition-invalid", problem });
}
