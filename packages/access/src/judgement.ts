/**
 * What one assignment, which applies at the place in question, says to one operation.
 *
 * Owns the order: the role first, then the conditions. A permission's condition belongs to the role and cuts that
 * permission only; the assignment's own condition cuts the whole assignment. Where both are, both must be true.
 */

import type { AccessIndex } from "./access-index.ts";
import type { HeldCondition } from "./conditions/held-condition.ts";
import type { Inquiry } from "./conditions/inquiry.ts";
import type { ConditionMiss, Missing } from "./decision.ts";
import type { Rulings } from "./role-table.ts";

function askCondition(condition: HeldCondition, inquiry: Inquiry): "granted" | Missing {
  const answer = condition.answer(inquiry);
  if (answer === "true") return "granted";
  return answer === "false" ? "condition-false" : "condition-not-evaluable";
}

/** One true condition is enough; of the others those that could be evaluated say more about what is missing. */
function askConditions(conditions: readonly HeldCondition[], inquiry: Inquiry): "granted" | Missing {
  let missing: Missing = "condition-not-evaluable";
  for (const condition of conditions) {
    const answer = condition.answer(inquiry);
    if (answer === "true") return "granted";
    if (answer === "false") missing = "condition-false";
  }
  return missing;
}

/**
 * Judges one assignment, without regard to its scope.
 * @param index the tables.
 * @param row the assignment.
 * @param rulings what the roles say to the operation asked for.
 * @param inquiry the ask, as conditions see it.
 * @returns `granted`, or what is missing.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-overview
 */
export function judge(
  { assignments }: AccessIndex,
  row: number,
  rulings: Rulings,
  inquiry: Inquiry,
): "granted" | Missing {
  const ruling = rulings.of(assignments.role(row));
  if (ruling === undefined) return "role-not-found";
  const { verdict, conditions } = ruling;
  switch (verdict) {
    case "granted":
    case "conditional": {
      const byRole = verdict === "granted" ? verdict : askConditions(conditions, inquiry);
      if (byRole !== "granted") return byRole;
      const condition = assignments.condition(row);
      return condition === undefined ? "granted" : askCondition(condition, inquiry);
    }
    case "excluded":
      return "excluded-by-not-actions";
    case "control-plane-only":
      return "data-action-not-granted";
    case "absent":
      return "operation-not-in-role";
  }
}

function explain(
  conditions: readonly HeldCondition[],
  inquiry: Inquiry,
  holder: ConditionMiss["holder"],
): ConditionMiss | null {
  // The same choice as above: what was evaluated before what could not be.
  const failed = conditions.find((each) => each.answer(inquiry) === "false") ?? conditions[0];
  if (failed === undefined) return null;
  const reason = failed.explain(inquiry);
  return "fault" in reason ? { holder, clause: null, ...reason } : { holder, fault: null, ...reason };
}

/**
 * Explains which condition kept an assignment from granting an operation.
 * @param index the tables.
 * @param row an assignment that {@link judge} did not find granting.
 * @param rulings what the roles say to the operation asked for.
 * @param inquiry the ask, as conditions see it.
 * @returns null when it is no condition that is missing.
 */
export function explainCondition(
  { assignments }: AccessIndex,
  row: number,
  rulings: Rulings,
  inquiry: Inquiry,
): ConditionMiss | null {
  const ruling = rulings.of(assignments.role(row));
  if (ruling?.verdict !== "granted" && ruling?.verdict !== "conditional") return null;
  if (ruling.verdict === "conditional" && askConditions(ruling.conditions, inquiry) !== "granted") {
    return explain(ruling.conditions, inquiry, "role");
  }
  const condition = assignments.condition(row);
  const isFailed = condition !== undefined && condition.answer(inquiry) !== "true";
  return isFailed ? explain([condition], inquiry, "assignment") : null;
}
